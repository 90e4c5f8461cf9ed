"""A large corpus in a minute: news of the news-brief language, as `newsmt run` would have left it, without any model.

`python -m tests.bench.large_corpus DIR --units 1000000` writes two years of twelve publishers, in all six pairs. There
is no ledger.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.store.files import MERGED
from pipeline.store.schema import SCHEMA_VERSION, arrow_schema
from pipeline.version import __version__
from tests.bench.large_rows import Rows, article_rows, run_time, unit_rows
from tests.bench.large_stories import UNITS_OF_AN_ARTICLE, Stories, Story, month_of

# ruff: noqa: S311 - the random numbers choose sentences and protect nothing

_ARTICLES_OF_A_SHARD = 256
_SHARE_OF_REVISIONS = 0.02
_SHARE_TRANSLATED_AGAIN = 0.02
_N_MONTHS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a corpus is: by units or by articles (revisions are not counted), over some months."""

    n_units: int | None = None
    n_articles: int | None = None
    n_months: int = _N_MONTHS

    def of_month(self, number: int) -> Size:
        """Return the share of a month."""
        return Size(n_units=self._share(self.n_units, number), n_articles=self._share(self.n_articles, number))

    def _share(self, n: int | None, number: int) -> int | None:
        return None if n is None else n * (number + 1) // self.n_months - n * number // self.n_months

    def is_reached(self, n_units: int, n_articles: int) -> bool:
        """Return whether there are so many."""
        return n_units == self.n_units if self.n_units is not None else n_articles == self.n_articles


@dataclass(slots=True)
class Files:
    """The columns of the files that are not written yet, by path."""

    folder: Path
    merged_name: str | None
    columns: dict[str, dict[str, list[Any]]] = field(default_factory=dict)

    def add(self, partition: str, name: str, rows: Rows) -> None:
        """Add rows to a file of a partition, to the only one where files are merged."""
        path = f"{partition}/{self.merged_name or name}.parquet"
        columns = self.columns.setdefault(path, defaultdict(list))
        for column, values in rows.items():
            columns[column] += values

    def write(self) -> None:
        """Write all that was gathered."""
        for path, columns in self.columns.items():
            file = self.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            table = pa.table(dict(columns), schema=arrow_schema(path.partition("/")[0]))
            pq.write_table(table, file, compression="zstd")
        self.columns.clear()


class CorpusWriter:
    """Writes a corpus month by month, so that memory is that of a month."""

    def __init__(self, folder: Path, size: Size, *, is_compacted: bool = True, seed: int = 1) -> None:
        self._folder = folder
        self._size = size
        self._random = Random(seed)
        self._stories = Stories(self._random, seed=seed)
        self._last_run = _run_of(size.n_months)
        self._files = Files(folder, f"{MERGED}{self._last_run}-00000" if is_compacted else None)
        self._counts: dict[str, Counter[str]] = defaultdict(Counter)

    def write(self) -> Counter[str]:
        """Write all months and manifests; return how many `articles` (with revisions) and `units` there are."""
        for month in range(self._size.n_months):
            self._add_month(month)
            self._files.write()
        for run_id, counts in self._counts.items():
            _write_manifest(self._folder, run_id, counts)
        return sum(self._counts.values(), Counter())

    def _add_month(self, month: int) -> None:
        size = self._size.of_month(month)
        n_units = n_articles = 0
        while not size.is_reached(n_units, n_articles):
            story = self._stories.draw(month, self._random.randint(*UNITS_OF_AN_ARTICLE))
            n_articles += 1
            for revision, run_id in self._translations(story, month):
                n_left = None if size.n_units is None else size.n_units - n_units
                if n_left != 0:
                    n_units += self._add(revision, run_id, n_left)

    def _translations(self, story: Story, month: int) -> Iterator[tuple[Story, str]]:
        """Yield the revisions of an article, and the runs that translated them."""
        yield story, _run_of(month)
        chance = self._random.random()
        if chance < _SHARE_OF_REVISIONS:
            yield story.revised(self._stories.draw_news(story.topic)), _run_of(month + 1)
        elif chance < _SHARE_OF_REVISIONS + _SHARE_TRANSLATED_AGAIN:
            yield story, self._last_run

    def _add(self, story: Story, run_id: str, n_left: int | None) -> int:
        """Add an article and its units, `n_left` at most, and return how many units these are."""
        counts = self._counts[run_id]
        name = f"{run_id}-{counts['articles'] // _ARTICLES_OF_A_SHARD:05d}"
        counts.update(("articles", f"language {story.language}"))
        day = story.published_at.date().isoformat()
        self._files.add(f"articles/date={day}", name, article_rows(story, run_id))
        n_added = 0
        # Of two years, the second one has better models.
        version = "1.0" if run_id < _run_of(self._size.n_months // 2) else "1.1"
        for target in story.targets:
            n = len(story.briefs) if n_left is None else min(len(story.briefs), n_left - n_added)
            if n:
                rows = unit_rows(self._random, story, run_id, target, version=version)
                pair = f"{story.language}-{target}"
                self._files.add(f"bitext/pair={pair}/date={day}", name, {key: rows[key][:n] for key in rows})
                counts.update({"units": n, f"units {pair}": n})
                n_added += n
        return n_added


def _run_of(month: int) -> str:
    """Return the run that read the articles of a month, on the first day of the next one."""
    return f"{month_of(month + 1):%Y%m%d}T060000Z"


def _write_manifest(folder: Path, run_id: str, counts: Counter[str]) -> None:
    at = run_time(run_id)
    parts: dict[str, dict[str, int]] = {"units": {}, "language": {}}
    for name, n in sorted(counts.items()):
        kind, _, key = name.partition(" ")
        if key:
            parts[kind][key] = n
    manifest = {
        "run_id": run_id,
        "newsmt_version": __version__,
        "schema_version": SCHEMA_VERSION,
        "started_at": at.isoformat(),
        "finished_at": (at + timedelta(minutes=40)).isoformat(),
        "stopped_by": None,
        "counts": {
            "n_read": counts["articles"],
            "n_articles": counts["articles"],
            "n_units": counts["units"],
            "units": parts["units"],
            "languages": parts["language"],
        },
        "warnings": [],
        "exit_code": 0,
    }
    file = folder / "runs" / f"{run_id}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    """Write a corpus, and say how large it is."""
    options = _parse()
    size = Size(n_units=options.units, n_articles=options.articles, n_months=options.months)
    counts = CorpusWriter(options.folder, size, is_compacted=not options.shards, seed=options.seed).write()
    print(f"{options.folder}: {counts['articles']:,} articles with their revisions, {counts['units']:,} units")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.large_corpus", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--units", type=int, metavar="N", help="rows of bitext, superseded ones included")
    parser.add_argument("--articles", type=int, metavar="N", help="articles, however many revisions they have")
    parser.add_argument("--months", type=int, default=_N_MONTHS, metavar="N")
    parser.add_argument("--shards", action="store_true", help="the files of shards, as before `newsmt compact`")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if (options.units is None) == (options.articles is None):
        parser.error("name either --units or --articles")
    if options.folder.exists() and any(options.folder.iterdir()):
        parser.error(f"{options.folder}: is not empty; name another folder")
    return options


if __name__ == "__main__":
    main()
