"""Regular expressions that people write, in the terms of RE2: letters of all scripts, folding, whole words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.errors import UsageError
from pipeline.search.letters import BETWEEN_CHARS, EV, SPACE_CHARS, WORD_CHARS, escaped, ev_folded, yo_added, yo_folded
from pipeline.search.phrases import Expression

_TOKEN = re.compile(
    r"""
    \\Q(?P<quoted>.*?)(?:\\E|$)
    | \\[pP](?:\{[^}]*\}|.) | \\x(?:\{[^}]*\}|..) | \\.     # an escape
    | \[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]               # a class in brackets
    | \((?:\?P?<[^>]*>|\?[a-zA-Z-]*[:)])?                   # the beginning of a group, or flags
    | \{\d+(?:,\d*)?\}
    | .
    """,
    re.VERBOSE | re.DOTALL,
)
_ITEM = re.compile(r"\[:\^?\w+:\]|\\[pP](?:\{[^}]*\}|.)|\\x(?:\{[^}]*\}|..)|\\.|.", re.DOTALL)
_FLAGS = re.compile(r"\(\?[a-zA-Z-]+\)")
_NAMED = re.compile(r"\((?:\?P?<[^>]*>)?")
_REPEATS = ("*", "+", "?", "{")
_BOUNDARY = r"\b"

_UNICODE = {
    r"\w": f"[{WORD_CHARS}]",
    r"\W": f"[{BETWEEN_CHARS}]",
    r"\d": r"\p{Nd}",
    r"\D": r"\P{Nd}",
    r"\s": f"[{SPACE_CHARS}]",
    r"\S": rf"[^{SPACE_CHARS}]",
}
_IN_BRACKETS = {r"\w": WORD_CHARS, r"\W": BETWEEN_CHARS, r"\d": r"\p{Nd}", r"\D": r"\P{Nd}", r"\s": SPACE_CHARS}
_REFUSED = {
    _BOUNDARY: r"\b stands at the beginning or the end of an expression only; put alternatives in one group, "
    r"as in \b(?:bank|loan)\b",
    r"\B": r"\B cannot be used; write the letters around it, as in \w+bank",
    r"\C": r"\C, a single byte, cannot be used; write . for a character",
}


def expression(text: str, *, is_exact: bool) -> Expression:
    r"""Return what a regular expression means where letters are those of all scripts.

    `\w`, `\d` and `\s` know all scripts, `\b` at an end asks for whole words, groups do not capture. Unless `is_exact`,
    е and ё are one, as are և and եւ.

    Raises:
        UsageError: it is none, or has something that cannot be used here.
    """
    _check(text)
    tokens = [(found.start(), found[0]) for found in _TOKEN.finditer(text)]
    flags = tokens[:1] if tokens and _FLAGS.fullmatch(tokens[0][1]) else []
    rest = tokens[len(flags) :]
    has_start = bool(rest) and rest[0][1] == _BOUNDARY
    has_end = len(rest) > 1 and rest[-1][1] == _BOUNDARY
    inner = rest[has_start : len(rest) - has_end]
    if (has_start or has_end) and _has_alternatives(inner):
        raise UsageError(f"{text}: {_REFUSED[_BOUNDARY]}")
    body = "".join(_translated(text, [*flags, *inner], is_exact=is_exact))
    return Expression(body=body, has_start=has_start, has_end=has_end, may_touch=has_start or has_end)


def _check(text: str) -> None:
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(text, options)
    except re2.error as error:
        detail = error.args[0] if error.args else ""
        raise UsageError(_complaint(text, detail.decode() if isinstance(detail, bytes) else str(detail))) from error


def _complaint(text: str, detail: str) -> str:
    """Return what is wrong with an expression, and where, as far as RE2 tells."""
    what, _, where = detail.partition(": ")
    place = text.find(where) + 1 if where and where != text else 0
    at = f" at character {place}, {where}" if place else ""
    advice = "; RE2 cannot look around" if where.startswith(("(?=", "(?!", "(?<")) else ""
    advice = r"; RE2 has no references to groups" if re.fullmatch(r"\\\d", where) else advice
    return f"{text}: no regular expression: {what}{at}{advice}; without --regex it is looked for as it stands"


def _has_alternatives(tokens: list[tuple[int, str]]) -> bool:
    depth = 0
    for _, piece in tokens:
        if piece[0] == "(" and not _FLAGS.fullmatch(piece):
            depth += 1
        elif piece == ")":
            depth -= 1
        elif piece == "|" and not depth:
            return True
    return False


def _translated(text: str, tokens: list[tuple[int, str]], *, is_exact: bool) -> Iterator[str]:
    place = 0
    while place < len(tokens):
        start, token = tokens[place]
        if token in _REFUSED:
            raise UsageError(f"{text}: at character {start + 1}: {_REFUSED[token]}")
        pair = token + (tokens[place + 1][1] if place + 1 < len(tokens) else "")
        is_repeated = place + 2 < len(tokens) and tokens[place + 2][1].startswith(_REPEATS)
        if not is_exact and EV.fullmatch(pair) and not is_repeated:
            yield f"(?:{ev_folded(pair)})"
            place += 2
            continue
        yield _token(text, start, token, is_exact=is_exact)
        place += 1


def _token(text: str, start: int, token: str, *, is_exact: bool) -> str:
    if token in _UNICODE:
        return _UNICODE[token]
    if token.startswith(r"\Q"):
        quoted = token[2:].removesuffix(r"\E")
        return "".join(map(escaped if is_exact else yo_folded, quoted))
    if token[0] == "[":
        return _brackets(text, start, token, is_exact=is_exact)
    if _NAMED.fullmatch(token):
        return "(?:"
    if is_exact or len(token) > 1 or token.isascii():
        return token
    return f"(?:{ev_folded(token)})" if EV.fullmatch(token) else yo_folded(token)


def _brackets(text: str, start: int, token: str, *, is_exact: bool) -> str:
    head = "[^" if token.startswith("[^") else "["
    items = [found[0] for found in _ITEM.finditer(token[len(head) : -1])]
    if stranger := next((item for item in items if item == r"\S"), None):
        raise UsageError(
            rf"{text}: at character {start + 1}: {stranger} cannot stand in brackets; write [^\s…] instead"
        )
    inner = "".join(_IN_BRACKETS.get(item, item) for item in items)
    return f"{head}{inner}{'' if is_exact else yo_added(_ranges(items))}]"


def _ranges(items: list[str]) -> list[tuple[str, str]]:
    """Return the characters and ranges in brackets; those that are written as escapes are left out."""
    found = []
    place = 0
    while place < len(items):
        is_range = place + 2 < len(items) and items[place + 1] == "-"
        last = items[place + 2] if is_range else items[place]
        if len(items[place]) == len(last) == 1:
            found.append((items[place], last))
        place += 3 if is_range else 1
    return found
