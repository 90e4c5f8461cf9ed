"""The checks there are: what each measures, and from where on that is a doubt. docs/checks.md explains them."""

from __future__ import annotations

from dataclasses import replace

from pipeline.checks.base import Check, TextPair
from pipeline.checks.copying import MAX_COPIED, copied
from pipeline.checks.ending import MAX_CUT, MIN_FINAL_MARK, final_mark, is_cut
from pipeline.checks.language import MIN_LANGUAGE_SHARE, MIN_SCRIPT_SHARE, language_share, script_share
from pipeline.checks.length import is_odd_length, length_ratio
from pipeline.checks.numbers import numbers_in_format, numbers_kept
from pipeline.checks.pairing import MIN_BRACKETS_KEPT, MIN_QUOTES_KEPT, brackets_kept, quotes_kept
from pipeline.checks.protection import protected_kept, protected_measure
from pipeline.checks.quantities import currencies_kept, units_kept
from pipeline.checks.repetition import MAX_REPETITION, repetition
from pipeline.entities import EntityFinder
from pipeline.errors import Flag

VERSION = 5
"""Counts up with each change that moves a measure or a doubt: articles that were checked before are checked anew."""

MIN_SCORE = -1.5
"""Mean log-probability of a token: below it, a model was less than 22 % sure of what it wrote."""


def _count_chars(pair: TextPair) -> float:
    return float(len(pair.target.strip()))


def _unmeasured(_: TextPair) -> None:
    """Return nothing: what is to be measured is more than the texts, and whoever has it measures it."""


_EMPTY = Check(flag=Flag.EMPTY, column=None, measure=_count_chars, least=1)
_COPIED = Check(flag=Flag.COPIED, column="copied", measure=copied, most=MAX_COPIED)
_LENGTH = Check(flag=Flag.LENGTH_RATIO, column="length_ratio", measure=length_ratio, decide=is_odd_length)
_SCRIPT = Check(flag=Flag.WRONG_SCRIPT, column="script", measure=script_share, least=MIN_SCRIPT_SHARE)
_LANGUAGE = Check(flag=Flag.WRONG_LANGUAGE, column="language", measure=language_share, least=MIN_LANGUAGE_SHARE)
_REPETITION = Check(flag=Flag.REPETITION, column="repetition", measure=repetition, most=MAX_REPETITION)

MESSES = (_EMPTY, _COPIED, replace(_LENGTH, decide=None, least=0.5, most=2.0), _SCRIPT, _LANGUAGE, _REPETITION)
"""What tells that a model made a mess of a text: people translate 1 in 200 to half or double the usual length."""

CHECKS: tuple[Check, ...] = (
    _EMPTY,
    _COPIED,
    _LENGTH,
    _SCRIPT,
    _LANGUAGE,
    _REPETITION,
    Check(flag=Flag.TRUNCATED, column="cut", measure=is_cut, most=MAX_CUT),
    Check(flag=Flag.FINAL_MARK, column="final_mark", measure=final_mark, least=MIN_FINAL_MARK),
    Check(flag=Flag.NUMBERS, column="numbers", measure=numbers_kept, least=1),
    Check(flag=Flag.NUMBER_FORMAT, column="number_format", measure=numbers_in_format, least=1),
    Check(flag=Flag.UNITS, column="units", measure=units_kept, least=1),
    Check(flag=Flag.CURRENCY, column="currency", measure=currencies_kept, least=1),
    Check(flag=Flag.PROTECTED, column="protected", measure=protected_kept, least=1),
    Check(flag=Flag.QUOTES, column="quotes", measure=quotes_kept, least=MIN_QUOTES_KEPT),
    Check(flag=Flag.BRACKETS, column="brackets", measure=brackets_kept, least=MIN_BRACKETS_KEPT),
)
"""The checks of a source text and its translation."""

ALL_CHECKS: tuple[Check, ...] = (
    *CHECKS,
    Check(flag=Flag.NAMES, column="names", measure=_unmeasured, least=1),
    Check(flag=Flag.GLOSSARY, column="glossary", measure=_unmeasured, least=1),
    Check(flag=Flag.LOW_SCORE, column=None, measure=_unmeasured, least=MIN_SCORE),
)
"""Those, and the ones that see the article, the glossary and the model's score."""

MEASURES = tuple(check.column for check in ALL_CHECKS if check.column)
"""The names of what is stored, in order."""


def text_checks(finder: EntityFinder) -> tuple[Check, ...]:
    """Return `CHECKS` with `finder` for what must stand in the target as it stands in the source."""
    measure = protected_measure(finder)
    return tuple(replace(check, measure=measure) if check.flag is Flag.PROTECTED else check for check in CHECKS)
