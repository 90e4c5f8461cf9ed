"""Cutting of over-long sentences where it hurts least."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache

from pipeline.entities import Entity, find_entities
from pipeline.sentences.rules import load_rules

_SOLID = re.compile(r"\S")
_ENTITY = "\ufffc"
"""Stands for an entity: a character that no rule knows."""


def wrap_span(text: str, start: int, end: int, *, language: str, max_chars: int) -> list[tuple[int, int]]:
    """Return the parts of `text[start:end]`, none longer than `max_chars`, free of surrounding blanks, in order.

    Cuts stand behind a semicolon, else behind a comma, else before a dash or conjunction, else at a blank, else
    anywhere but before a combining mark. Links and other entities are never cut and count as one character, for no
    model reads them. The time is linear in the text.
    """
    if end - start <= max_chars:
        return [(start, end)]
    entities = [entity for entity in find_entities(text[start:end]) if entity.end - entity.start > 1]
    if not entities:
        return _wrap(text, start, end, language=language, max_chars=max_chars)
    short, places, shifts = _shortened(text[start:end], entities)
    parts = _wrap(short, 0, len(short), language=language, max_chars=max_chars)
    return [(start + _moved(left, places, shifts), start + _moved(right, places, shifts)) for left, right in parts]


def _moved(place: int, places: Sequence[int], shifts: Sequence[int]) -> int:
    return place + shifts[bisect_left(places, place)]


def _shortened(text: str, entities: Sequence[Entity]) -> tuple[str, list[int], list[int]]:
    """Return `text` with one character for each entity, where these stand, and how much shorter it is behind each.

    The last list has one number more, 0 at its beginning.
    """
    parts: list[str] = []
    places: list[int] = []
    shifts = [0]
    position = 0
    for entity in entities:
        parts += (text[position : entity.start], _ENTITY)
        places.append(entity.start - shifts[-1])
        shifts.append(shifts[-1] + entity.end - entity.start - 1)
        position = entity.end
    return "".join(parts) + text[position:], places, shifts


def _wrap(text: str, start: int, end: int, *, language: str, max_chars: int) -> list[tuple[int, int]]:
    parts = []
    while end - start > max_chars:
        cut = _choose_cut(text, start, end, language=language, max_chars=max_chars)
        parts.append((start, start + len(text[start:cut].rstrip())))
        following = _SOLID.search(text, cut, end)
        if following is None:
            return parts
        start = following.start()
    return [*parts, (start, end)]


def _choose_cut(text: str, start: int, end: int, *, language: str, max_chars: int) -> int:
    """Return the best place that leaves parts of similar length."""
    n_parts = -(-(end - start) // max_chars)
    ideal = start + (end - start) // n_parts
    least, most = (start + ideal) // 2, start + max_chars
    for pattern in _cut_patterns(language):
        cuts = [m.end() for m in pattern.finditer(text, max(least, start + 1), most) if m.end() > start]
        if cuts:
            return min(cuts, key=lambda cut: abs(cut - ideal))
    return _hard_cut(text, start, most)


def _hard_cut(text: str, start: int, most: int) -> int:
    cut = most
    while cut - 1 > start and unicodedata.combining(text[cut]):
        cut -= 1
    return cut if cut - 1 > start else most


@cache
def _cut_patterns(language: str) -> tuple[re.Pattern[str], ...]:
    return tuple(_compile_cuts(load_rules(language).conjunctions))


def _compile_cuts(conjunctions: tuple[str, ...]) -> Iterator[re.Pattern[str]]:
    yield re.compile(r"[;·](?=\s)")
    yield re.compile(r"[,՝،、，](?=\s)")
    yield re.compile(r"\s(?=[–—-]+\s)")
    if conjunctions:
        yield re.compile(rf"\s(?=(?:{'|'.join(conjunctions)})\s)")
    yield re.compile(r"\s")
