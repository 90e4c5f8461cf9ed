"""The rules, one function each: the first that has a say about a place decides.

What they mean stands in `explain.RULE_MEANINGS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from pipeline.sentences.abbreviations import judge_dot
from pipeline.sentences.place import Place, Verdict, ends, ends_if, goes_on
from pipeline.sentences.rules import Rules

_GOES_ON = frozenset(",;:/%)]}=")
_PLAIN_MARK = re.compile(r"[.]|[!?]+")
_QUESTIONS = re.compile(r"[!?]{2,}")
_SPACED_SENTENCE_DOTS = 4
_SPACED_DOTS = re.compile(r"(?:\.\s+)+\w")
_THREE_WORDS = re.compile(r"(?:[^\W\d_]+\W+){2}[^\W\d_]+\W*\Z")
_SHORT_QUOTATION = re.compile(r"[^»]{0,18}»|[^»]*»\s*,")
_DASHED_ITEM = re.compile(r"[–—-]\s+[Ա-Ֆ]")
_QUOTATION_ENDS = re.compile(r"[^».!?…]*»")
_ASKED = re.compile(r"[?!…]\s+[–—-]\s")
_SMALL_ENUMERATOR = re.compile(r"\w[.)]\s")
_WHOLE_WORD = re.compile(r"(?:(?<![^\W_])[^\W\d_]{4,}|\d{4})\Z")
_LINK = re.compile(r"https?:/|www\.")
_CAPITALISED = re.compile(r"[А-ЯЁԱ-Ֆ][а-яёա-և]")


def judge(place: Place, rules: Rules) -> Verdict:
    """Return whether a sentence ends at a place, and which rule says so."""
    if place.is_glued:
        return _judge_glued(place, rules)
    for rule in _JUDGES:
        verdict = rule(place, rules)
        if verdict is not None:
            return verdict
    return judge_dot(place, rules) if place.mark == "." else ends("mark")


def _judge_full_stop(place: Place, rules: Rules) -> Verdict | None:
    return ends("full-stop") if place.mark in rules.full_stops and not place.has_closing else None


def _judge_half_stop(place: Place, rules: Rules) -> Verdict | None:
    """Judge an Armenian dot: it ends only a clause of some words that announces speech, or a list with dashes."""
    if place.mark not in rules.half_stops:
        return None
    if _THREE_WORDS.search(place.before) is None:
        return goes_on("half-stop")
    is_speech = place.after[0] == "«" and not _SHORT_QUOTATION.match(place.after)
    return ends("announced") if is_speech or _DASHED_ITEM.match(place.after) else goes_on("half-stop")


def _judge_spaced_dots(place: Place, _: Rules) -> Verdict | None:
    """Judge ". . .": four are an omission and a full stop; three behind a word begin with its full stop."""
    if place.mark[0] == "." and " " in place.mark:
        return ends_if(place.mark.count(".") >= _SPACED_SENTENCE_DOTS and place.word[:1].isupper(), "spaced-dots")
    return ends_if(_SPACED_DOTS.match(place.after), "spaced-dots") if place.after[0] == "." else None


def _judge_following_mark(place: Place, _: Rules) -> Verdict | None:
    return goes_on("goes-on-with-mark", place.after[0]) if place.after[0] in _GOES_ON else None


def _judge_speech(place: Place, _: Rules) -> Verdict | None:
    """Judge «Question? – asked the author. – Speech»: the quotation that is open goes on to its end."""
    is_inside = place.is_quotation_open and _QUOTATION_ENDS.match(place.after) and _ASKED.search(place.before)
    return goes_on("speech-inside-quotation") if is_inside else None


def _judge_small_letter(place: Place, rules: Rules) -> Verdict | None:
    """Judge a mark before a small letter that begins no sentence; those that do are left to other rules."""
    if not place.word[:1].islower() or _LINK.match(place.after):
        return None
    if place.mark == ":" and _SMALL_ENUMERATOR.match(place.after):
        return None
    is_plain = _PLAIN_MARK.fullmatch(place.mark) is not None
    if is_plain and place.sentence_start.islower() and place.before[-2:].isalpha():
        # Who begins sentences in small letters does so again.
        return None
    if is_plain and not place.has_closing and place.word in rules.small_starters and _WHOLE_WORD.search(place.before):
        return ends("small-starter", place.word)
    return goes_on("small-letter", place.word)


def _judge_glued(place: Place, rules: Rules) -> Verdict:
    """Judge a mark that no blank follows: «слово.Слово»."""
    last = place.before[-2:]
    if not (last.isalpha() and last.islower()) or "/" in place.before or "@" in place.before + place.after:
        return goes_on("inside-word")
    if "…" in place.mark or "..." in place.mark:
        return ends_if(place.after[0].isupper() and not rules.ellipsis_joins, "glued-ellipsis")
    if _QUESTIONS.fullmatch(place.mark) and place.after[0].isalpha():
        return ends("missing-blank")
    if _CAPITALISED.match(place.after) or (place.mark == ".." and place.after[0].isupper()):
        return ends("missing-blank")
    is_starter = len(place.word) > 1 and place.word.istitle() and place.word.lower() in rules.starters
    return ends("missing-blank", place.word) if is_starter else goes_on("inside-word")


_JUDGES: tuple[Callable[[Place, Rules], Verdict | None], ...] = (
    _judge_full_stop,
    _judge_half_stop,
    _judge_spaced_dots,
    _judge_following_mark,
    _judge_speech,
    _judge_small_letter,
)
