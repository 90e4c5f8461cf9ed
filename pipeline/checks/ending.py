"""Whether a translation ends as its source does: with a mark of the same kind, and not in the middle."""

from __future__ import annotations

from pipeline.checks.base import TextPair
from pipeline.types import standard_of

MIN_FINAL_MARK = 1.0
"""A mark of another kind, or one that was added, is a doubt."""

MAX_CUT = 0.0
"""A text that lost its end is a doubt."""

_CLOSING = "\"'»”“’)]}›*_ \u00a0\n\t"
_STATEMENT, _QUESTION, _EXCLAMATION, _OPEN = "statement", "question", "exclamation", "open"
_KIND_OF_MARK = (
    dict.fromkeys(".։\u2024。", _STATEMENT)
    | dict.fromkeys("?؟？", _QUESTION)
    | dict.fromkeys("!！", _EXCLAMATION)
    | dict.fromkeys("…:,;-–—՝`", _OPEN)
)
_ARMENIAN = "hy"
_ARMENIAN_COLON = ":"
_ARMENIAN_QUESTION, _ARMENIAN_EXCLAMATION = "՞", "՜"
_TOLERANT = frozenset((_STATEMENT, _OPEN))


def final_mark(pair: TextPair) -> float | None:
    """Return 1 where source and target end alike, 0 where a final mark was added or its kind changed.

    The kinds are statement, question, exclamation, and an open end: ellipsis, colon, dash, comma or semicolon, which
    may stand for a statement. A mark that is missing is no concern of this check but of `is_cut`. None where there is
    nothing to end.
    """
    source, target = _kinds(pair.source, pair.source_lang), _kinds(pair.target, pair.target_lang)
    if source is None or target is None:
        return None
    if source & target or not target:
        return 1.0
    if not source:
        return 1.0 if target == {_OPEN} else 0.0
    return 1.0 if _TOLERANT & source and _TOLERANT & target else 0.0


def is_cut(pair: TextPair) -> float | None:
    """Return 1 where the source ends in a final mark and the target in none, or in a comma, else 0.

    None where the source has no final mark, and for headlines: Armenian ones often have a full stop, others have none.
    """
    if pair.kind == "headline" or not pair.target.strip():
        return None
    source = _kinds(pair.source, pair.source_lang)
    if not source or source == {_OPEN}:
        return None
    target = _kinds(pair.target, pair.target_lang)
    return 1.0 if not target or (target == {_OPEN} and not pair.target.rstrip(_CLOSING).endswith("…")) else 0.0


def _kinds(text: str, language: str) -> set[str] | None:
    """Return what the end of a text may be, nothing where it has no mark, None where it has no end.

    Armenian marks questions and exclamations inside the word that is stressed, which may stand in a statement too.
    """
    text = text.rstrip(_CLOSING)
    if not text:
        return None
    mark = text[-1]
    is_armenian = standard_of(language) == _ARMENIAN
    kind = _STATEMENT if is_armenian and mark == _ARMENIAN_COLON else _KIND_OF_MARK.get(mark)
    kinds = set() if kind is None else {kind}
    if is_armenian and kind is not None:
        kinds |= {_QUESTION} if _ARMENIAN_QUESTION in text else set()
        kinds |= {_EXCLAMATION} if _ARMENIAN_EXCLAMATION in text else set()
    if text.endswith("..."):
        kinds.add(_OPEN)
    if text[-2:-1] in "?!" and len(text) > 1:
        kinds.add(_KIND_OF_MARK[text[-2]])
    return kinds
