"""Spans that are in no language: links, addresses, handles, hashtags, placeholders, code and emoji.

They stand in a translation as they stand in its source, character by character.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

_TOP_DOMAINS = "com|org|net|info|edu|gov|am|ru|su|ua|by|kz|ge|uk|de|fr|eu|io|tv|me"
# In lower case, in capitals, and in a few names; `it.Me` is where a blank is missing between sentences.
_DOMAIN_ENDS = f"{_TOP_DOMAINS}|{_TOP_DOMAINS.upper()}|Com|Org|Net|Info|Ru"
_LINK_CHAR = r"""[^\s<>"`«»“”„։՝՞՜՛]"""
_EMOJI = (
    "[\U0001f1e6-\U0001f1ff]{2}|[0-9#*]\ufe0f?\u20e3|"
    "(?:[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u23e9-\u23fa\u231a\u231b]"
    "[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]*(?:\u200d[\U0001f000-\U0001faff\u2600-\u27bf][\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]*)*)"
)
# Whatever repeats is bounded, or cannot begin again inside itself: the time grows with the length of the text only.
KINDS: dict[str, str] = {
    # Armenian types the mark of code for its comma: blanks and letters of prose are no code.
    "code": r"(?<![\w`])`(?=[^\s`])[^`\n\u0530-\u058f]{1,200}(?<!\s)`",
    "url": (
        rf"(?i:\bhttps?://|\bftp://|\bwww\.)(?=[^\W_]){_LINK_CHAR}+"
        rf"|(?<![\w@.])(?![\d.]+\.am\b|(?:[A-Za-z]\.){{2}})(?:[A-Za-z0-9](?:[A-Za-z0-9-]{{0,62}}\.)){{1,5}}(?:{_DOMAIN_ENDS})\b(?!@)(?:/{_LINK_CHAR}*)?"
    ),
    "email": r"\b[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[A-Za-z\u0400-\u04ff]{2,24}\b",
    "handle": r"(?<![\w@/.])@\w{2,50}(?:@(?:[\w-]{1,63}\.){1,4}\w{2,24})?",
    "hashtag": r"(?<![\w#&/])#(?=\w*[^\W\d_])\w{2,100}",
    "placeholder": (
        r"\$?\{\{?[\w.:!, -]{0,60}\}?\}|%\(\w{1,60}\)[-+#]?\d{0,4}(?:\.\d{1,4})?[sdifgrxX]"
        r"|(?<![\w%])%(?:\d\$)?[-+#]?\d{0,4}(?:\.\d{1,4})?[sdifgrxX](?!\w)"
        r"|</?[A-Za-z][\w:-]{0,40}(?:\s[^<>=\n]{1,60}=[^<>\n]{0,400})?\s?/?>|&(?:[a-z]{2,8}|#\d{2,5});"
    ),
    "emoji": _EMOJI,
}
"""Patterns by kind, in the order in which they are tried at each place."""

PATTERN = "pattern"
"""The kind of what a pattern of the user finds; those are tried first."""

_ENDS_NO_LINK = ".,;:!?…'’"
_BRACKETS = {")": "(", "]": "[", "}": "{"}
# Armenian hangs its endings on a link: example.am-ի.
_MAX_ENDING = 5
_ENDING = re.compile(r"[-\u058a][\u0561-\u0587]{1,4}$")
# Most text has none of these; looking for them is many times as quick as trying the patterns.
_MAY_HAVE_ENTITY = re.compile(
    r"[@#`{<&\u20e3\u231a\u231b\u23e9-\u23fa\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]"
    r"|%[(\w#+-.]|://|\.[A-Za-z]{2}|[Ww]{3}\."
)


class Entity(NamedTuple):
    """A span of a text, half open, in code points; `kind` is a key of `KINDS`, or `pattern`."""

    start: int
    end: int
    kind: str
    text: str


class EntityFinder:
    """Finds entities.

    Args:
        patterns: regular expressions of the user, tried before all others.
        exceptions: kinds that are not looked for.
    """

    def __init__(self, patterns: Sequence[str] = (), exceptions: Sequence[str] = ()) -> None:
        # Each on its own: groups, references and flags of one mean nothing in another.
        self._own = tuple(map(re.compile, patterns))
        known = [f"(?P<{kind}>{pattern})" for kind, pattern in KINDS.items() if kind not in exceptions]
        self._known = re.compile("|".join(known) or r"(?!)")

    def find(self, text: str) -> list[Entity]:
        """Return the entities of `text`, in order; they do not overlap: the first to begin stands."""
        known = [_entity(match) for match in self._known.finditer(text)] if _MAY_HAVE_ENTITY.search(text) else []
        if not self._own:
            return known
        own = [
            Entity(*match.span(), PATTERN, match[0])
            for pattern in self._own
            for match in pattern.finditer(text)
            if match[0]
        ]
        return _disjoint(sorted([*own, *known], key=attrgetter("start")))


def _disjoint(entities: Iterable[Entity]) -> list[Entity]:
    kept: list[Entity] = []
    for entity in entities:
        if not kept or kept[-1].end <= entity.start:
            kept.append(entity)
    return kept


def _entity(match: re.Match[str]) -> Entity:
    start, end = match.span()
    kind = match.lastgroup or PATTERN
    if kind == "url":
        end = start + _link_length(match[0])
    return Entity(start, end, kind, match.string[start:end])


def _link_length(link: str) -> int:
    """Return how much of what looks like a link is one: the marks of the sentence around it are not."""
    length = len(link)
    surplus = {closing: link.count(closing) - link.count(opening) for closing, opening in _BRACKETS.items()}
    while link[length - 1] in _ENDS_NO_LINK or surplus.get(link[length - 1], 0) > 0:
        length -= 1
        if link[length] in surplus:
            surplus[link[length]] -= 1
    ending = _ENDING.search(link, max(0, length - _MAX_ENDING), length)
    return ending.start() if ending else length


_DEFAULT = EntityFinder()


def find_entities(text: str) -> list[Entity]:
    """Return the entities of `text` of all kinds, in order."""
    return _DEFAULT.find(text)


def without_entities(text: str, entities: Sequence[Entity] | None = None) -> str:
    """Return `text` with a blank in place of each entity."""
    found = find_entities(text) if entities is None else entities
    if not found:
        return text
    parts: list[str] = []
    position = 0
    for entity in found:
        parts += (text[position : entity.start], " ")
        position = entity.end
    return "".join(parts) + text[position:]
