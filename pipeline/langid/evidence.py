"""Evidence of our own: the alphabets of languages written in Cyrillic, and words that are frequent in one language."""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import cache

from pipeline.langid.knowledge import load_knowledge

# In powers of ten.
_WORD_WEIGHT = 1.0
_ENDING_WEIGHT = 0.5
_ACCENT_WEIGHT = -1.0
_HARD_SIGN_WEIGHT = 2.0
_ABSENCE_WEIGHT = 0.7

_MIN_LONG_WORD = 6
_NAMES_RATIO = 0.025

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_ASCII_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_ACCENTED = re.compile(r"[^\W\d_\x00-\x7f]")
_NOT_IN_NEIGHBOURS = re.compile("[ыэё]")
_BULGARIAN_HARD_SIGN = re.compile("ъ[^еёюя]")


def find_words(sample: str) -> list[str]:
    """Return the words of a lower-case sample, with an apostrophe inside where there is one."""
    return (_ASCII_WORD if sample.isascii() else _WORD).findall(sample)


def has_foreign_letters(sample: str, language: str) -> bool:
    """Return whether a sample has letters of languages written in Cyrillic that `language`, one of them, has not."""
    alphabet = load_knowledge().alphabets.get(language)
    return alphabet is not None and not _special_letters().difference(alphabet).isdisjoint(sample)


def weigh_words(sample: str) -> dict[str, float]:
    """Return the evidence of words that are frequent in one language and rare in its neighbours, and of endings."""
    knowledge, found = load_knowledge(), find_words(sample)
    hits = Counter(language for word in found for language in knowledge.words.get(word, ()))
    weights = {language: _WORD_WEIGHT * n for language, n in hits.items()}
    if sample.isascii():
        return weights
    long_words = [word for word in found if len(word) >= _MIN_LONG_WORD]
    for language, endings in knowledge.endings.items():
        n_endings = sum(word.endswith(endings) for word in long_words)
        weights[language] = weights.get(language, 0.0) + _ENDING_WEIGHT * n_endings
    return weights


def weigh_letters(sample: str, script: str, n_letters: int) -> dict[str, float]:
    """Return the languages of the script that the letters of the sample allow for, with what these say for each."""
    if script == "Cyrl":
        return _weigh_cyrillic(sample, n_letters)
    weights = dict.fromkeys(load_knowledge().languages[script], 0.0)
    if "en" in weights and _ACCENTED.search(sample):
        weights["en"] = _ACCENT_WEIGHT
    return weights


def _weigh_cyrillic(sample: str, n_letters: int) -> dict[str, float]:
    weights = dict.fromkeys(_match_alphabets(sample, n_letters), 0.0)
    if "ru" in weights:
        weights = {language: _ABSENCE_WEIGHT * n_letters * _absence(language) for language in weights}
    if "bg" in weights:
        weights["bg"] += _HARD_SIGN_WEIGHT * len(_BULGARIAN_HARD_SIGN.findall(sample))
    return weights


def _match_alphabets(sample: str, n_letters: int) -> list[str]:
    """Return the languages whose alphabets miss the fewest letters; names in Russian text do not count."""
    alphabets = load_knowledge().alphabets
    counts = {letter: n for letter, n in Counter(sample).items() if letter in _special_letters()}
    missing = {
        language: sum(n for letter, n in counts.items() if letter not in alphabet)
        for language, alphabet in alphabets.items()
    }
    # Belarusian has no «и»: a text of it without «ў» looks like Russian with a name in it.
    if 0 < missing["ru"] < min(_NAMES_RATIO * n_letters, counts.get("и", 0)) and _NOT_IN_NEIGHBOURS.search(sample):
        return ["ru"]
    least = min(missing.values())
    return [language for language, n in missing.items() if n == least]


@cache
def _special_letters() -> frozenset[str]:
    return frozenset("".join(load_knowledge().alphabets.values()))


@cache
def _absence(language: str) -> float:
    """Return what a letter that both languages have says for `language`, where Russian has others that it has not."""
    knowledge = load_knowledge()
    alphabet = knowledge.alphabets[language]
    percent = sum(share for letter, share in knowledge.russian_letters.items() if letter not in alphabet)
    return -math.log10(1 - percent / 100)
