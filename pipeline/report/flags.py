"""What flags mean, in words for readers."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.errors import Flag

MEANINGS: Mapping[str, str] = {
    Flag.EMPTY.value: "The translation is empty.",
    Flag.COPIED.value: "The translation repeats the source.",
    Flag.LENGTH_RATIO.value: "The translation is much shorter or longer than translations of such a text are.",
    Flag.WRONG_SCRIPT.value: "The translation is not in the letters of the target language.",
    Flag.WRONG_LANGUAGE.value: "The translation is not in the target language.",
    Flag.REPETITION.value: "The translation goes in circles, and the source does not.",
    Flag.TRUNCATED.value: "Decoding stopped at its limit, or the end of the translation is missing.",
    Flag.FINAL_MARK.value: "The final mark is of another kind: a statement became a question, or the like.",
    Flag.NUMBERS.value: "A number is missing, new or another one.",
    Flag.NUMBER_FORMAT.value: "A number is not written as the target language writes it.",
    Flag.UNITS.value: "A unit of measure at a number is another one.",
    Flag.CURRENCY.value: "A currency at a number is another one.",
    Flag.PROTECTED.value: "A link, address, handle, hashtag, placeholder or emoji was lost or changed.",
    Flag.QUOTES.value: "Quotation marks were lost, or lack their partner.",
    Flag.BRACKETS.value: "Brackets were lost, or lack their partner.",
    Flag.NAMES.value: "A name is spelt in another way than elsewhere in the article.",
    Flag.GLOSSARY.value: "A term of the glossary lacks its translation.",
    Flag.LOW_SCORE.value: "The model was less than 22 % sure of each token.",
    Flag.ALREADY_TARGET.value: "The sentence was in the target language already; it was copied.",
    Flag.UNTRANSLATED.value: "There was no model for the language of this sentence; it was copied.",
    Flag.WESTERN_ARMENIAN.value: "The source is Western Armenian, translated with a model of Armenian.",
    Flag.LATIN_LETTERS.value: "The source is Russian or Armenian in Latin letters, which no model reads; copied.",
    Flag.WRAPPED.value: "Part of a sentence that was too long for a model and was cut.",
    Flag.BOILERPLATE.value: "The paragraph is of the page, not of the article.",
}
"""A sentence for each flag, by its name."""


def meaning(flag: str) -> str:
    """Return what a flag means; of one that a later version made, that it is unknown."""
    return MEANINGS.get(flag, "A doubt that this version of newsmt does not know.")
