from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config import RunConfig
from pipeline.config_file import parse_config, read_config
from pipeline.config_keys import SECTIONS, TOP
from pipeline.errors import UsageError
from pipeline.places import StorageUri
from pipeline.settings_template import FirstSettings, template_text, write_template

_COMMENTED = re.compile(r"^# (?=[\w-]+ = )", re.MULTILINE)
UNCOMMENTED = _COMMENTED.sub("", template_text(FirstSettings()))
HERE = Path("newsmt.toml")


def leaves(settings: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for field in fields(settings):
        value = getattr(settings, field.name)
        if is_dataclass(value):
            yield from leaves(value, f"{field.name}.")
        else:
            yield prefix + field.name, value


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_key_there_is_stands_in_the_template() -> None:
    keys = set(re.findall(r"^([\w-]+) = ", UNCOMMENTED, re.MULTILINE))

    assert keys >= {"config_version", "pivot", *TOP, *(key for section in SECTIONS.values() for key in section)}
    assert [f"[{name}]" for name in (*SECTIONS, "routes")] == re.findall(r"^\[.*\]$", UNCOMMENTED, re.MULTILINE)


def test_every_field_can_be_set() -> None:
    """What has no default is set by the examples, so that no field is forgotten."""
    default, shown = dict(leaves(RunConfig())), dict(leaves(parse_config(UNCOMMENTED, HERE)))

    not_set = [name for name, value in default.items() if value in (None, (), {}) and shown[name] == value]
    assert not not_set
    assert len(TOP) + sum(map(len, SECTIONS.values())) + 2 == len(default)


def test_uncommented_lines_are_the_defaults() -> None:
    default, shown = dict(leaves(RunConfig())), dict(leaves(parse_config(UNCOMMENTED, HERE)))

    chosen = {"inputs", "to", "out"}
    changed = {name for name, value in default.items() if value not in (None, (), {}) and shown[name] != value}
    assert changed <= chosen


def test_as_written_it_is_valid_and_changes_nothing_but_what_it_names() -> None:
    config = parse_config(template_text(FirstSettings()), HERE)

    assert config == RunConfig(inputs=("inbox",), to=("ru",), out=Path("corpus"))
    assert config.checked()


def test_each_setting_has_a_word_before_it() -> None:
    blocks = [block.splitlines() for block in UNCOMMENTED.split("\n\n")]

    without = [block for block in blocks if all("=" in line and not line.startswith("#") for line in block)]
    assert not without


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1), min_size=1))
def test_any_name_is_quoted_safely(names: list[str]) -> None:
    text = template_text(FirstSettings(inputs=names))

    read = [line for line in text.split("\n") if line.startswith("inputs = ")]
    assert len(read) == 1
    assert len(text.splitlines()) >= len(UNCOMMENTED.splitlines())


def test_names_come_back_as_they_were(folder: Path) -> None:
    names = ['a "b"', "c\\d", "e\tf#", "новости/*.txt", "~/g", "-"]

    write_template(
        folder / "newsmt.toml", FirstSettings(inputs=names, to=["RU", "hy", "ru"], out="out 1", models="./demo")
    )

    config = read_config(folder / "newsmt.toml")
    assert config.inputs == (*(str(folder / name) for name in names[:-1]), "-")
    assert (config.to, config.out, config.models) == (("ru", "hy"), folder / "out 1", str(folder / "demo"))


def test_paths_mean_the_same_from_another_folder(folder: Path) -> None:
    (folder / "conf").mkdir()

    write_template(Path("conf/newsmt.toml"), FirstSettings(inputs=["in", "/data"], out="out", models="demo"))

    config = read_config(folder / "conf" / "newsmt.toml")
    assert (config.inputs, config.out, config.models) == ((str(folder / "in"), "/data"), folder / "out", "demo")


def test_places_in_storages_stay_as_they_are_and_the_state_is_named(folder: Path) -> None:
    (folder / "conf").mkdir()
    inbox, corpus = "s3://bucket/inbox/*.jsonl", "s3://bucket/corpus?region=eu-west-1"

    write_template(Path("conf/newsmt.toml"), FirstSettings(inputs=[inbox], out=corpus, state="state"))

    config = read_config(folder / "conf" / "newsmt.toml")
    assert (config.inputs, config.out, config.state) == ((inbox,), StorageUri(corpus), folder / "state")


def test_file_that_is_there_is_left_alone(folder: Path) -> None:
    file = folder / "newsmt.toml"
    file.write_text("mine")
    (folder / "link.toml").symlink_to("nowhere")

    for path in (file, folder / "link.toml"):
        with pytest.raises(UsageError, match=rf"{path.name}: is there already .* --force"):
            write_template(path, FirstSettings())

    assert file.read_text() == "mine"
    assert not (folder / "nowhere").exists()


def test_force_replaces_the_target_of_a_link(folder: Path) -> None:
    (folder / "real.toml").write_text("old")
    (folder / "newsmt.toml").symlink_to("real.toml")

    write_template(folder / "newsmt.toml", FirstSettings(), is_forced=True)

    assert (folder / "newsmt.toml").is_symlink()
    assert (folder / "real.toml").read_text() == template_text(FirstSettings())


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        pytest.param(".", FirstSettings(), r"is a folder; name a file in it: newsmt\.toml", id="folder"),
        pytest.param("no/a.toml", FirstSettings(), "since its folder is not there", id="no-folder"),
        pytest.param("a.toml", FirstSettings(to=["russian"]), "'russian' is no language", id="no-language"),
        pytest.param("a.toml", FirstSettings(inputs=["corpus"]), "out is the folder of the input", id="contradiction"),
        pytest.param(
            "a.toml", FirstSettings(out="s3://b/c"), "name a folder for it, for example --state", id="no-state"
        ),
        pytest.param("a.toml", FirstSettings(models=""), "a path is empty", id="empty"),
        pytest.param("a.toml", FirstSettings(inputs=["\udcff"]), r"b'\\xff': its bytes are no UTF-8", id="bytes"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_cannot_be_is_not_written(name: str, settings: FirstSettings, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        write_template(Path(name), settings, is_forced=True)

    assert not Path("a.toml").exists()


def test_full_disk_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipeline.settings_template.replace_synced", fail)

    with pytest.raises(UsageError, match=r"a\.toml: cannot be written \(No space left on device\)"):
        write_template(folder / "a.toml", FirstSettings())
