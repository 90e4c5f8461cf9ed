"""Articles as they were translated: the units of each one together, with what `articles` knows of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.corpus.sql import parquet_source
from pipeline.export.base import Material

if TYPE_CHECKING:
    import duckdb

_UNSAFE = re.compile(r"[^0-9A-Za-z_-]+")
_LONGEST_NAME = 80
_DETAILS = "SELECT article_id, revision, title, publisher FROM {} ORDER BY run_id"
_ARTICLE_OF = attrgetter("pair", "article_id", "revision", "run_id")


class Unit(NamedTuple):
    """A row of `bitext`, as far as formats of whole articles need it."""

    pair: str
    date: str
    article_id: str
    revision: int
    run_id: str
    unit_id: str
    paragraph: int
    kind: str
    source_text: str
    target_text: str
    quality: float | None
    flags: Sequence[str]
    models: Sequence[str]
    published_at: datetime | None
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An article and its translation into one language: the chosen units, in order, one at least.

    `title` and `publisher` are those of the article; they are empty where its row of `articles` cannot be read.
    """

    units: Sequence[Unit]
    title: str | None
    publisher: str | None

    @property
    def first(self) -> Unit:
        """The first unit, which tells what all of them share."""
        return self.units[0]

    @property
    def languages(self) -> tuple[str, str]:
        """Source and target."""
        return languages_of(self.first.pair)

    @property
    def target_title(self) -> str | None:
        """The translation of the headline, where the article has one."""
        parts = [unit.target_text for unit in self.units if unit.kind == "headline"]
        return " ".join(" ".join(parts).split()) or None

    @property
    def published_at(self) -> str | None:
        """When the article was published, as ISO 8601 in UTC."""
        moment = self.first.published_at
        return moment.isoformat() if moment else None

    @property
    def models(self) -> Sequence[str]:
        """The packages that translated it, each once, in the order of their first use."""
        return list(dict.fromkeys(model for unit in self.units for model in unit.models or ()))

    def paragraphs(self) -> Iterator[Sequence[Unit]]:
        """Yield the units of each paragraph."""
        for _, units in groupby(self.units, key=attrgetter("paragraph")):
            yield list(units)


def documents(material: Material) -> Iterator[Document]:
    """Yield each article once for each language it was translated into, pair after pair, in bounded memory.

    With `all_revisions`, each revision and each run is one of its own.
    """
    day, details = "", dict[tuple[str, int], tuple[str | None, str | None]]()
    rows = (Unit._make(row) for row in material.units(*Unit._fields))
    for _, grouped in groupby(rows, key=_ARTICLE_OF):
        units = list(grouped)
        if units[0].date != day:
            day = units[0].date
            details = dict(_details_of(material, day))
        title, publisher = details.get((units[0].article_id, units[0].revision), (None, None))
        yield Document(units=units, title=title, publisher=publisher)


def languages_of(pair: str) -> tuple[str, str]:
    """Return source and target of a pair as folders' names have it."""
    source, _, target = pair.partition("-")
    return source, target


def safe_name(*parts: str) -> str:
    """Return parts of a file's name, joined by hyphens, without anything that could lead elsewhere."""
    return "-".join(_UNSAFE.sub("_", part)[:_LONGEST_NAME] for part in parts)


def _details_of(material: Material, day: str) -> Mapping[tuple[str, int], tuple[str | None, str | None]]:
    """Return title and publisher by article and revision of what is filed under a day, as its units are."""

    def read(cursor: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
        # Those of one day only: all articles at once would not fit into memory.
        files = [path for path in material.corpus.files("articles") if path.parent.name == f"date={day}"]
        return cursor.execute(_DETAILS.format(parquet_source(files))).fetchall() if files else []

    return {(row[0], row[1]): (row[2], row[3]) for row in material.corpus.reading(read)}
