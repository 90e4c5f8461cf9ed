"""`newsmt status`: how an output folder stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import STATE
from pipeline.cli.output import print_json
from pipeline.cli.summary import duration
from pipeline.cli.tables import Listing, make_listing, show

if TYPE_CHECKING:
    from pipeline.places import Place
    from pipeline.store.space import Space
    from pipeline.store.status import RunSummary, Status

_WINDOWS = {"24h": "24 hours", "7d": "7 days", "30d": "30 days"}
_UNITS = ("B", "kB", "MB", "GB", "TB")
_STEP = 1000
_AGES = ((2 * 86_400, 86_400, "days"), (3_600, 3_600, "h"), (60, 60, "min"))
"""From how many seconds on an age is told in which unit, of how many seconds."""


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("status")(status)


def status(
    out: Annotated[
        str, typer.Argument(metavar="OUT", help="The output folder of `newsmt run`, or s3://… and the like.")
    ],
    state: Annotated[Path | None, STATE] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, no table.")] = False,
) -> None:
    """Show the last runs of an output folder, what is left over, how it grows, and the space it takes.

    Example: newsmt status corpus
    """
    from pipeline.places import place_of
    from pipeline.store.status import read_status

    place = place_of(out)
    found = read_status(place, state=state)
    if as_json:
        print_json(found.to_json())
        return
    if found.runs:
        show(_runs_listing(found))
        show("")
    for line in _lines(found, place):
        show(line)
    for listing in (_growth_listing(found), _space_listing(found)):
        show("")
        show(listing)


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


def _lines(found: Status, out: Place) -> Iterator[str]:
    if found.is_running:
        yield "at work   a run, now"
    if found.last_success:
        age = (found.read_at - found.last_success.finished_at).total_seconds()
        yield f"success   {ago(age)}, run {found.last_success.run_id}"
    else:
        yield "success   no run has finished yet" if found.runs else "no run yet"
    if found.cut_off:
        yield f"pending   run {found.cut_off} was cut off; resume with the same command"
    if found.space.n_staged and not found.is_running:
        yield f"staging   {_staged(found.space)}: a run was cut off; the next one clears them away"
    yield from _counted("waiting", found.waiting, "articles wait for a model")
    yield from _counted("rejects", found.rejects, f"see {out / 'rejects'}")


def _staged(space: Space) -> str:
    n_bytes = space.staging_bytes
    return f"{space.n_staged:,} files" + ("" if n_bytes is None else f", {size_words(n_bytes)}")


def _counted(name: str, counts: Mapping[str, int], remark: str) -> Iterator[str]:
    if counts:
        yield f"{name:<9} {', '.join(f'{key} {count:,}' for key, count in counts.items())}; {remark}"


def _growth_listing(found: Status) -> Listing:
    listing = make_listing("added in", "articles>", "units>")
    for key, growth in found.growth.items():
        listing.add(_WINDOWS[key], f"{growth.n_articles:,}", f"{growth.n_units:,}")
    return listing


def _space_listing(found: Status) -> Listing:
    listing = make_listing("on disk", "rows>", "files>", "size>")
    for table, size in found.sizes.items():
        listing.add(table, f"{size.n_rows:,}", f"{size.n_files:,}", size_words(size.size_bytes))
    listing.add("memory", f"{found.n_memory:,}", "", "in state")
    listing.add("state", "", "", size_words(found.space.state_bytes))
    if found.space.staging_bytes:
        listing.add("staging", "", f"{found.space.n_staged:,}", size_words(found.space.staging_bytes))
    if found.space.other_bytes >= _STEP:
        listing.add("aside", "", "", size_words(found.space.other_bytes))
    listing.add("free", "", "", size_words(found.space.free_bytes))
    return listing


def size_words(n_bytes: int) -> str:
    """Return a size for people, as in `5.4 MB`."""
    size, unit = float(n_bytes), 0
    while size >= _STEP and unit < len(_UNITS) - 1:
        size, unit = size / _STEP, unit + 1
    return f"{size:,.1f} {_UNITS[unit]}" if unit else f"{n_bytes} B"


def ago(seconds: float) -> str:
    """Return how long ago something was, for people, as in `2 h ago`."""
    unit, name = next(((unit, name) for least, unit, name in _AGES if seconds >= least), (1, "s"))
    return f"{max(0, seconds) // unit:,.0f} {name} ago"
