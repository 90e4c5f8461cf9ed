"""What a check is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.errors import Flag
from pipeline.types import Kind


class TextPair(NamedTuple):
    """A source text and its translation, as the checks see them; languages are codes such as `en`, `ru`, `hy`."""

    source: str
    target: str
    source_lang: str
    target_lang: str
    kind: Kind = "body"


Measure = Callable[[TextPair], float | None]
"""Returns what was measured, None where there is nothing to measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A measure and from where on it is a doubt: what is measured is stored apart from what is decided.

    Args:
        flag: the doubt.
        column: what the measure is called in `bitext`, after `check_`; None: it is not stored.
        measure: a pure function of a pair of texts.
        least: smaller values are a doubt.
        most: larger values are a doubt.
        decide: decides in their stead where that depends on the texts as well.
    """

    flag: Flag
    column: str | None
    measure: Measure
    least: float = float("-inf")
    most: float = float("inf")
    decide: Callable[[TextPair, float], bool] | None = None

    def is_doubtful(self, pair: TextPair, value: float | None) -> bool:
        """Return whether what was measured of a pair is a doubt; what cannot be measured is none."""
        if value is None:
            return False
        return self.decide(pair, value) if self.decide else not self.least <= value <= self.most
