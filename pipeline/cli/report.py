"""`newsmt report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli import selection
from pipeline.cli.output import is_terminal, print_json, say
from pipeline.cli.tables import megabytes
from pipeline.errors import ExitCode

if TYPE_CHECKING:
    from pipeline.report.report import Report


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("report")(report)


def report(
    out: Annotated[Path, selection.OUT],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            metavar="PATH",
            help="A file ending in .html, or a folder for pages.  [default: OUT/report.html or OUT/report]",
        ),
    ] = None,
    title: Annotated[
        str | None, typer.Option("--title", metavar="TEXT", help="The title of the report.  [default: the name of OUT]")
    ] = None,
    articles_per_page: Annotated[
        int,
        typer.Option("--articles-per-page", metavar="N", min=1, help="More articles make several pages in a folder."),
    ] = 1000,
    pair: Annotated[list[str] | None, selection.PAIR] = None,
    date: Annotated[str | None, selection.DATE] = None,
    publisher: Annotated[list[str] | None, selection.PUBLISHER] = None,
    flag: Annotated[list[str] | None, selection.FLAG] = None,
    without_flag: Annotated[list[str] | None, selection.WITHOUT_FLAG] = None,
    min_quality: Annotated[float | None, selection.MIN_QUALITY] = None,
    all_revisions: Annotated[bool, selection.ALL_REVISIONS] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print where it is, as the last line of stdout.")] = False,
) -> None:
    """Write the corpus as a page for a browser: overview, articles, and texts beside their translations.

    The page fetches nothing from the network and can be passed on as a file. Exits with 3 where damaged files were
    left out.

    Example: newsmt report corpus --date 2026-11 --title "November" --output november.html
    """
    from pipeline.api import now
    from pipeline.report.report import Request, make_report

    wanted = selection.selection_of(
        pair=pair,
        date=date,
        publisher=publisher,
        flag=flag,
        without_flag=without_flag,
        min_quality=min_quality,
        all_revisions=all_revisions,
    )
    request = Request(
        folder=out,
        selection=wanted,
        output=output,
        title=title,
        articles_per_page=articles_per_page,
        made_at=now(),
        told=_tell_page,
    )
    made = make_report(request)
    if as_json:
        print_json(made.to_json())
    else:
        _show(made)
    if made.damaged:
        raise typer.Exit(ExitCode.LEFT_OVER)


def _tell_page(number: int, n_pages: int) -> None:
    if is_terminal():
        say(f"page {number:,} of {n_pages:,}")


def _show(made: Report) -> None:
    figures = made.figures
    pages = f"{made.n_pages:,} pages, " if made.n_pages > 1 else ""
    say(f"{figures.n_articles:,} articles, {figures.n_units:,} units; {pages}{megabytes(made.size_bytes)}")
    typer.echo(made.path)
