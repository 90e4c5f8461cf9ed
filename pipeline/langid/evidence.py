"""Evidence for one language among those of its script: letters, frequent words, and langdetect in doubt."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.packaged import read_toml

if TYPE_CHECKING:
    from langdetect.detector_factory import DetectorFactory

UNDETERMINED = "und"
"""ISO 639-2 code of a text without letters, or in no language that this module knows."""

_SEED = 20201113

# Evidence in powers of ten. A function word is some thirty times as frequent in its own language as elsewhere; other
# words speak a little against English. The two languages served are the likely ones before anything is known; Russian
# the less, the longer a text does without the letters that Bulgarian and its neighbours do not have.
_WORD_WEIGHT = 1.5
_OTHER_WORD_WEIGHT = -0.15
_ENGLISH_WEIGHT = 2.3
_RUSSIAN_WEIGHT = 4.5
_RUSSIAN_LETTER_WEIGHT = -0.04
_RUSSIAN_MAX_LETTERS = 150
_BULGARIAN_HARD_SIGN_WEIGHT = 3.0
_ENOUGH = 3.0
_NAMES_RATIO = 0.025
_LEAST_PRIOR = -8.0

_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_NOT_IN_NEIGHBOURS = re.compile("[ыэё]")
_BULGARIAN_HARD_SIGN = re.compile("ъ[^еёюя]")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Knowledge:
    """What `languages.toml` says; `words` gives the languages of each function word."""

    profiles: dict[str, tuple[str, ...]]
    alphabets: dict[str, str]
    words: dict[str, tuple[str, ...]]


def identify(sample: str, script: str) -> tuple[str, float]:
    """Return the language of lower-case text in one script, not Armenian, and how sure that is, 0 to 1."""
    evidence = _weigh_cyrillic(sample) if script == "Cyrl" else _weigh_others(sample, script)
    best = max(evidence, key=lambda language: evidence[language])
    behind = {language: weight - evidence[best] for language, weight in evidence.items()}
    known = _load_knowledge().profiles[script]
    is_clear = all(weight <= -_ENOUGH for language, weight in behind.items() if language != best)
    if is_clear or best not in known:
        return best, 1.0
    priors = {language: 10.0 ** max(_LEAST_PRIOR, behind[language]) for language in known if language in behind}
    return _ask_langdetect(sample, script, priors)


def script_of(language: str) -> str:
    """Return the ISO 15924 code of the script of a language that `identify` answers; `Zzzz` for the rarer ones."""
    knowledge = _load_knowledge()
    if language in knowledge.alphabets:
        return "Cyrl"
    is_rarer = any(language == name.split("-")[0] for name in knowledge.profiles["Zzzz"])
    return "Zzzz" if is_rarer else "Latn"


def _weigh_others(sample: str, script: str) -> dict[str, float]:
    """Return the evidence for each language of a script that is not Cyrillic, in powers of ten."""
    hits, n_words = _count_function_words(sample)
    evidence = {language: _WORD_WEIGHT * hits[language] for language in _load_knowledge().profiles[script]}
    if "en" in evidence:
        evidence["en"] += _ENGLISH_WEIGHT + _OTHER_WORD_WEIGHT * (n_words - hits["en"])
    return evidence


def _weigh_cyrillic(sample: str) -> dict[str, float]:
    """Return the evidence for the languages whose alphabets miss the fewest letters, in powers of ten."""
    languages = _match_alphabets(sample)
    if "ru" not in languages:
        return {languages[0]: 0.0}
    hits, _ = _count_function_words(sample)
    evidence = {language: _WORD_WEIGHT * hits[language] for language in languages}
    n_letters = min(_RUSSIAN_MAX_LETTERS, len(_LETTER.findall(sample)))
    evidence["ru"] += _RUSSIAN_WEIGHT + _RUSSIAN_LETTER_WEIGHT * n_letters
    if "bg" in evidence:
        evidence["bg"] += _BULGARIAN_HARD_SIGN_WEIGHT * len(_BULGARIAN_HARD_SIGN.findall(sample))
    return evidence


def _count_function_words(sample: str) -> tuple[Counter[str], int]:
    """Return how many words of each language, and how many words at all, the sample has."""
    words = _load_knowledge().words
    found = _WORD.findall(sample)
    return Counter(language for word in found for language in words.get(word, ())), len(found)


def _match_alphabets(sample: str) -> list[str]:
    """Return the languages whose alphabets miss the fewest letters; names in Russian text do not count."""
    alphabets = _load_knowledge().alphabets
    special = frozenset("".join(alphabets.values()))
    counts = {letter: n for letter, n in Counter(sample).items() if letter in special}
    missing = {
        language: sum(n for letter, n in counts.items() if letter not in alphabet)
        for language, alphabet in alphabets.items()
    }
    if 0 < missing["ru"] < _NAMES_RATIO * len(_LETTER.findall(sample)) and _NOT_IN_NEIGHBOURS.search(sample):
        return ["ru"]
    least = min(missing.values())
    return [language for language, n in missing.items() if n == least]


def _ask_langdetect(sample: str, script: str, priors: dict[str, float]) -> tuple[str, float]:
    from langdetect.lang_detect_exception import LangDetectException

    detector = _load_profiles(script).create()
    detector.set_prior_map(priors)
    detector.append(sample)
    try:
        best = detector.get_probabilities()[0]
    except (LangDetectException, IndexError):
        return UNDETERMINED, 0.0
    return best.lang.split("-")[0], min(1.0, best.prob)


@cache
def _load_knowledge() -> _Knowledge:
    data = read_toml("pipeline.langid", "languages.toml")
    words: dict[str, tuple[str, ...]] = {}
    for language, text in data["function_words"].items():
        for word in text.split():
            words[word] = (*words.get(word, ()), language)
    profiles = {script: tuple(text.split()) for script, text in data["profiles"].items()}
    return _Knowledge(profiles=profiles, alphabets=data["alphabets"], words=words)


@cache
def _load_profiles(script: str) -> DetectorFactory:
    """Return a factory of our own: the seed of langdetect's global one belongs to whoever else uses it."""
    from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory

    folder = Path(PROFILES_DIRECTORY)
    factory = DetectorFactory()
    factory.load_json_profile([(folder / name).read_text("utf-8") for name in _load_knowledge().profiles[script]])
    factory.set_seed(_SEED)
    return factory
