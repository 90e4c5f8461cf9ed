"""`newsmt check`: whether an output folder is as it should be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import STATE
from pipeline.cli.output import print_json, say
from pipeline.cli.tables import megabytes
from pipeline.errors import ExitCode

if TYPE_CHECKING:
    from pipeline.store.repair import Repair
    from pipeline.store.verification import Verification

_SHOWN_PROBLEMS = 100


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("check")(check)


def check(
    out: Annotated[
        str, typer.Argument(metavar="OUT", help="The output folder of `newsmt run`, or s3://… and the like.")
    ],
    state: Annotated[Path | None, STATE] = None,
    mend: Annotated[
        bool,
        typer.Option(
            "--repair",
            help="Put aside what is damaged, make a lost state anew, and let the next run do again what was lost.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the finding as the last line of stdout.")] = False,
) -> None:
    """Check that a corpus is complete and exact: files, spans, ledger.

    Exits with 1 where something is damaged. Nothing is changed, but with --repair.

    Example: newsmt check corpus
    """
    from pipeline.places import on_disk, place_of
    from pipeline.store.verify import verify

    done = _repaired(on_disk(out), state) if mend else None
    verification = verify(place_of(out), state=state)
    for line in _verification_lines(verification):
        say(line)
    if as_json:
        print_json(verification.to_json() | ({"repair": done.to_json()} if done else {}))
    raise typer.Exit(_exit_code(verification, done))


def _repaired(out: Path, state: Path | None) -> Repair:
    from pipeline.api import now
    from pipeline.store.repair import repair

    done = repair(out, state=state, now=now())
    for action in done.actions:
        say(f"  {action}")
    if done.has_losses:
        say(
            f"lost: {done.n_articles:,} articles, {done.n_translations:,} translations of articles; "
            "run `newsmt run` again over the same inputs"
        )
    elif not done.actions:
        say("nothing to repair")
    return done


def _exit_code(verification: Verification, done: Repair | None) -> ExitCode:
    if not verification.is_sound:
        return ExitCode.FAILED
    return ExitCode.LEFT_OVER if done and done.has_losses else ExitCode.DONE


def _verification_lines(found: Verification) -> Iterator[str]:
    yield (
        f"checked {found.n_files:,} files ({megabytes(found.size_bytes)}): {found.n_articles:,} articles, "
        f"{found.n_units:,} units, {found.n_rejects:,} rejects, {found.n_runs:,} runs"
    )
    if found.is_busy:
        yield "a run is at work here: its unfinished files were left out"
    if found.n_lost_articles:
        yield f"{found.n_lost_articles:,} articles lost their row; `newsmt run` over the same inputs writes it again"
    for problem in found.problems[:_SHOWN_PROBLEMS]:
        yield f"  {problem}"
    n_hidden = len(found.problems) - _SHOWN_PROBLEMS
    if n_hidden > 0:
        yield f"  … and {n_hidden:,} more; --json lists all"
    yield "sound" if found.is_sound else f"damaged: {len(found.problems):,} problems"
