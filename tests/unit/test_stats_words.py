"""What a word is."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.stats.words import has_word_sql, n_words_sql, words_sql
from tests.stats_corpus import slow_words

CONNECTION = duckdb.connect()
ALPHABET = (
    "abzAZéÉßжЖёЁйЙыցՑևԵւաԱոՈ09३७½Ⅳ漢あعبअा"
    "\u0301\u0308 \t\n\u00a0\u202f.,:;!?…«»“”()/\\@#_$%+=-‐‑–—'’ʼ՚՛՜՞՟։՝֊\u00ad\u200c\u200d\u2060\ufeff\x00\x1b🙂"
)
TEXTS = st.text(st.sampled_from(ALPHABET), max_size=40) | st.lists(
    st.sampled_from(
        [
            "the",
            "в",
            "10:15-ի",
            "3.5",
            "10\u00a0800",
            "–",
            "-",
            "Ինչո՞ւ",
            "«Рога",
            "и",
            "копыта»",
            "it’s",
            "",
            "12-й",
            "–,",
        ]
    ),
    max_size=12,
).map(" ".join)


def evaluate_all(sql: str, texts: list[str]) -> list[Any]:
    """Return what an expression makes of the column `text`, of each text in turn."""
    sql = f"SELECT {sql} FROM (SELECT unnest(?::VARCHAR[]) AS text)"  # noqa: S608 - our own SQL
    rows = CONNECTION.cursor().execute(sql, [texts]).fetchall()
    return [row[0] for row in rows]


def evaluate(sql: str, text: str | None) -> Any:
    sql = f"SELECT {sql} FROM (SELECT ?::VARCHAR AS text)"  # noqa: S608 - our own SQL
    return CONNECTION.cursor().execute(sql, [text]).fetchall()[0][0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("The vote, Reuters said.", ["the", "vote", "reuters", "said"], id="english"),
        pytest.param("Ёлка – и елка", ["ёлка", "и", "елка"], id="yo-is-a-letter"),
        pytest.param("Ինչո՞ւ եկավ։ Օ՜հ, այո՛", ["ինչու", "եկավ", "օհ", "այո"], id="armenian-marks"),
        pytest.param("Խորհրդարանը՝ երեկ", ["խորհրդարանը", "երեկ"], id="but-is-a-mark-between-words"),
        pytest.param("it’s it's rock'n'roll 'quoted'", ["it's", "it's", "rock'n'roll", "quoted"], id="apostrophes"),
        pytest.param("обʼєкт ʼ 0ʼʼ0", ["об'єкт", "0", "0"], id="apostrophe-that-is-a-letter"),
        pytest.param("пол‑года Нью-Йорк из-за- -то", ["пол-года", "нью-йорк", "из-за", "то"], id="hyphens"),
        pytest.param("5–6 апреля", ["5", "6", "апреля"], id="dash-cuts"),
        pytest.param(
            "3.5 10,800 10\u00a0800 15:10, 1.000.000.",
            ["3.5", "10,800", "10\u00a0800", "15:10", "1.000.000"],
            id="numbers",
        ),
        pytest.param("10:15-ին 12-й COVID-19 B2B", ["10:15", "ին", "12-й", "covid-19", "b2b"], id="letters-and-digits"),
        pytest.param("co\u00adoperate a\u200db", ["cooperate", "ab"], id="joiners"),
        pytest.param("за́мок हिन्दी", ["за\u0301мок", "हिन्दी"], id="marks-upon-letters"),
        pytest.param("https://news.example/a_b?c=1", ["https", "news", "example", "a", "b", "c", "1"], id="address"),
        pytest.param("\x1b[31mred\x00dark", ["31mred", "dark"], id="controls-cut"),
        pytest.param("… – !!! 🙂", [], id="no-words"),
        pytest.param("", [], id="empty"),
    ],
)
def test_text_is_cut_into_words(text: str, expected: list[str]) -> None:
    assert evaluate(words_sql("text"), text) == expected
    assert evaluate(n_words_sql("text"), text) == len(expected)


def test_text_that_is_missing_has_no_words() -> None:
    assert evaluate(words_sql("text"), None) is None
    assert evaluate(n_words_sql("text"), None) == 0


@settings(deadline=None, max_examples=40)
@given(st.lists(TEXTS, min_size=1, max_size=20))
def test_words_are_those_of_a_slow_reader(texts: list[str]) -> None:
    expected = [slow_words(text) for text in texts]

    assert evaluate_all(words_sql("text"), texts) == expected
    assert evaluate_all(n_words_sql("text"), texts) == [len(words) for words in expected]


@settings(deadline=None, max_examples=20)
@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_pieces_between_blanks_have_the_words_of_the_text(texts: list[str]) -> None:
    for text, words in zip(texts, evaluate_all(words_sql("text"), texts), strict=True):
        assert [word for found in evaluate_all(words_sql("text"), text.split(" ")) for word in found] == words


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        pytest.param("Վա՜յ, ինչո՞ւ", "ինչու", True, id="mark-inside"),
        pytest.param("The Bank’s vote", "bank's", True, id="apostrophe"),
        pytest.param("azz zzb zz-top", "zz", False, id="part-of-a-word"),
        pytest.param("Ёлка", "елка", False, id="other-letter"),
        pytest.param("a 'quoted' b", "a'q", False, id="across-words"),
    ],
)
def test_text_has_its_words_and_no_parts_of_them(text: str, word: str, *, expected: bool) -> None:
    assert evaluate(has_word_sql("text", word), text) is expected


def test_long_text_without_blanks_is_read_in_linear_time() -> None:
    assert evaluate(n_words_sql("text"), "слово-" * 4000) == 1
    assert evaluate(n_words_sql("text"), "a,1.2'" * 4000) == 4000 * 2
