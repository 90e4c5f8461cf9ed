"""Terms in texts: sequences of whole words, in any of their forms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import NamedTuple

from pipeline.editing.inflection import MARKS, Forms, Inflection, load_inflection, without_marks
from pipeline.entities import find_entities

MIN_STEM_CHARS = 3
"""Letters before `*`: fewer would match half the dictionary."""

_WORD = re.compile(r"\w+")
_MARKED_WORD = re.compile(rf"\w[\w{MARKS}]*")
_STARRED_WORD = re.compile(rf"\w[\w{MARKS}]*\*?")
_STAR_INSIDE = re.compile(r"\*\w")
_BLANKS = re.compile(r"\s+")
_HYPHENS = re.compile("[\u058a\u2010\u2011\u2013]")
_APOSTROPHES = re.compile("[\u2018\u2019\u02bc\u055a]")
_AROUND = ' \t\n"«»“”„‟()[],;:'
_N_REMEMBERED = 1 << 15


class TermError(ValueError):
    """What is written is no term; the message goes on after its name."""


class Words:
    """The words of a text, found once: `forms` are folded, `spans` are offsets into `text`; as many of both."""

    def __init__(self, text: str, inflection: Inflection) -> None:
        self.text = text
        self.forms: list[str] = _WORD.findall(inflection.fold(text))

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        """Where each word stands, marks inside it included."""
        return [match.span() for match in _MARKED_WORD.finditer(self.text)]

    def raw(self, number: int) -> str:
        """Return a word as it stands, without marks inside it."""
        start, end = self.spans[number]
        return without_marks(self.text[start:end])

    def gap(self, number: int) -> str:
        """Return what stands between a word and the next one, as `plain_gap` writes it."""
        return plain_gap(self.text[self.spans[number][1] : self.spans[number + 1][0]])


class TermWord(NamedTuple):
    """A word of a term: `written` as in the glossary, `form` folded; where `is_cased`, letter case counts."""

    written: str
    form: str
    is_cased: bool
    forms: tuple[Forms, ...]
    stems: tuple[str, ...]

    def matching(self, words: Words, number: int) -> Iterator[Forms]:
        """Yield the forms of this word that word `number` of a text is one of; those as written come first."""
        form = words.forms[number]
        for forms in self.forms:
            is_one = form.startswith(forms.stem) and (forms.endings is None or form[len(forms.stem) :] in forms.endings)
            if is_one and not (self.is_cased and not _is_same_case(forms, words.raw(number))):
                yield forms


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A term of a glossary.

    Args:
        text: as it was written, without quotation marks around it.
        words: at least one.
        gaps: between the words, as they were written.
        lead: a mark before the first word that belongs to it, `.` in `.NET`.
        trail: a mark behind the last word that belongs to it, `.` in `U.S.`.
    """

    text: str
    words: tuple[TermWord, ...]
    gaps: tuple[str, ...]
    lead: str
    trail: str

    @property
    def has_acronym(self) -> bool:
        """Return whether a word of it is in capitals."""
        return any(len(word.written) > 1 and word.written.isupper() for word in self.words)

    def find(self, words: Words) -> Iterator[tuple[int, int]]:
        """Yield where the term stands, as half-open ranges of words, in order."""
        stems = self.words[0].stems
        for number, form in enumerate(words.forms):
            if form.startswith(stems) and self.is_at(words, number):
                yield number, number + len(self.words)

    def is_in(self, words: Words) -> bool:
        """Return whether the term stands anywhere."""
        return next(self.find(words), None) is not None

    def is_at(self, words: Words, number: int) -> bool:
        """Return whether the term stands at word `number`."""
        end = number + len(self.words)
        if end > len(words.forms):
            return False
        for other, word in enumerate(self.words, number):
            if next(word.matching(words, other), None) is None:
                return False
        for other, gap in enumerate(self.gaps, number):
            if words.gap(other) != plain_gap(gap):
                return False
        return not (self.lead or self.trail) or self._has_edges(words, number, end)

    def extent(self, words: Words, start: int, end: int) -> tuple[int, int]:
        """Return the span in the text of the term that stands at a range of words."""
        return words.spans[start][0] - len(self.lead), words.spans[end - 1][1] + len(self.trail)

    def _has_edges(self, words: Words, start: int, end: int) -> bool:
        before, behind = words.spans[start][0], words.spans[end - 1][1]
        return words.text[:before].endswith(self.lead) and words.text.startswith(self.trail, behind)


class Found(NamedTuple):
    """Where one of many terms stands: its place among them, and a half-open range of words."""

    term: int
    start: int
    end: int


class TermIndex:
    """Finds which of many terms stand in a text; the time depends on the text, hardly on the number of terms.

    Args:
        terms: of one language; `Found.term` is a place in this sequence.
        inflection: of that language.
    """

    def __init__(self, terms: Sequence[Term], inflection: Inflection) -> None:
        self._terms = terms
        self._inflection = inflection
        first = [(number, forms) for number, term in enumerate(terms) for forms in term.words[0].forms]
        self._by_stem: dict[str, list[tuple[int, frozenset[str] | None]]] = {}
        for number, forms in first:
            self._by_stem.setdefault(forms.stem, []).append((number, forms.endings))
        lists = {forms.endings for _, forms in first if forms.endings is not None}
        self._n_ending = max((len(ending) for endings in lists for ending in endings), default=0)
        self._starred_lengths = sorted({len(forms.stem) for _, forms in first if forms.endings is None})
        # Most words of news are among some thousands: remembering them is ten times as quick as trying all endings.
        self._beginning_with = lru_cache(_N_REMEMBERED)(self._look_up)

    def find(self, text: str) -> list[Found]:
        """Return where terms stand in `text`, in order; the longest win, those inside entities do not count."""
        words = Words(text, self._inflection)
        candidates = [(start, terms) for start, form in enumerate(words.forms) if (terms := self._beginning_with(form))]
        found: list[Found] = []
        for start, terms in candidates:
            if found and start < found[-1].end:
                continue
            if there := [number for number in terms if self._terms[number].is_at(words, start)]:
                number = min(there, key=lambda number: _rank(self._terms[number], words, start))
                found.append(Found(number, start, start + len(self._terms[number].words)))
        return _outside_entities(found, words) if found else found

    def _look_up(self, form: str) -> tuple[int, ...]:
        """Return the terms whose first word may be a word with this form."""
        n_chars = len(form)
        shortest = max(1, n_chars - self._n_ending)
        found: set[int] = set()
        for end in (*(length for length in self._starred_lengths if length < shortest), *range(shortest, n_chars + 1)):
            for number, endings in self._by_stem.get(form[:end], ()):
                if endings is None or form[end:] in endings:
                    found.add(number)
        return tuple(sorted(found)) if found else ()


def _rank(term: Term, words: Words, start: int) -> tuple[int, bool, str]:
    is_as_written = all(word.form == words.forms[number] for number, word in enumerate(term.words, start))
    return -len(term.words), not is_as_written, term.text


def _outside_entities(found: Sequence[Found], words: Words) -> list[Found]:
    entities = find_entities(words.text)
    if not entities:
        return list(found)
    extents = [(words.spans[one.start][0], words.spans[one.end - 1][1]) for one in found]
    return [
        one
        for one, (start, end) in zip(found, extents, strict=True)
        if not any(start < entity.end and entity.start < end for entity in entities)
    ]


def parse_term(text: str, language: str, *, is_exact: bool = False) -> Term:
    """Return the term that is written in a glossary.

    Args:
        text: words; `*` at the end of one stands for any ending.
        language: its code.
        is_exact: whether letter case counts in all words, not only in those in capitals.

    Raises:
        TermError: as in `check_term`.
    """
    text, matches = check_term(text)
    inflection = load_inflection(language)
    return Term(
        text=text,
        words=tuple(_term_word(match[0], inflection, is_exact=is_exact) for match in matches),
        gaps=tuple(text[one.end() : other.start()] for one, other in pairwise(matches)),
        lead=text[: matches[0].start()],
        trail=text[matches[-1].end() :],
    )


def check_term(text: str) -> tuple[str, list[re.Match[str]]]:
    """Return a term without quotation marks around it, and its words.

    Raises:
        TermError: it has no word, or a `*` that is not at the end of `MIN_STEM_CHARS` letters.
    """
    text = " ".join(text.split()).strip(_AROUND)
    matches = list(_STARRED_WORD.finditer(text))
    if not matches:
        raise TermError("has no letter or digit; write words")
    starred = [match for match in matches if match[0].endswith("*")]
    is_inside = _STAR_INSIDE.search(text) is not None
    if is_inside or text.count("*") > len(starred) or any(len(match[0]) <= MIN_STEM_CHARS for match in starred):
        raise TermError(
            f"has a * that does not end a word of {MIN_STEM_CHARS} letters or more; move it, or take it out"
        )
    return text, matches


def _term_word(marked: str, inflection: Inflection, *, is_exact: bool) -> TermWord:
    written = without_marks(marked.removesuffix("*"))
    is_acronym = len(written) > 1 and written.isupper()
    if marked.endswith("*"):
        forms = inflection.any_forms(written)
    else:
        forms = inflection.acronym_forms(written) if is_acronym else inflection.forms(written)
    stems = tuple({one.stem for one in forms})
    return TermWord(written, inflection.fold(written), is_exact or is_acronym, forms, stems)


def term_key(text: str, language: str) -> str:
    """Return what is the same for all ways to write a term: small and capital letters, hyphens, blanks."""
    return plain_gap(load_inflection(language).fold(" ".join(text.split()).strip(_AROUND)))


def plain_gap(gap: str) -> str:
    """Return what stands between two words in one spelling: one blank for blanks, `-` for hyphens, `'`."""
    if gap in {" ", "-"}:
        return gap
    return _APOSTROPHES.sub("'", _HYPHENS.sub("-", _BLANKS.sub(" ", gap)))


def _is_same_case(forms: Forms, raw: str) -> bool:
    ending = raw[len(forms.written) :]
    return raw.startswith(forms.written) and (forms.endings is None or ending == ending.lower())
