"""Corpora of made-up units for exports, and what an export makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.corpus.corpus import Corpus
from pipeline.corpus.selection import Selection
from pipeline.export.base import Material, TextFormat
from pipeline.store.schema import arrow_schema
from tests.factories import NOW, PUBLISHED, RUN_ID

PLAIN = ("The budget was adopted.", "Бюджет принят.")
HOSTILE = (
    "R&D <b>\"bold\"</b> 'quoted' ]]> &amp; &#0;",
    "tab\there, line\nfeed, return\rhere, both\r\nhere",
    "unit\u2028separator\u2029and\x85next line\x0bvertical\x0cform",
    "controls \x00\x01\x08\x1b[31m\x1f\x7f",
    "no characters \ufffe\uffff, lost \ufffd, beyond 𝒜😀",
    "שלום \u202eעולם\u202c \u200fمرحبا بالعالم",
    '=HYPERLINK("http://news.example")',
    "ա" * 20_000,
)
"""Texts that some format has a special meaning for, or no room for."""


def write_units(folder: Path, *texts: tuple[str, str], pair: str = "en-ru", **values: Any) -> Path:
    """Write an article whose units have these texts, as one file of a corpus, and return the folder of the corpus.

    Args:
        folder: that of the corpus.
        texts: source and target of each unit.
        pair: that of the article.
        values: of other columns, for all units.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [{**_row(number, *both, pair), **values} for number, both in enumerate(texts)]
    path = folder / "bitext" / f"pair={pair}" / "date=2020-11-13" / f"{RUN_ID}-0000.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=arrow_schema("bitext")), path)
    return folder


def _row(number: int, source_text: str, target_text: str, pair: str) -> dict[str, Any]:
    source_lang, target_lang = pair.split("-")
    article_id = pair.encode().hex().ljust(16, "0")
    return {
        "unit_id": f"{article_id[:10]}{number:06}",
        "article_id": article_id,
        "revision": 1,
        "segment": number,
        "paragraph": number,
        "kind": "body" if number else "headline",
        "source_lang": source_lang,
        "target_lang": target_lang,
        "source_text": source_text,
        "target_text": target_text,
        "source_start": 0,
        "source_end": len(source_text),
        "target_start": 0,
        "target_end": len(target_text),
        "models": [f"{source_lang}_{target_lang}@1.9#0123456789ab"],
        "score": -0.25,
        "quality": 0.7788,
        "flags": [],
        "edits": [],
        "from_memory": False,
        "published_at": PUBLISHED,
        "url": "https://news.example/budget?a=1&b=2",
        "run_id": RUN_ID,
    }


def hostile_pairs() -> Sequence[tuple[str, str]]:
    """Return units with each hostile text on one side, then on the other."""
    return [(text, PLAIN[1]) for text in HOSTILE] + [(PLAIN[0], text) for text in HOSTILE]


def text_of(form: TextFormat, corpus: Path, selection: Selection | None = None) -> tuple[bytes, Material]:
    """Return what a format makes of a corpus, and the material with its tally."""
    with Corpus(corpus) as opened:
        material = Material(corpus=opened, selection=selection or Selection(), made_at=NOW)
        return b"".join(form.write(material)), material
