"""Checking the rows of Parquet files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.store.alignment import check_alignment
from pipeline.store.files import FileEntry
from pipeline.store.index import CorpusIndex
from pipeline.store.parquet import UnreadableFileError, open_parquet, rows_of
from pipeline.store.rows import partition_date
from pipeline.store.verification import Problem
from pipeline.types import TranslationUnit

if TYPE_CHECKING:
    import pyarrow.parquet as pq

_TRANSLATION = itemgetter("article_id", "revision", "target_lang", "run_id")


class ContentCheck:
    """Checks rows against their partition and against each other; files of articles must come before their units.

    Args:
        index: is filled on the way.
        locate: tells where the file of a path is, or should be.

    `lost_articles` are those whose row is known to be lost: the next run that reads them writes it again.
    """

    def __init__(self, index: CorpusIndex, locate: Callable[[str], Path]) -> None:
        self._index = index
        self._locate = locate
        self._texts_path = ""
        self._texts: dict[tuple[str, int], str] = {}
        self.has_lost_articles = False
        self.lost_articles: frozenset[tuple[str, int]] = frozenset()

    def check(self, file: pq.ParquetFile, entry: FileEntry) -> Iterator[Problem]:
        """Yield the problems of the rows of one file, and enter them into the index.

        Raises:
            UnreadableFileError: the file is broken inside.
        """
        rows = rows_of(file, entry.table)
        if entry.table == "articles":
            yield from self._check_articles(rows, entry)
        elif entry.table == "bitext":
            for key, group in groupby(rows, key=_TRANSLATION):
                yield from self._check_translation(key, list(group), entry)
        else:
            for _ in rows:
                pass

    def _check_articles(self, rows: Iterator[dict[str, Any]], entry: FileEntry) -> Iterator[Problem]:
        folder = Path(entry.path).parent.as_posix()
        for row in rows:
            where = f"{row['article_id']}.{row['revision']}"
            if sha256(row["text"].encode()).hexdigest() != row["content_sha256"]:
                yield Problem(kind="content", where=where, detail=f"`content_sha256` is not of the text ({entry.path})")
            date = partition_date(row["published_at"], row["ingested_at"])
            if folder != f"articles/date={date}":
                yield Problem(kind="partition", where=where, detail=f"is of {date}, but stands in {entry.path}")
            if not self._index.add_article(row, entry.path):
                yield Problem(kind="duplicate", where=where, detail=f"stands twice in {entry.path}")

    def _check_translation(
        self, key: tuple[str, int, str, str], rows: Sequence[dict[str, Any]], entry: FileEntry
    ) -> Iterator[Problem]:
        article_id, revision, target, run_id = key
        name = f"{article_id}.{revision}:{target}"
        if not self._index.add_translation(article_id, revision, target, run_id):
            yield Problem(kind="duplicate", where=name, detail=f"run {run_id} has it twice, again in {entry.path}")
        for row in rows:
            if not self._index.add_unit(row["unit_id"], run_id):
                yield Problem(kind="duplicate", where=row["unit_id"], detail=f"run {run_id} has two units of this id")
        articles = self._index.articles(article_id, revision)
        texts = (self._text(article_id, revision, path) for path, *_ in articles)
        text = next((text for text in texts if text is not None), None)
        if text is not None:
            yield from self._check_partition(name, rows[0], articles, entry)
            yield from check_alignment([_unit(row) for row in rows], text)
        elif not self.has_lost_articles and (article_id, revision) not in self.lost_articles:
            yield Problem(kind="no-article", where=name, detail=f"`articles` lacks the source of units in {entry.path}")

    def _check_partition(
        self, name: str, row: dict[str, Any], articles: Sequence[tuple[str, str, str, str]], entry: FileEntry
    ) -> Iterator[Problem]:
        published_at = row["published_at"]
        dates = {partition_date(None, published_at)} if published_at else {ingested_on for *_, ingested_on in articles}
        # An article whose language was found out anew has a row for each.
        pairs = {f"{source}-{row['target_lang']}" for _, _, source, _ in articles}
        folder = Path(entry.path).parent.as_posix()
        if folder not in {f"bitext/pair={pair}/date={date}" for pair in pairs for date in dates}:
            detail = f"is {' or '.join(sorted(pairs))} of {' or '.join(sorted(dates))}, but stands in {entry.path}"
            yield Problem(kind="partition", where=name, detail=detail)

    def _text(self, article_id: str, revision: int, path: str) -> str | None:
        """Return the text of an article; the units of a file have theirs in one file nearly always."""
        if path != self._texts_path:
            self._texts, self._texts_path = self._read_texts(path), path
        return self._texts.get((article_id, revision))

    def _read_texts(self, path: str) -> dict[tuple[str, int], str]:
        texts: dict[tuple[str, int], str] = {}
        # A file that is broken somewhere was reported when its own turn came.
        with suppress(UnreadableFileError), open_parquet(self._locate(path)) as file:
            for row in rows_of(file, "articles", ("article_id", "revision", "text")):
                texts[row["article_id"], row["revision"]] = row["text"]
        return texts


def _unit(row: dict[str, Any]) -> TranslationUnit:
    values = {name: row[name] for name in TranslationUnit._fields if name in row}
    lists = {name: tuple(row.get(name) or ()) for name in ("models", "flags", "edits")}
    return TranslationUnit(**(values | lists | {"measures": ()}))
