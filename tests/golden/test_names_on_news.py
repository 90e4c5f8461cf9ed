"""Names on human translations: few units are doubted, and of renderings that are spelt anew nearly all are."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

import pytest

from pipeline.checks.base import TextPair
from pipeline.checks.names import inconsistent_names
from pipeline.langid.knowledge import load_knowledge
from tests.golden.datasets import DEFAULT_DATA
from tests.golden.translations import PAIRS, news_articles

pytestmark = pytest.mark.skipif(not DEFAULT_DATA.is_dir(), reason=f"the development data is not at {DEFAULT_DATA}")

# Percent of the units, just above what was measured: the Armenian translators do spell names in two ways.
MOST_DOUBTED = {"en": 0.3, "ru": 1.2, "hy": 4.9}
LEAST_FOUND = {"en": 90, "ru": 90, "hy": 90}

# What models confuse when they write a name in another script.
SWAPS = {
    "en": "a:e e:a i:e o:u u:o a:o k:c v:w w:v kh:h zh:j s:z z:s ts:tz ia:iya ll:l nn:n ss:s tt:t d:t b:p",
    "ru": "а:о о:а у:а а:у и:е е:и э:е е:э я:а г:х х:г в:у с:з з:с дж:ж к:х т:д д:т ф:в ш:с б:п л:ль нн:н лл:л рр:р",
    "hy": "ա:ե ե:ա ո:օ է:ե ե:ի ո:ա ա:ո թ:տ տ:թ փ:պ պ:փ ք:կ կ:ք հ:խ ռ:ր ր:ռ ս:զ ջ:ժ չ:ճ դ:տ գ:կ բ:պ",
}
N_ENDING = 3
N_TURNS = 5
_WORD = re.compile(r"(?<![^\W_])[A-ZА-ЯЁԱ-Ֆ][^\W\d_]{4,}")
_TO_LATIN = {
    letters: latin for text in load_knowledge().latin_letters.values() for latin, letters in reversed(text.items())
}


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_few_units_of_human_translations_are_doubted(pair: tuple[str, str]) -> None:
    shares = [share for article in news_articles(*pair) for share in inconsistent_names(article)]

    assert 100 * sum(map(is_doubted, shares)) / len(shares) <= MOST_DOUBTED[pair[1]]


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_names_that_are_spelt_anew_are_found(pair: tuple[str, str]) -> None:
    chance = random.Random(7)  # noqa: S311 - no secret
    found = [
        is_doubted(inconsistent_names(spoilt)[place])
        for _ in range(N_TURNS)
        for article in news_articles(*pair)
        for place, spoilt in spoil_names(article, chance)
    ]

    assert len(found) > 50 * N_TURNS
    assert 100 * sum(found) / len(found) >= LEAST_FOUND[pair[1]]


def is_doubted(share: float | None) -> bool:
    return share is not None and share < 1


def spoil_names(article: Sequence[TextPair], chance: random.Random) -> Iterator[tuple[int, list[TextPair]]]:
    """Yield, for each name that three units or more spell alike, one of them and the article with it spoilt there."""
    shares = inconsistent_names(article)
    for name, places in find_names(article):
        swaps = [swap.split(":") for swap in SWAPS[article[0].target_lang].split()]
        options = [(match.start(), old, new) for old, new in swaps for match in re.finditer(old, name.lower())]
        if options and not any(is_doubted(shares[place]) for place in places):
            start, old, new = chance.choice(options)
            other = (name[:start] + new + name[start + len(old) :]).lower()
            place = chance.choice(places)
            target = re.sub(rf"(?<![^\W_]){name}", other[0].upper() + other[1:], article[place].target)
            yield place, [*article[:place], article[place]._replace(target=target), *article[place + 1 :]]


def find_names(article: Sequence[TextPair]) -> Iterator[tuple[str, list[int]]]:
    """Yield the stems of names in the targets, and the units where source and target have them."""
    sources, targets = (find_stems([pair[side] for pair in article]) for side in (0, 1))
    for target, places in targets.items():
        for source, source_places in sources.items():
            both = sorted(places & source_places)
            if len(both) > 2 and SequenceMatcher(None, to_latin(source), to_latin(target)).ratio() >= 0.7:
                yield target, both
                break


def find_stems(texts: Sequence[str]) -> dict[str, set[int]]:
    """Return in which texts each capitalised word stands, by all but its last two letters."""
    stems = {word[:-2] for text in texts for word in _WORD.findall(text) if not word.isupper()}
    places = defaultdict(set)
    for place, text in enumerate(texts):
        for word in _WORD.findall(text):
            for n_letters in range(max(3, len(word) - N_ENDING), len(word) + 1):
                if word[:n_letters] in stems:
                    places[word[:n_letters]].add(place)
    return places


def to_latin(word: str) -> str:
    return "".join(_TO_LATIN.get(letter, letter) for letter in word.lower())
