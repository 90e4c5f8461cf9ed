"""Invented names in three scripts, so that a generated corpus has the long tail of words that news has."""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random

from pipeline.newsbrief.generate import Brief

_SYLLABLES = tuple(
    (a + b, c + d, e + f)
    for a, c, e in zip("bdgklmnprstvz", "бдгклмнпрствз", "բդգկլմնպրստվզ", strict=True)
    for b, d, f in zip("aeiou", "аеиоу", ("ա", "ե", "ի", "ո", "ու"), strict=True)
)
_N_NAMES = 1_000_000
_SCRAMBLER = 2_654_435_761
"""A prime: neighbours in rank get names that do not look alike."""

Name = tuple[str, str, str]


def invented_name(random: Random) -> Name:
    """Return a name in English, Russian and Armenian letters; the nth one comes 1/n as often as the first (Zipf)."""
    rank = int(math.exp(random.random() * math.log(_N_NAMES)))
    n_syllables = 2 if rank < 1_000 else 3 if rank < 100_000 else 4
    n_there = len(_SYLLABLES) ** n_syllables
    number = rank * _SCRAMBLER % n_there
    found: list[tuple[str, str, str]] = []
    for _ in range(n_syllables):
        number, place = divmod(number, len(_SYLLABLES))
        found.append(_SYLLABLES[place])
    en, ru, hy = ("".join(part).capitalize() for part in zip(*found, strict=True))
    return en, ru, hy


def attributed(brief: Brief, name: Name) -> Brief:
    """Return a sentence as somebody said it, where it ends as sentences do."""
    if not (brief.kind == "body" and brief.en.endswith(".") and brief.ru.endswith(".") and brief.hy.endswith("։")):
        return brief
    if "“" in brief.en:
        return brief
    en, ru, hy = name
    return replace(
        brief,
        en=f"{brief.en[:-1]}, {en} said.",
        ru=f"{brief.ru[:-1]}, сообщил {ru}.",
        hy=f"{brief.hy[:-1]}, հայտնել է {hy}ը։",
    )
