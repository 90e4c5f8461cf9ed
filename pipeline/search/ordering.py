"""In which order hits come."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from pipeline.search.hits import Spot
from pipeline.search.query import Order

_N_WORDS = 8
_CHARS_SEEN = 160
_WORD = re.compile(r"[^\W_]+")

SQL_KEYS: Mapping[Order, str] = {"quality": "quality", "date": "date"}
"""The orders that the database can make, and their columns."""


CORPUS_ORDER = "pair, date, article_id, target_lang, revision, run_id, segment"
"""The order of the corpus, in SQL. The database gives rows in no order of its own where it joins tables."""


def left_key(spot: Spot) -> Any:
    """Return the words before a hit, the nearest one first."""
    text = spot.unit.text(spot.side)
    return _words(text[max(0, spot.start - _CHARS_SEEN) : spot.start])[: -_N_WORDS - 1 : -1], _place(spot)


def right_key(spot: Spot) -> Any:
    """Return the words after a hit."""
    return _after(spot), _place(spot)


def match_key(spot: Spot) -> Any:
    """Return the hit itself, then what follows it."""
    return _folded(spot.unit.text(spot.side)[spot.start : spot.end]), _after(spot), _place(spot)


KEYS: Mapping[Order, Callable[[Spot], Any]] = {"left": left_key, "right": right_key, "match": match_key}
"""The orders that are made of the text around a hit."""


def _after(spot: Spot) -> list[str]:
    text = spot.unit.text(spot.side)
    return _words(text[spot.end : spot.end + _CHARS_SEEN])[:_N_WORDS]


def _place(spot: Spot) -> tuple[Any, ...]:
    """Return what tells apart hits with the same words around them, so that they come in the same order each time."""
    unit = spot.unit
    return unit.pair, unit.date, unit.article_id, unit.target_lang, unit.segment, spot.side, spot.start


def _words(text: str) -> list[str]:
    return _WORD.findall(_folded(text))


def _folded(text: str) -> str:
    return text.casefold().replace("ё", "е")
