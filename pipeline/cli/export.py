"""`newsmt export`: the corpus in the formats of other tools."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from pipeline.cli.options import JSON
from pipeline.cli.output import is_terminal, print_json, say
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
from pipeline.cli.tables import megabytes
from pipeline.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from pipeline.export.base import Format, Material, Tally

_STDOUT = Path("-")
_LATER = 0.001


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("export")(export)


def export(
    out: Annotated[Path, OUT],
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="NAME",
            help="tmx, tsv, csv, jsonl, articles-jsonl; folders: xliff, moses, hf, vertical, text, markdown.  "
            "[default: what the suffix of --output says]",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            metavar="PATH",
            help="The file, with .gz or .zst packed, or the folder to write.  [default: stdout; folders need a name]",
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
    """Write a corpus, or chosen units of it, in the format of another tool (docs/export.md).

    Exits with 3 where damaged files were left out; they are named.

    Examples: newsmt export corpus --output corpus.tmx.gz; newsmt export corpus --format moses --output moses
    """
    from pipeline.api import now
    from pipeline.corpus.corpus import Corpus
    from pipeline.export.base import Material
    from pipeline.export.registry import format_of

    output = None if output == _STDOUT else output
    wanted = format_of(form, output)
    _check(wanted, output, out, as_json=as_json)
    selection = selection_of(
        pair=pair,
        date=date,
        publisher=publisher,
        flag=flag,
        without_flag=without_flag,
        min_quality=min_quality,
        all_revisions=all_revisions,
    )
    with Corpus(out) as corpus:
        corpus.check_pairs(selection)
        material = Material(corpus=corpus, selection=selection, made_at=now())
        size_bytes = _write(wanted, material, output)
        _tell(wanted, material, output, size_bytes, as_json=as_json)
        if corpus.damaged:
            raise typer.Exit(ExitCode.LEFT_OVER)


def _check(wanted: Format, output: Path | None, corpus: Path, *, as_json: bool) -> None:
    """Look whether the output can be written, before anything is read.

    Raises:
        OutputError: it cannot.
        UsageError: options do not go together.
    """
    from pipeline.export.base import FolderFormat
    from pipeline.export.output import check_file, check_folder

    if isinstance(wanted, FolderFormat):
        if output is None:
            raise UsageError(f"--format {wanted.name} makes a folder; name a new or empty one with --output")
        check_folder(output, corpus)
    elif output is not None:
        check_file(output, corpus)
    elif as_json:
        raise UsageError(f"--json and --format {wanted.name} both write to stdout; add --output, or leave out --json")


def _write(wanted: Format, material: Material, output: Path | None) -> int | None:
    """Write the export and return its size; None where that is not known."""
    from pipeline.export.base import FolderFormat
    from pipeline.export.output import write_file, write_folder, write_stream

    is_shown = is_terminal() and not (output is None and sys.stdout.isatty())
    with _progress(is_shown=is_shown, of=_noun(wanted)) as watch:
        material.tally.watch = watch
        if isinstance(wanted, FolderFormat):
            # `_check` has seen to it that there is a name.
            return write_folder(lambda folder: wanted.write(material, folder), cast("Path", output))
        # Whoever fails meanwhile must not leave a reader behind that outlives the corpus.
        with closing(wanted.write(material)) as pieces:
            if output is None:
                write_stream(pieces, sys.stdout.buffer)
                return None
            return write_file(pieces, output)


@contextmanager
def _progress(*, is_shown: bool, of: str) -> Iterator[Callable[[int], None]]:
    """Yield what is to hear of the number of units so far; people see it with the rate."""
    if not is_shown:
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn

    began = monotonic()
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("reading", total=None)

        def show(n: int) -> None:
            rate = n / max(_LATER, monotonic() - began)
            progress.update(task, description=f"{n:,} {of}, {rate:,.0f}/s")

        yield show


def _tell(wanted: Format, material: Material, output: Path | None, size_bytes: int | None, *, as_json: bool) -> None:
    for line in _lines(wanted, material, output, size_bytes):
        say(line)
    if as_json:
        print_json(_account(wanted, material, output, size_bytes))


def _lines(wanted: Format, material: Material, output: Path | None, size_bytes: int | None) -> Iterator[str]:
    tally = material.tally
    place = f" to {output}" if output else ""
    size = "" if size_bytes is None else f" ({megabytes(size_bytes)})"
    yield f"exported {_amount(wanted, tally)}{place}{size}"
    if not _number(wanted, tally):
        yield f"  nothing to export: no {_noun(wanted)} here yet, or the filters leave none"
    if tally.n_without_target:
        yield f"  left out: {tally.n_without_target:,} units without a translation"
    if tally.n_replaced:
        yield f"  replaced by U+FFFD: {tally.n_replaced:,} characters that this format cannot hold"
    if n_damaged := len(material.corpus.damaged):
        yield f"  damaged files that were left out, see above: {n_damaged:,}; `newsmt check --repair` mends them"


def _amount(wanted: Format, tally: Tally) -> str:
    if _noun(wanted) == "articles":
        return f"{tally.n_articles:,} articles"
    n_pairs = sum(1 for n_units in tally.units.values() if n_units)
    return f"{tally.n_units:,} units of {n_pairs} {'pair' if n_pairs == 1 else 'pairs'}"


def _account(wanted: Format, material: Material, output: Path | None, size_bytes: int | None) -> dict[str, Any]:
    tally = material.tally
    return {
        "format": wanted.name,
        "output": str(output),
        "size_bytes": size_bytes,
        f"n_{_noun(wanted)}": _number(wanted, tally),
        "units": dict(sorted(tally.units.items())),
        "n_without_target": tally.n_without_target,
        "n_replaced": tally.n_replaced,
        "damaged": [{"path": str(file.path), "detail": file.detail} for file in material.corpus.damaged],
    }


def _number(wanted: Format, tally: Tally) -> int:
    return tally.n_articles if _noun(wanted) == "articles" else tally.n_units


def _noun(wanted: Format) -> str:
    """Return what a format holds, for people."""
    from pipeline.export.base import TextFormat

    return wanted.of if isinstance(wanted, TextFormat) else "units"
