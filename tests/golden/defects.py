"""Defects put into good translations, each with the flags one of which it must raise.

An injector takes a pair and a source of chance and returns the damaged pair, None where the defect makes no sense.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from random import Random
from typing import NamedTuple

from pipeline.checks.base import Check, TextPair
from pipeline.checks.registry import CHECKS
from pipeline.errors import Flag
from pipeline.text import CLOSING_MARKS, ends_sentence
from tests.golden.datasets import DEFAULT_DATA, LANGUAGES, read_language_set
from tests.golden.test_numbers_on_news import change_digit, swap_number_format
from tests.golden.translations import news_pairs

Injector = Callable[[TextPair, Random], TextPair | None]

_MIN_WORDS = 6
_MAX_PHRASE = 6
_MAX_LOST_WORDS = 4
_FINAL_MARKS = ".!?…։:"
_WORD = re.compile(r"[^\W\d_]+")
_QUOTE = re.compile('[«»“”„"]')
_NEIGHBOURS = {"en": ("fr", "de", "es", "it", "nl"), "ru": ("uk", "be", "bg", "mk", "sr", "kk"), "hy": ()}
_ENTITIES = ("https://novosti.example.com/2024/05/most", "@vestnik_kraya", "redaktsia@vestnik.am", "www.lratu.am/a-17")


def drop_half(pair: TextPair, rng: Random) -> TextPair | None:
    """Return the pair with half of the target's words, the first or the last, the final mark kept or not."""
    words = pair.target.split()
    if len(_WORD.findall(pair.target)) < _MIN_WORDS:
        return None
    middle = (len(words) + rng.randrange(2)) // 2
    mark = _final_mark(pair.target)
    keeps_mark = rng.random() < 0.5
    if rng.random() < 0.5:
        target = " ".join(words[:middle]).rstrip(" ,;:—-")
        return pair._replace(target=target + mark if keeps_mark else target)
    target = " ".join(words[middle:])
    return pair._replace(target=target if keeps_mark else target.rstrip(CLOSING_MARKS + _FINAL_MARKS))


def double_phrase(pair: TextPair, rng: Random) -> TextPair | None:
    """Return the pair with two to six words of the target said twice running."""
    words = pair.target.split()
    n_words = rng.randint(2, _MAX_PHRASE)
    starts = [
        start
        for start in range(len(words) - n_words + 1)
        if len(_WORD.findall(" ".join(words[start : start + n_words]))) >= 2
    ]
    if not starts:
        return None
    end = rng.choice(starts) + n_words
    return pair._replace(target=" ".join((*words[:end], *words[end - n_words :])))


def copy_source(pair: TextPair, _: Random) -> TextPair | None:
    """Return the pair with the source for a target, where it has words that are no names."""
    words = _WORD.findall(pair.source)
    has_words = len(words) > 2 and any(map(str.islower, words))
    return pair._replace(target=pair.source) if has_words else None


def put_third_language(pair: TextPair, _: Random) -> TextPair | None:
    """Return the pair with the same news in the third of the three languages for a target."""
    (third,) = set(LANGUAGES) - {pair.source_lang, pair.target_lang}
    target = _translations(pair.source_lang, third).get(pair.source)
    return None if target is None else pair._replace(target=target)


def put_neighbour(pair: TextPair, rng: Random) -> TextPair | None:
    """Return the pair with a sentence for a target that is in another language of the same script."""
    sentences = _sentences_like(pair.target_lang)
    return pair._replace(target=rng.choice(sentences)) if sentences else None


def cut_end(pair: TextPair, rng: Random) -> TextPair | None:
    """Return the pair with the target cut: the last one to four words are missing, or it ends inside a word."""
    words = pair.target.split()
    if not (_ends(pair.source, pair.source_lang) and _ends(pair.target, pair.target_lang) and len(words) > 2):
        return None
    if rng.random() < 0.5:
        return pair._replace(target=" ".join(words[: -rng.randint(1, min(_MAX_LOST_WORDS, len(words) - 2))]))
    last = _WORD.findall(pair.target)[-1]
    if len(last) < 2:
        return None
    return pair._replace(target=pair.target[: pair.target.rindex(last) + rng.randint(1, len(last) - 1)])


def lose_quotation_mark(pair: TextPair, rng: Random) -> TextPair | None:
    """Return the pair with one quotation mark of the target gone, where both texts have all of theirs."""
    n_source, places = len(_QUOTE.findall(pair.source)), [match.start() for match in _QUOTE.finditer(pair.target)]
    if not (n_source and places) or n_source % 2 or len(places) % 2:
        return None
    place = rng.choice(places)
    return pair._replace(target=pair.target[:place] + pair.target[place + 1 :])


def lose_entity(pair: TextPair, rng: Random) -> TextPair | None:
    """Return the pair with a link, address or handle in the source that is missing or damaged in the target."""
    entity = rng.choice(_ENTITIES)
    damaged = ("", entity[:-1], entity.replace(".", ". ", 1) if "." in entity else entity[1:], entity.upper())
    return pair._replace(source=f"{pair.source} {entity}", target=f"{pair.target} {rng.choice(damaged)}".rstrip())


def _change_digit(pair: TextPair, rng: Random) -> TextPair | None:
    return change_digit(pair, seed=rng.randrange(1 << 30))


class Defect(NamedTuple):
    """A defect and the flags one of which says that it is there."""

    inject: Injector
    flags: frozenset[Flag]


_LANGUAGE_FLAGS = frozenset((Flag.WRONG_SCRIPT, Flag.WRONG_LANGUAGE))
DEFECTS: dict[str, Defect] = {
    "dropped half": Defect(drop_half, frozenset((Flag.LENGTH_RATIO,))),
    "doubled phrase": Defect(double_phrase, frozenset((Flag.REPETITION,))),
    "source copy": Defect(copy_source, frozenset((Flag.COPIED,))),
    "third language": Defect(put_third_language, _LANGUAGE_FLAGS),
    "neighbour language": Defect(put_neighbour, _LANGUAGE_FLAGS),
    "cut end": Defect(cut_end, frozenset((Flag.TRUNCATED,))),
    "lost quotation mark": Defect(lose_quotation_mark, frozenset((Flag.QUOTES,))),
    "lost entity": Defect(lose_entity, frozenset((Flag.PROTECTED,))),
    "changed digit": Defect(_change_digit, frozenset((Flag.NUMBERS,))),
    "swapped number format": Defect(lambda pair, _: swap_number_format(pair), frozenset((Flag.NUMBER_FORMAT,))),
}


def find_flags(pair: TextPair, checks: Iterable[Check] = CHECKS) -> set[Flag]:
    """Return the doubts about a pair."""
    return {check.flag for check in checks if check.is_doubtful(pair, check.measure(pair))}


def inject_all(pairs: Iterable[TextPair], defect: Defect, *, seed: int) -> list[TextPair]:
    """Return the damaged pairs, of those where the defect makes sense; the same for the same seed."""
    rng = Random(seed)  # noqa: S311 - reproducible defects, no secrets
    damaged = (defect.inject(pair, rng) for pair in pairs)
    return [pair for pair in damaged if pair is not None]


def share_found(damaged: Iterable[TextPair], flags: frozenset[Flag], checks: Iterable[Check] = CHECKS) -> float:
    """Return the share, 0 to 1, of damaged pairs that raise one of the flags."""
    own = [check for check in checks if check.flag in flags]
    found = [bool(find_flags(pair, own)) for pair in damaged]
    return sum(found) / max(1, len(found))


def _final_mark(text: str) -> str:
    bare = text.rstrip(CLOSING_MARKS + " ")
    return bare[-1] if bare and bare[-1] in _FINAL_MARKS else ""


def _ends(text: str, language: str) -> bool:
    """Return whether a text ends in a final mark; a colon is one in Armenian only."""
    return ends_sentence(text) and (language == "hy" or _final_mark(text) != ":")


@cache
def _translations(source_lang: str, target_lang: str) -> dict[str, str]:
    return {pair.source: pair.target for pair in news_pairs(source_lang, target_lang)}


@cache
def _sentences_like(language: str) -> tuple[str, ...]:
    if not (DEFAULT_DATA / "langid" / "sentence.jsonl").is_file():
        return ()
    rows = read_language_set("sentence", DEFAULT_DATA)
    return tuple(row.text for row in rows if row.language in _NEIGHBOURS[language])
