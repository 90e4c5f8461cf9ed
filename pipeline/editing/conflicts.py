"""Entries of a glossary that cannot both hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeline.editing.glossary import Entry
from pipeline.editing.inflection import load_inflection
from pipeline.editing.terms import Words, parse_term, term_key

_Place = tuple[str, str, str]
"""Languages of a pair and a term in the spelling that makes equal terms alike."""


class _Use(NamedTuple):
    entry: Entry
    text: str

    @property
    def is_cased(self) -> bool:
        return self.entry.is_exact or (len(self.text) > 1 and self.text.isupper())


def find_conflicts(entries: Sequence[Entry]) -> Iterator[tuple[int, str]]:
    """Yield what contradicts something else, and what to do about it, each with the line that it is on."""
    yield from _terms_twice(entries)
    replacing = [entry for entry in entries if entry.wrong_forms]
    yield from _own_targets(replacing)
    yield from _others_targets(replacing)


def _terms_twice(entries: Sequence[Entry]) -> Iterator[tuple[int, str]]:
    """Terms that differ only in letter case are two where case counts for both: Polish and polish."""
    seen: dict[_Place, list[_Use]] = {}
    for entry in entries:
        for text in entry.sources:
            use = _Use(entry, text)
            uses = seen.setdefault((*entry.pair, term_key(text, entry.pair.source)), [])
            same = [one for one in uses if not (one.is_cased and use.is_cased) or one.text == text]
            if same:
                yield entry.line, _told_twice(use, same[0])
            uses.append(use)


def _told_twice(use: _Use, first: _Use) -> str:
    if use.entry is first.entry:
        return f"source: {use.text!r} is there twice; keep one"
    what = f"source: {use.text!r} is there for {use.entry.pair} already, in line {first.entry.line}"
    if use.text != first.text and use.text.lower() == first.text.lower():
        return f"{what} as {first.text!r}; keep one, or write exact in case of both"
    return f"{what}; keep one of them, with alternatives parted by |"


def _own_targets(entries: Sequence[Entry]) -> Iterator[tuple[int, str]]:
    for entry in entries:
        language = entry.pair.target
        rights = [parse_term(text, language, is_exact=entry.is_exact) for text in entry.targets]
        for text in entry.wrong_forms:
            words = Words(text, load_inflection(language))
            if right := next((right for right in rights if right.is_in(words)), None):
                yield entry.line, f"replace: {text!r} counts as right, by the target {right.text!r}; take it out of one"


def _others_targets(entries: Sequence[Entry]) -> Iterator[tuple[int, str]]:
    """What one entry puts in must not be what another one takes out."""
    put_in: dict[_Place, list[_Use]] = {}
    for entry in entries:
        key = (*entry.pair, term_key(entry.targets[0], entry.pair.target))
        put_in.setdefault(key, []).append(_Use(entry, entry.targets[0]))
    for entry in entries:
        for text in entry.wrong_forms:
            for use in put_in.get((*entry.pair, term_key(text, entry.pair.target)), ()):
                if use.entry is not entry:
                    what = f"replace: {text!r} is what line {use.entry.line} puts in for {use.entry.sources[0]!r}"
                    yield entry.line, f"{what}; a form cannot be right and wrong"
