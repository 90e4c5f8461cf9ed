"""What can be wrong with the patterns of `[protect]`."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence

from pipeline.entities import KINDS
from pipeline.problems import Problem, no_choice
from pipeline.text import count_letters

_ORDINARY = (
    "The council of Riverton met on Monday, and agreed on 12 new roads.",
    "Городской совет собрался в понедельник и одобрил 12 новых дорог.",
    "Քաղաքային խորհուրդը հավաքվել է երկուշաբթի և հաստատել 12 նոր ճանապարհ։",
)
"""Sentences of which nobody can want to protect most letters."""

_SECONDS_OF_A_MATCH = 2.0
_N_ALIKE = 40
_MATCHER = "import re, sys; pattern = re.compile(sys.argv[1]); [pattern.search(text) for text in sys.argv[2:]]"

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
    if text := next((text for text in _ORDINARY if _protects_most(compiled, text)), None):
        return f"would protect most of any sentence, such as “{text}”; make it narrower"
    if _takes_for_ever(pattern):
        return "can take for ever to match, as a repetition of repetitions does: (a+)+; write it without"
    return None


def _protects_most(pattern: re.Pattern[str], text: str) -> bool:
    return 2 * count_letters(pattern.sub("", text)) < count_letters(text)


def _takes_for_ever(pattern: str) -> bool:
    """Return whether a pattern is lost in a text of many equal characters, each that it names, and something else."""
    characters = dict.fromkeys([*filter(str.isalnum, pattern), "a", "1", " ", "-", "я"])
    texts = [character * _N_ALIKE + "\n" for character in characters]
    command = [sys.executable, "-I", "-c", _MATCHER, pattern, *texts]
    try:
        # In a process of its own: nothing else ends a match once it has begun.
        subprocess.run(command, timeout=_SECONDS_OF_A_MATCH, check=False, capture_output=True)  # noqa: S603 - no shell
    except subprocess.TimeoutExpired:
        return True
    return False
