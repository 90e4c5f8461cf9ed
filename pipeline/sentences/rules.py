"""Rules of sentence ends as data: one TOML file for each language, `general.toml` for all others."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from pipeline.packaged import read_toml

RULES_VERSION = 1
"""Part of the signature of the stage: counts up with each change of rules or engine that moves a boundary."""

AbbreviationClass = Literal["never", "before_number", "before_starter", "after_number", "may_end"]

_FILES = {"en": "en.toml", "ru": "ru.toml", "hy": "hy.toml", "hyw": "hy.toml"}

# Closing quotes and brackets after the mark, and footnote numbers, belong to the sentence.
_CLOSING = r"""(?:["'»”’“›)\]}\u200b\u2060\ufeff]|[ \u00a0][»”)\]]|\[\d{1,3}\])*"""
# What is quoted or in brackets and short is not cut inside, unless full stops are: the title «Что? Где? Когда?».
_SHIELD = r"""(?x:
    « [^«»\n.:։]{1,40} [.:։…]* »
    | “ [^“”\n.:։]{1,40} [.:։…]* ”
    | „ [^„“”\n.:։]{1,40} [.:։…]* [“”]
    | (?<!\S) " (?=\S) [^"\n.:։]{1,40} [.:։…]* "
    | \( [^()\n]{1,40} \)
)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Where sentences of a language may end.

    `candidate` finds each place in question; its group `shield` is a short quotation, `mark` the marks elsewhere.
    `half_stops` alone end nothing; `full_stops` end a sentence even before a lower-case letter. Abbreviations are in
    lower case, without the last dot and without inner blanks.
    """

    terminators: str
    half_stops: str
    full_stops: str
    candidate: re.Pattern[str]
    abbreviations: dict[str, AbbreviationClass]
    starters: frozenset[str]
    small_starters: frozenset[str]
    conjunctions: tuple[str, ...]
    examples: tuple[tuple[str, ...], ...]


@cache
def load_rules(language: str) -> Rules:
    """Return the rules of `language`, the general ones where it has none of its own."""
    data = read_toml("pipeline.sentences", _FILES.get(language, "general.toml"))
    words = data["words"]
    return Rules(
        terminators=data["terminators"],
        half_stops=data.get("half_stops", ""),
        full_stops=data.get("full_stops", ""),
        candidate=_compile_candidate(data["terminators"]),
        abbreviations={key: kind for kind, keys in data["abbreviations"].items() for key in keys.split()},
        starters=frozenset(words["starters"].split()),
        small_starters=frozenset(words["small_starters"].split()),
        conjunctions=tuple(words["conjunctions"].split()),
        examples=tuple(tuple(example["sentences"]) for example in data["examples"]),
    )


def _compile_candidate(terminators: str) -> re.Pattern[str]:
    return re.compile(rf"(?:(?P<shield>{_SHIELD})|(?P<mark>[{re.escape(terminators)}]+)){_CLOSING}")
