"""What a word is: the one place that cuts text into words, as SQL of DuckDB.

A word begins with a letter or a digit; letters, digits and the marks upon them follow, and hyphens and apostrophes
between two of these. A number with points, commas, colons or unbreakable blanks between its digits is one word. All of
Unicode counts, by the properties of the characters.

Words are lower-cased. Kinds of hyphens and of apostrophes are one; Armenian marks of question, stress and exclamation,
which are written upon a vowel inside of a word, and invisible joiners are left out. Nothing else is folded: е and ё
are two letters, so are accents and their lack.
"""

from __future__ import annotations

from pipeline.corpus.sql import literal

_HYPHENS = "‐‑֊"
_APOSTROPHES = "’ʼ՚"
_ARMENIAN_MARKS = "՛՜՞՟"
_JOINERS = "\u00ad\u200c\u200d\u2060"
_BLANKS_IN_NUMBERS = "\u00a0\u202f"

# Characters that have no partner in the second text are removed.
_FOLDED = _HYPHENS + _APOSTROPHES + _ARMENIAN_MARKS + _JOINERS
_FOLDED_TO = "-" * len(_HYPHENS) + "'" * len(_APOSTROPHES)

_START = r"[\p{L}\p{N}]"
_CHAR = r"[\p{L}\p{M}\p{N}]"
_PART = f"{_START}{_CHAR}*"
_NUMBER = rf"\p{{Nd}}+(?:[.,:{_BLANKS_IN_NUMBERS}]\p{{Nd}}+)+"
WORD = f"{_NUMBER}|{_PART}(?:[-']{_PART})*"
"""A word as an expression of RE2, for text that `folded_sql` made."""

# Text as it stands, before it is folded: in nearly all of it, each piece between two blanks is one word with marks
# around it, or a dash. A single match tells, and then blanks are counted: ten times as quick as cutting words.
_RAW_PART = rf"{_START}[\p{{L}}\p{{M}}\p{{N}}{_ARMENIAN_MARKS}{_JOINERS}]*"
_RAW_WORD = f"(?:{_NUMBER}|{_RAW_PART}(?:[-'{_HYPHENS}{_APOSTROPHES}]{_RAW_PART})*)"
_RAW_MARKS = r"[^\p{L}\p{M}\p{N} ]*"
_PIECE = f"{_RAW_MARKS}{_RAW_WORD}{_RAW_MARKS}"
_PLAIN = f"{_PIECE}(?: {_PIECE})*"
_DASHES = "–—-"
_DASHED = f"{_PIECE}(?: (?:[{_DASHES}] )?{_PIECE})*"


def folded_sql(text: str) -> str:
    """Return the SQL of a text in which all spellings of a word are one; `text` is SQL itself."""
    # Replacing is slow, and most texts have nothing to replace.
    has_folded = f"regexp_matches({text}, {literal(f'[{_FOLDED}]')})"
    folded = f"translate(lower({text}), {literal(_FOLDED)}, {literal(_FOLDED_TO)})"
    return f"CASE WHEN {has_folded} THEN {folded} ELSE lower({text}) END"


def words_sql(text: str) -> str:
    """Return the SQL of the list of a text's words, in their order; null has none."""
    return f"regexp_extract_all({folded_sql(text)}, {literal(WORD)})"


def n_words_sql(text: str) -> str:
    """Return the SQL of the number of a text's words; null has none."""
    dashless = text
    for dash in _DASHES:
        dashless = f"replace({dashless}, ' {dash} ', ' ')"
    # Unicode takes this apostrophe for a letter.
    return f"""CASE
        WHEN contains({text}, 'ʼ') THEN len({words_sql(text)})
        WHEN regexp_full_match({text}, {literal(_PLAIN)}) THEN {_n_blanks(text)} + 1
        WHEN regexp_full_match({text}, {literal(_DASHED)}) THEN {_n_blanks(dashless)} + 1
        ELSE coalesce(len({words_sql(text)}), 0) END"""


def _n_blanks(text: str) -> str:
    return f"strlen({text}) - strlen(replace({text}, ' ', ''))"


def has_word_sql(text: str, word: str) -> str:
    """Return the SQL of whether a text holds a word; texts without these letters are passed over quickly."""
    wanted = literal(word)
    return (
        f"CASE WHEN contains({folded_sql(text)}, {wanted}) THEN list_contains({words_sql(text)}, {wanted})"
        " ELSE false END"
    )
