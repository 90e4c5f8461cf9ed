"""Whether a translation is as long as translations of such a text are."""

from __future__ import annotations

import math
import re

from pipeline.checks.base import TextPair
from pipeline.checks.ending import is_cut
from pipeline.types import standard_of

# Source: NTREX-128 news, human translations, every other article: the median of the target's length in characters is
# `factor * length ** exponent`; short texts grow more.
_EXPECTED: dict[tuple[str, str], tuple[float, float]] = {
    ("en", "ru"): (1.585, 0.926),
    ("en", "hy"): (1.319, 0.958),
    ("ru", "en"): (1.098, 0.961),
    ("ru", "hy"): (1.406, 0.927),
    ("hy", "en"): (1.113, 0.964),
    ("hy", "ru"): (1.484, 0.922),
}
_WRITTEN_CLOSER = frozenset(("zh", "ja", "ko", "yue", "th", "lo", "km", "my", "bo"))
"""A character of these is a syllable or a word, so lengths are no guide."""

MIN_LENGTH = 20
"""Where both texts have fewer characters, their lengths say nothing."""

MIN_LENGTH_RATIO = 0.64
"""Less than this of the expected length is a doubt, and more of it where there are signs that a part is missing."""

MAX_LENGTH_RATIO = 2.0
"""More than this is a doubt; 1 in 2,000 human translations is longer."""

MIN_RATIO_ELSEWHERE, MAX_RATIO_ELSEWHERE = 0.4, 2.5
"""The limits for pairs of languages without measurements."""

# What each sign makes of the ratio, fitted to halves of human translations and to whole ones (logistic regression).
_BEGINS_INSIDE = 0.71
_ENDS_INSIDE = 0.83
_NAMES_EXPONENT = 0.11
_LEAST_OF_NAMES = 0.7

_WORD = re.compile(r"\w+(?:[-'’՛՞՜]\w+)*")


def length_ratio(pair: TextPair) -> float | None:
    """Return the length of the target over the length that is expected: 1 is as usual, 0.5 is half of it.

    Lengths are in characters. For pairs of languages without measurements the length of the source is expected. None
    for an empty source, and for languages that write syllables or words with one character.
    """
    languages = standard_of(pair.source_lang), standard_of(pair.target_lang)
    n_source = len(pair.source.strip())
    if not n_source or not _WRITTEN_CLOSER.isdisjoint(languages):
        return None
    factor, exponent = _EXPECTED.get(languages, (1.0, 1.0))
    return len(pair.target.strip()) / (factor * math.pow(n_source, exponent))


def is_odd_length(pair: TextPair, ratio: float) -> bool:
    """Return whether `ratio`, as `length_ratio` measured it, is a doubt.

    People shorten and lengthen by a third now and then, so that half a translation cannot be told by its length alone.
    Other signs of a missing part count as if the text were shorter: it begins in lower case and the source does not,
    it has no end and the source has one (`is_cut`), it has fewer names and figures.
    """
    if max(len(pair.source), len(pair.target)) < MIN_LENGTH:
        return False
    if (standard_of(pair.source_lang), standard_of(pair.target_lang)) not in _EXPECTED:
        return not MIN_RATIO_ELSEWHERE <= ratio <= MAX_RATIO_ELSEWHERE
    if ratio >= 1:
        return ratio > MAX_LENGTH_RATIO
    if _begins_inside(pair):
        ratio *= _BEGINS_INSIDE
    if is_cut(pair):
        ratio *= _ENDS_INSIDE
    if MIN_LENGTH_RATIO <= ratio < MIN_LENGTH_RATIO / _LEAST_OF_NAMES:
        ratio *= _weigh_names(pair)
    return ratio < MIN_LENGTH_RATIO


def _begins_inside(pair: TextPair) -> bool:
    # A digit is no sign: English dates begin with the month, Russian ones with the day.
    first = next(filter(str.isalnum, pair.target), "")
    return first.islower() and next(filter(str.isalnum, pair.source), "").isupper()


def _weigh_names(pair: TextPair) -> float:
    n_source, n_target = _count_names(pair.source), _count_names(pair.target)
    return math.pow((n_target + 1) / (n_source + 1), _NAMES_EXPONENT)


def _count_names(text: str) -> int:
    """Return how many words but the first begin with a capital letter or a digit."""
    return sum(word[0].isupper() or word[0].isdigit() for word in _WORD.findall(text)[1:])
