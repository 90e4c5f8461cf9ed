"""Corpora for statistics: units with texts of our own choice, and words counted the slow way."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.store.schema import arrow_schema

_RUN = "20260110T060000Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A source sentence of an article and its translations, by target language."""

    source: str
    targets: dict[str, str]
    article: str = "a"
    segment: int = 0
    lang: str = "en"
    publisher: str | None = "Herald"
    date: str = "2026-01-05"
    revision: int = 1
    run_id: str = _RUN
    quality: float | None = 0.9
    flags: Sequence[str] = field(default_factory=tuple)


def write_corpus(folder: Path, texts: Iterable[Text]) -> Path:
    """Write texts as the corpus of a finished run, and return its folder."""
    files: dict[str, list[dict[str, Any]]] = defaultdict(list)
    articles: dict[tuple[str, int, str], dict[str, Any]] = {}
    for text in texts:
        for target, translation in text.targets.items():
            files[f"bitext/pair={text.lang}-{target}/date={text.date}"].append(_unit(text, target, translation))
        key = (text.article, text.revision, text.run_id)
        if key not in articles:
            articles[key] = _article(text)
            files[f"articles/date={text.date}"].append(articles[key])
    for name in ("bitext", "articles"):
        (folder / name).mkdir(parents=True)
    for place, rows in files.items():
        _write(folder / place, rows)
    return folder


def _write(folder: Path, rows: list[dict[str, Any]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir(parents=True)
    schema = arrow_schema(folder.parts[-2] if folder.parts[-2] == "articles" else "bitext")
    nothing = dict.fromkeys(schema.names)
    table = pa.Table.from_pylist([{**nothing, **row} for row in rows], schema=schema)
    pq.write_table(table, folder / "0.parquet")


def _unit(text: Text, target: str, translation: str) -> dict[str, Any]:
    start = 1000 * text.segment
    return {
        "unit_id": unit_id_of(text, target),
        "article_id": text.article,
        "revision": text.revision,
        "segment": text.segment,
        "source_lang": text.lang,
        "target_lang": target,
        "source_text": text.source,
        "target_text": translation,
        "source_start": start,
        "source_end": start + len(text.source),
        "quality": text.quality,
        "flags": list(text.flags),
        "run_id": text.run_id,
    }


def _article(text: Text) -> dict[str, Any]:
    return {
        "article_id": text.article,
        "revision": text.revision,
        "publisher": text.publisher,
        "source_lang": text.lang,
        "run_id": text.run_id,
    }


def unit_id_of(text: Text, target: str) -> str:
    """Return the id of a unit in the corpus."""
    return f"{text.article}/{text.revision}/{text.segment}/{target}/{text.run_id}"


def slow_words(text: str) -> list[str]:
    """Return the words of a text, read character by character, as docs/statistics.md defines them."""
    chars = [_folded(char) for char in text]
    text = "".join(chars)
    words, place = [], 0
    while place < len(text):
        if not _is(text, place, "LN"):
            place += 1
            continue
        end = _end_of_number(text, place) or _end_of_word(text, place)
        words.append(text[place:end])
        place = end
    return words


def _folded(char: str) -> str:
    if char in "‐‑֊":
        return "-"
    if char in "’ʼ՚":
        return "'"
    return "" if char in "՛՜՞՟\u00ad\u200c\u200d\u2060" else char.lower()


def _is(text: str, place: int, kinds: str) -> bool:
    return place < len(text) and unicodedata.category(text[place])[0] in kinds


def _is_digit(text: str, place: int) -> bool:
    return place < len(text) and unicodedata.category(text[place]) == "Nd"


def _end_of_number(text: str, place: int) -> int:
    """Return where a number with separators ends, 0 where there is none."""
    n_groups = 0
    while _is_digit(text, place):
        while _is_digit(text, place):
            place += 1
        n_groups += 1
        if not (place < len(text) and text[place] in ".,:\u00a0\u202f" and _is_digit(text, place + 1)):
            break
        place += 1
    return place if n_groups > 1 else 0


def _end_of_word(text: str, place: int) -> int:
    while True:
        while _is(text, place, "LMN"):
            place += 1
        if not (place < len(text) and text[place] in "-'" and _is(text, place + 1, "LN")):
            return place
        place += 1
