from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.checks.base import TextPair
from pipeline.checks.examination import examine
from pipeline.checks.quality import FACTORS, quality
from pipeline.checks.registry import ALL_CHECKS, MEASURES
from pipeline.editing.glossary_file import read_glossary
from pipeline.entities import EntityFinder
from pipeline.errors import Flag
from pipeline.stages.check import CheckStage
from pipeline.types import TranslatedArticle, TranslationUnit
from tests.factories import make_segmented, make_translated


def text_pair(source: str, target: str, pair: str) -> TextPair:
    source_lang, target_lang = pair.split("-")
    return TextPair(source, target, source_lang, target_lang)


def unit_with(**changes: Any) -> TranslatedArticle:
    """A translated article of which the first unit is changed."""
    article = make_translated(make_segmented())
    first, *others = article.units
    return replace(article, units=(first._replace(**changes), *others))


def checked(article: TranslatedArticle, stage: CheckStage | None = None) -> TranslationUnit:
    return (stage or CheckStage()).process([article]).accepted[0].units[0]


@pytest.mark.parametrize(
    ("source", "target", "pair", "flags"),
    [
        pytest.param("The talks ended.", "Переговоры завершились.", "en-ru", [], id="good-ru"),
        pytest.param("Переговоры завершились.", "Բանակցություններն ավարտվել են։", "ru-hy", [], id="good-hy"),
        pytest.param("The talks ended.", "", "en-ru", ["empty"], id="empty"),
        pytest.param("The talks ended.", " \n", "en-ru", ["empty"], id="blanks"),
        pytest.param(
            "The talks in Paris ended on Monday.", "", "en-ru", ["empty", "length-ratio"], id="empty-of-a-long-text"
        ),
        pytest.param("The talks ended.", "the talks ended.", "en-ru", ["copied", "wrong-script"], id="copied"),
        pytest.param("BBC", "BBC", "en-ru", ["wrong-script"], id="one-word-is-no-copy"),
        pytest.param("Reuters", "Рейтер", "en-ru", [], id="name"),
        pytest.param("Yes.", "Да, разумеется, это так.", "en-ru", ["length-ratio"], id="too-long"),
        pytest.param("No.", "Нет, не так.", "en-ru", [], id="short-texts-have-no-ratio"),
        pytest.param("The talks ended.", "Die Gespräche endeten.", "en-ru", ["wrong-script"], id="latin-for-russian"),
        pytest.param("The talks ended.", "Переговоры завершились.", "en-hy", ["wrong-script"], id="russian-for-hy"),
        pytest.param("Переговоры завершились.", "Встречи ended here.", "ru-en", [], id="half-of-the-letters-will-do"),
        pytest.param("Die Gespräche endeten.", "Les discussions ont pris fin.", "de-fr", [], id="unknown-script"),
        pytest.param("12 500", "12 500", "en-ru", [], id="numbers-are-no-copy"),
        pytest.param("He said no.", "Он сказал нет нет нет.", "en-ru", ["repetition"], id="one-word-three-times"),
        pytest.param("The talks ended.", "Он ушёл, он ушёл, он ушёл.", "en-ru", ["repetition"], id="two-words"),
        pytest.param("They ended.", "Այո, այո, այո։", "en-hy", ["repetition"], id="repetition-hy"),
        pytest.param("He said no.", "Он сказал нет и нет.", "en-ru", [], id="twice-is-no-loop"),
        pytest.param("No, no, no!", "Нет, нет, нет!", "en-ru", [], id="loop-of-the-source"),
        pytest.param("Hands down.", "Рука руках руками.", "en-ru", [], id="words-that-begin-alike"),
        pytest.param("The noise went on.", "Шум ннннннннннннн.", "en-ru", ["repetition"], id="one-letter"),
        pytest.param("The noise went on.", "Шум лалалалалалалала.", "en-ru", ["repetition"], id="one-syllable"),
        pytest.param("The noise went on.", "Шум ЛалАлАлалалалала.", "en-ru", ["repetition"], id="capitals"),
        pytest.param(
            "The price is 9000000000000 now.", "Цена теперь – 9000000000000.", "en-ru", [], id="zeros-are-a-number"
        ),
        pytest.param(
            "Who won the 12 seats?", "Кто получил 11 мест.", "en-ru", ["final-mark", "numbers"], id="two-doubts"
        ),
        pytest.param("Hmmmmmmmmmmmm, he said.", "Хмммммммммммм, сказал он.", "en-ru", [], id="letters-of-the-source"),
    ],
)
def test_doubts_are_flagged(source: str, target: str, pair: str, flags: list[str]) -> None:
    assert list(examine(text_pair(source, target, pair)).flags) == flags


def test_copied_unit_is_not_doubted_for_being_a_copy() -> None:
    copy = checked(unit_with(target_text="Anything", score=None, flags=("already-target",)))

    assert copy.flags == ("already-target",)
    assert copy.quality == 1.0
    assert copy.measures == ()


def test_flags_of_earlier_stages_come_first_and_once() -> None:
    assert checked(unit_with(target_text="", flags=("wrapped", "truncated"))).flags[:3] == (
        "wrapped",
        "truncated",
        "empty",
    )


def test_nothing_but_measures_flags_and_quality_changes() -> None:
    before = make_translated(make_segmented()).units[0]
    after = checked(make_translated(make_segmented()))

    assert after._replace(measures=(), flags=(), quality=before.quality) == before
    assert len(after.measures) == len(MEASURES)


@pytest.mark.parametrize(
    ("score", "flags"), [pytest.param(-0.2, (), id="sure"), pytest.param(-1.6, ("low-score",), id="unsure")]
)
def test_low_scores_are_flagged(score: float, flags: tuple[str, ...]) -> None:
    assert checked(unit_with(score=score)).flags == flags


def test_terms_of_the_glossary_are_checked(tmp_path: Path) -> None:
    file = tmp_path / "glossary.csv"
    file.write_text("source,target,pair\ncouncil,дума,en-ru\n", encoding="utf-8")
    stage = CheckStage(glossary=read_glossary(file))
    source = make_segmented()
    translated = make_translated(source)
    article = replace(
        translated,
        units=(translated.units[0]._replace(source_text="The council met.", target_text="Совет собрался."),),
    )

    found = checked(article, stage)

    assert "glossary" in found.flags
    assert found.measures[MEASURES.index("glossary")] == 0.0


def test_patterns_of_the_user_are_checked() -> None:
    article = unit_with(source_text="It is RFC 12 now.", target_text="Теперь это РФЦ 12.")

    assert "protected" not in checked(article).flags
    assert "protected" in checked(article, CheckStage(EntityFinder([r"RFC \d+"]))).flags


@pytest.mark.parametrize(
    ("score", "flags", "expected"),
    [
        pytest.param(None, (), 1.0, id="copy"),
        pytest.param(0.0, (), 1.0, id="certain"),
        pytest.param(math.log(0.5), (), 0.5, id="probability"),
        pytest.param(math.log(0.5), ("truncated", "length-ratio"), 0.05, id="factors-multiply"),
        pytest.param(-0.1, ("empty",), 0.0, id="empty-is-worthless"),
        pytest.param(None, ("untranslated",), 0.0, id="untranslated-is-worthless"),
        pytest.param(float("-inf"), (), 0.0, id="impossible"),
    ],
)
def test_quality_is_probability_lowered_by_flags(score: float | None, flags: tuple[str, ...], expected: float) -> None:
    assert quality(score, flags) == pytest.approx(expected)


def test_every_flag_has_a_factor() -> None:
    assert set(FACTORS) == set(Flag)
    assert all(0 <= factor <= 1 for factor in FACTORS.values())


def test_every_check_has_its_own_flag() -> None:
    assert len({check.flag for check in ALL_CHECKS}) == len(ALL_CHECKS)
    assert len(set(MEASURES)) == len(MEASURES)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("а" * 20_000, id="one-long-word"),
        pytest.param("- " * 10_000, id="dashes"),
        pytest.param(" ".join(f"слово{number}" for number in range(5_000)), id="many-words"),
        pytest.param("аб" * 10_000 + "в", id="nearly-a-loop"),
    ],
)
def test_checks_take_linear_time(text: str) -> None:
    from time import perf_counter

    start = perf_counter()
    examine(text_pair(text, text, "en-ru"))

    assert perf_counter() - start < 2
