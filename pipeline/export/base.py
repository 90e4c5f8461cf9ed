"""What a format is: it makes text that is streamed, or a folder of files, of the chosen units."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pipeline.corpus.corpus import Corpus
from pipeline.corpus.files import partition_of
from pipeline.corpus.rows import rows_of
from pipeline.corpus.selection import Selection

if TYPE_CHECKING:
    import pyarrow as pa

_Item = TypeVar("_Item")


@dataclass(slots=True, kw_only=True)
class Tally:
    """What became of an export so far: rows by pair, units without a translation, characters replaced.

    `watch` hears of the number of units or articles after each batch of them.
    """

    units: Counter[str] = field(default_factory=Counter)
    n_articles: int = 0
    n_without_target: int = 0
    n_replaced: int = 0
    watch: Callable[[int], None] = lambda _: None

    @property
    def n_units(self) -> int:
        """How many units were exported."""
        return sum(self.units.values())

    def leave_out(self, pair: str, n_units: int) -> None:
        """Count units among those without a translation, that were counted among those of a pair."""
        self.units[pair] -= n_units
        self.n_without_target += n_units


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What is exported: the chosen units of a corpus. `made_at` is for headers: the time of day, time zone aware."""

    corpus: Corpus
    selection: Selection
    made_at: datetime
    tally: Tally = field(default_factory=Tally)

    def units(self, *columns: str) -> Iterator[tuple[Any, ...]]:
        """Yield these columns of each unit, in the order of the corpus and in bounded memory.

        Units of an article are together. A damaged file is named, and the rest goes on; `corpus.damaged` has it.
        """
        for batch in self.batches(*columns):
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)

    def batches(self, *columns: str, with_target: bool = False) -> Iterator[pa.RecordBatch]:
        """Yield the same as batches of Arrow, each of one pair; the next one is read meanwhile.

        Args:
            columns: their names.
            with_target: leave out units whose source or target is blank; they are counted.
        """
        needed = dict.fromkeys((*columns, "pair", *(("source_text", "target_text") if with_target else ())))
        for batch in _ahead(rows_of(self.corpus, "bitext", self.selection, list(needed)).batches()):
            kept = self._translated(batch) if with_target else batch
            if not kept.num_rows:
                continue
            self.tally.units[kept.column("pair")[0].as_py()] += kept.num_rows
            self.tally.watch(self.tally.n_units)
            yield kept.select(list(columns))

    def articles(self, *columns: str) -> Iterator[tuple[Any, ...]]:
        """Yield these columns of each article that has chosen units; of each one at all where everything is chosen."""
        wanted = None if self.selection.is_all else self._article_ids()
        articles = rows_of(self.corpus, "articles", self.selection, list(dict.fromkeys(("article_id", *columns))))
        for batch in articles.batches():
            rows = zip(*(batch.column(name).to_pylist() for name in ("article_id", *columns)), strict=True)
            for article_id, *row in rows:
                if wanted is None or article_id in wanted:
                    self.tally.n_articles += 1
                    yield tuple(row)
            self.tally.watch(self.tally.n_articles)

    def pairs(self) -> Sequence[str]:
        """Return the pairs that there are files of, sorted; of some of them filters may leave no unit."""
        return sorted({partition_of(path)[0] for path in self.corpus.unit_files(self.selection)})

    def _translated(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        import pyarrow.compute as pc

        texts = (pc.utf8_trim_whitespace(batch.column(name)) for name in ("source_text", "target_text"))
        kept = batch.filter(pc.and_(*(pc.not_equal(text, "") for text in texts)))
        self.tally.n_without_target += batch.num_rows - kept.num_rows
        return kept

    def _article_ids(self) -> set[str]:
        found = rows_of(self.corpus, "bitext", self.selection, ["article_id"])
        return {name for batch in found.batches() for name in batch.column(0).unique().to_pylist()}


def _ahead(items: Iterator[_Item]) -> Iterator[_Item]:
    """Yield items while the next one is made on another core."""
    with ThreadPoolExecutor(1) as pool:
        waiting = deque(pool.submit(next, items, None) for _ in range(2))
        while (item := waiting.popleft().result()) is not None:
            waiting.append(pool.submit(next, items, None))
            yield item


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFormat:
    """A format that is one text; `write` yields it as UTF-8 in pieces of any size, also where there are no units.

    `of` is what it holds, for people: units or articles.
    """

    name: str
    summary: str
    suffix: str
    write: Callable[[Material], Generator[bytes, None, None]]
    of: str = "units"


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderFormat:
    """A format of several files; `write` fills a folder that is new and empty."""

    name: str
    summary: str
    write: Callable[[Material, Path], None]


Format = TextFormat | FolderFormat
