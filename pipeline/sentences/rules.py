"""Rules of sentence ends as data: one TOML file for each language, `general.toml` for all others."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from pipeline.packaged import read_toml

RULES_VERSION = 3
"""Part of the signature of the stage: counts up with each change of rules or engine that moves a boundary."""

AbbreviationClass = Literal["never", "before_number", "before_starter", "company", "after_number", "may_end"]

_FILES = {"en": "en.toml", "ru": "ru.toml", "hy": "hy.toml", "hyw": "hy.toml"}

# Closing quotes and brackets after the mark, footnote numbers, and emoji belong to the sentence.
_CLOSING = r"""(?x:
    ["'»”’“›)\]}\u200b\u2060\ufeff] | [ \u00a0][»”)\]] | \[\d{1,3}\]
    | [ \u00a0]? [\U0001f300-\U0001faff\u2600-\u2712\u2764\ufe0f]
)*"""
_OMISSION = r"[\[(<](?:\.{2,4}|…)[\])>]"
_SHIELD_OPENERS = '«“„"([<'
# What is quoted or in brackets and short is not cut inside, unless full stops are: the title «Что? Где? Когда?».
_SHIELD = r"""(?x:
    « [^«»\n.:։]{1,40} [.:։…]* »
    | “ [^“”\n.:։]{1,40} [.:։…]* ”
    | „ [^„“”\n.:։]{1,40} [.:։…]* [“”]
    | (?<!\S) " (?=\S) [^"\n.:։]{1,40} [.:։…]* "
    | \( [^()\n]{1,40} \)
)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRule:
    """A cut behind each match of `pattern`, in texts that hold one of `guards`; without these, in all but ASCII."""

    name: str
    guards: tuple[str, ...]
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Where sentences of a language may end.

    `candidate` matches each place in question, which begins with one of `openers`; its group `shield` is a short
    quotation, `mark` the marks elsewhere. `blocks` are cuts that no mark has a say in. `half_stops` alone end nothing;
    `full_stops` end a sentence even before a small letter; where `ellipsis_joins`, three dots without a blank join
    words. Abbreviations are in lower case, without the last dot and without inner blanks.
    """

    terminators: str
    half_stops: str
    full_stops: str
    openers: re.Pattern[str]
    candidate: re.Pattern[str]
    blocks: tuple[BlockRule, ...]
    abbreviations: dict[str, AbbreviationClass]
    ellipsis_joins: bool
    starters: frozenset[str]
    prepositions: frozenset[str]
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
        openers=re.compile(rf"[{re.escape(data['terminators'] + _SHIELD_OPENERS)}]"),
        candidate=_compile_candidate(data["terminators"]),
        blocks=(*_common_blocks(), *_read_blocks(data)),
        abbreviations={key: kind for kind, keys in data["abbreviations"].items() for key in keys.split()},
        ellipsis_joins=data.get("ellipsis_joins", False),
        starters=frozenset(words["starters"].split()),
        prepositions=frozenset(words["prepositions"].split()),
        small_starters=frozenset(words["small_starters"].split()),
        conjunctions=tuple(words["conjunctions"].split()),
        examples=tuple(tuple(example["sentences"]) for example in data["examples"]),
    )


@cache
def _common_blocks() -> tuple[BlockRule, ...]:
    return _read_blocks(read_toml("pipeline.sentences", "blocks.toml"))


def _read_blocks(data: dict[str, Any]) -> tuple[BlockRule, ...]:
    return tuple(
        BlockRule(name=block["rule"], guards=tuple(block["guards"]), pattern=re.compile(block["pattern"]))
        for block in data.get("blocks", ())
    )


def _compile_candidate(terminators: str) -> re.Pattern[str]:
    marks = rf"(?<=\s)\.(?:[ \u00a0]\.){{2,}}|[{re.escape(terminators)}]+(?:[—–-](?=\s+«))?"
    return re.compile(rf"(?:{_OMISSION}|(?P<shield>{_SHIELD})|(?P<mark>{marks})){_CLOSING}")
