"""Floors under the quality of language detection and segmentation, on development data beside the repository."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.langid import detect_language
from pipeline.sentences import split_sentences

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the development data is not at {DATA}")

SERVED = ("en", "ru", "hy")
INVISIBLE = "\u200b\ufeff"

# F1 of the boundaries inside paragraphs, in percent, just below what was reached.
SEGMENT_FLOORS = {
    "en_ewt-dev": 88.5,
    "en_floresjoin-dev": 99.7,
    "hy_armtdp-dev": 99.2,
    "hy_bsut-dev": 97.6,
    "hy_bsutcolon-dev": 97.6,
    "hy_floresjoin-dev": 99.7,
    "hyw_armtdp-dev": 99.1,
    "ru_facteval-dev": 98.5,
    "ru_floresjoin-dev": 99.7,
    "ru_gsd-dev": 98.3,
    "ru_taiga-dev": 63.5,
}
# Percent of texts of each language that are right, and of other languages that are taken for one of the three.
LANGUAGE_FLOORS = {
    "article": ({"en": 100.0, "ru": 100.0, "hy": 100.0}, 0.0),
    "sentence": ({"en": 99.7, "ru": 99.7, "hy": 100.0}, 0.4),
    "headline": ({"en": 95.0, "ru": 99.7, "hy": 97.9}, 4.8),
}


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def n_solid(text: str) -> int:
    return sum(not char.isspace() and char not in INVISIBLE for char in text)


def inner_ends(sentences: list[str]) -> set[int]:
    """Return where sentences end, counted in visible characters, without the last end."""
    ends: list[int] = []
    for sentence in sentences:
        ends.append((ends[-1] if ends else 0) + n_solid(sentence))
    return set(ends[:-1])


def paragraphs_of(path: Path) -> Iterator[tuple[str, str, set[int]]]:
    """Yield language, text and gold ends of each paragraph."""
    for document in read_lines(path):
        for sentences, joins in zip(document["paras"], document["joins"], strict=True):
            text = "".join(part for pair in zip(["", *joins], sentences, strict=True) for part in pair)
            yield document["lang"], text, inner_ends(sentences)


def f1_percent(path: Path) -> float:
    n_right = n_found = n_gold = 0
    for language, text, gold in paragraphs_of(path):
        found = inner_ends([text[start:end] for start, end in split_sentences(text, language)])
        n_right += len(found & gold)
        n_found += len(found)
        n_gold += len(gold)
    return 200 * n_right / (n_found + n_gold)


@pytest.mark.parametrize("name", SEGMENT_FLOORS)
def test_segmentation_stays_above_its_floor(name: str) -> None:
    assert f1_percent(DATA / "segment" / f"{name}.jsonl") >= SEGMENT_FLOORS[name]


@pytest.mark.parametrize("name", LANGUAGE_FLOORS)
def test_language_detection_stays_above_its_floor(name: str) -> None:
    floors, most_taken = LANGUAGE_FLOORS[name]
    answers = Counter(
        (row["lang"], detect_language(row["text"])[0]) for row in read_lines(DATA / "langid" / f"{name}.jsonl")
    )

    for language in SERVED:
        n_texts = sum(n for (gold, _), n in answers.items() if gold == language)
        assert 100 * answers[language, language] / n_texts >= floors[language], language
    foreign = Counter({pair: n for pair, n in answers.items() if pair[0] not in SERVED})
    n_taken = sum(n for (_, answer), n in foreign.items() if answer in SERVED)
    assert 100 * n_taken / sum(foreign.values()) <= most_taken
