"""The stage that doubts: flags and a quality for each translation unit.

Each check is a pure function of one unit. Flags never drop a unit; whoever uses the corpus decides.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from pipeline.errors import Flag
from pipeline.stages.base import StageResult
from pipeline.text import SCRIPT_OF_LANGUAGE, count_scripts
from pipeline.types import TranslatedArticle, TranslationUnit

VERSION = 2

MAX_LENGTH_RATIO = 2.5
"""Characters of the longer text over those of the shorter one. Human en/ru/hy news pairs stay below 2 nearly always."""

MIN_LENGTH = 20
"""Shorter texts have no meaningful length ratio."""

_LOOPS = (
    re.compile(r"\b(\w+(?:\W+\w+){0,5}?)(?:\W+\1\b){2,}", re.IGNORECASE),
    re.compile(r"([^\W\d_]{1,6}?)\1{5,}", re.IGNORECASE),
)

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
    script = SCRIPT_OF_LANGUAGE.get(unit.target_lang)
    counts = count_scripts(unit.target_text)
    n_letters = sum(counts.values())
    return script is not None and n_letters > 0 and counts[script] * 2 < n_letters


def has_repetition(unit: TranslationUnit) -> bool:
    """Return whether the translation goes in circles where the source does not.

    One to six words stand three times running, or one to six letters six times.
    """
    return any(loop.search(unit.target_text) and not loop.search(unit.source_text) for loop in _LOOPS)


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
    return replace(unit, flags=flags, quality=quality(unit.score, flags))


def quality(score: float | None, flags: Sequence[str]) -> float:
    """Return a summary between 0 and 1: the mean token probability, lowered by each flag (`QUALITY_FACTORS`)."""
    probability = 1.0 if score is None else math.exp(score)
    return round(probability * math.prod(QUALITY_FACTORS[Flag(flag)] for flag in flags), 4)
