"""Floors under what is reached on a set, checked by the functions that the score command uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.golden.datasets import LANGUAGES
from tests.golden.measures import LanguageScore
from tests.golden.score import score_language_set, score_segment_set

Floors = Mapping[str, float]
"""What must be reached, in percent, by measure.

Of segmentation `f1`; of languages `en`, `ru`, `hy`, the percent right, and `taken`, which may not be higher than said.
Any other measure is a gold language, of which so much must have just the answer expected.
"""

Values = Mapping[str, float | None]

_CEILING = "taken"


def find_shortfalls(task: str, name: str, floors: Floors) -> list[str]:
    """Return what is worse than `floors` allow on a set, in words; nothing where all is well."""
    values = _VALUES[task](name, floors)
    return [
        f"{name}: {measure} is {values[measure]}, not {bound} or better"
        for measure, bound in floors.items()
        if not _is_reached(measure, values[measure], bound)
    ]


def _is_reached(measure: str, value: float | None, bound: float) -> bool:
    return value is not None and (value <= bound if measure == _CEILING else value >= bound)


def _segment_values(name: str, _: Floors) -> Values:
    score, _mistakes = score_segment_set(name)
    return {"f1": score.f1}


def _language_values(name: str, floors: Floors) -> Values:
    score, _mistakes = score_language_set(name)
    return {measure: _language_value(score, measure) for measure in floors}


def _language_value(score: LanguageScore, measure: str) -> float | None:
    if measure == _CEILING:
        return score.taken
    return score.right(measure) if measure in LANGUAGES else score.of_gold(measure).strict


_VALUES: dict[str, Callable[[str, Floors], Values]] = {"segment": _segment_values, "language": _language_values}
