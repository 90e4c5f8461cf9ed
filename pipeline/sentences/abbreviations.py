"""Whether a single dot ends a sentence or belongs to an abbreviation, an initial, a number."""

from __future__ import annotations

import re

from pipeline.sentences.place import Place, Verdict, ends, ends_if, goes_on
from pipeline.sentences.rules import AbbreviationClass, Rules

_TOKEN = re.compile(r"[\w.№°'’-]*\Z")
_BLANK_AFTER_DOT = re.compile(r"(?<=\.)\s+")
_NUMBER_BEFORE = re.compile(r"(?:\d|\b[IVXLCХ]+)\s*\Z")
_NUMBER_BEFORE_UNIT = re.compile(r"\d[\s\u00a0]*(?:[^\W\d_]{1,3}/)?\Z")
_ENUMERATOR = re.compile(r"\d{1,3}|[IVXLC]+|[a-zа-яա-ֆ]")
_BULLETS = "•▪●⁃✔✅►➤–—- \u00a0"
_YEAR_IN_APPOSITION = re.compile(r",\s*\d{4}\s*\Z")
_SMALL_SECOND_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)?\s+[^\W\d_A-ZА-ЯЁ]{2,}")
_MAX_FRONTED_WORDS = 4


def judge_dot(place: Place, rules: Rules) -> Verdict:
    """Judge a dot that a blank follows, and then no small letter."""
    compact = _BLANK_AFTER_DOT.sub("", place.before)
    match = _TOKEN.search(compact)
    token = match.group() if match else ""
    if place.is_near_start and _ENUMERATOR.fullmatch(token) and compact.lstrip(_BULLETS) == token:
        return goes_on("list-item", token)
    last = token.rpartition(".")[2]
    # «В.» is an initial, «в.» a century; "U.S." is found in the list as a whole.
    if len(last) == 1 and last.isupper() and (token == last or token.lower() not in rules.abbreviations):
        return _judge_initial(place, rules, token)
    return _judge_abbreviation(place, rules, compact, token) or _judge_rest(place, rules, compact, last)


def _judge_abbreviation(place: Place, rules: Rules, compact: str, token: str) -> Verdict | None:
    parts = token.lower().split(".")
    for key in dict.fromkeys((".".join(parts), ".".join(parts[-2:]), parts[-1])):
        kind = rules.abbreviations.get(key)
        if kind is not None and (kind != "before_number" or place.word[:1].isdigit() or place.after[0] in "(["):
            is_continued = _continues(kind, place, rules, compact[: len(compact) - len(key)])
            return ends_if(not is_continued, f"abbreviation-{kind.replace('_', '-')}", key)
    return None


def _judge_rest(place: Place, rules: Rules, compact: str, last: str) -> Verdict:
    if len(last) != 1 or not last.isalpha():
        return ends("mark")
    if _NUMBER_BEFORE_UNIT.search(compact[:-1]):
        return ends("unit", last)
    return _judge_initial(place, rules, last)


def _judge_initial(place: Place, rules: Rules, token: str) -> Verdict:
    return ends_if(_starts_sentence(place, rules), "initial", token)


def _continues(kind: AbbreviationClass, place: Place, rules: Rules, before: str) -> bool:
    """Return whether the sentence goes on behind an abbreviation of a kind; `before` is what stands before it."""
    if kind == "before_starter":
        return not _starts_sentence(place, rules) or _is_fronted(place, rules)
    if kind == "company":
        return not (_starts_sentence(place, rules) or _SMALL_SECOND_WORD.match(place.after))
    if kind == "after_number":
        is_counted = _NUMBER_BEFORE.search(before) is not None and _YEAR_IN_APPOSITION.search(before) is None
        return not is_counted or _is_fronted(place, rules)
    return kind != "may_end"


def _is_fronted(place: Place, rules: Rules) -> bool:
    """Return whether all before the dot is a phrase of time that opens the sentence: «В 2010 г.» or "At 5 a.m."."""
    words = place.before.split()
    return place.is_near_start and 1 < len(words) <= _MAX_FRONTED_WORDS and words[0].lower() in rules.prepositions


def _starts_sentence(place: Place, rules: Rules) -> bool:
    """Return whether the next word often begins sentences; one letter with a dot is one more initial."""
    is_initial = len(place.word) == 1 and f"{place.word}." in place.after
    return place.word.lower() in rules.starters and not is_initial
