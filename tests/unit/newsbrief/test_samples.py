from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from pipeline.newsbrief.generate import load_grammar, sample
from pipeline.newsbrief.held_out import SAMPLE_LIST, sample_sentences

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "samples"
LANGUAGES = ("en", "ru", "hy")
FINAL_MARKS = {"en": ".", "ru": ".", "hy": "։"}
MAX_CAPTION_LENGTH = 100

HELD_OUT = sample_sentences(ROOT)


@dataclass(frozen=True, kw_only=True)
class SampleArticle:
    """A headline and its paragraphs, captions among them."""

    name: str
    language: str
    headline: str
    paragraphs: tuple[str, ...]

    @property
    def captions(self) -> list[str]:
        return [text for text in self.paragraphs if not text.endswith(FINAL_MARKS[self.language])]

    @property
    def sentences(self) -> list[str]:
        return [
            sentence
            for text in self.paragraphs
            if text not in self.captions
            for sentence in split_into_known(text, HELD_OUT)
        ]


def split_into_known(paragraph: str, known: frozenset[str]) -> list[str]:
    """Split a paragraph into sentences of the list, which one space joins."""
    sentences: list[str] = []
    rest = paragraph
    while rest:
        starts = [text for text in known if rest == text or rest.startswith(f"{text} ")]
        assert starts, f"not in {SAMPLE_LIST}: {rest}"
        sentences.append(max(starts, key=len))
        rest = rest[len(sentences[-1]) + 1 :]
    return sentences


def read_text_file(path: Path) -> SampleArticle:
    headline, *paragraphs = path.read_text(encoding="utf-8").removesuffix("\n").split("\n\n")
    return SampleArticle(
        name=f"{path.parent.name}/{path.name}",
        language=path.parent.name,
        headline=headline,
        paragraphs=tuple(paragraphs),
    )


def read_records() -> list[dict[str, object]]:
    text = (SAMPLES / "briefs.jsonl").read_text(encoding="utf-8")
    assert "\\u" not in text
    return [json.loads(line) for line in text.removesuffix("\n").split("\n")]


def read_record(record: dict[str, object]) -> SampleArticle:
    text, blocks = record.get("text"), record.get("paragraphs")
    assert (text is None) != (blocks is None), "either form, not both"
    paragraphs = text.split("\n\n") if isinstance(text, str) else blocks
    assert isinstance(paragraphs, list)
    return SampleArticle(
        name=str(record["url"]),
        language=str(record["language"]),
        headline=str(record["title"]),
        paragraphs=tuple(paragraphs),
    )


ARTICLES = [read_text_file(path) for path in sorted(SAMPLES.glob("*/*.txt"))] + [
    read_record(record) for record in read_records()
]


def test_every_language_has_four_articles() -> None:
    counts = Counter(article.language for article in ARTICLES)

    assert all(counts[language] >= 4 for language in LANGUAGES)
    assert set(counts) == set(LANGUAGES)


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article.name)
def test_article_consists_of_held_out_sentences(article: SampleArticle) -> None:
    assert article.headline in HELD_OUT
    assert set(article.captions) <= HELD_OUT
    assert 5 <= len(article.sentences) <= 15
    assert len(article.paragraphs) - len(article.captions) >= 2


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article.name)
def test_captions_are_short_lines_between_paragraphs(article: SampleArticle) -> None:
    for caption in article.captions:
        assert len(caption) <= MAX_CAPTION_LENGTH
        assert 0 < article.paragraphs.index(caption) < len(article.paragraphs) - 1


def test_every_language_has_a_text_file_with_a_caption() -> None:
    with_caption = {article.language for article in ARTICLES if article.name.endswith(".txt") and article.captions}

    assert with_caption == set(LANGUAGES)


def test_list_holds_the_samples_and_nothing_else() -> None:
    used = {text for article in ARTICLES for text in (article.headline, *article.captions, *article.sentences)}

    assert used == HELD_OUT


def test_list_is_sorted_without_duplicates() -> None:
    lines = (ROOT / SAMPLE_LIST).read_text(encoding="utf-8").removesuffix("\n").split("\n")

    assert lines == sorted(set(lines))


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_sentence_stands_in_two_articles(language: str) -> None:
    n_articles = Counter(
        sentence for article in ARTICLES if article.language == language for sentence in set(article.sentences)
    )

    assert [n for n in n_articles.values() if n > 1] == [2]


def test_records_are_dated_on_different_days_of_november() -> None:
    dates = [datetime.fromisoformat(str(record["published_at"])) for record in read_records()]

    assert all(date.tzinfo is not None for date in dates)
    assert {(date.year, date.month) for date in dates} == {(2026, 11)}
    assert len({date.day for date in dates}) == len(dates)


def test_records_use_both_forms_and_the_reserved_domain() -> None:
    records = read_records()

    assert {"text", "paragraphs"} <= {key for record in records for key in record}
    assert all(str(record["url"]).startswith("https://newsbrief.example/2026/11/") for record in records)


def test_training_draws_none_of_the_samples() -> None:
    briefs = sample(load_grammar(), seed=3, n=20_000, exclude=HELD_OUT)

    assert not HELD_OUT & {text for brief in briefs for text in (brief.en, brief.ru, brief.hy)}
