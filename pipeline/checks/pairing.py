"""Whether a translation kept the quotation marks and brackets of its source, each with its partner."""

from __future__ import annotations

import re

from pipeline.checks.base import TextPair
from pipeline.entities import without_entities
from pipeline.types import standard_of

MIN_QUOTES_KEPT = 1.0
MIN_BRACKETS_KEPT = 1.0

_QUOTE = re.compile('[«»“”„‟"‹›＂]')
_PRIME = re.compile(r"(\d['’′]\s?\d{1,2}|(?<![\w\"])\d+)\"(?=[\s,)])")
_DOUBLE_APOSTROPHES = re.compile(r"''|``|’’|‘‘|,,(?=\w)")
_SINGLE = re.compile(r"(?<!\w)['‘][^\W\d_](?:[^'‘’\"]|['’](?=\w)){0,300}['’](?!\w)")
_OFTEN_WITHOUT = frozenset((("en", "hy"), ("ru", "hy"), ("ru", "en"), ("hy", "en")))
"""Where translators often leave quotation marks out: Armenian has a dash for speech, English no marks for names."""

_ENUMERATION = re.compile(r"(?:^|(?<=[\s;,:.]))(?:\w|\d{1,3})\)")
_BRACKET = re.compile(r"[()\[\]{}]")
_OPENING = {")": "(", "]": "[", "}": "{"}


def quotes_kept(pair: TextPair) -> float | None:
    """Return 1 less the share, 0 to 1, of the source's double quotation marks that the target lost or left alone.

    Any style will do, and single marks may stand for double ones in the target. A unit may open a quotation that
    another one closes, so an odd mark is one too many only where the source has none; Armenian often has a dash for
    speech and none at all. None where the source has no marks and those of the target have their partners, and where
    the target has none in a pair of languages whose translators often do without.
    """
    if not (_has_quotes(pair.source) or _has_quotes(pair.target)):
        return None
    source = _QUOTE.findall(_plain(pair.source))
    text = _plain(pair.target)
    target = _QUOTE.findall(text)
    if not source:
        # Marks that translators add are right, but for one without its partner.
        n_alone = 0 if standard_of(pair.source_lang) == "hy" else _count_alone(target)
        return 1 - n_alone / len(target) if n_alone else None
    n_single = 2 * len(_SINGLE.findall(text)) if "'" in text or "’" in text else 0
    if not target and (n_single or _pair_of(pair) in _OFTEN_WITHOUT):
        return None
    n_alone = max(0, _count_alone(target) - _count_alone(source))
    n_missing = max(0, len(source) - len(target) - n_single)
    return 1 - max(n_alone, n_missing) / max(len(source), len(target))


def _has_quotes(text: str) -> bool:
    return _QUOTE.search(text) is not None or _DOUBLE_APOSTROPHES.search(text) is not None


def _plain(text: str) -> str:
    """Return a text with one sign for a double mark that was typed as two, without inches and seconds."""
    return _PRIME.sub(r"\1", _DOUBLE_APOSTROPHES.sub('"', text))


def _count_alone(marks: list[str]) -> int:
    """Return how many marks lack their partner; “ may open or close, by language."""
    n_left, n_right = marks.count("«") + marks.count("‹"), marks.count("»") + marks.count("›")
    return abs(n_left - n_right) + (len(marks) - n_left - n_right) % 2


def _pair_of(pair: TextPair) -> tuple[str, str]:
    return standard_of(pair.source_lang), standard_of(pair.target_lang)


def brackets_kept(pair: TextPair) -> float | None:
    """Return 1 less the share, 0 to 1, of the source's brackets that the target lost or left alone.

    Brackets of placeholders, and of `a)` before the parts of a list, do not count. None where neither has brackets.
    """
    if not (_BRACKET.search(pair.source) or _BRACKET.search(pair.target)):
        return None
    source, target = _find_brackets(pair.source), _find_brackets(pair.target)
    n_expected = max(len(source), len(target))
    if not n_expected:
        return None
    n_alone = max(0, _count_unmatched(target) - _count_unmatched(source))
    n_missing = max(0, len(source) - len(target))
    return 1 - max(n_alone, n_missing) / n_expected


def _find_brackets(text: str) -> list[str]:
    text = without_entities(text)
    if text.count(")") > text.count("("):
        text = _ENUMERATION.sub("", text)
    return _BRACKET.findall(text)


def _count_unmatched(brackets: list[str]) -> int:
    expected: list[str] = []
    n_unmatched = 0
    for bracket in brackets:
        opening = _OPENING.get(bracket)
        if opening is None:
            expected.append(bracket)
        elif expected and expected[-1] == opening:
            expected.pop()
        else:
            n_unmatched += 1
    return n_unmatched + len(expected)
