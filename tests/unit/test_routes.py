from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.config import RouteRules
from pipeline.errors import ConfigError
from pipeline.models.registry import ModelSet, open_model_set
from pipeline.types import parse_pair


def add_package(folder: Path, pair: str, *, version: str = "1.0", family: str | None = None) -> Path:
    """Write a package whose files nobody loads; with a family it is one that newsmt converted."""
    source, target = pair.split("-")
    package = folder / f"{family or 'translate'}-{source}_{target}-{version}"
    (package / "model").mkdir(parents=True)
    (package / "model" / "model.bin").write_text(f"{pair} {version} {family}")
    (package / "sentencepiece.model").write_bytes(b"pieces")
    codes = {"from_code": source, "to_code": target}
    metadata: dict[str, object] = {**codes, "package_version": version}
    if family:
        metadata["newsmt"] = {"format": 1, "family": family, "directions": [codes]}
    (package / "metadata.json").write_text(json.dumps(metadata))
    return package


def open_with(folder: Path, pivot: str | None = None, **by_pair: str) -> ModelSet:
    rules = RouteRules(pivot=pivot, by_pair={name.replace("_", "-"): rule for name, rule in by_pair.items()})
    return open_model_set(str(folder), rules=rules)


def steps(models: ModelSet, pair: str) -> list[str] | None:
    route = models.route(parse_pair(pair))
    return [f"{step.family} {step.pair} {step.version}" for step in route.steps] if route else None


def test_family_with_the_higher_score_is_taken(tmp_path: Path) -> None:
    for family in ("m2m100", "nllb-200", "opus-mt"):
        add_package(tmp_path, "hy-en", family=family)

    assert steps(open_with(tmp_path), "hy-en") == ["nllb-200 hy-en 1.0"]


def test_version_decides_within_a_family(tmp_path: Path) -> None:
    for version in ("1.2", "1.10", "1.9"):
        add_package(tmp_path, "en-ru", version=version)

    assert steps(open_with(tmp_path), "en-ru") == ["argos en-ru 1.10"]


def test_pivot_with_the_better_weakest_step_is_taken(tmp_path: Path) -> None:
    add_package(tmp_path, "ru-en", family="nllb-200")
    add_package(tmp_path, "en-hy", family="opus-mt")
    add_package(tmp_path, "ru-fr")
    add_package(tmp_path, "fr-hy")

    assert steps(open_with(tmp_path), "ru-hy") == ["nllb-200 ru-en 1.0", "opus-mt en-hy 1.0"]


def test_english_is_the_pivot_where_nobody_measured(tmp_path: Path) -> None:
    for pair in ("de-aa", "aa-fr", "de-en", "en-fr", "de-zz", "zz-fr"):
        add_package(tmp_path, pair)

    assert steps(open_with(tmp_path), "de-fr") == ["argos de-en 1.0", "argos en-fr 1.0"]


def test_another_language_can_be_the_pivot(tmp_path: Path) -> None:
    add_package(tmp_path, "hy-ru")
    add_package(tmp_path, "ru-fr")

    assert steps(open_with(tmp_path), "hy-fr") == ["argos hy-ru 1.0", "argos ru-fr 1.0"]
    add_package(tmp_path, "hy-en")
    assert steps(open_with(tmp_path, pivot="en"), "hy-fr") is None


def test_pivot_that_no_package_knows_is_an_error(tmp_path: Path) -> None:
    add_package(tmp_path, "hy-en")

    with pytest.raises(ConfigError, match="pivot 'xx': no package leads there; those that are here know en, hy"):
        open_with(tmp_path, pivot="xx")


def test_recommendation_decides_where_nobody_measured(tmp_path: Path) -> None:
    for family in ("m2m100", "opus-mt", "nllb-200"):
        add_package(tmp_path, "hy-ru", family=family, version="1.0" if family == "nllb-200" else "2.0")

    assert steps(open_with(tmp_path), "hy-ru") == ["nllb-200 hy-ru 1.0"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for pair in ("hy-en", "en-ru", "hy-de", "de-ru", "hy-ru"):
        add_package(tmp_path, pair)
    return tmp_path


@pytest.mark.parametrize(
    ("pivot", "rule", "expected"),
    [
        pytest.param(None, None, ["argos hy-ru 1.0"], id="direct"),
        pytest.param("de", None, ["argos hy-ru 1.0"], id="pivot-is-no-detour"),
        pytest.param(None, "en", ["argos hy-en 1.0", "argos en-ru 1.0"], id="through-english"),
        pytest.param("en", "de", ["argos hy-de 1.0", "argos de-ru 1.0"], id="rule-of-the-pair-wins"),
        pytest.param(None, "fr", None, id="through-what-is-not-there"),
        pytest.param(None, "direct", ["argos hy-ru 1.0"], id="rule-direct"),
        pytest.param(None, "hy_ru@1.0", ["argos hy-ru 1.0"], id="by-label"),
        pytest.param(None, "argos", ["argos hy-ru 1.0"], id="by-family"),
    ],
)
def test_rules_override(folder: Path, pivot: str | None, rule: str | None, expected: list[str] | None) -> None:
    models = open_with(folder, pivot, **({"hy_ru": rule} if rule else {}))

    assert steps(models, "hy-ru") == expected


def test_direct_rule_forbids_the_pivot(folder: Path) -> None:
    (folder / "translate-hy_ru-1.0" / "metadata.json").unlink()

    assert steps(open_with(folder), "hy-ru") is not None
    assert steps(open_with(folder, hy_ru="direct"), "hy-ru") is None


def test_package_is_chosen_by_its_family_or_version(tmp_path: Path) -> None:
    add_package(tmp_path, "hy-en", family="nllb-200")
    add_package(tmp_path, "hy-en", family="opus-mt")
    add_package(tmp_path, "hy-en", family="opus-mt", version="2.0")

    assert steps(open_with(tmp_path, hy_en="opus-mt"), "hy-en") == ["opus-mt hy-en 2.0"]
    assert steps(open_with(tmp_path, hy_en="hy_en@2.0"), "hy-en") == ["opus-mt hy-en 2.0"]
    assert steps(open_with(tmp_path, hy_en="opus-mt-hy_en-1.0"), "hy-en") == ["opus-mt hy-en 1.0"]


def test_label_of_several_packages_is_an_error_that_names_them(tmp_path: Path) -> None:
    add_package(tmp_path, "hy-en", family="nllb-200")
    add_package(tmp_path, "hy-en", family="opus-mt")

    with pytest.raises(
        ConfigError, match=r"several packages; name one of .*: nllb-200-hy_en-1.0 .*, opus-mt-hy_en-1\.0"
    ):
        open_with(tmp_path, hy_en="hy_en@1.0")


def test_rule_for_a_package_that_is_not_there_names_those_that_are(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"route hy-ru = 'opus-mt': no such package; .*: translate-hy_ru-1\.0 \(hy"):
        open_with(folder, hy_ru="opus-mt")
    with pytest.raises(ConfigError, match="for this pair: none"):
        open_with(folder, ru_fr="argos")


def test_routes_into_targets_are_listed_for_every_source(folder: Path) -> None:
    assert [str(route.pair) for route in open_with(folder).routes_into(["ru", "de"])] == [
        "de-ru",
        "en-ru",
        "hy-de",
        "hy-ru",
    ]
