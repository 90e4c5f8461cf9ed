"""Forms of a word, as `inflection.toml` has them: the stems and the closed lists of endings of en, ru and hy."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from pipeline.packaged import read_toml
from pipeline.types import standard_of

MARKS = "\u0301\u0307\u00ad\u055b\u055c\u055e"
"""What may stand inside a word and is no letter of it: stress, the dot of `İ`, soft hyphen, and Armenian ՛ ՜ ՞."""

AS_WRITTEN = "as-written"
ACRONYM = "acronym"
ANY_ENDING = "any-ending"

_NO_MARKS = dict.fromkeys(map(ord, MARKS))
_ANY_MARK = re.compile(f"[{MARKS}]")


class Forms(NamedTuple):
    """The forms of a word by one rule: a stem with each of the endings, all in small letters and folded.

    `endings` is None where any will do. `written` is the stem as it was given.
    """

    rule: str
    stem: str
    written: str
    endings: frozenset[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Which words it is for (a pattern whose groups make the stem), and their endings."""

    name: str
    citation: re.Pattern[str]
    endings: frozenset[str]
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inflection:
    """How the words of a language are spelled and inflected; a language without rules has words as they are written."""

    spellings: tuple[tuple[str, str], ...] = ()
    acronym: frozenset[str] = frozenset(("",))
    rules: tuple[Rule, ...] = ()
    is_unchanged: bool = True

    def fold(self, text: str) -> str:
        """Return `text` in small letters, without marks inside words, in one of several spellings.

        It has as many words as before, in the same order; offsets may change.
        """
        text = text.lower()
        if not text.isascii():
            text = without_marks(text)
            for one, other in self.spellings:
                text = text.replace(one, other)
        return text

    def forms(self, word: str) -> tuple[Forms, ...]:
        """Return the forms of a word as a dictionary has it, the word itself first."""
        small = word.lower()
        found = [Forms(AS_WRITTEN, self.fold(word), word, frozenset(("",)))]
        for rule in self.rules:
            if match := rule.citation.fullmatch(small):
                spans = (match.span(number) for number in range(1, rule.citation.groups + 1))
                stem = "".join(word[start:end] for start, end in spans)
                found.append(Forms(rule.name, self.fold(stem), stem, rule.endings))
        return tuple(found)

    def acronym_forms(self, word: str) -> tuple[Forms, ...]:
        """Return the forms of a word in capitals."""
        return (Forms(ACRONYM, self.fold(word), word, self.acronym),)

    def any_forms(self, stem: str) -> tuple[Forms, ...]:
        """Return all words that begin with a stem."""
        return (Forms(ANY_ENDING, self.fold(stem), stem, None),)


def without_marks(text: str) -> str:
    """Return `text` without what stands inside words and is no letter."""
    return text.translate(_NO_MARKS) if _ANY_MARK.search(text) else text


@cache
def load_inflection(language: str) -> Inflection:
    """Return what is known of a language, read once."""
    data = read_toml("pipeline.editing", "inflection.toml").get(standard_of(language))
    if data is None:
        return Inflection()
    return Inflection(
        spellings=tuple(data["fold"].items()),
        acronym=_endings(data["acronym"]),
        rules=tuple(map(_rule, data["rules"])),
        is_unchanged=data["unchanged"],
    )


def _rule(data: dict[str, Any]) -> Rule:
    return Rule(
        name=data["name"],
        citation=re.compile(data["citation"]),
        endings=frozenset(
            before + ending for before in _endings(data.get("before", "-")) for ending in _endings(data["endings"])
        ),
        examples=tuple(data["examples"].split()),
    )


def _endings(text: str) -> frozenset[str]:
    return frozenset("" if ending == "-" else ending for ending in text.split())
