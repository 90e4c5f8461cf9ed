from __future__ import annotations

import pytest

from pipeline.checks.base import TextPair
from pipeline.checks.length import is_odd_length, length_ratio
from pipeline.types import parse_pair


@pytest.mark.parametrize(
    ("source", "target", "languages", "odd"),
    [
        pytest.param(
            "The talks ended without a deal.", "Переговоры завершились без сделки.", "en-ru", False, id="good"
        ),
        pytest.param(
            "Переговоры завершились без сделки.",
            "Բանակցություններն ավարտվեցին առանց գործարքի։",
            "ru-hy",
            False,
            id="hy",
        ),
        pytest.param("Yes.", "Да, разумеется, это так.", "en-ru", True, id="too-long"),
        pytest.param("No.", "Нет, не так.", "en-ru", False, id="short-texts-have-no-ratio"),
        pytest.param("The talks in Paris ended on Monday.", "", "en-ru", True, id="nothing"),
        pytest.param("The talks ended.", "", "en-ru", False, id="nothing-of-a-short-text"),
        pytest.param(
            "The mayor opened the bridge, and hundreds of people walked across it in the rain.",
            "Мэр открыл мост, и сотни людей прошли.",
            "en-ru",
            True,
            id="half-with-its-mark",
        ),
        pytest.param(
            "The mayor opened the bridge, and hundreds of people walked across it in the rain.",
            "и сотни людей прошли по нему под проливным дождём.",
            "en-ru",
            True,
            id="second-half",
        ),
        pytest.param(
            "The mayor opened the bridge, and hundreds of people walked across it in the rain.",
            "Мэр открыл мост, и сотни людей прошли по нему под проливным дождём.",
            "en-ru",
            False,
            id="a-brisk-translation",
        ),
        pytest.param(
            "Die Brücke wurde am Montag eröffnet.", "Le pont a été ouvert.", "de-fr", False, id="not-measured"
        ),
        pytest.param("Die Brücke wurde am Montag wieder eröffnet.", "Le pont.", "de-fr", True, id="odd-anywhere"),
    ],
)
def test_odd_lengths_are_doubted(source: str, target: str, languages: str, *, odd: bool) -> None:
    pair = TextPair(source, target, *parse_pair(languages))
    ratio = length_ratio(pair)

    assert ratio is not None
    assert is_odd_length(pair, ratio) is odd


def test_usual_translation_has_a_ratio_of_about_one() -> None:
    pair = TextPair(
        "The river froze in the first week of December.", "Река замёрзла в первую неделю декабря, в среду.", "en", "ru"
    )

    assert length_ratio(pair) == pytest.approx(0.85, abs=0.01)


def test_western_armenian_is_measured_as_armenian() -> None:
    eastern, western = (
        TextPair("Կամուրջը բացուեցաւ երկուշաբթի օրը։", "The bridge opened on Monday.", code, "en")
        for code in ("hy", "hyw")
    )

    assert length_ratio(western) == length_ratio(eastern)


@pytest.mark.parametrize(
    "pair",
    [TextPair(" ", "Да.", "en", "ru"), TextPair("橋が開通した。", "The bridge has opened to traffic.", "ja", "en")],
)
def test_nothing_is_measured_where_lengths_say_nothing(pair: TextPair) -> None:
    assert length_ratio(pair) is None


def test_fewer_names_are_a_sign_of_a_missing_part() -> None:
    source = "Ministers from Norway, Chile, Kenya and Japan will meet in Geneva on 14 May to sign the fishing treaty."
    with_names = TextPair(
        source, "Министры Норвегии, Чили, Кении и Японии подпишут 14 мая в Женеве договор.", "en", "ru"
    )
    without = with_names._replace(target="Министры встретятся, чтобы подписать договор о рыбной ловле в океане, в мае.")

    assert not is_odd_length(with_names, 0.7)
    assert is_odd_length(without, 0.7)
