from __future__ import annotations

import math

import pytest

from pipeline.errors import Flag
from pipeline.stages.check import CHECKS, QUALITY_FACTORS, checked, quality
from pipeline.types import TranslationUnit


def unit(source: str, target: str, *, pair: str = "en-ru", score: float | None = -0.1) -> TranslationUnit:
    source_lang, target_lang = pair.split("-")
    return TranslationUnit(
        unit_id="0" * 16,
        article_id="a" * 16,
        revision=1,
        segment=0,
        paragraph=0,
        kind="body",
        source_lang=source_lang,
        target_lang=target_lang,
        source_text=source,
        target_text=target,
        source_start=0,
        source_end=len(source),
        target_start=0,
        target_end=len(target),
        pivot_lang=None,
        models=("en_ru@1.0#0123456789ab",),
        score=score,
        quality=None,
        flags=(),
        retry=None,
        from_memory=False,
        published_at=None,
        url=None,
    )


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
        pytest.param("12 500", "12 500", "en-ru", ["copied"], id="numbers"),
        pytest.param("He said no.", "Он сказал нет нет нет.", "en-ru", ["repetition"], id="one-word-three-times"),
        pytest.param("The talks ended.", "Он ушёл, он ушёл, он ушёл", "en-ru", ["repetition"], id="two-words"),
        pytest.param("They ended.", "Այո, այո, այո", "en-hy", ["repetition"], id="repetition-hy"),
        pytest.param("He said no.", "Он сказал нет и нет.", "en-ru", [], id="twice-is-no-loop"),
        pytest.param("No, no, no!", "Нет, нет, нет!", "en-ru", [], id="loop-of-the-source"),
        pytest.param("Hands down.", "Рука руках руками", "en-ru", [], id="words-that-begin-alike"),
        pytest.param("The noise went on.", "Шум ннннннннннннн", "en-ru", ["repetition"], id="one-letter"),
        pytest.param("The noise went on.", "Шум лалалалалалалала", "en-ru", ["repetition"], id="one-syllable"),
        pytest.param(
            "One, two.", "Раз-два, раз-два раз «два»", "en-ru", ["length-ratio", "repetition"], id="marks-do-not-matter"
        ),
        pytest.param("So it is.", "а б в г д е " * 3, "en-ru", ["length-ratio", "repetition"], id="six-words"),
        pytest.param("Seven, yes seven.", "а б в г д е ж " * 3, "en-ru", [], id="seven-words-are-no-loop"),
        pytest.param("The noise went on.", "Шум ЛалАлАлалалалала", "en-ru", ["repetition"], id="capitals"),
        pytest.param("The price is one billion.", "Цена – 1000000000000", "en-ru", [], id="zeros-are-a-number"),
        pytest.param("Hmmmmmmmmmmmm, he said.", "Хмммммммммммм, сказал он.", "en-ru", [], id="letters-of-the-source"),
    ],
)
def test_doubts_are_flagged(source: str, target: str, pair: str, flags: list[str]) -> None:
    assert list(checked(unit(source, target, pair=pair)).flags) == flags


def test_copied_unit_is_not_doubted_for_being_a_copy() -> None:
    copy = unit("The talks ended.", "The talks ended.", pair="ru-en", score=None)._replace(flags=("already-target",))

    assert checked(copy).flags == ("already-target",)
    assert checked(copy).quality == 1.0


def test_flags_of_earlier_stages_come_first() -> None:
    before = unit("The talks ended.", "")._replace(flags=("truncated",))

    assert checked(before).flags == ("truncated", "empty")


def test_nothing_but_flags_and_quality_changes() -> None:
    before = unit("The talks ended.", "Переговоры завершились.")

    assert checked(before)._replace(flags=(), quality=None) == before


@pytest.mark.parametrize(
    ("score", "flags", "expected"),
    [
        pytest.param(None, (), 1.0, id="copy"),
        pytest.param(0.0, (), 1.0, id="certain"),
        pytest.param(math.log(0.5), (), 0.5, id="probability"),
        pytest.param(math.log(0.5), ("truncated", "length-ratio"), 0.075, id="factors-multiply"),
        pytest.param(-0.1, ("empty",), 0.0, id="empty-is-worthless"),
        pytest.param(None, ("untranslated",), 0.0, id="untranslated-is-worthless"),
        pytest.param(float("-inf"), (), 0.0, id="impossible"),
    ],
)
def test_quality_is_probability_lowered_by_flags(score: float | None, flags: tuple[str, ...], expected: float) -> None:
    assert quality(score, flags) == pytest.approx(expected)


def test_every_flag_has_a_factor() -> None:
    assert set(QUALITY_FACTORS) == set(Flag)
    assert all(0 <= factor <= 1 for factor in QUALITY_FACTORS.values())


def test_every_check_has_its_own_flag() -> None:
    assert len({flag for flag, _ in CHECKS}) == len(CHECKS)


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
    checked(unit(text, text))

    assert perf_counter() - start < 2
