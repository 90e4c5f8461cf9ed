"""Translations of parts of sentences: models end and begin them as if they were sentences."""

from __future__ import annotations

from pipeline.text import SENTENCE_FINAL, ends_sentence


def fitted(source: str, translation: str) -> str:
    """Return the translation of a part of a sentence without a final mark and a first capital that the source lacks.

    Args:
        source: the part; as it begins and ends, so does the result.
        translation: what a model made of it.
    """
    if not ends_sentence(source) and ends_sentence(translation) and not translation.endswith("…"):
        translation = translation.rstrip(f"{SENTENCE_FINAL}:")
    if source[:1].islower() and not translation[1:2].isupper():
        translation = translation[:1].lower() + translation[1:]
    return translation
