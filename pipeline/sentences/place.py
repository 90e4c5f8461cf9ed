"""A place where a sentence may end, and what a rule says of it."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """A mark and what it is judged by.

    `before` is the end of the sentence up to the mark, `after` starts at the next character that is no blank, and
    `word` is the first word there. A quotation is open where it began before the mark and has not ended.
    """

    mark: str
    is_glued: bool
    has_closing: bool
    is_quotation_open: bool
    sentence_start: str
    is_near_start: bool
    before: str
    after: str
    word: str


class Verdict(NamedTuple):
    """Whether a sentence ends, by which rule, and the word that decided, where one did."""

    is_end: bool
    rule: str
    detail: str


def ends(rule: str, detail: str = "") -> Verdict:
    """Return that a rule ends the sentence."""
    return Verdict(is_end=True, rule=rule, detail=detail)


def goes_on(rule: str, detail: str = "") -> Verdict:
    """Return that by a rule the sentence goes on."""
    return Verdict(is_end=False, rule=rule, detail=detail)


def ends_if(condition: object, rule: str, detail: str = "") -> Verdict:
    """Return that a rule ends the sentence where `condition` is true, and else that it goes on."""
    return Verdict(is_end=bool(condition), rule=rule, detail=detail)
