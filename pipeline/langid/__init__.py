"""Language identification: the script first, then letters and words, and langdetect where these leave a doubt."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from pipeline.langid.evidence import UNDETERMINED, identify, script_of
from pipeline.text import SCRIPT_OF_LANGUAGE, count_scripts

__all__ = [
    "LANGID_VERSION",
    "MAX_LETTERS",
    "MIN_SCORE",
    "UNDETERMINED",
    "detect_language",
    "language_of_segment",
    "vote_language",
]

LANGID_VERSION = 1
"""Part of the signature of the stage: counts up with each change that moves an answer."""

MAX_LETTERS = 1000
"""How much of a text is read to tell the languages of one script apart."""

MIN_SCORE = 0.5
"""The least share of evidence with which an answer is given."""

_OTHER_SCRIPT_RATIO = 0.6
# Texts in other scripts are full of names and terms in Latin letters; the reverse is rare.
_SCRIPT_WEIGHTS = {"Latn": 0.5}
_LANGUAGE_OF_SCRIPT = {"Latn": "en", "Cyrl": "ru", "Armn": "hy"}

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")
_NOISE = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|[@#]\w+|\d+")
_LETTER = re.compile(r"[^\W\d_]")
_LATIN_I_IN_CYRILLIC = re.compile(r"(?<=[\u0430-\u045f])i|i(?=[\u0430-\u045f])")
_MIN_VOTER_LETTERS = 60
"""A headline of five words says little by itself; in an article it is in the language of the article."""

_OTHER_SCRIPTS = {
    "Cyrl": re.compile(r"[^\W\u0400-\u052f]+"),
    "Latn": re.compile(r"[^\W\x00-\u024f\u1e00-\u1eff]+"),
    "Zzzz": re.compile(r"[A-Za-z\u00c0-\u024f\u0400-\u058f]+"),
}


def detect_language(text: str) -> tuple[str, float]:
    """Return the language that most of `text` is in, and the share of evidence for it, 0 to 1.

    Paragraphs, separated by blank lines, vote with their letters. The language is `und`, with score 0, where there
    are no letters or no language is likely enough.
    """
    return vote_language(_BLANK_LINE.split(text))


def vote_language(paragraphs: Iterable[str]) -> tuple[str, float]:
    """Return the language of the paragraphs of an article and the share of evidence for it, as `detect_language`."""
    paragraphs = list(paragraphs)
    letters: Counter[str] = Counter()
    for paragraph in paragraphs:
        letters.update(count_scripts(paragraph))
    weights = {script: n * _SCRIPT_WEIGHTS.get(script, 1.0) for script, n in letters.items()}
    script = max(weights, key=lambda script: weights[script], default="Zzzz")
    if not letters[script]:
        return UNDETERMINED, 0.0
    language, score = _vote_in_script(paragraphs, script)
    score = round(score * weights[script] / sum(weights.values()), 4)
    return (language, score) if score >= MIN_SCORE else (UNDETERMINED, 0.0)


def language_of_segment(text: str, article_language: str) -> str:
    """Return the article's language, or that of the script which most letters of a segment are in, if it is another.

    The answer is `und` for scripts of no language served.
    """
    counts = count_scripts(text)
    script, n_letters = max(counts.items(), key=lambda item: item[1])
    if n_letters <= _OTHER_SCRIPT_RATIO * sum(counts.values()) or script == _own_script(article_language):
        return article_language
    return _LANGUAGE_OF_SCRIPT.get(script, UNDETERMINED)


def _own_script(language: str) -> str:
    return SCRIPT_OF_LANGUAGE.get(language) or script_of(language)


def _vote_in_script(paragraphs: Sequence[str], script: str) -> tuple[str, float]:
    if script == "Armn":
        return "hy", 1.0
    votes: Counter[str] = Counter()
    total = 0
    for size, sample in _voters(_samples(paragraphs, script)):
        language, score = identify(sample, script) if size else (UNDETERMINED, 0.0)
        votes[language] += round(score * size)
        total += size
    language, weight = max(votes.items(), key=lambda item: item[1], default=(UNDETERMINED, 0))
    return language, weight / max(total, 1)


def _voters(samples: Iterable[str]) -> list[tuple[int, str]]:
    """Return samples with their number of letters; short ones follow the others, they vote only among themselves."""
    sized = [(len(_LETTER.findall(sample)), sample) for sample in samples]
    return [voter for voter in sized if voter[0] >= _MIN_VOTER_LETTERS] or sized


def _samples(paragraphs: Iterable[str], script: str) -> Iterator[str]:
    """Yield what is of the script in each paragraph, in lower case, until enough was seen; no links, no digits."""
    left = MAX_LETTERS
    for paragraph in paragraphs:
        sample = _NOISE.sub(" ", paragraph[: 4 * left].lower())
        if script == "Cyrl":
            sample = _LATIN_I_IN_CYRILLIC.sub("і", sample)
        sample = _OTHER_SCRIPTS[script].sub(" ", sample)[:left]
        yield sample
        left -= len(sample)
        if left <= 0:
            return
