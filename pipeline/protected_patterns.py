"""What can be wrong with the patterns of `[protect]`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipeline.entities import KINDS
from pipeline.problems import Problem, no_choice

_ORDINARY = "The council met on Monday and agreed on a new road"
"""What nobody can want to protect from the first letter to the last."""

_SAMPLES = {
    "code": "`main()`",
    "url": "https://example.org/news",
    "email": "desk@example.org",
    "handle": "@newsdesk",
    "hashtag": "#News",
    "placeholder": "{name}",
    "emoji": "\U0001f600",
}
"""One of each kind, to see which patterns protect what `except` lets be translated."""


def pattern_problems(patterns: Sequence[str], exceptions: Sequence[str]) -> Iterator[Problem]:
    """Yield what cannot be, or contradicts itself, in patterns and in kinds that are excepted from protection."""
    sound = []
    for number, pattern in enumerate(patterns):
        text = "is there twice; keep one of them" if pattern in patterns[:number] else _pattern_problem(pattern)
        if text:
            yield Problem(keys=("patterns",), text=f"{pattern!r} {text}", is_sentence=True)
        else:
            sound.append(pattern)
    for kind in exceptions:
        yield from no_choice("except", kind, tuple(KINDS))
    for kind in set(exceptions).intersection(KINDS):
        for pattern in sound:
            if re.fullmatch(pattern, _SAMPLES[kind]):
                excepted = f"{kind} ({_SAMPLES[kind]})"
                text = f"{pattern!r} protects what except lets be translated, {excepted}; leave out one of the two"
                yield Problem(keys=("patterns", "except"), text=text, is_sentence=True)
    if not patterns and set(KINDS) <= set(exceptions):
        yield Problem(keys=("except",), text="leaves nothing to protect; write raw = true if that is meant")


def _pattern_problem(pattern: str) -> str | None:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        return f"is no regular expression ({error})"
    if compiled.match(""):
        return "matches where there is nothing; let it begin with something that must be there"
    if compiled.fullmatch(_ORDINARY):
        return f"would protect whole sentences, such as “{_ORDINARY}”; make it narrower"
    return None
