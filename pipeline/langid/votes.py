"""The language of an article by the vote of its paragraphs, and of a segment by its own letters and its article."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from pipeline.errors import Flag
from pipeline.langid.armenian import WESTERN, variety_of
from pipeline.langid.evidence import has_foreign_letters
from pipeline.langid.jury import identify
from pipeline.langid.knowledge import UNDETERMINED, script_of
from pipeline.langid.latin_letters import is_other_alphabet
from pipeline.langid.sample import take_sample, take_samples, without_links
from pipeline.langid.witnesses import guess_by_eldc
from pipeline.text import count_letters, count_scripts, has_most_letters

MIN_SCORE = 0.5
"""The least share of evidence with which an answer is given."""

# Texts in other scripts are full of names and terms in Latin letters; the reverse is rare.
_SCRIPT_WEIGHTS = {"Armn": 1.0, "Cyrl": 0.999, "Latn": 1 / 3, "Zzzz": 0.998}
_MIN_VOTER_LETTERS = 60
"""A headline of five words says little by itself; in an article it is in the language of the article."""

_OTHER_SCRIPT_RATIO = 0.6
_MIN_FOREIGN_LETTERS = {True: 20, False: 3}
"""What a segment needs to be in another language than its article: of the same script, and of another one."""
_MIN_FOREIGN_SCORE = 0.99
_SENTENCE_END = re.compile(r"(?<=[.!?…»”])\s+")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")


class Identification(NamedTuple):
    """A language, the share of evidence for it, 0 to 1, and a note where there is more to say of it.

    The language is a code of ISO 639: `en`, `ru`, `hy`, `hyw` (with the note `western-armenian`), any other one, or
    `und`, with score 0, where there are no letters, no language is likely enough, or Russian or Armenian is typed in
    Latin letters (with the note `latin-letters`).
    """

    language: str
    score: float
    note: Flag | None = None


class SegmentLanguage(NamedTuple):
    """The language of a segment and a note on it, as of `Identification`."""

    language: str
    note: Flag | None = None


_NO_VOTE = SegmentLanguage(UNDETERMINED)


def detect_language(text: str) -> Identification:
    """Return the language that most of `text` is in; paragraphs, separated by blank lines, vote with their letters."""
    return vote_language(_BLANK_LINE.split(text))


def vote_language(paragraphs: Iterable[str]) -> Identification:
    """Return the language that most of the paragraphs of an article are in."""
    paragraphs = list(paragraphs)
    weights = _weigh_scripts(paragraphs)
    script = max(weights, key=lambda script: weights[script])
    if not weights[script]:
        return Identification(UNDETERMINED, 0.0)
    found = _vote_in_script(paragraphs, script)
    score = round(found.score * weights[script] / sum(weights.values()), 4)
    if found.language == UNDETERMINED or score < MIN_SCORE:
        return Identification(UNDETERMINED, 0.0, found.note)
    return found._replace(score=score)


def language_of_segment(text: str, article_language: str) -> SegmentLanguage:
    """Return the language of a segment: that of its article, unless its letters are clearly in another one."""
    own_script = script_of(article_language)
    script = _main_script(text, own_script)
    if script == "Armn":
        return _with_note(article_language if script == own_script else variety_of(text))
    sample = take_sample(text, script)
    if len(sample) < _MIN_FOREIGN_LETTERS[script == own_script] or (
        script == own_script and _is_plainly_in(sample, article_language, script)
    ):
        return SegmentLanguage(article_language)
    if script == "Latn" and is_other_alphabet(sample):
        return SegmentLanguage(UNDETERMINED, Flag.LATIN_LETTERS)
    language, score = identify(sample, script, expected=article_language)
    if script == own_script:
        return SegmentLanguage(language if score >= _MIN_FOREIGN_SCORE else article_language)
    return SegmentLanguage(language if score >= MIN_SCORE else UNDETERMINED)


def _is_plainly_in(sample: str, language: str, script: str) -> bool:
    return guess_by_eldc(sample, script) == language and not has_foreign_letters(sample, language)


def _main_script(text: str, own_script: str) -> str:
    """Return the script that most letters are in, and that of the article where none has a clear majority."""
    if has_most_letters(text, own_script):
        return own_script
    weights = _weigh_scripts([text])
    script = max(weights, key=lambda script: weights[script])
    return script if weights[script] > _OTHER_SCRIPT_RATIO * sum(weights.values()) else own_script


def _with_note(language: str) -> SegmentLanguage:
    return SegmentLanguage(language, Flag.WESTERN_ARMENIAN if language == WESTERN else None)


def _weigh_scripts(paragraphs: Iterable[str]) -> dict[str, float]:
    letters = count_scripts(without_links("\n".join(paragraphs)))
    return {script: weight * letters[script] for script, weight in _SCRIPT_WEIGHTS.items()}


def _vote_in_script(paragraphs: list[str], script: str) -> Identification:
    if script == "Armn":
        language, note = _with_note(variety_of("\n".join(paragraphs)))
        return Identification(language, 1.0, note)
    votes: defaultdict[SegmentLanguage, float] = defaultdict(float)
    voters = _united(_voters(take_samples(paragraphs, script)), script)
    for size, sample in voters:
        vote, score = _vote(sample, script)
        votes[vote] += score * size
    (language, note), weight = max(votes.items(), key=lambda item: item[1], default=(_NO_VOTE, 0.0))
    return Identification(language, weight / max(1, sum(size for size, _ in voters)), note)


def _voters(samples: Iterable[str]) -> list[tuple[int, str]]:
    """Return what votes with its number of letters: long sentences, else whole samples; short ones if all are."""
    sized = [voter for sample in samples for voter in _long_sentences(sample) or [(count_letters(sample), sample)]]
    return [voter for voter in sized if voter[0] >= _MIN_VOTER_LETTERS] or [voter for voter in sized if voter[0]]


def _long_sentences(sample: str) -> list[tuple[int, str]]:
    if len(sample) < 2 * _MIN_VOTER_LETTERS:
        return []
    sized = [(count_letters(sentence), sentence) for sentence in _SENTENCE_END.split(sample)]
    return [voter for voter in sized if voter[0] >= _MIN_VOTER_LETTERS]


def _united(voters: list[tuple[int, str]], script: str) -> list[tuple[int, str]]:
    """Return one voter for all where they seem to be of one mind: one question is quicker than many, and surer."""
    if len(voters) > 1 and len({guess_by_eldc(sample, script) for _, sample in voters}) == 1:
        return [(sum(size for size, _ in voters), " ".join(sample for _, sample in voters))]
    return voters


def _vote(sample: str, script: str) -> tuple[SegmentLanguage, float]:
    if script == "Latn" and is_other_alphabet(sample):
        return SegmentLanguage(UNDETERMINED, Flag.LATIN_LETTERS), 1.0
    language, score = identify(sample, script)
    return SegmentLanguage(language), score
