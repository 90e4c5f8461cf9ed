"""`newsmt check` and `newsmt status`: how an output folder stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.output import print_json, say
from pipeline.cli.summary import duration
from pipeline.cli.tables import Listing, make_listing, megabytes, show
from pipeline.errors import ExitCode

if TYPE_CHECKING:
    from pipeline.store.status import RunSummary, Status
    from pipeline.store.verification import Verification

_SHOWN_PROBLEMS = 100

_Folder = Annotated[Path, typer.Argument(metavar="OUT", help="The output folder of `newsmt run`.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("status")(status)
    app.command("check")(check)


def check(
    out: _Folder,
    as_json: Annotated[bool, typer.Option("--json", help="Print the finding as the last line of stdout.")] = False,
) -> None:
    """Check that an output folder is complete and exact: files, spans, ledger.

    Exits with 1 where something is damaged. Nothing is changed.

    Example: newsmt check corpus
    """
    from pipeline.store.verify import verify

    verification = verify(out)
    for line in _verification_lines(verification):
        say(line)
    if as_json:
        print_json(verification.to_json())
    raise typer.Exit(ExitCode.DONE if verification.is_sound else ExitCode.FAILED)


def status(
    out: _Folder,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, no table.")] = False,
) -> None:
    """Show the last runs of an output folder, what is left over, and its size.

    Example: newsmt status corpus
    """
    from pipeline.store.status import read_status

    found = read_status(out)
    if as_json:
        print_json(found.to_json())
        return
    if found.runs:
        show(_runs_listing(found))
    for line in _status_lines(found, out):
        show(line)


def _verification_lines(found: Verification) -> Iterator[str]:
    yield (
        f"checked {found.n_files:,} files ({megabytes(found.size_bytes)}): {found.n_articles:,} articles, "
        f"{found.n_units:,} units, {found.n_rejects:,} rejects, {found.n_runs:,} runs"
    )
    if found.is_busy:
        yield "a run is at work here: its unfinished files were left out"
    for problem in found.problems[:_SHOWN_PROBLEMS]:
        yield f"  {problem}"
    n_hidden = len(found.problems) - _SHOWN_PROBLEMS
    if n_hidden > 0:
        yield f"  … and {n_hidden:,} more; --json lists all"
    yield "sound" if found.is_sound else f"damaged: {len(found.problems):,} problems"


def _runs_listing(found: Status) -> Listing:
    # The run id is the time of the start in UTC; a column of its own would push the table beyond eighty columns.
    listing = make_listing("run (UTC)", "took1>", "articles>", "rejected>", "known2>", "units>", "end")
    for run in found.runs:
        numbers = (run.n_articles, run.n_rejected, run.n_known, run.n_units)
        listing.add(run.run_id, _took(run), *(f"{number:,}" for number in numbers), _end(run))
    return listing


def _took(run: RunSummary) -> str:
    return duration((run.finished_at - run.started_at).total_seconds()) if run.finished_at else ""


def _end(run: RunSummary) -> str:
    return f"stopped: {run.stopped_by}" if run.stopped_by else run.state


def _status_lines(found: Status, out: Path) -> Iterator[str]:
    if not found.runs:
        yield "no run yet"
    if found.is_running:
        yield "a run is at work now"
    if found.cut_off:
        yield f"pending   run {found.cut_off} was cut off in the middle; resume with the same command"
    yield from _counted("waiting", found.waiting, "articles wait for a model")
    yield from _counted("rejects", found.rejects, f"see {out / 'rejects'}")
    for table, size in found.sizes.items():
        yield f"{table:<9} {size.n_rows:,} rows, {megabytes(size.size_bytes)} in {size.n_files:,} files"
    yield f"memory    {found.n_memory:,} translations"


def _counted(name: str, counts: Mapping[str, int], remark: str) -> Iterator[str]:
    if counts:
        yield f"{name:<9} {', '.join(f'{key} {count:,}' for key, count in counts.items())}; {remark}"
