"""What `headlines.toml` says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from re import Pattern

from pipeline.editing.letters import key_of
from pipeline.packaged import read_toml
from pipeline.types import standard_of

_VOWELS = "aeiou"

_NEVER = re.compile(r"(?!)")

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadlineWords:
    """Words of a language by their keys (`key_of`).

    `small` are small in Title Case, `may_be_small` in some styles of it; `ordinary` words are no names, those that end
    in `ordinary_ending` hardly ever, and `proofs` are seldom part of one; `acronyms` and `names` give the form of a
    word, `pairs` those of two in a row; `endings` are what inflection adds to names, the empty one among them.
    """

    small: frozenset[str] = frozenset()
    may_be_small: frozenset[str] = frozenset()
    ordinary: frozenset[str] = frozenset()
    proofs: frozenset[str] = frozenset()
    acronyms: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    pairs: dict[Pair, Pair] = field(default_factory=dict)
    endings: tuple[str, ...] = ("",)
    ordinary_ending: Pattern[str] = _NEVER


@cache
def headline_words(language: str) -> HeadlineWords:
    """Return the words of a language, none for one that is not served; read once."""
    data = read_toml("pipeline.editing", "headlines.toml").get(standard_of(language))
    if data is None:
        return HeadlineWords()
    words = {name: text.split() for name, text in data.items()}
    small = frozenset(words.get("small", ()))
    verbs = {form for verb in words.get("verbs", ()) for form in _inflect(verb, is_doubled=verb in words["doubled"])}
    others = set(words.get("words", ()))
    proofs = {form for form in verbs if not form.endswith("ing")} - others | set(words.get("proofs", ()))
    return HeadlineWords(
        small=small,
        may_be_small=small | frozenset(words.get("may_be_small", ())),
        ordinary=frozenset(proofs | verbs | others),
        proofs=frozenset(proofs),
        acronyms=_by_key(words["acronyms"]),
        names=_by_key(words["names"]),
        pairs=dict(_pairs(data["name_pairs"])),
        endings=("", *words["endings"]),
        ordinary_ending=re.compile(data["ordinary_ending"]) if "ordinary_ending" in data else _NEVER,
    )


def _by_key(words: Iterable[str]) -> dict[str, str]:
    return {key_of(word): word for word in words}


def _pairs(text: str) -> Iterator[tuple[Pair, Pair]]:
    for name in text.split("|"):
        first, second = name.split()
        yield (key_of(first), key_of(second)), (first, second)


def _inflect(verb: str, *, is_doubled: bool) -> Iterator[str]:
    """Yield the regular forms of an English verb; those that an irregular verb does not have do no harm."""
    yield verb
    if verb[-1] == "y" and verb[-2] not in _VOWELS:
        yield from (f"{verb[:-1]}ies", f"{verb[:-1]}ied", f"{verb}ing")
        return
    yield verb + ("es" if verb.endswith(("s", "sh", "ch", "x", "z", "o")) else "s")
    stem = verb + verb[-1] if is_doubled else verb.removesuffix("e")
    yield from (f"{stem}ed", f"{stem}ing")
