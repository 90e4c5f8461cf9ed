"""Whether links, addresses, handles, placeholders and the like stand in a translation as they stand in its source."""

from __future__ import annotations

from collections import Counter

from pipeline.checks.base import Measure, TextPair
from pipeline.entities import EntityFinder


def protected_measure(finder: EntityFinder) -> Measure:
    """Return the measure of what `finder` finds, see `protected_kept`."""

    def measure(pair: TextPair) -> float | None:
        of_source, of_target = ([entity.text for entity in finder.find(text)] for text in pair[:2])
        if not (of_source or of_target):
            return None
        return _share_in_common(Counter(of_source), Counter(of_target))

    return measure


def _share_in_common(one: Counter[str], other: Counter[str]) -> float:
    return (one & other).total() / (one | other).total()


_MEASURE = protected_measure(EntityFinder())


def protected_kept(pair: TextPair) -> float | None:
    """Return which share, 0 to 1, of the entities of source and target stands in both, None where there are none.

    They are compared by their exact text and as often as they stand there, whatever their order and kind; one that only
    the target has counts like one that was lost.
    """
    return _MEASURE(pair)
