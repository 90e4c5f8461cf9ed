"""`newsmt models bench`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from pipeline.cli.options import BEAM, DEFAULT_BEAM, DEFAULT_MODELS, DEVICE, JSON, MODELS
from pipeline.cli.output import print_json, say
from pipeline.cli.tables import make_listing, show
from pipeline.errors import InputError, ModelError, UsageError

if TYPE_CHECKING:
    from pipeline.config import Device
    from pipeline.models.package import ModelPackage
    from pipeline.speed import Speed


def register(group: typer.Typer) -> None:
    """Add the command to the group."""
    group.command("bench")(bench)


def bench(
    pair: Annotated[
        str | None, typer.Argument(metavar="PAIR", help="What to measure; not needed for one pair.")
    ] = None,
    models: Annotated[str, MODELS] = DEFAULT_MODELS,
    text: Annotated[
        Path | None, typer.Option("--text", metavar="FILE", help="Measure with these sentences, one a line.")
    ] = None,
    beam: Annotated[int, BEAM] = DEFAULT_BEAM,
    device: Annotated[str, DEVICE] = "cpu",
    write: Annotated[
        Path | None, typer.Option("--write", metavar="FILE", help="Write the fastest into this newsmt.toml.")
    ] = None,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Measure how many words a second a package translates here, for several numbers of jobs and batch sizes.

    --write takes the usual layout where the fastest is not clearly faster: another batch size can change translations,
    so a corpus that was made with another one is translated anew. Choose it before.

    Example: newsmt models bench en-ru --write newsmt.toml
    """
    from pipeline.config import DecodingSettings
    from pipeline.config_file import read_config
    from pipeline.decode.engine import count_cores
    from pipeline.settings_file import write_decoding
    from pipeline.speed import N_ROUNDS, best_of, layouts, measure, own_texts

    if write and write.exists():
        read_config(write)
    package = _chosen(pair, models)
    texts = _read_lines(text) if text else own_texts(package.pair.source)
    settings = DecodingSettings(beam=beam, device=cast("Device", device)).checked()
    n_cores = count_cores()
    say(f"{package.label}: {len(texts):,} texts, {N_ROUNDS} rounds of {len(layouts(n_cores))} layouts")
    speeds = measure(package, texts, settings, n_cores=n_cores)
    if as_json:
        print_json({"package": package.label, "speeds": [speed.to_json() for speed in speeds]})
    else:
        _show(speeds)
    if write:
        best = best_of(speeds, settings, n_cores=n_cores)
        write_decoding(write, {"jobs": best.jobs, "max_batch_tokens": best.max_batch_tokens})
        say(f"{write}: [decoding] jobs = {best.jobs}, max_batch_tokens = {best.max_batch_tokens}")


def _chosen(pair: str | None, models: str) -> ModelPackage:
    from pipeline.models.registry import open_model_set
    from pipeline.types import parse_pair

    found = open_model_set(models).usable()
    wanted = parse_pair(pair) if pair else None
    if wanted is None and len(found.pairs) == 1:
        wanted = found.pairs[0]
    if wanted is None:
        raise UsageError(f"name a pair; model set {models!r} has {', '.join(map(str, found.pairs))}")
    if wanted not in found.packages:
        raise ModelError(
            f"model set {models!r} has no package for {wanted}, only for {', '.join(map(str, found.pairs))}"
        )
    return found.packages[wanted]


def _read_lines(file: Path) -> list[str]:
    try:
        lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: cannot be read as UTF-8 ({error})") from error
    if not any(lines):
        raise InputError(f"{file}: no sentences in it")
    return [line for line in lines if line]


def _show(speeds: list[Speed]) -> None:
    listing = make_listing("jobs>", "batch tokens>", "words/s>", "of the best>")
    for speed in speeds:
        share = f"{speed.words_per_s / speeds[0].words_per_s:.0%}"
        listing.add(str(speed.jobs), f"{speed.max_batch_tokens:,}", f"{speed.words_per_s:,.0f}", share)
    show(listing)
