"""What is wrong with settings, so that all of it can be told at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

_Key = TypeVar("_Key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong, and what to do about it.

    `keys` are the settings that it takes to be wrong, as a configuration file names them (`decoding.beam`); the first
    one is to be changed. `text` goes on after that name, `is 0; …`, unless it is a sentence of its own.
    """

    keys: tuple[str, ...]
    text: str
    is_sentence: bool = False

    def __str__(self) -> str:
        return self.text if self.is_sentence else f"{self.keys[0]} {self.text}"

    def inside(self, section: str) -> Problem:
        """Return the problem as one of a section."""
        return replace(self, keys=tuple(f"{section}.{key}" for key in self.keys))


def all_of(problems: Iterable[Problem]) -> str:
    """Return a message with all problems, one a line."""
    return "\n".join(map(str, problems))


def out_of_range(numbers: Iterable[tuple[str, int, int, int]]) -> Iterator[Problem]:
    """Yield a problem for each `(name, value, least, most)` that is out of range."""
    for name, value, least, most in numbers:
        if not least <= value <= most:
            yield Problem(keys=(name,), text=f"is {value:,}; it must be from {least:,} to {most:,}")


def no_choice(key: str, value: object, choices: Iterable[str]) -> Iterator[Problem]:
    """Yield a problem where `value` is none of `choices`."""
    known = tuple(choices)
    if value not in known:
        yield Problem(keys=(key,), text=f"is {value!r}; choose one of {', '.join(known)}")


def same_values(values: Mapping[_Key, str]) -> Iterator[tuple[_Key, _Key]]:
    """Yield the later and the earlier key of values that are there twice."""
    first: dict[str, _Key] = {}
    for key, value in values.items():
        if value in first:
            yield key, first[value]
        first.setdefault(value, key)
