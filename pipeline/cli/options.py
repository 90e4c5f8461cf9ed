"""Options that more than one command has."""

from __future__ import annotations

import typer

MODELS = typer.Option(
    "--models",
    metavar="SET_OR_DIR",
    show_default=False,
    help="installed: the Argos packages of this user; demo: the bundled set, for the samples only; "
    "or a folder of packages.  [default: installed]",
)
BEAM = typer.Option("--beam", metavar="N", show_default=False, help="Beam size.  [default: 4]")
JOBS = typer.Option(
    "--jobs",
    metavar="N",
    show_default=False,
    help="Batches decoded at once, each on one core; 0: all cores.  [default: 0]",
)
DEVICE = typer.Option("--device", metavar="DEVICE", show_default=False, help="cpu, cuda or auto.  [default: cpu]")
