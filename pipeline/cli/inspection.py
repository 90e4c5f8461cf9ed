"""`newsmt inspect`."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.output import print_json
from pipeline.errors import ExitCode

if TYPE_CHECKING:
    from pipeline.inspection import InspectedArticle, InspectedInput

log = logging.getLogger(__name__)

_MAX_PARAGRAPHS = 4
_MAX_CHARS = 100
_FIELDS = (
    "url",
    "publisher",
    "authors",
    "section",
    "keywords",
    "published_at",
    "updated_at",
    "claimed_language",
    "licence",
    "notes",
)


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("inspect")(inspect)


def inspect(
    inputs: Annotated[
        list[str] | None, typer.Argument(metavar="INPUT", help="Files, folders or globs; - for stdin.")
    ] = None,
    files_from: Annotated[
        str | None, typer.Option("--files-from", metavar="LIST", help="Read names of inputs from a file, one a line.")
    ] = None,
    n_articles: Annotated[
        int,
        typer.Option(
            "-n",
            "--articles",
            metavar="N",
            min=1,
            help="How many articles of each input to read and show; not the rest.",
        ),
    ] = 3,
    encoding: Annotated[
        str | None, typer.Option("--encoding", metavar="NAME", help="Of text that declares none.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="Settings in TOML, for [input] and its fields.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print all of it as the last line of stdout.")] = False,
) -> None:
    """Show what inputs are taken for, the first articles as they would be read, and what is wrong up to there.

    Nothing is written, and of each input no more is read than that. Exits with 3 where something would be rejected.

    Example: newsmt inspect crawl.warc.gz feeds/ --articles 1
    """
    from pipeline.config import RunConfig
    from pipeline.config_file import read_config
    from pipeline.errors import UsageError
    from pipeline.ingest.inputs import find_inputs, listed_inputs
    from pipeline.inspection import inspect as look
    from pipeline.problems import all_of

    base = read_config(config) if config else RunConfig()
    settings = replace(base.input, encoding=encoding) if encoding else base.input
    if problems := tuple(settings.problems()):
        raise UsageError(all_of(problems))
    given = bool(inputs) or files_from is not None
    names = listed_inputs(inputs or (), files_from) if given else listed_inputs(base.inputs, base.files_from)
    if not names:
        raise UsageError("no input: name files, folders or globs, or - for standard input")
    found = find_inputs(names)
    for warning in found.warnings:
        log.warning("%s", warning)
    inspected = []
    for item in look(found, settings, n_articles=n_articles):
        inspected.append(item)
        if not as_json:
            _show(item)
    if as_json:
        print_json({"inputs": [item.to_json() for item in inspected]})
    raise typer.Exit(ExitCode.LEFT_OVER if any(item.n_rejected for item in inspected) else ExitCode.DONE)


def _show(item: InspectedInput) -> None:
    formats = ", ".join(f"{name} {count:,}" if count > 1 else name for name, count in item.formats.items())
    more = "" if item.is_whole else "; the rest was not read"
    _print(f"{item.name}: {formats or 'nothing'}; articles {item.n_articles:,}, rejects {item.n_rejected:,}{more}")
    for reject in item.rejects:
        _print(f"  {reject['source_uri']}: {reject['reason']}: {reject['detail']}")
    for article in item.articles:
        _show_article(article)


def _show_article(article: InspectedArticle) -> None:
    _print(f"  {article.source_uri}  {article.language}, {article.encoding}, id {article.article_id}")
    for name in _FIELDS:
        value = getattr(article, name)
        if value:
            _print(f"    {name:<17}{', '.join(value) if isinstance(value, tuple) else value}")
    for kind, text in article.paragraphs[:_MAX_PARAGRAPHS]:
        line = " ".join(text.split())
        _print(f"    {kind:<9}{line[:_MAX_CHARS]}{'…' if len(line) > _MAX_CHARS else ''}")
    n_left = len(article.paragraphs) - _MAX_PARAGRAPHS
    if n_left > 0:
        _print(f"    {'':<9}{n_left:,} paragraphs more")


def _print(line: str) -> None:
    """Print a line of the report; control characters of inputs shall not reach the terminal."""
    typer.echo("".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in line))
