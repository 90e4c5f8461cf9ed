"""`newsmt compact` and `newsmt gc`: keeping an output folder small and quick for years."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import STATE
from pipeline.cli.output import print_json, say
from pipeline.cli.tables import megabytes
from pipeline.errors import ExitCode
from pipeline.places import on_disk

if TYPE_CHECKING:
    from pipeline.store.cleaning import Cleaning
    from pipeline.store.compaction import Compaction

_Folder = Annotated[Path, typer.Argument(metavar="OUT", parser=on_disk, help="The output folder of `newsmt run`.")]
_State = Annotated[Path | None, STATE]
_Wait = Annotated[
    str | None,
    typer.Option("--wait", metavar="TIME", help="Wait so long for a run on this folder.  [default: not at all]"),
]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, the last line of stdout.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("compact")(compact)
    app.command("gc")(collect)


def compact(
    out: _Folder,
    state: _State = None,
    file_size: Annotated[
        str, typer.Option("--file-size", metavar="SIZE", help="Merge up to this size; files half as large stay.")
    ] = "64M",
    no_readers: Annotated[
        bool,
        typer.Option("--no-readers", help="Nobody reads now: allow file systems that cannot exchange folders."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be merged, change nothing.")] = False,
    wait: _Wait = None,
    as_json: _Json = False,
) -> None:
    """Merge the small files of each partition, while others read.

    The files that were merged are kept aside until `newsmt gc`.

    Example: newsmt compact corpus --wait 10m
    """
    from pipeline.cli.signals import StopSignals
    from pipeline.config import parse_duration, parse_size
    from pipeline.store import upkeep

    file_bytes = parse_size(file_size)
    if dry_run:
        done = upkeep.forecast_compaction(out, state=state, file_bytes=file_bytes)
    else:
        with StopSignals() as signals:
            done = upkeep.compact_folder(
                out,
                state=state,
                file_bytes=file_bytes,
                now=datetime.now(timezone.utc),
                has_readers=not no_readers,
                wait_s=parse_duration(wait) if wait else 0.0,
                is_stopped=signals.is_stopped,
            )
    say(_compaction_line(done, dry_run=dry_run))
    if as_json:
        print_json(done.to_json())
    raise typer.Exit(ExitCode.LEFT_OVER if done.is_stopped else ExitCode.DONE)


def collect(
    out: _Folder,
    state: _State = None,
    retired_after: Annotated[
        str, typer.Option("--retired-after", metavar="TIME", help="Delete files that `compact` replaced so long ago.")
    ] = "24h",
    memory_after: Annotated[
        str | None,
        typer.Option(
            "--memory-after",
            metavar="TIME",
            help="Forget translations that were not used for so long (180d).  [default: never]",
        ),
    ] = None,
    wait: _Wait = None,
    as_json: _Json = False,
) -> None:
    """Delete what nobody needs any more: replaced files, leftovers of crashes, old entries of the memory.

    Example: newsmt gc corpus --memory-after 365d
    """
    from pipeline.config import parse_duration
    from pipeline.store import upkeep

    done = upkeep.clean_folder(
        out,
        state=state,
        now=datetime.now(timezone.utc),
        retired_after_s=parse_duration(retired_after),
        memory_after_s=parse_duration(memory_after) if memory_after else None,
        wait_s=parse_duration(wait) if wait else 0.0,
    )
    say(_cleaning_line(done))
    if as_json:
        print_json(done.to_json())


def _compaction_line(done: Compaction, *, dry_run: bool) -> str:
    if not done.n_partitions and not done.is_stopped:
        return "nothing to merge"
    files = f"{done.n_files_before:,} files ({megabytes(done.bytes_before)})"
    if dry_run:
        return f"would merge {files} into {done.n_files_after:,}, in {done.n_partitions:,} partitions"
    stopped = "; stopped, the same command goes on" if done.is_stopped else ""
    into = f"{done.n_files_after:,} ({megabytes(done.bytes_after)}), in {done.n_partitions:,} partitions"
    return f"merged {files} into {into}{stopped}; `newsmt gc` deletes the old ones"


def _cleaning_line(done: Cleaning) -> str:
    entries = f", {done.n_memory_entries:,} translations forgotten" if done.n_memory_entries else ""
    return f"deleted {done.n_retired_files:,} replaced files{entries}; {megabytes(done.bytes_freed)} freed"
