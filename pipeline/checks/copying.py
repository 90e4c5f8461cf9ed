"""Whether a translation is its source, word by word."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence

from pipeline.checks.base import TextPair
from pipeline.entities import without_entities

MAX_COPIED = 0.8
"""More of the words than this in common, in order, is a copy; names and figures alone stay far below it."""

_MIN_WORDS = 2
_MAX_NAME_WORDS = 3
"""So many words with capitals and nothing else may be a name: `Boeing 737 MAX`, `BBC News`."""

_WORD = re.compile(r"\w+")


def copied(pair: TextPair) -> float | None:
    """Return the share, 0 to 1, of the target's words that are words of the source in the same order, case aside.

    None where a translation may well be the same as its source: a single word, figures, links, a name.
    """
    source, target = pair.source.casefold(), pair.target.casefold()
    # Words with their marks: most translations have not one of them in common with their source.
    if set(target.split()).isdisjoint(source.split()):
        return 0.0
    words = _WORD.findall(without_entities(pair.target))
    if not _is_text(words):
        return None
    return _count_in_order([word.casefold() for word in words], _WORD.findall(source)) / len(words)


def _is_text(words: Sequence[str]) -> bool:
    if len(words) < _MIN_WORDS:
        return False
    of_letters = [word for word in words if word.isalpha()]
    return len(of_letters) > _MAX_NAME_WORDS or (len(of_letters) >= _MIN_WORDS and any(map(str.islower, of_letters)))


def _count_in_order(words: Sequence[str], source: Sequence[str]) -> int:
    """Return how many of `words` stand in `source` in the same order: the longest rising run of their places there.

    The first "the" of the one is taken for the first "the" of the other and so on, which keeps the time nearly linear.
    """
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place in range(len(source) - 1, -1, -1):
        places[source[place]].append(place)
    ends: list[int] = []
    for word in words:
        if places.get(word):
            place = places[word].pop()
            at = bisect_left(ends, place)
            ends[at : at + 1] = [place]
    return len(ends)
