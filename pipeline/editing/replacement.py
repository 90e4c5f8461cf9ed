"""A right term in the place of a wrong one: with its ending, its capitals and its marks."""

from __future__ import annotations

from operator import add

from pipeline.editing.inflection import ACRONYM, ANY_ENDING, AS_WRITTEN, Forms, Inflection, without_marks
from pipeline.editing.terms import Term, TermWord, Words
from pipeline.text import CLOSING_MARKS

_INNER_MARKS = "՛՜՞"


def put_in(right: Term, wrong: Term, words: Words, start: int, *, inflection: Inflection) -> str | None:
    """Return what is to stand in place of `wrong`, which was found at word `start`; None where that cannot be told.

    A wrong term as the glossary writes it gives way to the right one as the glossary writes it. Otherwise each word
    takes over the ending of its counterpart, counted from the end, if it is inflected by the same rule; an ending
    of a word that has no counterpart is lost only where it makes no difference.
    """
    end = start + len(wrong.words)
    is_as_written = words.forms[start:end] == [word.form for word in wrong.words]
    surplus = wrong.words[: -len(right.words)]
    if words.forms[start : start + len(surplus)] != [word.form for word in surplus] and not all(
        _is_unchanged(word, inflection) for word in right.words
    ):
        return None
    parts: list[str] = []
    for place in range(-len(right.words), 0):
        word = right.words[place]
        if place >= -len(wrong.words):
            part = _carried(word, wrong.words[place], words, end + place, inflection=inflection)
        else:
            part = word.written if is_as_written or _is_unchanged(word, inflection) else None
        if part is None:
            return None
        parts.append(part)
    first, last = wrong.extent(words, start, end)
    text = right.lead + "".join(map(add, parts, (*right.gaps, right.trail)))
    return _with_dot(_with_capitals(text, words.text[first:last], right, wrong), wrong, words.text[last:])


def _carried(right: TermWord, wrong: TermWord, words: Words, number: int, *, inflection: Inflection) -> str | None:
    form, raw = words.forms[number], words.raw(number)
    token = words.text[slice(*words.spans[number])]
    if form == wrong.form:
        return _with_mark(right.written, token)
    for found in wrong.matching(words, number):
        n_ending = len(form) - len(found.stem)
        for other in right.forms:
            if _is_same_kind(found, other, right, form[len(found.stem) :]):
                return _with_mark(other.written + raw[len(raw) - n_ending :], token)
    return _with_mark(right.written, token) if _is_unchanged(right, inflection) else None


def _is_same_kind(found: Forms, other: Forms, right: TermWord, ending: str) -> bool:
    if found.rule == ANY_ENDING:
        return other.written == right.written and ending in (other.endings or ())
    return found.rule == other.rule != AS_WRITTEN


def _is_unchanged(word: TermWord, inflection: Inflection) -> bool:
    """Return whether a word stands in a sentence as it is, whatever its case."""
    return inflection.is_unchanged and all(forms.rule in {AS_WRITTEN, ACRONYM} for forms in word.forms)


def _with_mark(word: str, token: str) -> str | None:
    """Return a word with the Armenian mark inside the one it replaces, None where its place cannot be told."""
    position = max(map(token.rfind, _INNER_MARKS))
    if position < 0:
        return word
    tail = without_marks(token[position:])
    return word[: len(word) - len(tail)] + token[position] + tail if word.endswith(tail) else None


def _with_capitals(text: str, replaced: str, right: Term, wrong: Term) -> str:
    """Return a term in capitals, or with one, where what it replaces has them; letter case that counts stays."""
    if any(word.is_cased and not word.written.isupper() for word in right.words):
        return text
    if len(replaced) > 1 and replaced.isupper() and not wrong.text.isupper():
        return text.replace("և", "եվ").upper()
    first = text[:1].upper()
    return first + text[1:] if replaced[:1].isupper() and len(first) == 1 else text


def _with_dot(text: str, wrong: Term, rest: str) -> str:
    """Return a term so that a dot at the end of a sentence stands there once."""
    if text.endswith(".") and rest.startswith("."):
        return text[:-1]
    is_last = not rest.strip().strip(CLOSING_MARKS)
    return text + "." if is_last and wrong.trail.endswith(".") and not text.endswith(".") else text
