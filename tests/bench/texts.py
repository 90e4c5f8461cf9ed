"""Articles to measure with: those of the development data where they are present, else of the news-brief language."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import count, islice
from pathlib import Path
from random import Random
from typing import Any

from pipeline.newsbrief.generate import load_grammar, sample

NEWS = Path(__file__).parents[3] / "shared" / "data" / "news"
SENTENCES_PER_PARAGRAPH = 3
_SENTENCES_PER_ARTICLE = 12

Record = Mapping[str, Any]


def describe_news() -> str:
    """Return what `news` yields."""
    if NEWS.is_dir():
        return f"NTREX-128 news articles, paragraphs of {SENTENCES_PER_PARAGRAPH} sentences"
    return "articles of the news-brief language"


def news(language: str, n_articles: int) -> list[Record]:
    """Return articles in a language, real ones where they are present; past their number, they come again, varied."""
    file = NEWS / f"{language}.jsonl"
    if not file.is_file():
        return list(islice(briefs(language), n_articles))
    real = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    random = Random(20261126)  # noqa: S311 - chooses places for numbers
    return [
        _article(number, real[number % len(real)], None if number < len(real) else random)
        for number in range(n_articles)
    ]


def briefs(language: str) -> Iterator[Record]:
    """Yield generated articles without end; sentences of different ones are seldom the same."""
    grammar = load_grammar()
    for number in count():
        found = [getattr(brief, language) for brief in sample(grammar, seed=number, n=_SENTENCES_PER_ARTICLE + 1)]
        yield _record(number, found[0].rstrip(".։"), found[1:])


def write_jsonl(file: Path, records: Iterable[Record]) -> Path:
    """Write articles as JSON Lines and return the file."""
    with file.open("w", encoding="utf-8") as stream:
        stream.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    return file


def text_bytes(records: Iterable[Record]) -> int:
    """Return the bytes of text in articles, in UTF-8."""
    return sum(len(text.encode()) for record in records for text in (record["title"], *record["paragraphs"]))


def _article(number: int, real: Record, random: Random | None) -> Record:
    title, sentences = real["title"], real["paragraphs"]
    if random is not None:
        title = f"{title} {number}"
        sentences = [_varied(sentence, random) for sentence in sentences]
    return _record(number, title, sentences)


def _varied(sentence: str, random: Random) -> str:
    words = sentence.split(" ")
    words.insert(random.randrange(1, len(words)) if words[1:] else 1, str(random.randrange(10**6)))
    return " ".join(words)


def _record(number: int, title: str, sentences: list[str]) -> Record:
    step = SENTENCES_PER_PARAGRAPH
    paragraphs = [" ".join(sentences[place : place + step]) for place in range(0, len(sentences), step)]
    return {
        "url": f"https://news.example/{number}",
        "title": title,
        "published_at": "2026-11-13",
        "paragraphs": paragraphs,
    }
