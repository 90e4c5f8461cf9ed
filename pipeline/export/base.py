"""What a format is: it makes text that is streamed, or a folder of files, of the chosen units."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.corpus.corpus import Corpus
from pipeline.corpus.rows import rows_of
from pipeline.corpus.selection import Selection


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What is exported: the chosen units of a corpus. `made_at` is for headers: the time of day, time zone aware."""

    corpus: Corpus
    selection: Selection
    made_at: datetime

    def units(self, *columns: str) -> Iterator[tuple[Any, ...]]:
        """Yield these columns of each unit, in the order of the corpus and in bounded memory.

        Units of an article are together. Where a file is damaged, it is named and the rest goes on; `corpus.damaged` has it.
        """
        for batch in rows_of(self.corpus, "bitext", self.selection, columns).batches():
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)

    def pairs(self) -> Sequence[str]:
        """Return the pairs that there are units of, sorted."""
        wanted = self.corpus.sql("bitext", self.selection, "DISTINCT pair")
        return sorted(row[0] for row in self.corpus.query(wanted))


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFormat:
    """A format that is one text; `write` yields it in pieces of any size, also where there are no units."""

    name: str
    summary: str
    suffix: str
    write: Callable[[Material], Iterator[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderFormat:
    """A format of several files; `write` fills a folder that is new and empty."""

    name: str
    summary: str
    write: Callable[[Material, Path], None]


Format = TextFormat | FolderFormat
