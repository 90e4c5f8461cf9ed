"""All checks of one translation together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.checks.base import Check, TextPair
from pipeline.checks.quality import quality
from pipeline.checks.registry import CHECKS, MESSES
from pipeline.errors import Flag


class Examination(NamedTuple):
    """What was measured, in the order of the checks, and the flags that follow from it."""

    measures: tuple[float | None, ...]
    flags: tuple[str, ...]


def examine(pair: TextPair, checks: Sequence[Check] = CHECKS) -> Examination:
    """Return what the checks say of a translation."""
    measures = tuple(check.measure(pair) for check in checks)
    return Examination(measures, doubts(pair, measures, checks))


def doubts(pair: TextPair, measures: Sequence[float | None], checks: Sequence[Check] = CHECKS) -> tuple[str, ...]:
    """Return the flags that follow from what was measured."""
    found = (check.flag.value for check, value in zip(checks, measures, strict=True) if check.is_doubtful(pair, value))
    return tuple(dict.fromkeys(found))


def is_bad(pair: TextPair) -> bool:
    """Return whether a model made a mess of a text: such translations are worth a second try."""
    return any(check.is_doubtful(pair, check.measure(pair)) for check in MESSES)


def worth(pair: TextPair, score: float, *, is_truncated: bool) -> float:
    """Return the quality of a translation by all checks of its text."""
    flags = examine(pair).flags
    if is_truncated and Flag.TRUNCATED.value not in flags:
        flags = (*flags, Flag.TRUNCATED.value)
    return quality(score, flags)
