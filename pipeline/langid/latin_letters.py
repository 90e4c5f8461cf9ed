"""Russian and Armenian typed in Latin letters, which no detector knows and no model reads.

A sample is written back in the letters of the language. It was that language where it then looks like it, and far more
so than the sample as it stands looks like any language written in Latin letters; both libraries must say so.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from pipeline.langid.knowledge import load_knowledge, script_of
from pipeline.langid.witnesses import guess_by_fasttext, score_by_eldc
from pipeline.text import count_letters


class _Bar(NamedTuple):
    """What a sample written back must reach: letters, likeness by ELDC, lead over Latin, certainty of fastText."""

    n_letters: int
    likeness: float
    lead: float
    certainty: float


# Set so that no sentence or headline of the development data in another language passes, names least of all.
_BARS = {
    "ru": _Bar(n_letters=20, likeness=0.82, lead=0.17, certainty=0.8),
    "hy": _Bar(n_letters=18, likeness=0.9, lead=0.4, certainty=0.8),
}
_CERTAINLY_LATIN = 0.7
_MAX_CHARS = 200
"""How much is read: beyond a sentence or two the answer does not change."""


def is_other_alphabet(sample: str) -> bool:
    """Return whether a lower-case sample in Latin letters is in Russian or Armenian."""
    sample = sample[:_MAX_CHARS]
    n_letters = count_letters(sample)
    if n_letters < min(bar.n_letters for bar in _BARS.values()):
        return False
    rival = max(score_by_eldc(sample, "Latn").values(), default=0.0)
    return any(n_letters >= bar.n_letters and _reaches(sample, language, rival) for language, bar in _BARS.items())


def _reaches(sample: str, language: str, rival: float) -> bool:
    bar = _BARS[language]
    if rival + bar.lead > 1:
        return False
    written_back = _write_back(sample, language)
    scores = score_by_eldc(written_back, script_of(language))
    likeness = scores.get(language, 0.0)
    if likeness < max(bar.likeness, rival + bar.lead, *scores.values()):
        return False
    guess, certainty = guess_by_fasttext(written_back)
    return guess == language and certainty >= bar.certainty and guess_by_fasttext(sample)[1] < _CERTAINLY_LATIN


def _write_back(sample: str, language: str) -> str:
    letters = load_knowledge().latin_letters[language]
    return _letter_groups(language).sub(lambda match: letters[match.group()], sample)


@cache
def _letter_groups(language: str) -> re.Pattern[str]:
    groups = load_knowledge().latin_letters[language]
    return re.compile("|".join(re.escape(group) for group in sorted(groups, key=len, reverse=True)))
