"""Headlines in capitals or Title Case: written as sentences before decoding, and cased anew after it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.editing.casing import Casing, casing_of
from pipeline.editing.headline_words import headline_words
from pipeline.editing.letters import WORD, capitalised, folded, key_of, to_lower, to_upper
from pipeline.editing.mark_words import ends_in_abbreviation
from pipeline.editing.word_cases import WordCases
from pipeline.entities import find_entities

__all__ = ["Casing", "WordCases", "casing_of", "restored", "to_sentence_case"]

_STARTS_SENTENCE = re.compile(r"[.:?!…։][\"'»”’)]*\s+[\"'«“„‘(\[]*\Z")
# A Russian headline goes on with a small letter behind its colon.
_STARTS_RUSSIAN_SENTENCE = re.compile(_STARTS_SENTENCE.pattern.replace(":", "", 1))
_PIECE = re.compile(r"[^-‐'’՚]+")
_BEHIND_JOINT = re.compile(r"(?<=[-‐])")
_ROMAN = re.compile(r"[IVX]{2,}")
_MODEL = re.compile(r"[A-ZА-ЯЁԱ-Ֆ]{1,3}-?\d+[A-Z]?|\d[GK]")
_VOWEL = re.compile(r"[aeiouyаеёиоуыэюяաեէըիոօևու]")
_MAX_BARE_LETTERS = 4
_AFTER_NUMBER = re.compile(r"\d\s*\Z")

Word = re.Match[str]


def to_sentence_case(text: str, language: str, casing: Casing, cases: WordCases) -> str:
    """Return `text`, which is cased as `casing` says, as sentences are written: names and acronyms keep their capitals.

    In capitals, a word of which nothing is known becomes small; in Title Case, it stays as it is. Entities stay.
    """
    words = _words(text)
    parts: list[str] = []
    end = 0
    for number, word in enumerate(words):
        gap = text[end : word.start()]
        form = _in_sentence(word, _neighbours(words, number), casing, cases)
        has_capital = _has_capital(words, number, gap, language, cases)
        # What has a capital inside stays as it is, for names may begin with a small letter: iPhone.
        parts += (gap, capitalised(form) if has_capital and form.islower() else form)
        end = word.end()
    return "".join(parts) + text[end:]


def _has_capital(words: Sequence[Word], number: int, gap: str, language: str, cases: WordCases) -> bool:
    """Return whether a word has a capital because of its place: it begins a sentence, or follows an initial."""
    if not number:
        return True
    word, previous = words[number], words[number - 1]
    if _is_initial(previous):
        is_last_of_several = previous.string[: previous.start()].endswith(".")
        return not is_last_of_several and cases.form_of(word[0]) is None
    if gap.startswith(".") and ends_in_abbreviation(word.string[: previous.end()]):
        return False
    starts = _STARTS_RUSSIAN_SENTENCE if language == "ru" else _STARTS_SENTENCE
    return starts.search(gap) is not None


def restored(text: str, language: str, casing: Casing) -> str:
    """Return a translation in the casing of its source, as far as the target language has it.

    Capitals are capitals in all languages; Title Case is English: a Russian or Armenian headline stays as it is.
    """
    if casing is Casing.CAPS:
        return _capitals(text, language)
    return _title_case(text) if language == "en" else text


def _words(text: str) -> list[Word]:
    """Return the words outside entities."""
    for entity in find_entities(text):
        text = text[: entity.start] + " " * len(entity.text) + text[entity.end :]
    return list(WORD.finditer(text))


def _neighbours(words: Sequence[Word], number: int) -> tuple[str | None, str | None]:
    previous = words[number - 1][0] if number else None
    following = words[number + 1][0] if number + 1 < len(words) else None
    return previous, following


def _in_sentence(word: Word, neighbours: tuple[str | None, str | None], casing: Casing, cases: WordCases) -> str:
    """Return a word as it stands inside a sentence."""
    written, (previous, following) = word[0], neighbours
    if not written[0].isupper() and not (casing is Casing.CAPS and written[0].isdigit()):
        return written
    if casing is Casing.TITLE:
        form = cases.form_of(written, previous=previous, following=following)
        return written if form is None or (not written[1:].islower() and len(written) > 1) else _like(form, written)
    if _is_initial(word) or _MODEL.fullmatch(written) or _ROMAN.fullmatch(written):
        return written
    form = cases.form_of(written, previous=previous, following=following)
    if form is not None:
        return _like(form, written)
    return _PIECE.sub(lambda piece: _piece_in_sentence(piece, cases), written)


def _piece_in_sentence(piece: Word, cases: WordCases) -> str:
    """Return a part of a compound, or a word that nothing is known of, without its capitals."""
    written = piece[0]
    if piece.start() and len(written) == 1:
        return written.lower()
    form = cases.form_of(written)
    if form is not None:
        return _like(form, written)
    is_bare = written.isalpha() and 1 < len(written) <= _MAX_BARE_LETTERS and _VOWEL.search(to_lower(written)) is None
    return written if is_bare else to_lower(written)


def _is_initial(word: Word) -> bool:
    """Return whether a word is one capital letter and a dot, and no abbreviation behind a number: 2018 Г."""
    text, (start, end) = word.string, word.span()
    is_letter = end - start == 1 and word[0].isupper() and text[end : end + 1] == "."
    return is_letter and _AFTER_NUMBER.search(text[max(0, start - 2) : start]) is None


def _like(form: str, word: str) -> str:
    """Return `word` with the capitals of `form`: all where the two are the same word, else those of its parts."""
    if folded(form) == folded(word):
        return form
    forms, parts = _BEHIND_JOINT.split(form), _BEHIND_JOINT.split(word)
    if len(forms) == len(parts) > 1:
        return "".join(map(_like, forms, parts))
    lowered = to_lower(word)
    return capitalised(lowered) if form[0].isupper() else lowered


def _capitals(text: str, language: str) -> str:
    parts: list[str] = []
    end = 0
    for entity in find_entities(text):
        parts += (to_upper(text[end : entity.start], language), entity.text)
        end = entity.end
    return "".join(parts) + to_upper(text[end:], language)


def _title_case(text: str) -> str:
    """Return English `text` in Title Case: all words have a capital but small ones inside a sentence."""
    small = headline_words("en").small
    words = _words(text)
    parts: list[str] = []
    end = 0
    for number, word in enumerate(words):
        gap = text[end : word.start()]
        is_edge = number in {0, len(words) - 1} or _STARTS_SENTENCE.search(gap) is not None
        parts += (gap, word[0] if key_of(word[0]) in small and not is_edge else _in_title(word[0], small))
        end = word.end()
    return "".join(parts) + text[end:]


def _in_title(word: str, small: frozenset[str]) -> str:
    """Return a word with a capital, and so the parts of a compound; one with capitals inside stays as it is."""
    first, *rest = _BEHIND_JOINT.split(word)
    return "".join((_with_capital(first), *(part if part in small else _with_capital(part) for part in rest)))


def _with_capital(word: str) -> str:
    return capitalised(word) if word.islower() else word
