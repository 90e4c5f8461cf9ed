"""The ways in which a text can be decoded: the first one, and a ladder of others for what comes out bad."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MIN_HALF = 3
"""Words; what is shorter is not halved."""
_CUTS = (r"[;:՝–—](?=\s)", r",(?=\s)", r"\s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How to decode, beside the settings of the run.

    Args:
        name: what `retry` says.
        no_repeat: so many tokens in a row never come twice; 0: no such limit.
        penalty: what the probability of a token that was there already is divided by; 1: nothing.
        beam_factor: multiplies the beam.
        is_halved: whether the text is cut in two, and each half decoded.
    """

    name: str
    no_repeat: int = 0
    penalty: float = 1.0
    beam_factor: int = 1
    is_halved: bool = False

    @property
    def signature(self) -> str:
        """What can change a hypothesis; empty for the first way, under whose keys memories are full already."""
        if self == FIRST:
            return ""
        return f"|no-repeat:{self.no_repeat}|penalty:{self.penalty}|beams:{self.beam_factor}"

    def parts(self, text: str) -> tuple[str, ...]:
        """Return what is decoded for `text`: itself, two halves, or nothing where it is too short for halves."""
        return halves(text) if self.is_halved else (text,)


FIRST = Way(name="first")
LADDER = (
    Way(name="no-repeat", no_repeat=3),
    Way(name="penalty", no_repeat=2, penalty=1.2),
    Way(name="wide-beam", no_repeat=3, beam_factor=2),
    Way(name="halves", no_repeat=3, is_halved=True),
)
"""From what changes least to what changes most."""


def halves(text: str) -> tuple[str, ...]:
    """Return `text` in two, cut where it hurts least near the middle; nothing where it has too few words."""
    if len(text.split()) < 2 * _MIN_HALF:
        return ()
    middle = len(text) / 2
    for pattern in _CUTS:
        cuts = [match.end() for match in re.finditer(pattern, text) if middle / 2 < match.end() < middle * 3 / 2]
        if cuts:
            cut = min(cuts, key=lambda place: abs(place - middle))
            return text[:cut].strip(), text[cut:].strip()
    return ()
