"""The examples of docs/examples and docs/scale.md are what they seem to be, and name only what there is."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from pipeline.cli.app import app
from pipeline.config import RunConfig
from pipeline.config_file import parse_config

DOCS = Path(__file__).parents[2] / "docs"
CLUSTER = DOCS / "examples" / "ray-cluster.yaml"
JOB = DOCS / "examples" / "kuberay-job.yaml"
PAGES = (DOCS / "scale.md", CLUSTER, JOB)
COMMANDS = dict(typer.main.get_group(app).commands)


def calls() -> Iterator[list[str]]:
    """Yield the words of each call of newsmt in the pages, in blocks, comments and text."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8").replace("\\\n", " ")
        for line in [*text.splitlines(), *re.findall(r"`([^`]*\bnewsmt [^`]*)`", text)]:
            for call in re.findall(rf"\bnewsmt (?:{'|'.join(COMMANDS)})\b[^`|;&)…#]*", line):
                yield shlex.split(call)


@pytest.fixture
def job() -> dict[str, Any]:
    """The RayJob."""
    found: dict[str, Any] = next(yaml.safe_load_all(JOB.read_text(encoding="utf-8")))
    return found


@pytest.fixture
def mounted() -> dict[str, str]:
    """The files of the ConfigMap."""
    *_, found = yaml.safe_load_all(JOB.read_text(encoding="utf-8"))
    files: dict[str, str] = found["data"]
    return files


@pytest.fixture
def config(mounted: dict[str, str]) -> RunConfig:
    """The settings of the job."""
    return parse_config(mounted["newsmt.toml"], Path("/config/newsmt.toml"))


def pods(job: dict[str, Any]) -> list[dict[str, Any]]:
    cluster = job["spec"]["rayClusterSpec"]
    return [group["template"]["spec"] for group in (cluster["headGroupSpec"], *cluster["workerGroupSpecs"])]


@pytest.mark.parametrize("call", [pytest.param(call, id=" ".join(call)) for call in calls()])
def test_commands_have_the_options_they_are_shown_with(call: list[str]) -> None:
    command = COMMANDS[call[1]]
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}

    assert {word for word in call[2:] if word.startswith("--")} <= known


def test_there_are_calls_to_check() -> None:
    assert {call[1] for call in calls()} >= {"run", "compact", "status"}


def test_cluster_is_what_ray_takes() -> None:
    ray = pytest.importorskip("ray", reason="the extra `ray` is not installed")
    jsonschema = pytest.importorskip("jsonschema", reason="comes with Ray")
    schema = json.loads((Path(ray.__file__).parent / "autoscaler" / "ray-schema.json").read_bytes())

    jsonschema.validate(yaml.safe_load(CLUSTER.read_text(encoding="utf-8")), schema)


def test_cluster_starts_ray_with_options_that_it_has() -> None:
    scripts = pytest.importorskip("ray.scripts.scripts", reason="the extra `ray` is not installed")
    known = {name for parameter in scripts.start.params for name in parameter.opts}
    cluster = yaml.safe_load(CLUSTER.read_text(encoding="utf-8"))

    commands = [*cluster["head_start_ray_commands"], *cluster["worker_start_ray_commands"]]
    starts = [shlex.split(command) for command in commands if command.startswith("ray start")]

    assert len(starts) == 2
    assert {word.partition("=")[0] for words in starts for word in words if word.startswith("--")} <= known


def test_job_mounts_what_there_is_and_gives_the_keys_to_the_run(job: dict[str, Any]) -> None:
    containers = [container for pod in pods(job) for container in pod["containers"]]

    for pod in pods(job):
        mounts = {mount["name"] for container in pod["containers"] for mount in container.get("volumeMounts", ())}
        assert mounts == {volume["name"] for volume in pod.get("volumes", ())}
    assert {container["image"] for container in containers} == {containers[0]["image"]}
    assert ["envFrom" in container for container in containers] == [True, False]


def test_job_runs_a_script_that_is_there(job: dict[str, Any], mounted: dict[str, str]) -> None:
    shell, script = job["spec"]["entrypoint"].split()
    mounts = {mount["name"]: mount["mountPath"] for mount in pods(job)[0]["containers"][0]["volumeMounts"]}

    assert (shell, script) == ("sh", f"{mounts['config']}/run.sh")
    assert f"--config {mounts['config']}/newsmt.toml" in mounted["run.sh"]
    assert "3|75) exit 0" in mounted["run.sh"]


def test_settings_of_the_job_fit_its_pods(job: dict[str, Any], config: RunConfig) -> None:
    (group,) = job["spec"]["rayClusterSpec"]["workerGroupSpecs"]
    n_cores = group["replicas"] * int(group["rayStartParams"]["num-cpus"])

    assert config.checked() == config
    assert config.executor == "ray"
    assert config.ray.workers * config.ray.worker_cpus == n_cores
    assert str(config.state).startswith("/state/")
