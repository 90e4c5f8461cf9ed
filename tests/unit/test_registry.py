from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import ModelError
from pipeline.models.folders import argos_folder
from pipeline.models.registry import open_model_set
from pipeline.types import LanguagePair


def add_package(folder: Path, pair: str, *, version: str = "1.0") -> Path:
    source, target = pair.split("-")
    package = folder / f"translate-{source}_{target}-{version}"
    (package / "model").mkdir(parents=True)
    (package / "model" / "model.bin").write_text(f"{pair} {version}")
    (package / "sentencepiece.model").write_bytes(b"pieces")
    metadata = {"from_code": source, "to_code": target, "package_version": version}
    (package / "metadata.json").write_text(json.dumps(metadata))
    return package


def pair_of(name: str) -> LanguagePair:
    source, target = name.split("-")
    return LanguagePair(source=source, target=target)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for pair in ("en-ru", "ru-en", "en-hy"):
        add_package(tmp_path, pair)
    return tmp_path


@pytest.mark.parametrize(
    ("pair", "names", "pivot"),
    [
        pytest.param("en-ru", ["en_ru"], None, id="direct"),
        pytest.param("ru-hy", ["ru_en", "en_hy"], "en", id="through-english"),
    ],
)
def test_route_is_direct_or_through_english(folder: Path, pair: str, names: list[str], pivot: str | None) -> None:
    route = open_model_set(str(folder)).route(pair_of(pair))

    assert route is not None
    assert [step.name for step in route.steps] == names
    assert route.labels == tuple(step.label for step in route.steps)
    assert route.pivot == pivot


@pytest.mark.parametrize(
    "pair",
    [
        pytest.param("hy-ru", id="no-package-reads-it"),
        pytest.param("ru-fr", id="no-package-writes-it"),
        pytest.param("hy-en", id="only-the-other-direction"),
        pytest.param("ru-ru", id="there-and-back-again"),
        pytest.param("en-en", id="english-to-itself"),
    ],
)
def test_there_is_no_route(folder: Path, pair: str) -> None:
    assert open_model_set(str(folder)).route(pair_of(pair)) is None


def test_western_armenian_takes_the_models_of_armenian_unless_it_has_its_own(folder: Path) -> None:
    add_package(folder, "hy-en")
    models = open_model_set(str(folder))

    route = models.route(pair_of("hyw-ru"))
    assert route is not None
    assert [step.name for step in route.steps] == ["hy_en", "en_ru"]
    assert models.route(pair_of("hyw-hy")) is None

    add_package(folder, "hyw-en")
    own = open_model_set(str(folder)).route(pair_of("hyw-en"))
    assert own is not None
    assert [step.name for step in own.steps] == ["hyw_en"]


def test_direct_route_wins_over_the_pivot(folder: Path) -> None:
    add_package(folder, "ru-hy")

    route = open_model_set(str(folder)).route(pair_of("ru-hy"))

    assert route is not None
    assert route.pivot is None


@pytest.mark.parametrize(
    ("versions", "newest"),
    [
        pytest.param(("1.9", "1.10"), "1.10", id="numbers-not-letters"),
        pytest.param(("2", "1.10"), "2", id="fewer-parts"),
    ],
)
def test_newest_package_of_a_pair_is_taken(tmp_path: Path, versions: tuple[str, ...], newest: str) -> None:
    for version in versions:
        add_package(tmp_path, "en-ru", version=version)

    assert open_model_set(str(tmp_path)).packages[pair_of("en-ru")].version == newest


def test_folder_of_one_package_is_a_set(tmp_path: Path) -> None:
    package = add_package(tmp_path, "en-ru")

    assert open_model_set(str(package)).pairs == [pair_of("en-ru")]


def test_damaged_package_is_left_out_and_named(folder: Path) -> None:
    (folder / "translate-en_ru-1.0" / "model" / "model.bin").unlink()

    models = open_model_set(str(folder))

    assert models.pairs == [pair_of("en-hy"), pair_of("ru-en")]
    assert len(models.damaged) == 1
    assert "translate-en_ru-1.0" in models.damaged[0]


def test_set_without_packages_is_not_usable(tmp_path: Path) -> None:
    (add_package(tmp_path, "en-ru") / "model" / "model.bin").unlink()

    with pytest.raises(ModelError, match=r"no usable package; .*translate-en_ru-1\.0.*newsmt models install en-ru"):
        open_model_set(str(tmp_path)).usable()


def test_set_with_a_package_is_usable(folder: Path) -> None:
    models = open_model_set(str(folder))

    assert models.usable() is models


def test_hidden_folders_and_files_are_no_packages(folder: Path) -> None:
    (folder / ".cache").mkdir()
    (folder / "__pycache__").mkdir()
    (folder / "index.json").write_text("[]")

    models = open_model_set(str(folder))

    assert len(models.pairs) == 3
    assert not models.damaged


def test_unknown_set_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(ModelError, match=r"'demmo' is neither a model set \(installed, demo\)"):
        open_model_set("demmo")


def test_installed_set_is_the_folder_of_argos(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(folder))

    models = open_model_set("installed")

    assert models.name == "installed"
    assert len(models.pairs) == 3


def test_installed_set_may_be_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(tmp_path / "nothing"))

    assert not open_model_set("installed").packages


@pytest.mark.parametrize(
    ("environment", "settings", "expected"),
    [
        pytest.param({}, None, "home/.local/share/argos-translate/packages", id="home"),
        pytest.param({"XDG_DATA_HOME": "/data"}, None, "/data/argos-translate/packages", id="xdg"),
        pytest.param({}, {"ARGOS_PACKAGES_DIR": "/settings"}, "/settings", id="settings-file"),
        pytest.param({"ARGOS_PACKAGES_DIR": "/own"}, {"ARGOS_PACKAGES_DIR": "/settings"}, "/own", id="variable-wins"),
        pytest.param({}, {"ARGOS_DEBUG": "1"}, "home/.local/share/argos-translate/packages", id="other-settings"),
        pytest.param({}, ["?"], "home/.local/share/argos-translate/packages", id="settings-of-another-shape"),
    ],
)
def test_argos_folder_is_where_argos_looks(
    tmp_path: Path, environment: dict[str, str], settings: object, expected: str
) -> None:
    home = tmp_path / "home"
    config = home / ".config" / "argos-translate"
    config.mkdir(parents=True)
    if settings is not None:
        (config / "settings.json").write_text(json.dumps(settings))

    assert argos_folder({"HOME": str(home), **environment}) == tmp_path / expected


def test_argos_folder_agrees_with_argos_itself(tmp_path: Path) -> None:
    code = "from argostranslate import settings; print(settings.package_data_dir)"
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}

    answer = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stdout.strip()

    assert str(argos_folder(environment)) == answer
