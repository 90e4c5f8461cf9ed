"""How a name sounds and what of it stays when it inflects, across Latin, Cyrillic and Armenian letters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from pipeline.packaged import read_toml

_MIN_STEM = 3
"""Letters that stay when an ending goes."""

_N_WORDS_KEPT = 20_000
"""Names come back in article after article; what was found out of so many is kept."""

_FIRST_CYRILLIC, _FIRST_ARMENIAN = "\u0400", "\u0530"
_SAME_AGAIN = re.compile(r"(.)\1+")
_SOFT_C = re.compile("c(?=[eiy])")
# The first sound of Wilson, where it is written with a vowel: Уилсон, Ուիլսոն.
_W = re.compile("у(?=[аеиоуыэюя])|ու(?=[աեէըիոօ])")
# A vowel that only some forms have: Павел, Павла.
_FLEETING = re.compile("(?<=[^аеиоуыэюя])[еоё](?=[^аеиоуыэюя]$)")


class Word(NamedTuple):
    """A word in lower case, its possible stems (itself first), and how it sounds as a whole and without its ending."""

    text: str
    stems: tuple[str, ...]
    skeletons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Knowledge:
    """What `sounds.toml` says: groups of letters, their classes, and endings by script (ISO 15924)."""

    groups: re.Pattern[str]
    classes: dict[str, str]
    endings: dict[str, frozenset[str]]


@cache
def _load_knowledge() -> _Knowledge:
    data = read_toml("pipeline.checks", "sounds.toml")
    classes = {group: name for name, groups in data["classes"].items() for group in groups.split()}
    return _Knowledge(
        groups=re.compile("|".join(sorted(classes, key=len, reverse=True))),
        classes=classes,
        endings={script: frozenset(text.split()) for script, text in data["endings"].items()},
    )


@lru_cache(_N_WORDS_KEPT)
def hear(text: str) -> Word:
    """Return what is to be known of a word in lower case."""
    stems = (text, *_stems(text))
    return Word(text, stems, tuple(dict.fromkeys((skeleton(text), skeleton(min(stems, key=len))))))


def skeleton(text: str) -> str:
    """Return the classes of the consonants of a lower-case word, a capital each: `PTN` for Putin, Путин and Պուտին."""
    knowledge = _load_knowledge()
    letters = _SAME_AGAIN.sub(r"\1", _W.sub("в", _SOFT_C.sub("s", text)))
    return "".join(map(knowledge.classes.__getitem__, knowledge.groups.findall(letters)))


def _stems(text: str) -> list[str]:
    script = "Armn" if text[0] > _FIRST_ARMENIAN else "Cyrl" if text[0] >= _FIRST_CYRILLIC else "Latn"
    endings = _load_knowledge().endings[script]
    stems = [text[:place] for place in range(len(text) - 1, _MIN_STEM - 1, -1) if text[place:] in endings]
    return [*stems, _FLEETING.sub("", text)] if script == "Cyrl" else stems


@lru_cache(_N_WORDS_KEPT)
def distance(ones: tuple[str, ...], others: tuple[str, ...]) -> int:
    """Return by how many classes, put in, taken out or exchanged, the nearest two of two tuples of skeletons differ."""
    return min(0 if one == other else _edits(one, other) for one in ones for other in others)


def _edits(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for n_done, letter in enumerate(one, 1):
        before, row[0] = row[0], n_done
        for place, goal in enumerate(other, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (letter != goal))
    return row[-1]


@lru_cache(_N_WORDS_KEPT)
def is_alike(ones: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Return whether a name and a word can be the same in two languages: every third class may differ."""
    return any(_differs_little(one, other) for one in ones for other in others)


def _differs_little(one: str, other: str) -> bool:
    n_allowed = max(len(one), len(other)) // 3
    if one == other or abs(len(one) - len(other)) > n_allowed:
        return one == other
    return (n_allowed == 1 and _is_one_edit(one, other)) or (n_allowed > 1 and _edits(one, other) <= n_allowed)


def _is_one_edit(one: str, other: str) -> bool:
    """Return whether two different skeletons are the same but for one class: most are not, and this is quickly told."""
    n_both = min(len(one), len(other))
    start = next((place for place in range(n_both) if one[place] != other[place]), n_both)
    rest, rest_of_other = one[start + 1 :], other[start + 1 :]
    return rest in (rest_of_other, other[start:]) or one[start:] == rest_of_other


def is_spelt_variant(ones: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Return whether two different words of one language can be one name, spelt in two ways.

    Their consonants are of the same classes; in longer names one may differ, but not the last: endings do.
    """
    return any(_differs_inside(one, other) for one in ones for other in others)


def _differs_inside(one: str, other: str) -> bool:
    if one == other:
        return True
    return min(len(one), len(other)) > _MIN_STEM and one[-1] == other[-1] and _is_one_edit(one, other)
