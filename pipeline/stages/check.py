"""The stage that doubts: flags and a quality for each translation unit.

Each check is a pure function of one unit. Flags never drop a unit; whoever uses the corpus decides.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby
from operator import eq

from pipeline.errors import Flag
from pipeline.stages.base import StageResult
from pipeline.text import SCRIPT_OF_LANGUAGE, count_scripts, has_most_letters
from pipeline.types import TranslatedArticle, TranslationUnit

VERSION = 3

MAX_LENGTH_RATIO = 2.5
"""Characters of the longer text over those of the shorter one. Human en/ru/hy news pairs stay below 2 nearly always."""

MIN_LENGTH = 20
"""Shorter texts have no meaningful length ratio."""

_WORD = re.compile(r"\w+")
_THREE_ALIKE = re.compile(r"(.)\1\1")
_ONE_LETTER_IN_CIRCLES = re.compile(r"([^\W\d_])\1{5}")
_LETTERS_IN_CIRCLES = re.compile(r"([^\W\d_]{1,6}?)\1{5,}")
_MAX_LOOP_WORDS = 6
_N_LOOP_TURNS = 3
_N_LETTER_TURNS = 6

QUALITY_FACTORS: dict[Flag, float] = {
    Flag.EMPTY: 0.0,
    Flag.UNTRANSLATED: 0.0,
    Flag.COPIED: 0.1,
    Flag.WRONG_SCRIPT: 0.1,
    Flag.REPETITION: 0.2,
    Flag.TRUNCATED: 0.3,
    Flag.LENGTH_RATIO: 0.5,
    Flag.WRAPPED: 0.9,
    Flag.WESTERN_ARMENIAN: 0.8,
    Flag.LATIN_LETTERS: 1.0,
    Flag.ALREADY_TARGET: 1.0,
}


def is_empty(unit: TranslationUnit) -> bool:
    """Return whether the translation holds nothing but blanks."""
    return not unit.target_text.strip()


def is_copied(unit: TranslationUnit) -> bool:
    """Return whether the translation repeats a source of more than one word."""
    return (
        unit.source_text.strip().casefold() == unit.target_text.strip().casefold() and " " in unit.source_text.strip()
    )


def has_odd_length(unit: TranslationUnit) -> bool:
    """Return whether one text is more than `MAX_LENGTH_RATIO` times as long as the other."""
    lengths = sorted((len(unit.source_text), len(unit.target_text)))
    return lengths[1] >= MIN_LENGTH and lengths[1] > MAX_LENGTH_RATIO * lengths[0]


def has_wrong_script(unit: TranslationUnit) -> bool:
    """Return whether most letters of the translation are not of the target language's script."""
    script, text = SCRIPT_OF_LANGUAGE.get(unit.target_lang), unit.target_text
    if script is None or has_most_letters(text, script):
        return False
    counts = count_scripts(text)
    return counts[script] * 2 < sum(counts.values())


def has_repetition(unit: TranslationUnit) -> bool:
    """Return whether the translation goes in circles where the source does not.

    One to six words stand three times running, or one to six letters six times.
    """
    target = unit.target_text.lower()
    words = _WORD.findall(target)
    of_words, of_letters = _has_loop_of_words(words), _has_loop_of_letters(target, words)
    if not (of_words or of_letters):
        return False
    source = unit.source_text.lower()
    words = _WORD.findall(source)
    return (of_words and not _has_loop_of_words(words)) or (of_letters and not _has_loop_of_letters(source, words))


def _has_loop_of_words(words: Sequence[str]) -> bool:
    if len(words) - len(set(words)) < _N_LOOP_TURNS - 1:
        return False
    return any(_goes_round(words, n_words) for n_words in range(1, _MAX_LOOP_WORDS + 1))


def _goes_round(words: Sequence[str], n_words: int) -> bool:
    """Return whether any `n_words` words stand `_N_LOOP_TURNS` times running: each is what stood so many before it."""
    n_needed = (_N_LOOP_TURNS - 1) * n_words
    is_again = list(map(eq, words, words[n_words:]))
    if sum(is_again) < n_needed:
        return False
    return any(len(list(run)) >= n_needed for again, run in groupby(is_again) if again)


def _has_loop_of_letters(text: str, words: Sequence[str]) -> bool:
    if _THREE_ALIKE.search(text) and _ONE_LETTER_IN_CIRCLES.search(text):
        return True
    # A loop of several letters is a long word with few different ones.
    long_words = [word for word in words if len(word) >= 2 * _N_LETTER_TURNS]
    return any(_LETTERS_IN_CIRCLES.search(word) for word in long_words if _is_poor(word))


def _is_poor(word: str) -> bool:
    return len(word) - len(set(word)) >= _N_LETTER_TURNS - 1


CHECKS: tuple[tuple[Flag, Callable[[TranslationUnit], bool]], ...] = (
    (Flag.EMPTY, is_empty),
    (Flag.COPIED, is_copied),
    (Flag.LENGTH_RATIO, has_odd_length),
    (Flag.WRONG_SCRIPT, has_wrong_script),
    (Flag.REPETITION, has_repetition),
)


class CheckStage:
    """Adds `flags` and `quality`; nothing else of a unit changes, and nothing is rejected."""

    @property
    def signature(self) -> str:
        """Every setting that can change the output."""
        return f"check|{VERSION}|ratio:{MAX_LENGTH_RATIO}"

    def process(self, batch: Sequence[TranslatedArticle], /) -> StageResult[TranslatedArticle]:
        """Return the same articles, each unit with its flags and quality."""
        return StageResult(
            accepted=tuple(replace(article, units=tuple(map(checked, article.units))) for article in batch)
        )


def checked(unit: TranslationUnit) -> TranslationUnit:
    """Return `unit` with its flags and quality; a copied unit is not doubted for being a copy."""
    found = [] if unit.score is None else [flag.value for flag, check in CHECKS if check(unit)]
    flags = (*unit.flags, *found)
    return unit._replace(flags=flags, quality=quality(unit.score, flags))


def quality(score: float | None, flags: Sequence[str]) -> float:
    """Return a summary between 0 and 1: the mean token probability, lowered by each flag (`QUALITY_FACTORS`)."""
    probability = 1.0 if score is None else math.exp(score)
    return round(probability * math.prod(QUALITY_FACTORS[Flag(flag)] for flag in flags), 4)
