from __future__ import annotations

import re

import pytest

from pipeline.errors import ModelError
from pipeline.evaluation.routes import model_set_of, routes_of
from pipeline.models.registry import ModelSet, open_model_set
from pipeline.types import parse_pair
from tests.tiny_package import TinyPackage


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> ModelSet:
    """Two packages for en-ru, one for hy-en and en-hy, a direct one for hy-ru."""
    folder = tmp_path_factory.mktemp("models")
    for pair, version, seed in (
        ("en-ru", "1.0", 1),
        ("en-ru", "1.1", 2),
        ("hy-en", "1.0", 3),
        ("en-hy", "1.0", 4),
        ("hy-ru", "1.0", 5),
    ):
        source, target = pair.split("-")
        TinyPackage(source=source, target=target, version=version, seed=seed).build(folder)
    return open_model_set(str(folder))


def names(models: ModelSet, pair: str, *, pivot: str | None = None, wanted: tuple[str, ...] = ()) -> list[str]:
    routes = routes_of(models, parse_pair(pair), pivot=pivot, wanted=wanted)
    return ["+".join(label.partition("#")[0] for label in route.labels) for route in routes]


@pytest.mark.parametrize(
    ("pair", "pivot", "expected"),
    [
        pytest.param("en-ru", None, ["en_ru@1.1", "en_ru@1.0"], id="several-the-chosen-one-first"),
        pytest.param("hy-ru", None, ["hy_ru@1.0"], id="direct"),
        pytest.param("hy-ru", "en", ["hy_ru@1.0", "hy_en@1.0+en_ru@1.1"], id="pivot-as-well"),
        pytest.param("hyw-en", None, ["hy_en@1.0"], id="variety"),
        pytest.param("hyw-ru", "en", ["hy_ru@1.0", "hy_en@1.0+en_ru@1.1"], id="variety-over-pivot"),
    ],
)
def test_all_packages_of_a_pair_are_compared(
    models: ModelSet, pair: str, pivot: str | None, expected: list[str]
) -> None:
    assert names(models, pair, pivot=pivot) == expected


def test_without_a_package_the_way_over_a_pivot_is_measured(tiny_models: ModelSet) -> None:
    assert names(tiny_models, "ru-hy") == ["ru_en@1.0+en_hy@1.0"]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param(("en_ru@1.0",), ["en_ru@1.0"], id="label"),
        pytest.param(("en_ru-1.1-2",), ["en_ru@1.1"], id="folder"),
        pytest.param(("argos",), ["en_ru@1.1", "en_ru@1.0"], id="family"),
        pytest.param(("en_ru@1.0", "en_ru@1.1"), ["en_ru@1.1", "en_ru@1.0"], id="two"),
    ],
)
def test_models_are_named_by_label_family_or_folder(
    models: ModelSet, wanted: tuple[str, ...], expected: list[str]
) -> None:
    assert names(models, "en-ru", wanted=wanted) == expected


@pytest.mark.parametrize(
    ("pair", "pivot", "wanted", "message"),
    [
        pytest.param("en-fr", None, (), "has no model for en-fr; get one: newsmt models install en-fr", id="pair"),
        pytest.param("en-ru", "fr", (), "has no way from en to ru over 'fr'", id="pivot"),
        pytest.param(
            "en-ru", None, ("argos", "x"), "no model 'x' for this pair; name one of those: en_ru-1.1", id="name"
        ),
    ],
)
def test_what_is_not_there_is_told(
    models: ModelSet, pair: str, pivot: str | None, wanted: tuple[str, ...], message: str
) -> None:
    with pytest.raises(ModelError, match=re.escape(message)):
        names(models, pair, pivot=pivot, wanted=wanted)


def test_a_set_of_one_route_leads_there_and_nowhere_else(models: ModelSet) -> None:
    pair = parse_pair("hyw-ru")

    for route in routes_of(models, pair, pivot="en"):
        found = model_set_of(route, name="one").route(pair)
        assert found is not None
        assert found.labels == route.labels
