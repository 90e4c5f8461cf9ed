"""The rows of the articles of a large corpus, as columns; spans, ids and hashes are true, scores and mishaps drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from random import Random
from typing import Any

from pipeline.checks.base import TextPair
from pipeline.checks.length import length_ratio
from pipeline.checks.quality import quality
from pipeline.store.schema import COLUMNS
from tests.bench.large_stories import Story
from tests.bench.mishaps import Mishap, draw_mishap

Rows = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """A text put together from sentences, and where each of them stands."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]


def run_time(run_id: str) -> datetime:
    """Return when a run began."""
    return datetime.strptime(run_id, "%Y%m%dT%H%M%S%z")


def article_rows(story: Story, run_id: str) -> Rows:
    """Return the row of an article."""
    text = _spans([getattr(brief, story.language) for brief in story.briefs], story.paragraphs).text
    row = {
        "article_id": story.article_id,
        "revision": story.revision,
        "content_sha256": sha256(text.encode()).hexdigest(),
        "source_uri": f"archive/{story.published_at:%Y-%m}.jsonl.gz#{story.url.rpartition('-')[2]}",
        "url": story.url,
        "publisher": story.publisher,
        "title": getattr(story.briefs[0], story.language),
        "published_at": story.published_at,
        "ingested_at": run_time(run_id),
        "source_lang": story.language,
        "lang_score": 1.0,
        "text": text,
        "run_id": run_id,
        "authors": [],
        "section": story.topic,
        "keywords": [story.topic],
        "claimed_language": story.language,
        "encoding": "utf-8",
        "notes": [],
        "duplicate_of": story.duplicate_of,
        "similarity": 0.95 if story.duplicate_of else None,
    }
    return {name: [row.get(name)] for name in COLUMNS["articles"]}


def unit_rows(random: Random, story: Story, run_id: str, target: str, *, version: str) -> Rows:
    """Return the rows of a translation by a version of the models."""
    sources = [getattr(brief, story.language) for brief in story.briefs]
    right = [getattr(brief, target) for brief in story.briefs]
    mishaps = [draw_mishap(random, *texts) for texts in zip(sources, right, strict=True)]
    targets = [mishap.text if mishap else text for mishap, text in zip(mishaps, right, strict=True)]
    models = _models((story.language, target), version)
    units = [
        _unit(random, TextPair(*texts, story.language, target), models, mishap)
        for texts, mishap in zip(zip(sources, targets, strict=True), mishaps, strict=True)
    ]
    columns: dict[str, Sequence[Any]] = {name: [unit.get(name) for unit in units] for name in COLUMNS["bitext"]}
    return {**columns, **_places(story, run_id, target), **_span_columns(story, sources, targets)}


def _places(story: Story, run_id: str, target: str) -> Rows:
    """Return the columns that tell where units are from."""
    n = len(story.briefs)
    key = f"{story.article_id}.{story.revision}:{target}"
    same = {
        "article_id": story.article_id,
        "revision": story.revision,
        "source_lang": story.language,
        "target_lang": target,
        "pivot_lang": None if "en" in (story.language, target) else "en",
        "published_at": story.published_at,
        "url": story.url,
        "run_id": run_id,
    }
    return {name: [value] * n for name, value in same.items()} | {
        "unit_id": [sha256(f"{key}:{number}".encode()).hexdigest()[:16] for number in range(n)],
        "segment": range(n),
        "paragraph": story.paragraphs,
        "kind": [brief.kind for brief in story.briefs],
    }


def _span_columns(story: Story, sources: Sequence[str], targets: Sequence[str]) -> Rows:
    source, target = _spans(sources, story.paragraphs), _spans(targets, story.paragraphs)
    return {
        "source_start": source.starts,
        "source_end": source.ends,
        "target_start": target.starts,
        "target_end": target.ends,
    }


def _unit(random: Random, texts: TextPair, models: Sequence[str], mishap: Mishap | None) -> dict[str, Any]:
    """Return what a model would have made of a sentence, and what the checks would say."""
    is_decoded = not (mishap and mishap.is_skipped)
    flags = mishap.flags if mishap else ()
    score = -abs(random.gauss(0.14, 0.12)) - (mishap.doubt if mishap else 0.0) if is_decoded else None
    return {
        "source_text": texts.source,
        "target_text": texts.target,
        "models": models if is_decoded else (),
        "score": score,
        "quality": quality(score, flags) if texts.target else None,
        "flags": flags,
        "edits": ("marks",) if random.random() < 0.04 else (),
        "retry": "kept-first" if mishap and random.random() < 0.3 else None,
        "from_memory": random.random() < 0.05,
        **_measures(texts),
        **(mishap.measures if mishap else {}),
    }


def _measures(texts: TextPair) -> dict[str, float | None]:
    return {
        "check_copied": 0.0,
        "check_length_ratio": length_ratio(texts),
        "check_script": 1.0,
        "check_repetition": 0.0,
        "check_cut": 0.0,
        "check_final_mark": 1.0,
        "check_numbers": 1.0 if any(map(str.isdigit, texts.source)) else None,
        "check_quotes": 1.0 if {"“", "«"} & set(texts.source) else None,
        "check_names": 1.0,
    }


def _models(languages: tuple[str, str], version: str) -> tuple[str, ...]:
    source, target = languages
    steps = [languages] if "en" in languages else [(source, "en"), ("en", target)]
    labels = (f"{one}_{other}@{version}" for one, other in steps)
    return tuple(f"{label}#{sha256(label.encode()).hexdigest()[:12]}" for label in labels)


def _spans(sentences: Sequence[str], paragraphs: Sequence[int]) -> Spans:
    """Return sentences as a text: joined by a space, paragraphs by a blank line."""
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    end = 0
    for number, sentence in enumerate(sentences):
        if number:
            parts.append(" " if paragraphs[number] == paragraphs[number - 1] else "\n\n")
            end += len(parts[-1])
        parts.append(sentence)
        starts.append(end)
        end += len(sentence)
        ends.append(end)
    return Spans(text="".join(parts), starts=tuple(starts), ends=tuple(ends))
