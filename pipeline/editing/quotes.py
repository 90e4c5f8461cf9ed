"""Quotation marks of another language replaced by the target language's own."""

from __future__ import annotations

import re
from dataclasses import dataclass

_QUOTES = '"«»“”„‟'
_QUOTE = re.compile(f"[{_QUOTES}]")
# No telling what belongs together in there.
_HEAP = re.compile(rf"[{_QUOTES}](?:\s*[{_QUOTES}]){{2}}")
_MAX_RUN = 8
_OPENS_ALWAYS = frozenset("«„‟")
_STRAIGHT = '"'
_BEFORE_OPENING = frozenset(("", *" \t\n\u00a0([{‘—–-"))
_AFTER_CLOSING = frozenset(("", *" \t\n\u00a0)]}’.․,;:!?…։—–-՝"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Style:
    """Outer and inner quotation marks of a language; what else is right, for opening and closing ones, too."""

    outer: str
    inner: str
    right_outer: tuple[str, str]
    right_inner: tuple[str, str]


# Source: Chicago Manual of Style; Д. Э. Розенталь, «Справочник по правописанию»; in Armenian, inner marks vary.
_STYLES = {
    "en": _Style(outer="“”", inner="‘’", right_outer=('“”"', '“”"'), right_inner=('“”"', '“”"')),
    "ru": _Style(outer="«»", inner="„“", right_outer=("«„", "»“"), right_inner=("«„", "»“")),
    "hy": _Style(outer="«»", inner="«»", right_outer=("«", "»"), right_inner=("«“„", "»“”")),
}


@dataclass(slots=True, kw_only=True)
class _Mark:
    """A quotation mark in a text: how many are open around it, and the other one of its pair."""

    offset: int
    char: str
    is_opening: bool
    depth: int
    partner: _Mark | None = None


def with_own_quotes(text: str, *, source: str, language: str) -> str:
    """Return `text` with the quotation marks of `language`, `en`, `ru` or `hy`, in place of those of others.

    Straight marks are in no language: pairs of them are replaced where the source has typographic ones only, but not in
    English, where they are right. A text with three marks in a row is left alone.
    """
    if not _QUOTE.search(text) or _HEAP.search(text):
        return text
    style, turns_straight = _STYLES[language], _turns_straight(source)
    chars = list(text)
    for mark in _marks(text):
        if _is_wrong(mark, style, turns_straight=turns_straight):
            pair = style.inner if mark.depth else style.outer
            chars[mark.offset] = pair[0 if mark.is_opening else 1]
    return "".join(chars)


def _turns_straight(source: str) -> bool:
    return _STRAIGHT not in source and _QUOTE.search(source) is not None


def _is_wrong(mark: _Mark, style: _Style, *, turns_straight: bool) -> bool:
    # “ closes what „ opened, here or in the unit before: that is right in Russian, and wrong elsewhere.
    side = 0 if mark.is_opening else 1
    other = mark.partner.char if mark.partner else None
    if mark.char in (style.right_inner if mark.depth else style.right_outer)[side]:
        return mark.char == "“" and side == 1 and (other == "„") != (style.inner == "„“") and other is not None
    return mark.char != _STRAIGHT or (other is not None and (turns_straight or other != _STRAIGHT))


def _marks(text: str) -> list[_Mark]:
    """Return the quotation marks of `text` in order, but those of which there is no telling whether they open."""
    marks: list[_Mark] = []
    is_open: list[_Mark] = []
    for match in _QUOTE.finditer(text):
        is_opening = _opens(text, match.start(), is_open)
        if is_opening is None:
            continue
        partner = is_open.pop() if is_open and not is_opening else None
        mark = _Mark(offset=match.start(), char=match[0], is_opening=is_opening, depth=len(is_open), partner=partner)
        if partner:
            partner.partner = mark
        if is_opening:
            is_open.append(mark)
        marks.append(mark)
    _deepen(marks)
    return marks


def _deepen(marks: list[_Mark]) -> None:
    """Take account of quotations that were opened in the unit before and end here."""
    n_ends = 0
    for mark in reversed(marks):
        mark.depth += n_ends
        n_ends += mark.char == "»" and mark.partner is None


def _opens(text: str, offset: int, is_open: list[_Mark]) -> bool | None:
    """Return whether a mark opens a quotation, None where there is no telling."""
    char = text[offset]
    if char in _OPENS_ALWAYS or char == "»":
        return char != "»"
    if char == "“" and is_open and is_open[-1].char == "„":
        return False
    before = text[max(0, offset - _MAX_RUN) : offset].rstrip(_QUOTES)[-1:]
    after = text[offset : offset + _MAX_RUN].lstrip(_QUOTES)[:1]
    may_open, may_close = before in _BEFORE_OPENING, after in _AFTER_CLOSING
    if may_open != may_close:
        return may_open
    if char == _STRAIGHT or not may_open:
        return None
    return False if is_open else (after.isspace() or None)
