"""`pipeline.open`: the read API."""

from __future__ import annotations

import os
from collections.abc import Sequence
from os import PathLike

from typing_extensions import Self

from pipeline.corpus.corpus import Corpus
from pipeline.corpus.files import DamagedFile
from pipeline.corpus.rows import Rows, rows_of
from pipeline.corpus.selection import DateRange, Selection
from pipeline.places import on_disk

Names = str | Sequence[str]


class OpenCorpus:
    """A corpus opened for reading, also as a context; a run may be at work on it meanwhile.

    `units` and `articles` choose rows; iterating reads them in bounded memory; `.arrow()`, `.pandas()` and
    `.relation()` give all of them at once. Only the latest revision of an article counts, as its latest run
    translated it.
    """

    def __init__(self, folder: str | PathLike[str]) -> None:
        """Look which files there are.

        Raises:
            OutputError: the folder holds no output of newsmt.
            UsageError: it is in a storage.
        """
        self._corpus = Corpus(on_disk(os.fspath(folder)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back memory and files; relations end with it."""
        self._corpus.close()

    @property
    def damaged(self) -> tuple[DamagedFile, ...]:
        """The files that turned out to be unreadable so far, and were left out."""
        return tuple(self._corpus.damaged)

    def units(
        self,
        *,
        pair: Names = (),
        date: str | None = None,
        publisher: Names = (),
        flag: Names = (),
        without_flag: Names = (),
        min_quality: float | None = None,
        all_revisions: bool = False,
        columns: Names | None = None,
    ) -> Rows:
        """Return the translation units that are wanted.

        Args:
            pair: the pair of their article, as in `en-ru`, or several.
            date: a year, month or day (UTC), or two with `..` between, as in `2020-11..2021-02-15`.
            publisher: that of their article, or several.
            flag: units with one of these flags.
            without_flag: units with none of these flags.
            min_quality: units whose quality is at least that.
            all_revisions: also what later revisions and runs have superseded.
            columns: nothing but these; they are those of `bitext`, `pair` and `date`.

        Raises:
            UsageError: a value or column is none.
        """
        selection = Selection(
            pairs=_names(pair),
            dates=None if date is None else DateRange.parse(date),
            publishers=_names(publisher),
            flags=_names(flag),
            without_flags=_names(without_flag),
            min_quality=min_quality,
            all_revisions=all_revisions,
        )
        return rows_of(self._corpus, "bitext", selection, columns)

    def articles(self, *, all_revisions: bool = False, columns: Names | None = None) -> Rows:
        """Return the articles, those without a translation included.

        Args:
            all_revisions: also earlier revisions, and rows of the same revision that a later run wrote anew.
            columns: nothing but these; they are those of `articles` and `date`.

        Raises:
            UsageError: there is no such column.
        """
        return rows_of(self._corpus, "articles", Selection(all_revisions=all_revisions), columns)


def _names(value: Names) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
