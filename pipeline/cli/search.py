"""`newsmt search`: a concordance of both sides of a corpus."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from pipeline.cli.options import JSON
from pipeline.cli.search_answer import Request, answer
from pipeline.cli.selection import (
    ALL_REVISIONS,
    DATE,
    FLAG,
    MIN_QUALITY,
    OUT,
    PAIR,
    PUBLISHER,
    WITHOUT_FLAG,
    selection_of,
)
from pipeline.errors import ExitCode

if TYPE_CHECKING:
    from pipeline.search.pattern import Pattern
    from pipeline.search.query import Order, SideChoice


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("search")(search)


def search(
    out: Annotated[Path, OUT],
    pattern: Annotated[
        str, typer.Argument(metavar="PATTERN", help="Words; * stands for any letters. With --regex an expression.")
    ],
    is_regex: Annotated[bool, typer.Option("--regex", help="All patterns are expressions of RE2.")] = False,
    has_case: Annotated[bool, typer.Option("--case", help="Capitals are not small letters.")] = False,
    is_exact: Annotated[
        bool, typer.Option("--exact", help="Letter for letter: --case, and ё is not е, nor և եւ.")
    ] = False,
    side: Annotated[
        str, typer.Option("--side", metavar="SIDE", help="Where PATTERN is looked for: source, target or any.")
    ] = "any",
    with_: Annotated[
        str | None, typer.Option("--with", metavar="PATTERN", help="What the other side must hold.")
    ] = None,
    without: Annotated[
        str | None, typer.Option("--without", metavar="PATTERN", help="What the other side must not hold.")
    ] = None,
    pair: Annotated[list[str] | None, PAIR] = None,
    date: Annotated[str | None, DATE] = None,
    publisher: Annotated[list[str] | None, PUBLISHER] = None,
    flag: Annotated[list[str] | None, FLAG] = None,
    without_flag: Annotated[list[str] | None, WITHOUT_FLAG] = None,
    min_quality: Annotated[float | None, MIN_QUALITY] = None,
    all_revisions: Annotated[bool, ALL_REVISIONS] = False,
    sort: Annotated[
        str, typer.Option("--sort", metavar="ORDER", help="corpus, left, right, match, quality or date.")
    ] = "corpus",
    is_reversed: Annotated[bool, typer.Option("--reverse", help="The other way round, with --sort.")] = False,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit",
            metavar="N",
            min=1,
            show_default=False,
            help="Show N hits.  [default: 20, but all in other formats]",
        ),
    ] = None,
    offset: Annotated[int, typer.Option("--offset", metavar="N", min=0, help="Leave out the first N hits.")] = 0,
    context: Annotated[
        int | None,
        typer.Option("--context", metavar="N", min=0, help="Characters on each side of a hit.", show_default=False),
    ] = None,
    count: Annotated[
        bool, typer.Option("--count", help="Only how many hits there are, by pair, publisher, month and form.")
    ] = False,
    form: Annotated[
        str | None,
        typer.Option(
            "--format", metavar="FORMAT", help="table, jsonl, csv or html; else as the suffix of --output says."
        ),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Write to this file.")] = None,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Look for words or expressions in both sides of a corpus; hits are shown in their context, with the other side.

    Examples: newsmt search corpus bank --without 'банк*'; newsmt search corpus 'договор*' --side target --sort left
    """
    from pipeline.corpus.corpus import Corpus
    from pipeline.search.formats import format_of
    from pipeline.search.pattern import parse_pattern
    from pipeline.search.query import Query

    request = Request(form=format_of(form, output), output=output, is_count=count, as_json=as_json).checked(form)
    patterns = [
        None if text is None else parse_pattern(text, is_regex=is_regex, has_case=has_case, is_exact=is_exact)
        for text in (pattern, with_, without)
    ]
    query = Query(
        pattern=cast("Pattern", patterns[0]),
        side=cast("SideChoice", side),
        with_=patterns[1],
        without=patterns[2],
        selection=selection_of(
            pair=pair,
            date=date,
            publisher=publisher,
            flag=flag,
            without_flag=without_flag,
            min_quality=min_quality,
            all_revisions=all_revisions,
        ),
        order=cast("Order", sort),
        is_reversed=is_reversed,
        limit=limit or request.default_limit,
        offset=offset,
        context=request.default_context if context is None else context,
    ).checked()
    with Corpus(out) as corpus:
        corpus.check_pairs(query.selection)
        answer(corpus, query, request)
        if corpus.damaged:
            raise typer.Exit(ExitCode.LEFT_OVER)
