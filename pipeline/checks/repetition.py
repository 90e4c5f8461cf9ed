"""Whether a translation goes in circles where its source does not."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from pipeline.checks.base import TextPair

MAX_REPETITION = 0.0
"""Any phrase said again that the source does not say again is a doubt."""

_WORD = re.compile(r"\w+")
_JOINTS = frozenset(("and", "or", "и", "или", "да", "а", "և", "եւ", "ու", "կամ"))
"""What may stand between a phrase and the same phrase again."""

_N_WORD_TURNS = 3
_N_PHRASE_TURNS = 2
_LONG_PHRASE = 4
_N_LONG_TURNS = 3
_MAX_PERIODS = 50
"""How many distances between equal phrases are looked at; a text with more of them is no loop, it is a list."""

_SOURCE_FACTOR = 2
"""A loop may have twice the words of its source's loop: languages differ in how they say it."""

_THREE_ALIKE = re.compile(r"(.)\1\1")
_ONE_LETTER_IN_CIRCLES = re.compile(r"([^\W\d_])\1{5}")
_LETTERS_IN_CIRCLES = re.compile(r"([^\W\d_]{1,6}?)\1{5,}")
_N_LETTER_TURNS = 6


def repetition(pair: TextPair) -> float | None:
    """Return the share, 0 to 1, of the target's words that belong to loops which the source does not have likewise.

    A loop is one word three times running, a phrase of two or more words twice running (marks, and a word such as
    "and" between them do not matter), the same four words or more three times anywhere, or one to six letters six
    times running in a word. Figures alone are no loop. None where there are no words.
    """
    words = _WORD.findall(pair.target.lower())
    if not words:
        return None
    n_looping = _count_looping(words)
    if not n_looping:
        return 0.0
    n_of_source = _count_looping(_WORD.findall(pair.source.lower()))
    if n_looping <= _SOURCE_FACTOR * n_of_source:
        return 0.0
    return (n_looping - n_of_source) / len(words)


def _count_looping(words: Sequence[str]) -> int:
    """Return how many of lower-case words belong to loops."""
    looping = {place for place, word in enumerate(words) if len(word) >= _N_LETTER_TURNS and _goes_round(word)}
    # Each loop of words has a pair of neighbours that stands there twice; most sentences have none.
    neighbours = list(pairwise(words))
    if len(set(neighbours)) < len(neighbours):
        for start, end in (*_find_loops(words, neighbours), *_find_refrains(words)):
            if any(map(str.isalpha, words[start:end])):
                looping.update(range(start, end))
    return len(looping)


def _goes_round(word: str) -> bool:
    """Return whether some letters stand six times running in a word; one that can is poor in different letters."""
    if len(word) - len(set(word)) < _N_LETTER_TURNS - 1:
        return False
    if _THREE_ALIKE.search(word) and _ONE_LETTER_IN_CIRCLES.search(word):
        return True
    return len(word) >= 2 * _N_LETTER_TURNS and _LETTERS_IN_CIRCLES.search(word) is not None


def _find_loops(words: Sequence[str], neighbours: Sequence[tuple[str, str]]) -> Iterator[tuple[int, int]]:
    """Yield the spans of words that stand at once again, once or more."""
    for period in _find_periods(neighbours):
        n_needed = _N_WORD_TURNS - 1 if period == 1 else period * (_N_PHRASE_TURNS - 1)
        for start, end in _find_runs(words, period):
            n_alike = end - start
            has_joint = n_alike == period - 1 >= _N_PHRASE_TURNS and words[end] in _JOINTS
            if n_alike >= n_needed or has_joint:
                yield start, end + period


def _find_periods(neighbours: Sequence[tuple[str, str]]) -> list[int]:
    """Return the distances at which two words stand again, the most frequent ones."""
    last: dict[tuple[str, str], int] = {}
    distances: Counter[int] = Counter()
    for place, two in enumerate(neighbours):
        if two in last:
            distances[place - last[two]] += 1
        last[two] = place
    return [distance for distance, _ in distances.most_common(_MAX_PERIODS)]


def _find_runs(words: Sequence[str], period: int) -> Iterator[tuple[int, int]]:
    """Yield the spans of words each of which stands again `period` words later."""
    start: int | None = None
    for place in range(len(words) - period):
        if words[place] == words[place + period]:
            start = place if start is None else start
        elif start is not None:
            yield start, place
            start = None
    if start is not None:
        yield start, len(words) - period


def _find_refrains(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the spans of the phrases of four words that stand three times or more, and of eight that stand twice."""
    for n_words, n_turns in ((_LONG_PHRASE, _N_LONG_TURNS), (2 * _LONG_PHRASE, _N_PHRASE_TURNS)):
        if len(words) < n_words * n_turns:
            continue
        places: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
        for place in range(len(words) - n_words + 1):
            places[tuple(words[place : place + n_words])].append(place)
        for starts in places.values():
            if len(starts) >= n_turns:
                yield from ((start, start + n_words) for start in starts)
