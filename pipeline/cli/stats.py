"""`newsmt stats`: figures of a corpus, and the profile of a word."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.options import JSON
from pipeline.cli.output import print_json, say
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
from pipeline.cli.stats_tables import tables_of
from pipeline.cli.stats_word_tables import profile_tables
from pipeline.cli.tables import show
from pipeline.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from pipeline.stats.request import StatsRequest
    from pipeline.stats.statistics import Statistics

_ONLY_HELP = (
    "Only this section, several times: overview, lengths, quality, flags, words, keywords; "
    "with --word: frequency, collocates, translations."
)


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("stats")(stats)


def stats(
    out: Annotated[Path, OUT],
    word: Annotated[
        str | None,
        typer.Option("--word", metavar="WORD", help="Tell of this word: how often, beside what, how translated."),
    ] = None,
    lang: Annotated[
        str | None, typer.Option("--lang", metavar="LANG", help="The language of --word; words of this one only.")
    ] = None,
    only: Annotated[list[str] | None, typer.Option("--only", metavar="SECTION", help=_ONLY_HELP)] = None,
    top: Annotated[
        int,
        typer.Option("--top", metavar="N", min=1, max=100_000, help="So many words, collocates, translations of each."),
    ] = 20,
    window: Annotated[
        int | None,
        typer.Option(
            "--window",
            metavar="N",
            min=1,
            max=100,
            show_default=False,
            help="Words on each side of --word.  [default: 5]",
        ),
    ] = None,
    keywords_by: Annotated[
        str | None,
        typer.Option("--keywords-by", metavar="WHAT", help="Key words of each publisher or month, against the others."),
    ] = None,
    align_units: Annotated[
        int | None,
        typer.Option(
            "--align-units",
            metavar="N",
            min=1,
            max=1_000_000,
            show_default=False,
            help="Units of a pair that are aligned for the translations of --word.  [default: 10000]",
        ),
    ] = None,
    pair: Annotated[list[str] | None, PAIR] = None,
    date: Annotated[str | None, DATE] = None,
    publisher: Annotated[list[str] | None, PUBLISHER] = None,
    flag: Annotated[list[str] | None, FLAG] = None,
    without_flag: Annotated[list[str] | None, WITHOUT_FLAG] = None,
    min_quality: Annotated[float | None, MIN_QUALITY] = None,
    all_revisions: Annotated[bool, ALL_REVISIONS] = False,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Count a corpus: articles, units, words and types; lengths, quality, flags; frequent words, key words.

    With filters, key words are those of the chosen units against all others. With --word, its frequency, its collocates
    and its translations; the latter need the extra `align`.

    Examples: newsmt stats corpus; newsmt stats corpus --date 2026-11 --only keywords; newsmt stats corpus --word budget
    """
    from pipeline.stats.statistics import statistics_of

    _check_word_options(word, {"--window": window, "--align-units": align_units})
    selection = selection_of(
        pair=pair,
        date=date,
        publisher=publisher,
        flag=flag,
        without_flag=without_flag,
        min_quality=min_quality,
        all_revisions=all_revisions,
    )
    request = _request(
        selection=selection,
        only=only or [],
        top=top,
        word=word,
        lang=lang,
        keywords_by=keywords_by,
        given={"window": window, "n_units_to_align": align_units},
    )
    _answer(statistics_of(out, request), request, as_json=as_json)


def _check_word_options(word: str | None, options: dict[str, int | None]) -> None:
    if word is None and (given := [name for name, value in options.items() if value is not None]):
        raise UsageError(f"{', '.join(given)}: only with --word")


def _request(
    *,
    selection: Any,
    only: list[str],
    top: int,
    word: str | None,
    lang: str | None,
    keywords_by: str | None,
    given: dict[str, int | None],
) -> StatsRequest:
    """Return what the options ask for.

    Raises:
        UsageError: they ask for something that there is not.
    """
    from pipeline.stats.request import GROUPINGS, SECTIONS, StatsRequest
    from pipeline.types import parse_language

    if strangers := [name for name in only if name not in SECTIONS]:
        raise UsageError(f"--only {strangers[0]}: no section; there are {', '.join(SECTIONS)}")
    if keywords_by is not None and keywords_by not in GROUPINGS:
        raise UsageError(f"--keywords-by {keywords_by}: write {' or '.join(GROUPINGS)}")
    return StatsRequest(
        selection=selection,
        only=frozenset(name for name in SECTIONS if name in only),
        top=top,
        word=word,
        language=None if lang is None else parse_language(lang),
        keywords_by=next((name for name in GROUPINGS if name == keywords_by), None),
        **{name: value for name, value in given.items() if value is not None},
    ).checked()


def _answer(found: Statistics, request: StatsRequest, *, as_json: bool) -> None:
    if as_json:
        print_json(found.to_json())
    elif not found.n_units:
        show(
            "no units here yet" if request.selection.is_all else "no such units here; see what there is without filters"
        )
    else:
        _show(found)
    for note in found.profile.notes if found.profile else ():
        say(f"newsmt: {note}")
    if found.damaged:
        raise typer.Exit(ExitCode.LEFT_OVER)


def _show(found: Statistics) -> None:
    """Print the sections for people, with a blank line between them."""
    contents = [*tables_of(found), *(profile_tables(found.profile) if found.profile else ())]
    for number, content in enumerate(contents):
        if number:
            show("")
        for part in content:
            show(part)
