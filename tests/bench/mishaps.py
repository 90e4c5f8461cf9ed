"""What models make a mess of, drawn by chance: one unit in ten of a generated corpus has a flag."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

_DIGITS = re.compile(r"\d+")
_SHARE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Mishap:
    """A translation that went wrong, the flags it has, and what the checks would have measured.

    `doubt` is taken from the score; what `is_skipped` was not decoded.
    """

    text: str
    flags: tuple[str, ...]
    measures: Mapping[str, float] = field(default_factory=dict)
    doubt: float = 0.0
    is_skipped: bool = False


_Make = Callable[[str, str], Mishap]


def draw_mishap(random: Random, source: str, target: str) -> Mishap | None:
    """Return what went wrong with the translation `target`, None where nothing did."""
    if random.random() >= _SHARE:
        return None
    makes, weights = zip(*_MISHAPS, strict=True)
    make: _Make = random.choices(makes, weights)[0]
    return make(source, target)


def _unsure(_: str, target: str) -> Mishap:
    return Mishap(text=target, flags=("low-score",), doubt=1.5)


def _misnamed(_: str, target: str) -> Mishap:
    return Mishap(text=target, flags=("names",), measures={"check_names": 0.5})


def _miscounted(source: str, target: str) -> Mishap:
    if not (_DIGITS.search(source) and _DIGITS.search(target)):
        return _unsure(source, target)
    text = _DIGITS.sub(lambda found: str(int(found[0]) + 1), target, count=1)
    return Mishap(text=text, flags=("numbers",), measures={"check_numbers": 0.5})


def _endless(_: str, target: str) -> Mishap:
    words = target.split()
    text = " ".join([*words, *words[-3:] * 6])
    return Mishap(text=text, flags=("length-ratio", "repetition"), measures={"check_repetition": 0.7})


def _cut(_: str, target: str) -> Mishap:
    words = target.split()
    text = " ".join(words[: max(1, len(words) // 2)])
    measures = {"check_cut": 1.0, "check_final_mark": 0.0}
    return Mishap(text=text, flags=("length-ratio", "truncated", "final-mark"), measures=measures)


def _without_mark(_: str, target: str) -> Mishap:
    return Mishap(text=target.rstrip(".։"), flags=("final-mark",), measures={"check_final_mark": 0.0})


def _copied(source: str, _: str) -> Mishap:
    return Mishap(text=source, flags=("copied", "wrong-script"), measures={"check_copied": 1.0, "check_script": 0.0})


def _untranslated(source: str, _: str) -> Mishap:
    return Mishap(text=source, flags=("untranslated",), measures={"check_copied": 1.0}, is_skipped=True)


def _skipped(_source: str, _target: str) -> Mishap:
    return Mishap(text="", flags=("boilerplate",), is_skipped=True)


_MISHAPS: tuple[tuple[_Make, int], ...] = (
    (_unsure, 20),
    (_misnamed, 20),
    (_miscounted, 20),
    (_without_mark, 12),
    (_cut, 8),
    (_endless, 6),
    (_copied, 6),
    (_untranslated, 5),
    (_skipped, 3),
)
"""What can go wrong, and how often in a hundred."""
