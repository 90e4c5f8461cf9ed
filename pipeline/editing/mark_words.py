"""What `marks.toml` says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from pipeline.packaged import read_toml

_LOOK_BACK = 24
_LAST_WORD = re.compile(r"-?[\w.]*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkWords:
    """Words in small letters; `questions` gives Armenian question words as they are written where they ask."""

    abbreviations: frozenset[str]
    one_letter_words: frozenset[str]
    questions: dict[str, str]
    always_ask: frozenset[str]
    ask_first: frozenset[str]
    before_question: frozenset[str]
    subordinates: frozenset[str]


@cache
def mark_words() -> MarkWords:
    """Return the words, read once."""
    data = {name: text.split() for name, text in read_toml("pipeline.editing", "marks.toml").items()}
    questions = {word.replace("՞", ""): word for word in data.pop("questions")}
    return MarkWords(questions=questions, **{name: frozenset(words) for name, words in data.items()})


def ends_in_abbreviation(before: str) -> bool:
    """Return whether what stands before a dot is an initial, an abbreviation with dots inside, or a known one.

    An ending behind a hyphen (ԱՄՆ-ը) is no initial.
    """
    match, words = _LAST_WORD.search(before[-_LOOK_BACK:]), mark_words()
    word = match[0].lower() if match else ""
    is_letter = len(word) == 1 and word.isalpha() and word not in words.one_letter_words
    return is_letter or "." in word or word in words.abbreviations
