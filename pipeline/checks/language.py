"""Whether a translation is in the script, and in the language, that was asked for."""

from __future__ import annotations

import re

from pipeline.checks.base import TextPair
from pipeline.entities import without_entities
from pipeline.langid.evidence import has_foreign_letters
from pipeline.langid.jury import identify
from pipeline.langid.sample import take_sample
from pipeline.langid.witnesses import guess_by_eldc
from pipeline.text import SCRIPT_OF_LANGUAGE, count_letters, count_scripts, has_letters

MIN_SCRIPT_SHARE = 0.5
"""Names in Latin letters fill less than half of Russian and Armenian text."""

MIN_LANGUAGE_SHARE = 0.5
"""Less than this is a doubt: another language is the likelier one, though the right one counts a hundredfold."""

_LANGUAGES = frozenset(("en", "ru"))
"""The languages served that share their script with others."""

_MIN_LETTERS = 8
_LETTER_OF_OTHER_SCRIPT = {
    "Latn": re.compile(r"[^\W\d_A-Za-z\u00aa\u00ba\u00c0-\u02af\u1e00-\u1eff]"),
    "Cyrl": re.compile(r"[^\W\d_\u0400-\u052f\u1c80-\u1c88]"),
    "Armn": re.compile(r"[^\W\d_\u0531-\u0588\ufb13-\ufb17]"),
}


def script_share(pair: TextPair) -> float | None:
    """Return the share, 0 to 1, of the target's letters that are in the script of its language, links and such aside.

    None where there are no letters, and for languages other than those served.
    """
    script = SCRIPT_OF_LANGUAGE.get(pair.target_lang)
    if script is None:
        return None
    text = pair.target
    if (script == "Latn" and text.isascii()) or not _LETTER_OF_OTHER_SCRIPT[script].search(text):
        return 1.0 if has_letters(text) else None
    counts = count_scripts(without_entities(text))
    n_letters = sum(counts.values())
    return counts[script] / n_letters if n_letters else None


def language_share(pair: TextPair) -> float | None:
    """Return how likely, 0 to 1, the target is in its language rather than in another one of the same script.

    None where too little is in the script to say, names aside, and for languages alone in theirs, Armenian, or not
    served.
    """
    language = pair.target_lang
    if language not in _LANGUAGES:
        return None
    script = SCRIPT_OF_LANGUAGE[language]
    sample = take_sample(pair.target, script)
    if len(sample) < _MIN_LETTERS:
        return None
    if guess_by_eldc(sample, script) == language and not has_foreign_letters(sample, language):
        return 1.0
    if count_letters(sample) < _MIN_LETTERS:
        return None
    likelihood = _likelihood(sample, script, language)
    if likelihood >= MIN_LANGUAGE_SHARE or script != "Latn" or pair.target.isupper():
        return likelihood
    # In Latin letters names are spelt as where they come from; a doubt must rest on other words.
    sample = take_sample(_without_names(pair.target), script)
    return _likelihood(sample, script, language) if count_letters(sample) >= _MIN_LETTERS else None


def _likelihood(sample: str, script: str, language: str) -> float:
    found, likelihood = identify(sample, script, expected=language)
    return likelihood if found == language else 1 - likelihood


def _without_names(text: str) -> str:
    return " ".join(word for word in text.split() if not next(filter(str.isalpha, word), "").isupper())
