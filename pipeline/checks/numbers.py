"""Whether the numbers of a text are kept in its translation, and written as the target language writes them.

A number in digits must find its equal in the other text, one to one: in digits, or else in letters (`number_words`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache

from pipeline.checks.base import TextPair
from pipeline.checks.number_reading import Number, read_numbers
from pipeline.checks.number_words import LANGUAGES, written_numbers
from pipeline.checks.quantities import Quantity, find_units, is_conversion
from pipeline.types import standard_of

_DIGIT = re.compile(r"\d")
_SEPARATED = re.compile(r"\d[.,'’ \u00a0\u202f\u2009]\d")


# A sentence with more quantities than this is a table, where looking for conversions would take too long.
_MAX_QUANTITIES = 50


def numbers_kept(pair: TextPair) -> float | None:
    """Return the share, 0 to 1, of the numbers in digits of both texts that have their equal in the other text.

    Numbers in letters need no equal, but can be one. None where no number is in digits, or a language is none of en, ru
    and hy.
    """
    if not _DIGIT.search(pair.source) and not _DIGIT.search(pair.target):
        return None
    source, target = match_numbers(pair)
    kept = (*source.is_kept, *target.is_kept)
    return sum(kept) / len(kept) if kept else None


def numbers_in_format(pair: TextPair) -> float | None:
    """Return the share, 0 to 1, of the target's numbers with marks that are written as its language writes them.

    A number is not where only the rules of another language give it its value in the source. None where no number has
    marks, or a language is none of en, ru and hy.
    """
    if not _SEPARATED.search(pair.target):
        return None
    _, target = match_numbers(pair)
    rows = zip(target.numbers, target.is_foreign, strict=True)
    is_foreign = [is_foreign for number, is_foreign in rows if number.is_separated]
    return 1 - sum(is_foreign) / len(is_foreign) if is_foreign else None


class Side:
    """The numbers in digits of one text, and which of them have their equal in the other text.

    `is_foreign` tells of which numbers only the rules of another language give the value that is looked for.
    """

    def __init__(self, numbers: Sequence[Number]) -> None:
        self.numbers = list(numbers)
        self.is_kept = [False] * len(numbers)
        self.is_foreign = [not number.own for number in numbers]

    @property
    def is_complete(self) -> bool:
        """Whether each number has its equal."""
        return False not in self.is_kept

    def excuse(self, written: list[float]) -> None:
        """Match numbers without an equal with numbers in letters of the other text, and use those up.

        What may be a row of numbers is one here, as long as it is not split.
        """
        for place, number in enumerate(self.numbers):
            equal = None if self.is_kept[place] else next((value for value in number.own if value in written), None)
            if equal is not None:
                written.remove(equal)
                self.is_kept[place] = True

    def split(self) -> None:
        """Take numbers without an equal for the rows of numbers that they may be: dates, times, scores."""
        numbers, is_kept, is_foreign = self.numbers, self.is_kept, self.is_foreign
        self.numbers, self.is_kept, self.is_foreign = [], [], []
        for number, kept, foreign in zip(numbers, is_kept, is_foreign, strict=True):
            parts = () if kept else number.parts
            self.numbers += [Number(number.start, number.end, (part,)) for part in parts] or [number]
            self.is_kept += [False] * len(parts) or [kept]
            self.is_foreign += [False] * len(parts) or [foreign]


@lru_cache(maxsize=64)
def match_numbers(pair: TextPair) -> tuple[Side, Side]:
    """Return how the numbers of source and target meet; no numbers where a language is none of en, ru and hy."""
    if standard_of(pair.source_lang) not in LANGUAGES or standard_of(pair.target_lang) not in LANGUAGES:
        return Side(()), Side(())
    source_text, source_numbers = read_numbers(pair.source, pair.source_lang)
    target_text, target_numbers = read_numbers(pair.target, pair.target_lang)
    source, target = Side(source_numbers), Side(target_numbers)
    _match_digits(source, target)
    if source.is_complete and target.is_complete:
        return source, target
    _match_converted(source, find_units(source_text, source_numbers), target, find_units(target_text, target_numbers))
    in_source = [] if target.is_complete else written_numbers(source_text, pair.source_lang)
    in_target = [] if source.is_complete else written_numbers(target_text, pair.target_lang)
    if _has_parts(source) or _has_parts(target):
        source.excuse(in_target)
        target.excuse(in_source)
        source.split()
        target.split()
        _match_digits(source, target)
    source.excuse(in_target)
    target.excuse(in_source)
    return source, target


def _has_parts(side: Side) -> bool:
    return any(number.parts and not is_kept for number, is_kept in zip(side.numbers, side.is_kept, strict=True))


def _match_digits(source: Side, target: Side) -> None:
    """Match numbers in digits: by the likeliest value, then by any, by the rules of their languages before others."""
    own = [number.own for number in target.numbers]
    _match_values(source, [number.own[:1] for number in source.numbers], target, [values[:1] for values in own])
    if source.is_complete and target.is_complete:
        return
    foreign = [number.foreign for number in target.numbers]
    for values in ([number.own for number in source.numbers], [number.foreign for number in source.numbers]):
        _match_values(source, values, target, own)
        _match_values(source, values, target, foreign, is_foreign=True)


def _match_values(
    source: Side,
    source_values: Sequence[Sequence[float]],
    target: Side,
    target_values: Sequence[Sequence[float]],
    *,
    is_foreign: bool = False,
) -> None:
    places: defaultdict[float, list[int]] = defaultdict(list)
    for place, values in enumerate(source_values):
        for value in () if source.is_kept[place] else values:
            places[value].append(place)
    for place, values in enumerate(target_values):
        equal = None if target.is_kept[place] else _take(places, values, source.is_kept)
        if equal is not None:
            source.is_kept[equal] = target.is_kept[place] = True
            target.is_foreign[place] = is_foreign


def _take(places: Mapping[float, list[int]], values: Sequence[float], is_kept: Sequence[bool]) -> int | None:
    """Return the place of a number that has one of `values` and no equal yet; a place is looked at once."""
    for value in values:
        found = places.get(value, [])
        while found:
            place = found.pop()
            if not is_kept[place]:
                return place
    return None


def _match_converted(
    source: Side, source_quantities: Sequence[Quantity], target: Side, target_quantities: Sequence[Quantity]
) -> None:
    """Match numbers without an equal that are one quantity in two units, as 40 miles and 65 km."""
    source_places = {number: place for place, number in enumerate(source.numbers) if not source.is_kept[place]}
    target_places = {number: place for place, number in enumerate(target.numbers) if not target.is_kept[place]}
    left = [quantity for quantity in source_quantities if quantity.number in source_places][:_MAX_QUANTITIES]
    others = [quantity for quantity in target_quantities if quantity.number in target_places][:_MAX_QUANTITIES]
    for one in left:
        equal = next((other for other in others if is_conversion(one, other)), None)
        if equal is not None:
            others.remove(equal)
            source.is_kept[source_places[one.number]] = target.is_kept[target_places[equal.number]] = True
