"""Whether a text is written in capitals or in Title Case."""

from __future__ import annotations

import re
from enum import Enum

from pipeline.editing.headline_words import HeadlineWords, headline_words
from pipeline.editing.letters import WORD, key_of
from pipeline.entities import without_entities


class Casing(str, Enum):
    """How a text is cased that is not cased as sentences are."""

    CAPS = "all-caps"
    TITLE = "title-case"


MIN_LETTERS = 4
"""Letters of a word that does not look like an acronym."""

MIN_CAPS_WORDS = 2
"""Words of so many letters that a text in capitals has; fewer may be acronyms and names of companies."""

MIN_TITLE_WORDS = 3
"""Words with a capital in a text in Title Case, small ones aside."""

_MAX_SMALL_SHARE = 0.1
_MIN_POINTS = 2
# No text in capitals has these; nearly every other one has them near its beginning.
_SMALL_WORD = re.compile(r"[a-zа-яёա-և]{4}")
# The few small words of four letters and more that Title Case has are looked up one by one.
_LONG_SMALL_WORD = re.compile(r"(?<!\S)[a-z]{4,}")
_ENDS_SENTENCE = re.compile(r"[.:?!…][\"'”’)]*\s*\Z")


def casing_of(text: str, language: str) -> Casing | None:
    """Return how `text` is cased, None where it is cased as sentences are, or where there is no telling.

    Only English has Title Case. What may be a list of names, or acronyms, is left alone.
    """
    bare = without_entities(text)
    if not _SMALL_WORD.search(bare):
        return Casing.CAPS if _is_caps(bare, headline_words(language)) else None
    return Casing.TITLE if language == "en" and _may_be_title(bare) and _is_title(bare) else None


def _is_caps(text: str, words: HeadlineWords) -> bool:
    n_small = sum(map(str.islower, text))
    if n_small > _MAX_SMALL_SHARE * (n_small + sum(map(str.isupper, text))):
        return False
    long_words = [word for word in WORD.findall(text) if len(word) >= MIN_LETTERS and word.isupper()]
    return sum(key_of(word) not in words.acronyms for word in long_words) >= MIN_CAPS_WORDS


def _may_be_title(text: str) -> bool:
    """Return whether every longer small word of `text` is one that Title Case may have."""
    may_be_small = headline_words("en").may_be_small
    return all(match[0] in may_be_small for match in _LONG_SMALL_WORD.finditer(text))


def _is_title(text: str) -> bool:
    """Return whether all words have a capital but small ones, and some have one that are seldom part of a name."""
    words, n_capitals, points, end = headline_words("en"), 0, 0, 0
    for match in WORD.finditer(text):
        word = match[0]
        if word[0].isupper():
            n_capitals += 1
            is_first = not end or _ENDS_SENTENCE.search(text[end : match.start()]) is not None
            points += 0 if is_first else _points(word, words)
        elif word.islower() and word not in words.may_be_small:
            return False
        end = match.end()
    return points >= _MIN_POINTS and n_capitals >= MIN_TITLE_WORDS


def _points(word: str, words: HeadlineWords) -> int:
    """Return how much the capital of a word inside a sentence speaks for Title Case, 0 to 2."""
    key = word.lower()
    if word[1:] != key[1:]:
        return 0
    return (
        2 if key in words.proofs else int(key in words.may_be_small or (key in words.ordinary and key.endswith("ing")))
    )
