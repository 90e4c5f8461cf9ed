"""Translations of parts of sentences: models end and begin them as if they were sentences."""

from __future__ import annotations

import re

from pipeline.checks.sounds import hear, is_alike
from pipeline.text import SENTENCE_FINAL, ends_sentence

_WORD = re.compile(r"[^\W\d_]{2,}")


def fitted(source: str, translation: str) -> str:
    """Return the translation of a part of a sentence without a final mark and a first capital that the source lacks.

    Args:
        source: the part; as it begins and ends, so does the result.
        translation: what a model made of it.
    """
    if not ends_sentence(source) and ends_sentence(translation) and not translation.endswith("…"):
        translation = translation.rstrip(f"{SENTENCE_FINAL}:")
    if source[:1].islower() and not translation[1:2].isupper() and not _begins_with_name(source, translation):
        translation = translation[:1].lower() + translation[1:]
    return translation


def _begins_with_name(source: str, translation: str) -> bool:
    """Return whether the first word of a translation sounds like a word with a capital in its source."""
    first = _WORD.search(translation)
    if first is None:
        return False
    sound = hear(first[0].lower()).skeletons
    names = (hear(word.lower()).skeletons for word in _WORD.findall(source) if word[0].isupper())
    return len(sound[0]) > 1 and any(is_alike(name, sound) for name in names)
