"""One number for the worth of a translation, from its score and its flags."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from pipeline.errors import Flag

FACTORS: Mapping[Flag, float] = {
    Flag.EMPTY: 0.0,
    Flag.UNTRANSLATED: 0.0,
    Flag.COPIED: 0.05,
    Flag.WRONG_SCRIPT: 0.05,
    Flag.WRONG_LANGUAGE: 0.05,
    Flag.REPETITION: 0.05,
    Flag.TRUNCATED: 0.2,
    Flag.LENGTH_RATIO: 0.5,
    Flag.NUMBERS: 0.6,
    Flag.PROTECTED: 0.6,
    Flag.GLOSSARY: 0.8,
    Flag.UNITS: 0.8,
    Flag.CURRENCY: 0.8,
    Flag.WESTERN_ARMENIAN: 0.8,
    Flag.NUMBER_FORMAT: 0.9,
    Flag.NAMES: 0.9,
    Flag.QUOTES: 0.9,
    Flag.BRACKETS: 0.9,
    Flag.WRAPPED: 0.9,
    Flag.FINAL_MARK: 0.95,
    Flag.LOW_SCORE: 1.0,
    Flag.LATIN_LETTERS: 1.0,
    Flag.ALREADY_TARGET: 1.0,
    Flag.BOILERPLATE: 1.0,
}
"""What each flag multiplies the quality by, 0 to 1: never more, so that a further flag never makes a unit better.

A low score has lowered the quality itself. The flags of what a model made a mess of weigh so much that a sound
translation of which the model was unsure is worth more than a mess of which it was sure.
"""


def quality(score: float | None, flags: Iterable[str]) -> float:
    """Return a summary between 0 and 1: the mean token probability, lowered by each flag (`FACTORS`).

    Args:
        score: the mean log-probability per target token, None where nothing was decoded: that counts as certain.
        flags: values of `Flag`.
    """
    probability = 1.0 if score is None else math.exp(score)
    return round(probability * math.prod(FACTORS[Flag(flag)] for flag in flags), 4)
