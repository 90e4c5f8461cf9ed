"""The filters that every command has which reads a corpus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from pipeline.places import on_disk

if TYPE_CHECKING:
    from pipeline.corpus.selection import Selection

OUT = typer.Argument(metavar="OUT", parser=on_disk, help="The output folder of `newsmt run`.")
PAIR = typer.Option("--pair", metavar="PAIR", help="Only units of articles of this pair, as in en-ru; several times.")
DATE = typer.Option(
    "--date",
    metavar="DATE",
    help="Only of this year, month or day, or from one to another: 2020, 2020-11, 2020-11-13..2021-02.",
)
PUBLISHER = typer.Option("--publisher", metavar="NAME", help="Only of this publisher; several times.")
FLAG = typer.Option("--flag", metavar="FLAG", help="Only units with this flag; several times: with one of them.")
WITHOUT_FLAG = typer.Option("--without-flag", metavar="FLAG", help="Only units without this flag; several times.")
MIN_QUALITY = typer.Option("--min-quality", metavar="Q", help="Only units whose quality is at least this, from 0 to 1.")
ALL_REVISIONS = typer.Option(
    "--all-revisions", help="Also what later revisions of an article, or later runs, have superseded."
)


def selection_of(
    *,
    pair: Sequence[str] | None,
    date: str | None,
    publisher: Sequence[str] | None,
    flag: Sequence[str] | None,
    without_flag: Sequence[str] | None,
    min_quality: float | None,
    all_revisions: bool,
) -> Selection:
    """Return the selection that options ask for.

    Raises:
        UsageError: a pair, date, flag or quality is none.
    """
    from pipeline.corpus.selection import DateRange, Selection

    return Selection(
        pairs=tuple(pair or ()),
        dates=None if date is None else DateRange.parse(date),
        publishers=tuple(publisher or ()),
        flags=tuple(flag or ()),
        without_flags=tuple(without_flag or ()),
        min_quality=min_quality,
        all_revisions=all_revisions,
    ).checked()
