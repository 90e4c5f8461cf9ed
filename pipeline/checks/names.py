"""Whether the names of an article are rendered alike in all its units.

Names are found by their capitals and compared by their sound, so no lists of names are needed. What is translated by
its meaning, left out or made an adjective is no doubt: only a second spelling of the same sounds is.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from pipeline.checks.base import TextPair
from pipeline.checks.sounds import Word, distance, hear, is_alike, is_spelt_variant
from pipeline.text import SCRIPT_OF_LANGUAGE

_CAPITALISED = re.compile(r"(?<![^\W_])[A-ZÀ-ÖØ-ÞА-ЯЁԱ-Ֆ][^\W\d_]{2,29}(?![^\W_])")
# Stress and Armenian tones stand inside words.
_SPELLING = str.maketrans("ёЁ", "еЕ", "՛՜՞\u0301\u00ad")
_MIN_CLASSES = 2
"""Consonants without which too much sounds alike."""

_MAX_WORDS = 40
"""Different words with capitals that are looked at in a text: more have no sentences, but lists and tables."""


class _Unit(NamedTuple):
    """The names that may be in source and target, by their numbers."""

    sources: list[int]
    targets: list[int]


class _Lexicon:
    """Gives words numbers; all forms of a name have the same."""

    def __init__(self) -> None:
        self.words: list[Word] = []
        self._of_stem: dict[str, int] = {}

    def number(self, form: str) -> int:
        word = hear(form)
        number = next((self._of_stem[stem] for stem in word.stems if stem in self._of_stem), len(self.words))
        if number == len(self.words):
            self.words.append(word)
        for stem in word.stems:
            self._of_stem.setdefault(stem, number)
        return number

    def numbers(self, text: str) -> list[int]:
        """Return the numbers of the capitalised words of `text`, each once; words of capitals only are no names."""
        forms = dict.fromkeys(_CAPITALISED.findall(text.translate(_SPELLING)))
        names = (form.lower() for form in forms if not form.isupper())
        return list(dict.fromkeys(map(self.number, islice(names, _MAX_WORDS))))


class _Names:
    """The names of an article, and how each is rendered."""

    def __init__(self, pairs: Sequence[TextPair]) -> None:
        sources, targets = _Lexicon(), _Lexicon()
        self.units = [
            _Unit(sources.numbers(pair.source), targets.numbers(pair.target)) if _is_served(pair) else _Unit([], [])
            for pair in pairs
        ]
        self._sources, self._targets = ([word.skeletons for word in side.words] for side in (sources, targets))
        self._renderings = self._count_renderings()
        self._usual = {name: max(counts, key=counts.__getitem__) for name, counts in self._renderings.items()}

    def _count_renderings(self) -> Mapping[int, Counter[int]]:
        """Return in how many units each recurring name stands beside each word that sounds like it."""
        n_units = Counter(name for unit in self.units for name in unit.sources)
        renderings: dict[int, Counter[int]] = defaultdict(Counter)
        for unit in self.units:
            for name in unit.sources:
                if n_units[name] > 1 and len(self._sources[name][0]) >= _MIN_CLASSES:
                    found = [word for word in unit.targets if self._sounds_like(name, word)]
                    if found:
                        renderings[name].update(found)
        return renderings

    def _sounds_like(self, name: int, word: int) -> bool:
        return is_alike(self._sources[name], self._targets[word])

    def share_consistent(self, unit: _Unit) -> float | None:
        """Return which share of the names of a unit is rendered as usual, None where none is seen elsewhere."""
        n_usual = n_other = 0
        for name in unit.sources:
            usual = self._usual.get(name)
            if usual is None:
                continue
            # Beside the usual spelling another one is no doubt: «Майкрософт (Microsoft)».
            if usual in unit.targets:
                n_usual += self._renderings[name][usual] > 1
            else:
                n_other += self._is_spelt_otherwise(name, usual, unit)
        return n_usual / (n_usual + n_other) if n_usual or n_other else None

    def _is_spelt_otherwise(self, name: int, usual: int, unit: _Unit) -> bool:
        return any(
            self._sounds_like(name, word)
            and is_spelt_variant(self._targets[word], self._targets[usual])
            and not self._is_of_another(word, name, unit.sources)
            for word in unit.targets
        )

    def _is_of_another(self, word: int, name: int, names: Iterable[int]) -> bool:
        """Return whether `word` sounds as much like another of the unit's names."""
        heard = self._targets[word]
        nearest = distance(self._sources[name], heard)
        return any(distance(self._sources[other], heard) <= nearest for other in names if other != name)


def inconsistent_names(units: Sequence[TextPair]) -> list[float | None]:
    """Return, for each unit of an article in one pair, how consistently its names are rendered, 0 to 1.

    One output per unit, same order: the share of those of its names that other units have too and that are spelt here
    as in most of these; of two spellings that are equally frequent, the earlier one counts. Below 1 is a doubt. None
    where no name of the unit recurs, where none is rendered by its sound, and for languages other than English, Russian
    and Armenian.
    """
    names = _Names(units)
    return [names.share_consistent(unit) for unit in names.units]


def _is_served(pair: TextPair) -> bool:
    return pair.source_lang in SCRIPT_OF_LANGUAGE and pair.target_lang in SCRIPT_OF_LANGUAGE
