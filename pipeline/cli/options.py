"""Options that more than one command has."""

from __future__ import annotations

import os
from pathlib import Path

import typer

DEFAULT_MODELS = "installed"
DEFAULT_BEAM = 4
MODELS = typer.Option(
    "--models",
    metavar="SET_OR_DIR",
    show_default=False,
    help="installed: the packages of this user, newsmt's and Argos'; demo: the bundled set, for the samples only; "
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
PIVOT = typer.Option(
    "--pivot", metavar="LANG", help="The language in the middle where there is no direct model.  [default: the best]"
)
GLOSSARY = typer.Option(
    "--glossary",
    metavar="FILE",
    help="Terms in CSV: source, target, pair; missing ones are flagged (docs/glossary.md).",
)
RAW = typer.Option(
    "--raw/--no-raw",
    show_default=False,
    help="Take what the models say: no second tries, nothing protected, mended or replaced.  [default: no-raw]",
)
EXECUTOR = typer.Option(
    "--executor",
    metavar="NAME",
    show_default=False,
    help="local: in this process; ray: by workers on a Ray cluster (docs/scale.md).  [default: local]",
)
RAY_ADDRESS = typer.Option(
    "--ray-address",
    metavar="ADDRESS",
    help="The cluster: HOST:PORT or auto.  [default: RAY_ADDRESS, else one is started here]",
)
WORKERS = typer.Option(
    "--workers",
    metavar="N",
    show_default=False,
    help="Workers on the cluster; 0: as many as it has room for.  [default: 0]",
)
WORKER_CPUS = typer.Option(
    "--worker-cpus",
    metavar="N",
    show_default=False,
    help="Cores of each worker, which decode one batch each.  [default: 4, or all of the smallest node]",
)
WORKER_GPUS = typer.Option(
    "--worker-gpus", metavar="N", show_default=False, help="GPUs of each worker, also 0.5.  [default: 0]"
)
STATE = typer.Option(
    "--state",
    metavar="DIR",
    help="Folder of ledger, memory and lock; where the output is in a storage, name one.  [default: .newsmt in it]",
)
JSON = typer.Option("--json", help="Print one JSON object, the last line of stdout.")
INDEX = typer.Option(
    "--index",
    metavar="URL_OR_FILE",
    help="The index of packages; else NEWSMT_MODEL_INDEX, `model_index` of --config, or that of Argos.",
)
MODEL_CONFIG = typer.Option("--config", metavar="FILE", help="Settings in TOML, for `model_index`.")


def chosen_index(given: str | None, config: Path | None) -> str:
    """Return the index to ask: what the command line says, then the environment, the configuration, Argos.

    Raises:
        ConfigError: the configuration cannot be read.
    """
    from pipeline.config_file import read_config
    from pipeline.install.index import index_url

    configured = read_config(config).model_index if config else None
    return index_url(given, configured, os.environ)
