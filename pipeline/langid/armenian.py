"""Western Armenian told from Eastern by spelling and small words.

Western Armenian keeps the classical spelling (-թիւն, մէջ, լոյս) and has particles that Eastern does not use or writes
as one with the verb (կը, մը, ալ). Eastern has the reformed spelling (-թյուն, մեջ, լույս) and participles in -ում.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import NamedTuple

from pipeline.langid.knowledge import load_knowledge

EASTERN = "hy"
WESTERN = "hyw"

_MAX_CHARS = 2000
_WORD_POINTS = 2
_MIN_LEAD = 2
_WORD = re.compile(r"[^\W\d_]+")


class _Marks(NamedTuple):
    words: frozenset[str]
    pieces: re.Pattern[str]


def variety_of(text: str) -> str:
    """Return `hyw` for Armenian text with more marks of Western Armenian than of Eastern, else `hy`."""
    sample = text[:_MAX_CHARS].lower()
    words = Counter(_WORD.findall(sample))
    lead = _count_points(sample, words, WESTERN) - _count_points(sample, words, EASTERN)
    return WESTERN if lead >= _MIN_LEAD else EASTERN


def _count_points(sample: str, words: Counter[str], variety: str) -> int:
    marks = _load_marks(variety)
    n_words = sum(n for word, n in words.items() if word in marks.words)
    return _WORD_POINTS * n_words + len(marks.pieces.findall(sample))


@cache
def _load_marks(variety: str) -> _Marks:
    words, pieces = load_knowledge().armenian[variety]
    return _Marks(frozenset(words), re.compile("|".join(pieces)))
