"""English noun forms: indefinite article, possessive, plural."""

from __future__ import annotations

import re
from typing import Final

# Spelled with a vowel but said with a consonant, and the reverse.
_CONSONANT_SOUND: Final = re.compile(r"(?i)(?:eu|ewe|onc?e\b|uni(?![dmn])|us[aeiu]|ut[eio]|ubi|u[kns]\b)")
_VOWEL_SOUND: Final = re.compile(r"(?i)(?:[aeiou]|hour|hono|heir|honest)|8|1[18](?!\d)")
_ARTICLE_BEFORE_NUMBER: Final = re.compile(r" (?=8|1[18](?!\d))(?<=\b[Aa] )")


def indefinite(noun: str) -> str:
    """Put *a* or *an* before a noun, by its first sound."""
    vowel = _VOWEL_SOUND.match(noun) and not _CONSONANT_SOUND.match(noun)
    return f"an {noun}" if vowel else f"a {noun}"


def possessive(noun: str) -> str:
    """Add *'s*, or the apostrophe alone after an *s* (agency style: Brussels')."""
    return f"{noun}'" if noun.endswith("s") else f"{noun}'s"


def plural(noun: str) -> str:
    """Return the regular plural of a noun phrase whose last word is its head."""
    if re.search(r"(?:s|x|z|ch|sh)$", noun):
        return f"{noun}es"
    if re.search(r"[^aeiou]y$", noun):
        return f"{noun[:-1]}ies"
    return f"{noun}s"


def inflect(given: dict[str, str]) -> dict[str, str]:
    """Complete the forms of a noun; what is given explicitly stays.

    Args:
        given: forms by name, with at least ``nom``.
    """
    nom = given["nom"]
    derived = {"a": indefinite(nom), "the": f"the {nom}", "poss": possessive(nom), "pl": plural(nom)}
    return derived | given


def join_articles(text: str) -> str:
    """Turn *a* into *an* before 8, 11 and 18, which a number slot can bring."""
    return _ARTICLE_BEFORE_NUMBER.sub("n ", text)
