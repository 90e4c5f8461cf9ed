"""The examples of docs/scheduling.md are what they seem to be, and name only what there is."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
import yaml

from pipeline.cli.app import app
from pipeline.config_file import parse_config
from pipeline.errors import ExitCode

TEXT = (Path(__file__).parents[2] / "docs" / "scheduling.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
COMMANDS = dict(typer.main.get_group(app).commands)


def blocks(language: str) -> list[str]:
    return [text for name, text in BLOCKS if name == language]


def calls() -> Iterator[list[str]]:
    """Yield the words of each call of newsmt, in blocks and in the text."""
    whole = TEXT.replace("\\\n", " ")
    for line in [*whole.splitlines(), *re.findall(r"`(newsmt [^`]*)`", whole)]:
        for call in re.findall(rf"newsmt (?:{'|'.join(COMMANDS)})\b[^`|;&)]*", line):
            yield shlex.split(re.sub(r"[”“\"]$", "", call) if call.count('"') % 2 else call, comments=True)


def test_configuration_is_valid() -> None:
    (text,) = blocks("toml")

    config = parse_config(text, Path("newsmt.toml"))

    assert config.checked() == config
    assert re.findall(r"^(\w+) = ", text, re.MULTILINE)


def test_cron_job_is_yaml_that_mounts_what_there_is() -> None:
    (text,) = blocks("yaml")

    pod = yaml.safe_load(text)["spec"]["jobTemplate"]["spec"]["template"]["spec"]

    (container,) = pod["containers"]
    assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}
    assert "3|75) exit 0" in container["args"][0]


def test_graph_of_airflow_is_python() -> None:
    (text,) = blocks("python")

    tree = ast.parse(text)

    assert any(isinstance(node, ast.keyword) and node.arg == "skip_on_exit_code" for node in ast.walk(tree))


@pytest.mark.parametrize("call", [pytest.param(call, id=" ".join(call)) for call in calls()])
def test_commands_have_the_options_they_are_shown_with(call: list[str]) -> None:
    command = COMMANDS[call[1]]
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}

    assert {word for word in call[2:] if word.startswith("--")} <= known


def test_there_are_calls_to_check() -> None:
    assert {call[1] for call in calls()} >= {"init", "run", "schedule", "status"}


def test_all_exit_codes_are_explained() -> None:
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", TEXT, re.MULTILINE)] == list(ExitCode)
