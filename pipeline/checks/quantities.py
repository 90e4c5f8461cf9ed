"""Whether units of measure and currencies are kept in a translation.

A unit or currency that stands at a number in digits must be named in the other text, by whichever symbol or word. A
quantity that was converted (40 miles, 65 km) is kept too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from pipeline.checks.base import TextPair
from pipeline.checks.number_reading import Number, read_numbers
from pipeline.checks.number_words import LANGUAGES
from pipeline.packaged import read_toml
from pipeline.types import standard_of

Kinds = frozenset[str]
"""What a unit or a currency can be: names of `quantities.toml`, most often one."""

_NONE: Kinds = frozenset()
_FAHRENHEIT: Kinds = frozenset(("fahrenheit",))
_DIGIT = re.compile(r"\d")
_BLANK = r"[ \u00a0\u202f\u2009]"
_SYMBOLS = "%°℃℉$€£¥₽֏₴₸₾₹₺₿₩₪₼"
_TOKEN = re.compile(rf"[^\W\d_]+\$?|[{_SYMBOLS}]")
# Words that stand between a number and its unit: square, US, канадских.
_AFTER = re.compile(
    rf"(?:-[а-яё]{{1,3}}(?={_BLANK}))?[-–.]?{_BLANK}{{0,2}}(?:(?:sq|square|cubic|nautical|metric|кв|куб|քառ|խոր)\.?{_BLANK}"
    rf"|(?:квадратн|кубическ|морск)\w*{_BLANK}|(?:քառակուսի|խորանարդ|ծովային){_BLANK}|per{_BLANK}(?=cent))?(?P<token>{_TOKEN.pattern})"
    rf"(?:[./ \u00a0-]{{0,2}}(?P<next>{_TOKEN.pattern}))?",
    re.IGNORECASE,
)
_BEFORE = re.compile(rf"(?P<token>{_TOKEN.pattern}){_BLANK}?$")
_RANGE = re.compile(rf"(?:-?\w{{1,3}})?{_BLANK}?(?:[-–—]|to|and|or|до|и|или|մինչև|կամ|և|ից)?{_BLANK}?", re.IGNORECASE)
_N_CHARS_BEFORE = 5
_N_CHARS_OF_STEM = 4

# A converted quantity is rounded: 3 inches are 7 cm or 8 cm, 650 pounds are 300 kg.
_TOLERANCE = 0.06
_ROUNDING = 0.75
_ROUNDING_OF_SMALL = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit of measure: what it measures, and how a value in it becomes one in the base unit."""

    measures: str
    factor: float
    offset: float = 0.0

    def in_base(self, value: float) -> float:
        """Return a value of this unit in the base unit."""
        return value * self.factor + self.offset


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Symbols and words with the kinds they can be; `loose` ones answer others, but need no answer."""

    words: Mapping[str, Kinds]
    stems: Mapping[str, Kinds]
    stem: re.Pattern[str]
    long_stem: re.Pattern[str]
    loose: Vocabulary | None = None

    def kinds_of(self, token: str) -> Kinds:
        """Return what a token can be; none where it is neither unit nor currency."""
        word = token.lower()
        kinds = self.words.get(token) or self.words.get(word)
        if kinds is None:
            match = self.stem.match(word)
            kinds = self.stems[match[0]] if match else _NONE
        return kinds

    def named(self, text: str) -> set[str]:
        """Return all kinds that a text names anywhere, also within compounds and loosely."""
        found: set[str] = set()
        for token in _TOKEN.findall(text):
            kinds = self.kinds_of(token)
            if not kinds and (match := self.long_stem.search(token.lower())):
                kinds = self.stems[match[0]]
            found |= kinds
        return found | self.loose.named(text) if self.loose else found


class Quantity(NamedTuple):
    """A number in digits and the unit or currency at it; what is loose may be neither."""

    number: Number
    kinds: Kinds
    is_loose: bool = False


def _vocabulary(tables: Iterable[tuple[str, str]], loose: Vocabulary | None = None) -> Vocabulary:
    forms: dict[str, set[str]] = {}
    for kind, row in tables:
        for form in row.split():
            forms.setdefault(form, set()).add(kind)
    stems = {form[:-1]: frozenset(kinds) for form, kinds in forms.items() if form.endswith("*")}
    words = {form: frozenset(kinds) for form, kinds in forms.items() if not form.endswith("*")}
    longest_first = sorted(stems, key=len, reverse=True)
    return Vocabulary(
        words=words,
        stems=stems,
        stem=re.compile("|".join(longest_first)),
        long_stem=re.compile("|".join(stem for stem in longest_first if len(stem) > _N_CHARS_OF_STEM)),
        loose=loose,
    )


@cache
def _data() -> Mapping[str, Any]:
    return read_toml("pipeline.checks", "quantities.toml")


@cache
def load_units() -> Mapping[str, Unit]:
    """Return the units of measure by name, read once."""
    return {
        name: Unit(measures=unit["measures"], factor=unit["factor"], offset=unit.get("offset", 0.0))
        for name, unit in _data()["units"].items()
    }


@cache
def unit_words() -> Vocabulary:
    """Return the symbols and words of units of measure."""
    units = _data()["units"].items()
    loose = _vocabulary((name, unit.get("loose", "")) for name, unit in units)
    return _vocabulary(((name, unit["forms"]) for name, unit in units), loose)


@cache
def currency_words() -> Vocabulary:
    """Return the symbols, codes and words of currencies."""
    return _vocabulary(_data()["currencies"].items(), _vocabulary(_data()["loose_currencies"].items()))


def units_kept(pair: TextPair) -> float | None:
    """Return the share, 0 to 1, of the units of measure at numbers in digits that the other text names or converts.

    None where no unit stands at a number, or a language is none of en, ru, hy.
    """
    return _share_kept(pair, unit_words(), find_units)


def currencies_kept(pair: TextPair) -> float | None:
    """Return the share, 0 to 1, of the currencies at numbers in digits that the other text names.

    None where no currency stands at a number, or a language is none of en, ru, hy.
    """
    return _share_kept(pair, currency_words(), find_currencies)


def _share_kept(
    pair: TextPair, vocabulary: Vocabulary, find: Callable[[str, Sequence[Number]], list[Quantity]]
) -> float | None:
    if not _DIGIT.search(pair.source) and not _DIGIT.search(pair.target):
        return None
    if standard_of(pair.source_lang) not in LANGUAGES or standard_of(pair.target_lang) not in LANGUAGES:
        return None
    source = read_numbers(pair.source, pair.source_lang)
    target = read_numbers(pair.target, pair.target_lang)
    of_source, of_target = find(*source), find(*target)
    is_kept = [
        *_kept(of_source, of_target, target.text, vocabulary),
        *_kept(of_target, of_source, source.text, vocabulary),
    ]
    return sum(is_kept) / len(is_kept) if is_kept else None


def _kept(
    quantities: Sequence[Quantity], others: Sequence[Quantity], text: str, vocabulary: Vocabulary
) -> Iterator[bool]:
    """Yield for each kind at a number whether the other text has it: at a number, anywhere, or converted."""
    at_numbers = set().union(*(other.kinds for other in others))
    named: set[str] | None = None
    for kinds in dict.fromkeys(quantity.kinds for quantity in quantities if not quantity.is_loose):
        if kinds & at_numbers:
            yield True
            continue
        named = vocabulary.named(text) if named is None else named
        yield bool(kinds & named) or any(
            is_conversion(quantity, other) for quantity in quantities if quantity.kinds == kinds for other in others
        )


def find_units(text: str, numbers: Sequence[Number]) -> list[Quantity]:
    """Return the numbers that a unit of measure stands at, loose ones too.

    The first number of a range has the unit of the second.
    """
    found: list[Quantity] = []
    after: Quantity | None = None
    for number in reversed(numbers):
        quantity = _measured(text, number)
        if not quantity and after and _RANGE.fullmatch(text, number.end, after.number.start):
            quantity = after._replace(number=number)
        after = quantity
        if quantity:
            found.append(quantity)
    return found[::-1]


def _measured(text: str, number: Number) -> Quantity | None:
    match = _AFTER.match(text, number.end)
    if match is None:
        return None
    vocabulary = unit_words()
    loose = vocabulary.loose or vocabulary
    kinds = vocabulary.kinds_of(match["token"])
    if "degree" in kinds and match["next"]:
        kinds = loose.kinds_of(match["next"]) & _FAHRENHEIT or kinds
    if kinds:
        return Quantity(number, kinds)
    kinds = loose.kinds_of(match["token"])
    return Quantity(number, kinds, is_loose=True) if kinds else None


def find_currencies(text: str, numbers: Sequence[Number]) -> list[Quantity]:
    """Return the numbers that a currency stands at, before or after; one word may be between, as in five US dollars."""
    vocabulary = currency_words()
    quantities = (Quantity(number, _currency_at(text, number, vocabulary)) for number in numbers)
    return [quantity for quantity in quantities if quantity.kinds]


def _currency_at(text: str, number: Number, vocabulary: Vocabulary) -> Kinds:
    before = _BEFORE.search(text, max(0, number.start - _N_CHARS_BEFORE), number.start)
    kinds = vocabulary.words.get(before["token"], _NONE) if before and not before["token"].islower() else _NONE
    if kinds:
        return kinds
    after = _AFTER.match(text, number.end)
    if after is None:
        return _NONE
    return vocabulary.kinds_of(after["token"]) or (vocabulary.kinds_of(after["next"]) if after["next"] else _NONE)


def is_conversion(one: Quantity, other: Quantity) -> bool:
    """Return whether two quantities of different units are about the same, as 40 miles and 65 km."""
    units = load_units()
    return any(
        units[kind].measures == units[other_kind].measures and _is_about(one, units[kind], other, units[other_kind])
        for kind in one.kinds
        for other_kind in other.kinds - one.kinds
        if kind in units and other_kind in units
    )


def _is_about(one: Quantity, unit: Unit, other: Quantity, other_unit: Unit) -> bool:
    for value in one.number.own or one.number.foreign:
        converted = (unit.in_base(value) - other_unit.offset) / other_unit.factor
        size = abs(converted)
        slack = max(_TOLERANCE * size, min(_ROUNDING, _ROUNDING_OF_SMALL * size))
        if any(abs(other_value - converted) <= slack for other_value in other.number.own or other.number.foreign):
            return True
    return False
