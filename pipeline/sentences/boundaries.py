"""Where sentences end: each mark is judged by the word before it and by what follows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.sentences.rules import AbbreviationClass, Rules

_LOOK_BACK = 24
_LOOK_AHEAD = 48

_SOLID = re.compile(r"\S")
_WORD = re.compile(r"\w+")
_TOKEN = re.compile(r"[\w.№'’-]*\Z")
_BLANK_AFTER_DOT = re.compile(r"(?<=\.)\s+")
_NUMBER_BEFORE = re.compile(r"(?:\d|\b[IVXLCХ]+)\s*\Z")
_ENUMERATOR = re.compile(r"\d{1,3}|[IVXLC]+")
_SMALL_ENUMERATOR = re.compile(r"\w[.)]\s")
_SMALL_WORD = re.compile(r"(?<![^\W_])[^\W\d_]{4,}\Z")
_LINK = re.compile(r"https?:/|www\.")
_CAPITALISED = re.compile(r"[А-ЯЁԱ-Ֆ][а-яёա-և]")
_OPENING = " \t\n\u00a0\"'«“„‘([¿¡—–-"
_PLAIN_MARK = re.compile(r"[.]|[!?]+")
_GOES_ON = frozenset(",;:/%)]}=")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A mark and what it is judged by; `after` starts at the next character that is no blank."""

    mark: str
    is_glued: bool
    has_closing: bool
    sentence_start: str
    is_near_start: bool
    before: str
    after: str
    word: str


def find_ends(text: str, rules: Rules) -> Iterator[int]:
    """Yield the offsets just behind the sentences of one paragraph, in order, but for the last sentence."""
    start = 0
    for match in rules.candidate.finditer(text):
        following = _SOLID.search(text, match.end())
        if following is None:
            return
        mark_start, mark = _locate_mark(match, rules)
        if mark and _is_end(_look_around(text, start, match, mark_start, mark, following.start()), rules):
            yield match.end()
            start = following.start()


def _locate_mark(match: re.Match[str], rules: Rules) -> tuple[int, str]:
    """Return where the marks of a candidate start, and them; in a short quotation those before its closing quote."""
    if match["shield"] is None:
        return match.start(), match["mark"]
    inside = match["shield"][:-1]
    n_before = len(inside.rstrip(rules.terminators))
    return match.start() + n_before, inside[n_before:]


def _look_around(text: str, start: int, match: re.Match[str], mark_start: int, mark: str, following: int) -> _Place:
    after = text[following : following + _LOOK_AHEAD]
    word = _WORD.match(after.lstrip(_OPENING))
    return _Place(
        mark=mark,
        is_glued=following == match.end(),
        has_closing=mark_start + len(mark) < match.end(),
        sentence_start=text[start],
        is_near_start=mark_start - start < _LOOK_BACK,
        before=text[max(start, mark_start - _LOOK_BACK) : mark_start],
        after=after,
        word=word.group() if word else "",
    )


def _is_end(place: _Place, rules: Rules) -> bool:
    if place.is_glued:
        return _is_glued_end(place, rules)
    if place.mark in rules.full_stops and not place.has_closing:
        return True
    if place.mark in rules.half_stops or place.after[0] in _GOES_ON or _goes_on_in_small(place, rules):
        return False
    return place.mark != "." or not _is_abbreviation(place, rules)


def _goes_on_in_small(place: _Place, rules: Rules) -> bool:
    """Return whether a small letter follows that does not begin a sentence all the same."""
    if not place.word[:1].islower() or _LINK.match(place.after):
        return False
    if place.mark == ":":
        return _SMALL_ENUMERATOR.match(place.after) is None
    if place.has_closing or not _PLAIN_MARK.fullmatch(place.mark) or not place.before[-2:].isalpha():
        return True
    return not place.sentence_start.islower() and not (
        place.word in rules.small_starters and _SMALL_WORD.search(place.before)
    )


def _is_glued_end(place: _Place, rules: Rules) -> bool:
    """Return whether a sentence ends although no blank follows its mark: «слово.Слово»."""
    last = place.before[-2:]
    if not (last.isalpha() and last.islower()) or "/" in place.before or "@" in place.before + place.after:
        return False
    if _CAPITALISED.match(place.after):
        return True
    return len(place.word) > 1 and place.word.istitle() and place.word.lower() in rules.starters


def _is_abbreviation(place: _Place, rules: Rules) -> bool:
    """Return whether a single dot belongs to an abbreviation or number that the next word continues."""
    compact = _BLANK_AFTER_DOT.sub("", place.before)
    token = _last_token(compact)
    parts = token.lower().split(".")
    for key in dict.fromkeys((".".join(parts), ".".join(parts[-2:]), parts[-1])):
        kind = rules.abbreviations.get(key)
        if kind is not None and (kind != "before_number" or place.word[:1].isdigit()):
            return _continues(kind, place, rules, compact[: len(compact) - len(key)])
    if len(parts[-1]) == 1 and parts[-1].isalpha():
        return not _starts_sentence(place, rules)
    return place.is_near_start and compact == token and _ENUMERATOR.fullmatch(token) is not None


def _continues(kind: AbbreviationClass, place: _Place, rules: Rules, before: str) -> bool:
    if kind == "before_starter":
        return not _starts_sentence(place, rules)
    if kind == "after_number":
        return _NUMBER_BEFORE.search(before) is None
    return kind != "may_end"


def _starts_sentence(place: _Place, rules: Rules) -> bool:
    """Return whether the next word often begins sentences; one letter with a dot is one more initial."""
    is_initial = len(place.word) == 1 and f"{place.word}." in place.after
    return place.word.lower() in rules.starters and not is_initial


def _last_token(text: str) -> str:
    """Return the letters, digits and inner dots at the end of `text`."""
    match = _TOKEN.search(text)
    return match.group() if match else ""
