"""What patterns find, in Python and in the database."""

from __future__ import annotations

import unicodedata

import duckdb
import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UsageError
from pipeline.search.letters import BETWEEN_CHARS, WORD_CHARS
from pipeline.search.pattern import Pattern, parse_pattern


def found(pattern: Pattern, text: str) -> list[str]:
    return [text[start:end] for start, end in pattern.spans(text)]


@pytest.mark.parametrize(
    ("pattern", "text", "hits"),
    [
        pytest.param("bank", "Bank, banks; BANK? embankment", ["Bank", "BANK"], id="whole words in any case"),
        pytest.param("ban", "bank, Ban", ["Ban"], id="no part of a word"),
        pytest.param("bank*", "Bank, banks, banking", ["Bank", "banks", "banking"], id="beginning of a word"),
        pytest.param("*банк", "Сбербанк и банк, банка", ["Сбербанк", "банк"], id="end of a word"),
        pytest.param("*анк*", "Банка танков", ["Банка", "танков"], id="middle of a word"),
        pytest.param("г*д", "год, город, гад и гид-город", ["год", "город", "гад", "гид", "город"], id="inside"),
        pytest.param("the * of", "The price of oil, the of", ["The price of"], id="a whole word"),
        pytest.param("new york", "New\u00a0York, New  \nYork, Newyork", ["New\u00a0York", "New  \nYork"], id="blanks"),
        pytest.param("bank bank", "bank bank bank", ["bank bank"], id="hits do not overlap"),
        pytest.param("bank", "bank bank bank", ["bank"] * 3, id="one blank between hits"),
        pytest.param("и", "И и, и", ["И", "и", "и"], id="one letter at the beginning"),
        pytest.param("елка", "Ёлка, елка, ЁЛКА", ["Ёлка", "елка", "ЁЛКА"], id="e finds yo"),
        pytest.param("ёлка", "Ёлка и елка", ["Ёлка", "елка"], id="yo finds e"),
        pytest.param("замок", "за\u0301мок и замо\u0301к", ["за\u0301мок", "замо\u0301к"], id="stress"),
        pytest.param("և", "սա և նա, եւ նա. ԵՎ", ["և", "եւ", "ԵՎ"], id="the letter ev"),
        pytest.param("եվրոպա", "Եւրոպա, Եվրոպա, ԵՎՐՈՊԱ", ["Եւրոպա", "Եվրոպա", "ԵՎՐՈՊԱ"], id="ev of both spellings"),
        pytest.param("երեւան", "Երևան", ["Երևան"], id="two letters find one"),
        pytest.param("ինչպես", "Ինչպե՞ս, ինչպես", ["Ինչպե՞ս", "ինչպես"], id="Armenian question mark inside"),
        pytest.param("ինչպե", "ինչպե՞ս", [], id="no part of a word with a mark inside"),
        pytest.param("չէ", "Չէ՞, չէ", ["Չէ՞", "չէ"], id="mark at the end"),
        pytest.param("don't", "Don’t, don't", ["Don’t", "don't"], id="apostrophes"),
        pytest.param("нью-йорк", "Нью\u2011Йорк", ["Нью\u2011Йорк"], id="hyphens"),
        pytest.param("$5", "US$5, $50", ["$5"], id="no letter at the beginning"),
        pytest.param("U.S.", "The U.S. and the u.s.a., UaSb", ["U.S.", "u.s."], id="full stops are themselves"),
        pytest.param("a+b", "a+b aab", ["a+b"], id="signs of expressions are themselves"),
        pytest.param("cafe\u0301", "Café", ["Café"], id="accents written apart"),
        pytest.param("км", "5 км² и км/ч", ["км", "км"], id="symbols are of no word"),
        pytest.param("да", "😀да😀", ["да"], id="beside characters beyond the first plane"),
        pytest.param("سلام", "(سلام)", ["سلام"], id="right to left"),
    ],
)
def test_words_are_found(pattern: str, text: str, hits: list[str]) -> None:
    assert found(parse_pattern(pattern), text) == hits


@pytest.mark.parametrize(
    ("pattern", "text", "hits"),
    [
        pytest.param(r"\w+ка", "Ёлка", ["Ёлка"], id="letters of all scripts"),
        pytest.param(r"\W", "да-нет", ["-"], id="what is no letter"),
        pytest.param(r"[\w-]+", "да-нет !", ["да-нет"], id="letters in brackets"),
        pytest.param(r"[^\w ]", "да, нет", [","], id="no letters in brackets"),
        pytest.param(r"[\W\d]+", "а, 5б", [", 5"], id="other classes in brackets"),
        pytest.param(r"\d+", "12 и ٣٤", ["12", "٣٤"], id="digits of all scripts"),
        pytest.param(r"5\s000", "5\u00a0000", ["5\u00a0000"], id="blanks of all kinds"),
        pytest.param(r"[а-я]+", "ёж", ["ёж"], id="a range of letters has yo"),
        pytest.param(r"[^е]", "ёж", ["ж"], id="what is not e is not yo"),
        pytest.param("е+", "ёё", ["ёё"], id="a repeated letter"),
        pytest.param("սա եւ|և", "սա և, եւ", ["սա և", "եւ"], id="ev"),
        pytest.param("եւ+", "եււ և", ["եււ"], id="a repeated letter is no ev"),
        pytest.param(r"\bbank\b", "bank bank banks", ["bank", "bank"], id="whole words"),
        pytest.param(r"\b\w+,", "a,b, c", ["a,", "b,"], id="beginning of words that follow each other"),
        pytest.param(r"\b(?:bank|loan)s?\b", "banks, loans, loaned", ["banks", "loans"], id="alternatives"),
        pytest.param(r"(?P<one>b)(an)k", "bank", ["bank"], id="groups"),
        pytest.param(r"(?-i)Bank", "bank Bank", ["Bank"], id="flags"),
        pytest.param(r"(?s)\bb.k\b", "b\nk", ["b\nk"], id="flags before a boundary"),
        pytest.param(r"\Qa.b\E+", "a.bb axb", ["a.bb"], id="quoted"),
        pytest.param(r"\x{431}анк", "Банк", ["Банк"], id="by number"),
        pytest.param(r"^\w+", "Да нет", ["Да"], id="beginning of the text"),
        pytest.param(r"a\\b", r"a\b", [r"a\b"], id="a backslash is no boundary"),
        pytest.param(r"[[:digit:]]{2}", "a12", ["12"], id="named classes"),
        pytest.param(r"[]a]+", "]a", ["]a"], id="a bracket in brackets"),
    ],
)
def test_expressions_are_found(pattern: str, text: str, hits: list[str]) -> None:
    assert found(parse_pattern(pattern, is_regex=True), text) == hits


def test_case_and_folding_can_be_switched_off() -> None:
    text = "Ёлка елка ЕЛКА, Եվ և եւ"

    assert found(parse_pattern("елка", has_case=True), text) == ["елка"]
    assert found(parse_pattern("Елка", has_case=True), text) == ["Ёлка"]
    assert found(parse_pattern("Елка", is_exact=True), text) == []
    assert found(parse_pattern("եւ", has_case=True), text) == ["և", "եւ"]
    assert found(parse_pattern("Եւ", has_case=True), text) == ["Եվ"]
    assert found(parse_pattern("եւ", is_exact=True), text) == ["եւ"]
    assert found(parse_pattern("[е]лка", is_regex=True, is_exact=True), "елка ёлка") == ["елка"]


@pytest.mark.parametrize(
    ("pattern", "is_regex", "complaint"),
    [
        pytest.param("", False, "the pattern is empty", id="empty"),
        pytest.param(" \t", True, "the pattern is empty", id="blank"),
        pytest.param("* *", False, "nothing to look for", id="no letters"),
        pytest.param("\udcff", False, "no UTF-8", id="lone surrogate"),
        pytest.param("ban(k", True, r"^ban\(k: no regular expression: missing \)", id="bracket"),
        pytest.param("да[я-а]", True, "invalid character class range at character 4, я-а", id="range, with its place"),
        pytest.param("a(?=b)", True, "at character 2, .* cannot look around", id="look-ahead"),
        pytest.param(r"(a)\1", True, "at character 4, .*no references to groups", id="back-reference"),
        pytest.param("a*", True, "found in nothing at all", id="found everywhere"),
        pytest.param(r"\b", True, "found in nothing at all", id="only a boundary"),
        pytest.param(r"x\bfoo", True, r"at character 2: \\b stands at the beginning", id="boundary inside"),
        pytest.param(r"\bfoo|bar\b", True, "put alternatives in one group", id="boundary beside alternatives"),
        pytest.param(r"a\Bb", True, "at character 2: .*cannot be used", id="no boundary"),
        pytest.param(r"\Cb", True, "at character 1: .*a single byte", id="byte"),
        pytest.param(r"a[\S]", True, r"at character 2: \\S cannot stand in brackets", id="class in brackets"),
        pytest.param("(?:(?:a{100}){9}|x){9}", True, "repetition size", id="too much repetition"),
        pytest.param(r"\pL{900}", True, "too large", id="too large"),
        pytest.param(r"\b\pL{250}\b", True, "too large an expression", id="too large to find twice"),
    ],
)
def test_what_is_no_pattern_is_told(pattern: str, is_regex: bool, complaint: str) -> None:  # noqa: FBT001
    with pytest.raises(UsageError, match=complaint):
        parse_pattern(pattern, is_regex=is_regex)


def test_spans_are_code_points_of_the_text_as_it_stands() -> None:
    text = "😀 Ёлка, եւ ёлка"

    assert list(parse_pattern("елка").spans(text)) == [(2, 6), (11, 15)]


def test_no_sign_between_words_is_a_letter_in_another_case() -> None:
    between, inside = (re2.compile(f"(?i)[{chars}]") for chars in (BETWEEN_CHARS, WORD_CHARS))
    chars = [chr(number) for number in range(0x30000) if not 0xD800 <= number < 0xE000]

    assert [char for char in chars if bool(between.match(char)) == bool(inside.match(char))] == []


def test_long_texts_and_wild_expressions_take_no_time() -> None:
    text = "да нет " * 3000

    assert len(list(parse_pattern("да").spans(text))) == 3000
    assert found(parse_pattern("(а+)+б", is_regex=True), "а" * 20_000) == []


_WORDS = st.text(alphabet="abеёв-. '", min_size=1, max_size=5).filter(lambda text: any(map(str.isalpha, text)))
_TEXTS = st.lists(st.text(alphabet="abеёв-. '՞և\u0301", max_size=12), min_size=1, max_size=5)
_EXPRESSIONS = st.sampled_from(
    [r"\ba\w*\b", r"\b\w+\b", r"b+", r"\b[аеb]+", r"\w\b", r"a.b", r"\bа.\b", r"\bb.", r".\b"]
)


@given(
    pattern=st.one_of(
        _WORDS.map(parse_pattern),
        _WORDS.map(lambda text: parse_pattern(f"{text}*")),
        _WORDS.map(lambda text: parse_pattern(text, is_exact=True)),
        _EXPRESSIONS.map(lambda text: parse_pattern(text, is_regex=True)),
    ),
    texts=_TEXTS,
)
def test_the_database_finds_what_python_finds(pattern: Pattern, texts: list[str]) -> None:
    texts = [unicodedata.normalize("NFC", text) for text in texts]
    sql = (
        f"SELECT {pattern.condition('text')}, {pattern.extracted('text')}, {pattern.touches('text')}"  # noqa: S608 - quoted
        " FROM (SELECT unnest(?::VARCHAR[]) AS text)"
    )
    rows = duckdb.execute(sql, [texts]).fetchall()

    for text, (is_there, hits, may_touch) in zip(texts, rows, strict=True):
        assert is_there == bool(found(pattern, text)) == pattern.is_in(text)
        assert may_touch or hits == found(pattern, text)
