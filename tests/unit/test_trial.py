from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.models.package import read_packages
from pipeline.models.registry import ModelSet
from pipeline.trial import SENTENCES, judge, try_package
from pipeline.types import parse_pair
from tests.tiny_package import TinyPackage


def test_demo_models_translate_the_sentences_of_one_language_into_those_of_another(demo_models: ModelSet) -> None:
    for pair in demo_models.pairs:
        trial = try_package(demo_models.packages[pair])

        assert trial.problem is None
        assert trial.sources == SENTENCES[pair.source]
        assert trial.translations == SENTENCES[pair.target]


def test_package_with_random_weights_fails(tmp_path: Path) -> None:
    (package,) = read_packages(TinyPackage(source="en", target="hy").build(tmp_path))

    assert try_package(package).problem is not None


def test_package_of_other_languages_is_only_loaded(tmp_path: Path) -> None:
    (package,) = read_packages(TinyPackage(source="fr", target="hy").build(tmp_path))

    trial = try_package(package)

    assert (trial.sources, trial.translations, trial.problem) == ((), (), None)


def test_each_translation_must_be_in_the_letters_of_the_target() -> None:
    found = judge(parse_pair("en-hy"), ["One.", "Two."], ["Ուրբաթ օրը դպրոցները փակ կլինեն։", "Рыбаки"])

    assert found is not None
    assert found.startswith("'Two.' became 'Рыбаки'")


@pytest.mark.parametrize(
    ("pair", "translation", "problem"),
    [
        pytest.param("en-ru", "Премьер-министр прибыл в Париж.", None, id="ru"),
        pytest.param("ru-en", "The prime minister arrived in Paris.", None, id="en"),
        pytest.param("en-hy", "Վարչապետը ժամանել է Փարիզ։", None, id="hy"),
        pytest.param("en-fr", "Le premier ministre", None, id="other-language"),
        pytest.param("en-hy", "The prime minister arrived.", "not in the letters of 'hy'", id="source-copied"),
        pytest.param("en-ru", "12 500", "not in the letters of 'ru'", id="no-letters"),
        pytest.param("en-ru", " ", "became nothing", id="empty"),
    ],
)
def test_translation_must_be_in_the_letters_of_the_target(pair: str, translation: str, problem: str | None) -> None:
    found = judge(parse_pair(pair), ["A sentence."], [translation])

    assert found == problem or (problem is not None and found is not None and problem in found)
