"""Which words of an article have a capital inside its sentences."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import NamedTuple

from pipeline.editing.casing import casing_of
from pipeline.editing.headline_words import HeadlineWords, Pair, headline_words
from pipeline.editing.letters import WORD, key_of, to_lower

_STARTS_SENTENCE = frozenset('.!?…։:"«“„”—–•')
_MIN_STEM = 3
_MAX_SUFFIX = 3


class _Token(NamedTuple):
    word: str
    key: str
    is_first: bool
    follows: str | None


@dataclass(frozen=True, slots=True)
class _Seen:
    """What an article shows: the usual form of a key, of a pair's words, of a stem; `first` only began sentences."""

    forms: dict[str, str] = field(default_factory=dict)
    first: dict[str, str] = field(default_factory=dict)
    second_of: dict[Pair, str] = field(default_factory=dict)
    first_of: dict[Pair, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class WordCases:
    """How an article writes its words inside sentences; nothing is counted before the first question."""

    text: str
    language: str

    @classmethod
    def from_text(cls, text: str, language: str) -> WordCases:
        """Return the cases of the words of an article; its lines in capitals or Title Case do not count."""
        return cls(text=text, language=language)

    def form_of(self, word: str, *, previous: str | None = None, following: str | None = None) -> str | None:
        """Return a form of `word`, or of another inflection of it, in the case that it has inside sentences.

        `previous` and `following` are its neighbours. What the article shows comes before what is known of the
        language; None is returned where neither has the word.
        """
        key, seen, known = key_of(word), self._seen, headline_words(self.language)
        before, after = (key_of(previous or ""), key), (key, key_of(following or ""))
        form = seen.second_of.get(before) or seen.first_of.get(after)
        if form is None and before in known.pairs:
            form = known.pairs[before][1]
        elif form is None and after in known.pairs:
            form = known.pairs[after][0]
        return form or self._form_alone(word, key, seen, known)

    def _form_alone(self, word: str, key: str, seen: _Seen, known: HeadlineWords) -> str | None:
        form = seen.forms.get(key) or known.acronyms.get(key) or known.names.get(key)
        if form is not None:
            return form
        if key in known.ordinary or key in known.may_be_small:
            return to_lower(word)
        if known.ordinary_ending.match(key):
            return self._form_of_kin(key, known) or to_lower(word)
        # Many names stand only at the beginnings of sentences, and so do many other words.
        return self._form_of_kin(key, known) or seen.first.get(key)

    def _form_of_kin(self, key: str, known: HeadlineWords) -> str | None:
        stems = _stems_of(key, known.endings)
        for stems_known in (self._stems, _known_stems(self.language)):
            for stem in stems:
                if stem in stems_known:
                    return stems_known[stem]
        return None

    @cached_property
    def _seen(self) -> _Seen:
        ordinary = headline_words(self.language).ordinary
        seen, counts, first = _Seen(), defaultdict[str, Counter[str]](Counter), dict[str, str]()
        previous: _Token | None = None
        for token in _tokens(self.text, self.language):
            if token.is_first:
                first[token.key] = token.word
            elif token.key not in ordinary or token.word.islower():  # the others are parts of names: White House
                counts[token.key][token.word] += 1
            if previous is not None and not token.is_first:
                _note_pair(seen, previous, token)
            previous = token
        seen.forms.update((key, _usual(forms)) for key, forms in counts.items())
        seen.first.update(first)
        return seen

    @cached_property
    def _stems(self) -> dict[str, str]:
        return _by_stem(self._seen.forms, headline_words(self.language).endings)


def _stems_of(key: str, endings: tuple[str, ...]) -> list[str]:
    """Return what may be the stem of a word, the longest first: what is left of it without each ending it has."""
    stems = (key[: len(key) - len(ending)] for ending in endings if key.endswith(ending))
    return sorted((stem for stem in stems if len(stem) >= _MIN_STEM), key=len, reverse=True)


def _by_stem(forms: dict[str, str], endings: tuple[str, ...]) -> dict[str, str]:
    """Return a form for each stem, of the shortest word that has it; acronyms are not inflected."""
    by_stem: dict[str, str] = {}
    for key in sorted(forms, key=len, reverse=True):
        form = forms[key]
        if not form.isupper() and not form.isdigit():
            by_stem.update(dict.fromkeys(_stems_of(key, endings), form))
    return by_stem


@cache
def _known_stems(language: str) -> dict[str, str]:
    known = headline_words(language)
    return _by_stem(known.names, known.endings)


def _tokens(text: str, language: str) -> Iterator[_Token]:
    for line in text.split("\n"):
        if casing_of(line, language) is None:
            yield from _tokens_of_line(line)


def _tokens_of_line(line: str) -> Iterator[_Token]:
    end = 0
    for match in WORD.finditer(line):
        gap = line[end : match.start()]
        is_first = not end or not _STARTS_SENTENCE.isdisjoint(gap)
        word = match[0]
        yield _Token(word, key_of(word), is_first, gap)
        base = _base_of(word)
        if base is not None:
            yield _Token(base, key_of(base), is_first, gap)
        end = match.end()


def _base_of(word: str) -> str | None:
    """Return NATO for NATO's, and ՆԱՏՕ for ՆԱՏՕ-ն."""
    if word.isalnum():
        return None
    base, suffix = max(((*word.rpartition(mark)[::2],) for mark in "'’-"), key=lambda parts: len(parts[0]))
    return base if base and suffix.islower() and len(suffix) <= _MAX_SUFFIX else None


def _note_pair(seen: _Seen, previous: _Token, token: _Token) -> None:
    """Note that a word has a capital in the company of another."""
    if token.follows != " ":
        return
    pair = previous.key, token.key
    if not token.word[0].islower():
        seen.second_of[pair] = token.word
    if not (previous.is_first or previous.word[0].islower()):
        seen.first_of[pair] = previous.word


def _usual(forms: Counter[str]) -> str:
    """Return the most frequent form; of equal ones that with more capitals."""
    return max(forms, key=lambda form: (forms[form], sum(map(str.isupper, form)), form))
