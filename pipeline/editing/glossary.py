"""Glossaries: which terms of a source are translated as was asked, and known wrong translations put right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from pipeline.checks.base import TextPair
from pipeline.editing.inflection import Inflection, load_inflection
from pipeline.editing.replacement import put_in
from pipeline.editing.terms import Term, TermIndex, Words, parse_term
from pipeline.entities import find_entities
from pipeline.types import LanguagePair, standard_of

VERSION = 1
"""Of the rules by which terms are found and put right; part of the signatures."""

_SIGNATURE_CHARS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of a glossary, or several where cells hold line feeds.

    Args:
        pair: the direction it is for.
        sources: terms that mean the same.
        targets: their right translations; the first one is put in for wrong ones.
        wrong_forms: translations that are known to be wrong.
        is_exact: whether letter case counts.
        note: for people.
        line: where it begins in its file, from 1.
    """

    pair: LanguagePair
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    wrong_forms: tuple[str, ...] = ()
    is_exact: bool = False
    note: str = ""
    line: int = 0


class Glossary:
    """Entries for any number of pairs; the order of entries does not matter."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries: dict[LanguagePair, list[Entry]] = {}
        self._glossaries: dict[LanguagePair, PairGlossary] = {}
        for entry in entries:
            self._entries.setdefault(_standard(*entry.pair), []).append(entry)

    def for_pair(self, source: str, target: str) -> PairGlossary | None:
        """Return what is for a pair, None where nothing is; Western Armenian shares the entries of Armenian."""
        pair = _standard(source, target)
        if pair not in self._entries:
            return None
        if pair not in self._glossaries:
            self._glossaries[pair] = PairGlossary(self._entries[pair], pair)
        return self._glossaries[pair]

    @property
    def sha256(self) -> str:
        """A hash of all entries that can change results."""
        pairs = sorted(self._entries)
        return sha256("".join(self.signature(*pair) for pair in pairs).encode()).hexdigest()

    def signature(self, source: str, target: str) -> str:
        """Return a hash of all that can change results for a pair; empty where there are no entries for it."""
        entries = self._entries.get(_standard(source, target))
        if not entries:
            return ""
        contents = sorted(repr((entry.sources, entry.targets, entry.wrong_forms, entry.is_exact)) for entry in entries)
        return sha256("\n".join((f"glossary|{VERSION}", *contents)).encode()).hexdigest()[:_SIGNATURE_CHARS]


class PairGlossary:
    """The entries for one pair of languages.

    Args:
        entries: what is wrong in them was found when they were read.
        pair: of languages as models name them.
    """

    def __init__(self, entries: Sequence[Entry], pair: LanguagePair) -> None:
        self._target = load_inflection(pair.target)
        sources = [(compiled, text) for compiled in map(_Compiled, entries) for text in compiled.entry.sources]
        terms = [parse_term(text, pair.source, is_exact=compiled.entry.is_exact) for compiled, text in sources]
        self._sources = [(compiled, term) for (compiled, _), term in zip(sources, terms, strict=True)]
        self._index = TermIndex(terms, load_inflection(pair.source))

    def terms_kept(self, pair: TextPair) -> float | None:
        """Return the share, 0 to 1, of the terms in the source whose target is in the target, None without terms."""
        found = self._found(pair.source)
        return 1 - len(self._missing(found, self._words(pair.target))) / len(found) if found else None

    def missed(self, pair: TextPair) -> tuple[str, ...]:
        """Return the terms in the source whose targets are absent, as the glossary writes them, in order."""
        found = self._found(pair.source)
        return tuple(self._missing(found, self._words(pair.target)).values()) if found else ()

    def enforced(self, source: str, target: str) -> tuple[str, tuple[str, ...]]:
        """Return the target with known wrong forms put right, and the source terms that this was done for.

        A wrong form stays where a right one is in the target too, in entities, in the target of another term, and
        where the right ending cannot be told. The same object comes back where nothing changes.
        """
        found = self._found(source)
        if not any(compiled.entry.wrong_forms for compiled in found):
            return target, ()
        words = self._words(target)
        wanted = [
            (*change, term)
            for compiled, term in self._missing(found, words).items()
            for change in compiled.changes(words, self._target)
        ]
        if not wanted:
            return target, ()
        rights = [right.extent(words, *place) for one in found for right in one.targets for place in right.find(words)]
        changes = _apart(wanted, [*rights, *(entity[:2] for entity in find_entities(target))])
        return _changed(target, changes), tuple(dict.fromkeys(term for *_, term in changes))

    def _words(self, target: str) -> Words:
        return Words(target, self._target)

    def _found(self, source: str) -> dict[_Compiled, str]:
        """Return the entries whose terms are in a source, and which term.

        Where all letters are capitals, `US` and `us` are the same: terms in capitals do not count.
        """
        places = self._index.find(source)
        if not places:
            return {}
        found: dict[_Compiled, str] = {}
        is_capitals = source.isupper()
        for place in places:
            compiled, term = self._sources[place.term]
            if not (is_capitals and term.has_acronym):
                found.setdefault(compiled, term.text)
        return found

    def _missing(self, found: dict[_Compiled, str], words: Words) -> dict[_Compiled, str]:
        return {one: term for one, term in found.items() if not any(right.is_in(words) for right in one.targets)}


class _Compiled:
    """An entry with its terms ready to be found, those of the target when they are first needed."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry

    @cached_property
    def targets(self) -> tuple[Term, ...]:
        return self._parsed(self.entry.targets)

    @cached_property
    def wrong_forms(self) -> tuple[Term, ...]:
        return self._parsed(self.entry.wrong_forms)

    def _parsed(self, texts: Sequence[str]) -> tuple[Term, ...]:
        language = standard_of(self.entry.pair.target)
        return tuple(parse_term(text, language, is_exact=self.entry.is_exact) for text in texts)

    def changes(self, words: Words, inflection: Inflection) -> Iterator[tuple[int, int, str]]:
        """Yield which spans of a target without the right form are to be replaced, and by what."""
        for wrong in self.wrong_forms:
            for start, end in wrong.find(words):
                right = put_in(self.targets[0], wrong, words, start, inflection=inflection)
                if right is not None:
                    yield (*wrong.extent(words, start, end), right)


_Change = tuple[int, int, str, str]


def _apart(changes: Iterable[_Change], taken: list[tuple[int, int]]) -> list[_Change]:
    """Return those changes that overlap nothing that is taken and no longer change, in order."""
    kept: list[_Change] = []
    for change in sorted(changes, key=lambda change: (change[0] - change[1], change)):
        if not any(change[0] < end and start < change[1] for start, end in taken):
            kept.append(change)
            taken.append(change[:2])
    return sorted(kept)


def _changed(text: str, changes: Sequence[_Change]) -> str:
    if not changes:
        return text
    parts: list[str] = []
    position = 0
    for start, end, right, _ in changes:
        parts += (text[position:start], right)
        position = end
    return "".join(parts) + text[position:]


def _standard(source: str, target: str) -> LanguagePair:
    return LanguagePair(source=standard_of(source), target=standard_of(target))
