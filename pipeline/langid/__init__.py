"""Language identification: scripts first, then letters and words, then libraries where these leave a doubt."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version

from pipeline.langid.knowledge import UNDETERMINED, script_of
from pipeline.langid.sample import MAX_LETTERS
from pipeline.langid.votes import (
    MIN_SCORE,
    Identification,
    SegmentLanguage,
    detect_language,
    language_of_segment,
    vote_language,
)
from pipeline.langid.witnesses import LIBRARIES

__all__ = [
    "MIN_SCORE",
    "UNDETERMINED",
    "Identification",
    "SegmentLanguage",
    "detect_language",
    "langid_signature",
    "language_of_segment",
    "script_of",
    "vote_language",
]

_VERSION = 2
"""Counts up with each change that moves an answer."""


@cache
def langid_signature() -> str:
    """Return every setting that can change an answer: rules, libraries and limits."""
    libraries = ",".join(f"{name}={version(name)}" for name in LIBRARIES)
    return f"rules:{_VERSION}|libraries:{libraries}|max:{MAX_LETTERS}|min:{MIN_SCORE}"
