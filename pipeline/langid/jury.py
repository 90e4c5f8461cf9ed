"""Which language of a script a text is in: letters and words first, then libraries, as long as a doubt remains."""

from __future__ import annotations

import math

from pipeline.langid.evidence import weigh_letters, weigh_words
from pipeline.langid.witnesses import Evidence, ask_eldc, ask_fasttext, ask_langdetect
from pipeline.text import count_letters

# All in powers of ten. The languages served are the likely ones before anything is known, and the more so the shorter
# the text: on a word or two, libraries are surer than they are right.
_PRIORS = {"en": 0.7, "ru": 1.0}
_SHORT_PRIORS = {"en": 7.0, "ru": 2.0}
_SHORT_LETTERS = 8.0
_EXPECTED_WEIGHT = 2.0
# What a library says of a language that it does not know.
_UNKNOWN_TO_ELDC = -2.0
_UNKNOWN_TO_FASTTEXT = -4.0
_UNKNOWN_TO_LANGDETECT = -3.0
_LANGDETECT_WEIGHT = 0.5
_LANGDETECT_MIN_LETTERS = 40
_SURE_WITHOUT_FASTTEXT = 4.0
_SURE_WITHOUT_LANGDETECT = 1.5


def identify(sample: str, script: str, *, expected: str | None = None) -> tuple[str, float]:
    """Return the language of a sample in one script, not Armenian, and how likely it is, 0 to 1.

    Args:
        sample: what `take_sample` returns, with letters in it.
        script: the script it is in, an ISO 15924 code; `Zzzz` for any but Latin and Cyrillic.
        expected: the language of the text around it, which it is more likely in.
    """
    n_letters = count_letters(sample)
    evidence = _weigh_before(sample, script, n_letters, expected)
    _add(evidence, ask_eldc(sample, script), unknown=_UNKNOWN_TO_ELDC)
    if _lead(evidence) < _SURE_WITHOUT_FASTTEXT:
        _add(evidence, ask_fasttext(sample), unknown=_UNKNOWN_TO_FASTTEXT)
    # On less, langdetect guesses.
    if _lead(evidence) < _SURE_WITHOUT_LANGDETECT and n_letters >= _LANGDETECT_MIN_LETTERS:
        _add(evidence, ask_langdetect(sample, script), unknown=_UNKNOWN_TO_LANGDETECT, weight=_LANGDETECT_WEIGHT)
    best = max(evidence, key=lambda language: evidence[language])
    return best, 1 / sum(10 ** (weight - evidence[best]) for weight in evidence.values())


def _weigh_before(sample: str, script: str, n_letters: int, expected: str | None) -> Evidence:
    """Return what letters, words and expectation say, for each language that the letters allow for."""
    evidence = weigh_letters(sample, script, n_letters)
    _add(evidence, weigh_words(sample), unknown=0.0)
    shortness = math.exp(-n_letters / _SHORT_LETTERS)
    _add(
        evidence,
        {language: _PRIORS[language] + _SHORT_PRIORS[language] * shortness for language in _PRIORS},
        unknown=0.0,
    )
    if expected in evidence:
        evidence[expected] += _EXPECTED_WEIGHT
    return evidence


def _add(evidence: Evidence, more: Evidence, *, unknown: float, weight: float = 1.0) -> None:
    for language in evidence:
        evidence[language] += weight * more.get(language, unknown)


def _lead(evidence: Evidence) -> float:
    """Return how far the best language is ahead of the next."""
    weights = sorted(evidence.values(), reverse=True)
    return weights[0] - weights[1] if len(weights) > 1 else math.inf
