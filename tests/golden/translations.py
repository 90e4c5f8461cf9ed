"""Human translations among the development data: news articles, the same in each language line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from itertools import permutations
from pathlib import Path

from pipeline.checks.base import TextPair
from tests.golden.datasets import DEFAULT_DATA, LANGUAGES

PAIRS = tuple(permutations(LANGUAGES, 2))


def news_articles(source: str, target: str, *, data: Path = DEFAULT_DATA) -> Iterator[list[TextPair]]:
    """Yield the units of each article, the headline first; nothing where the data is not there."""
    for one, other in zip(_articles(data, source), _articles(data, target), strict=True):
        yield [
            TextPair(text, translation, source, target, "body" if number else "headline")
            for number, (text, translation) in enumerate(zip(one, other, strict=True))
            if text.strip() and translation.strip()
        ]


def news_pairs(source: str, target: str, *, data: Path = DEFAULT_DATA) -> list[TextPair]:
    """Return the units of all articles."""
    return [pair for article in news_articles(source, target, data=data) for pair in article]


@cache
def _articles(data: Path, language: str) -> list[list[str]]:
    file = data / "news" / f"{language}.jsonl"
    if not file.is_file():
        return []
    documents = map(json.loads, file.read_text("utf-8").splitlines())
    return [[document["title"], *document["paragraphs"]] for document in documents]
