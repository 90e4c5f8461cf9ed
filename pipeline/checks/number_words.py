"""Numbers that are written in letters: words, ordinals, parts of compounds, names of months, Roman numerals."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pipeline.packaged import read_toml
from pipeline.types import standard_of

LANGUAGES = ("en", "ru", "hy")
"""Languages whose numbers are known; Western Armenian is read as Armenian."""

_WORD = re.compile(r"[^\W\d_]+")
# What may stand between two words of one number; no text at all is between the parts of a word.
_WITHIN_NUMBER = frozenset(("", " ", "-", "\u00a0", "\u2010", "\u2011"))
_ROMAN = re.compile(r"\b(?:[IVXХ]|[IVXLCХ]{2,8})\b")
_CYRILLIC_TO_ROMAN = str.maketrans("Х", "X")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_HUNDRED = 100
_THOUSAND = 1000
_TEN = 10
_NOTHING = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """The written numbers of one language, see `number_words.toml`; `scales` pairs a pattern with its factor."""

    words: Mapping[str, float]
    names: Mapping[str, float]
    stems: Mapping[str, float]
    name_stems: Mapping[str, float]
    joiners: frozenset[str]
    clock: frozenset[str]
    scales: tuple[tuple[re.Pattern[str], int], ...]
    excluded: str | None
    stem: re.Pattern[str] = field(init=False)
    name_stem: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "stem", _any_of(self.stems))
        object.__setattr__(self, "name_stem", _any_of(self.name_stems))

    def values_of(self, word: str) -> list[float]:
        """Return the numbers that a lower-case word is made of, `[20, 5]` for twenty-five written as one word."""
        if word in self.words:
            return [self.words[word]]
        values: list[float] = []
        position = 0
        while (match := self.stem.match(word, position)) and not (self.excluded and self.excluded in word):
            values.append(self.stems[match[0]])
            position = match.end()
        return values

    def name_value(self, word: str) -> float | None:
        """Return the number that a name stands for: 12 for December."""
        match = self.name_stem.match(word)
        return self.names.get(word) if match is None else self.name_stems[match[0]]


def _any_of(forms: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(forms, key=len, reverse=True)
    return re.compile("|".join(longest_first)) if longest_first else _NOTHING


@cache
def load_lexicon(language: str) -> Lexicon:
    """Return the lexicon of a language in `LANGUAGES` or of a variety of one, read once."""
    data = read_toml("pipeline.checks", "number_words.toml")[standard_of(language)]
    endings = data["endings"].split()
    scales = sorted(((int(factor), pattern) for factor, pattern in data["scales"].items()), reverse=True)
    return Lexicon(
        words=_forms(data.get("words", {}), endings),
        names=_forms(data.get("names", {}), endings),
        stems=_forms(data.get("stems", {}), endings),
        name_stems=_forms(data.get("name_stems", {}), endings),
        joiners=frozenset(data["joiners"].split()),
        clock=frozenset(data["clock"].split()),
        scales=tuple((re.compile(rf"(?:{pattern})\w*", re.IGNORECASE), factor) for factor, pattern in scales),
        excluded=data.get("excluded"),
    )


def _forms(table: Mapping[str, Any], endings: Sequence[str]) -> dict[str, float]:
    """Return the value of each form of a table that gives the forms of each value."""
    found: dict[str, float] = {}
    for value, forms in table.items():
        for form in forms.split():
            stem, star, _ = form.partition("*")
            for ending in endings if star else ("",):
                found[stem + ending] = float(value)
    return found


def written_numbers(text: str, language: str) -> list[float]:
    """Return the numbers that `text` writes in letters, in no order; a Roman numeral is one, December is 12."""
    return [*_in_words(text.lower().replace("ё", "е"), load_lexicon(language)), *_roman_numbers(text)]


def _in_words(text: str, lexicon: Lexicon) -> Iterator[float]:
    run: list[float] = []
    end_of_run = 0
    for match in _WORD.finditer(text):
        word = match[0]
        is_next = text[end_of_run : match.start()] in _WITHIN_NUMBER
        if run and is_next and word in lexicon.joiners:
            end_of_run = match.end()
            continue
        values = lexicon.values_of(word)
        if not (values and is_next):
            yield from combine(run)
            run = []
        if values:
            run += values
            end_of_run = match.end()
        name_value = lexicon.name_value(word)
        if name_value is not None:
            yield name_value
    yield from combine(run)


def combine(values: Sequence[float]) -> list[float]:
    """Return the numbers that a row of number words makes: `[2, 100, 5]` is 205, `[2, 3]` are two numbers."""
    found: list[float] = []
    total, scale, current = 0.0, float("inf"), None
    for value in values:
        if _THOUSAND <= value < scale and not (current is None and total):
            total, scale, current = total + value * (current or 1), value, None
        elif value == _HUNDRED and current is not None and 1 < current < _TEN:
            current *= _HUNDRED
        elif current is None and value < scale:
            current = value
        elif current is not None and _can_add(current, value):
            current += value
        else:
            found.append(total + (current or 0))
            total, scale, current = (value, value, None) if value >= _THOUSAND else (0.0, float("inf"), value)
    return [*found, total + (current or 0)] if values else []


def _can_add(current: float, value: float) -> bool:
    """Return whether a number word goes on with another: the zeros of the first have room for the second."""
    if value < 1:
        return current < _TEN
    if value < _TEN:
        return current >= _TEN and current % _TEN == 0
    return value < _HUNDRED <= current and current % _HUNDRED == 0


def _roman_numbers(text: str) -> Iterator[float]:
    for match in _ROMAN.finditer(text):
        digits = [_ROMAN_VALUES[letter] for letter in match[0].translate(_CYRILLIC_TO_ROMAN)]
        yield float(sum(-one if one < other else one for one, other in zip(digits, [*digits[1:], 0], strict=True)))
