"""`newsmt models install`, `add`, `convert` and `remove`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from pipeline.cli.options import DEFAULT_MODELS, INDEX, JSON, MODEL_CONFIG, chosen_index
from pipeline.cli.output import is_terminal, print_json, say
from pipeline.cli.tables import megabytes
from pipeline.errors import ExitCode, ModelError, UsageError

if TYPE_CHECKING:
    from pipeline.convert.request import ConversionRequest
    from pipeline.install.depot import Depot
    from pipeline.install.installer import Installed, Installer
    from pipeline.types import LanguagePair

LOCKED = typer.Option("--locked", help="Take only what models.lock knows, as it is recorded there.")
_TERMINATED = 128 + signal.SIGTERM
_Value = TypeVar("_Value")
NO_TRIAL = typer.Option("--no-trial", help="Take it even where a trial translation of a few sentences fails.")


def register(group: typer.Typer) -> None:
    """Add the commands to the group."""
    group.command("install")(install)
    group.command("add")(add)
    group.command("convert")(convert)
    group.command("remove")(remove)


def install(
    pairs: Annotated[
        list[str] | None,
        typer.Argument(metavar="PAIR", help="What to install, as en-ru; with --locked and none: all that is recorded."),
    ] = None,
    index: Annotated[str | None, INDEX] = None,
    config: Annotated[Path | None, MODEL_CONFIG] = None,
    locked: Annotated[bool, LOCKED] = False,
    no_trial: Annotated[bool, NO_TRIAL] = False,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Install packages from the index, or the newest ones where older ones are here already.

    Sizes and hashes go to models.lock in the folder of the packages: what was installed once must be the same ever
    after. With --locked, packages come from the addresses in it, and no index is asked.

    Example: newsmt models install en-ru ru-en
    """
    from pipeline.install.index import fetch_index
    from pipeline.types import parse_pair

    wanted = [parse_pair(pair) for pair in pairs or ()]
    if not wanted and not locked:
        raise UsageError(
            "name at least one pair, as in newsmt models install en-ru; `newsmt models available` lists all"
        )
    with _installer(locked=locked, with_trial=not no_trial) as (depot, installer):
        if locked:
            names = [_recorded(pair, depot) for pair in wanted] or _all_recorded(depot)
            jobs = [_job(installer.from_lock, name) for name in dict.fromkeys(names)]
        else:
            found = fetch_index(chosen_index(index, config))
            jobs = [_job(lambda pair: installer.from_index(found.entry_for(pair)), pair) for pair in wanted]
        _finish(jobs, as_json=as_json)


def add(
    addresses: Annotated[
        list[str], typer.Argument(metavar="PATH_OR_URL", help="A package: an archive (.argosmodel) or its folder.")
    ],
    locked: Annotated[bool, LOCKED] = False,
    no_trial: Annotated[bool, NO_TRIAL] = False,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Install packages from files, folders or addresses.

    Example: newsmt models add ~/Downloads/translate-en_ru-1_9.argosmodel
    """
    with _installer(locked=locked, with_trial=not no_trial) as (_, installer):
        _finish([_job(installer.from_address, address) for address in addresses], as_json=as_json)


def convert(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The model as it was downloaded.")],
    sources: Annotated[list[str], typer.Option("--from", metavar="LANG", help="Source language; several: see below.")],
    targets: Annotated[list[str], typer.Option("--to", metavar="LANG", help="Target language.")],
    quantization: Annotated[
        str, typer.Option("--quantization", metavar="TYPE", help="The number type of the weights.")
    ] = "int8",
    version: Annotated[str, typer.Option("--version", help="The version of the package.")] = "1.0",
    name: Annotated[str | None, typer.Option("--name", help="What to call it, where the model has no name.")] = None,
    licence: Annotated[str | None, typer.Option("--licence", help="Its licence, where its files do not say.")] = None,
    origin: Annotated[str | None, typer.Option("--origin", help="Where it is from, as ORGANISATION/MODEL.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="DIR", help="Write the package there, and install nothing.")
    ] = None,
    no_trial: Annotated[bool, NO_TRIAL] = False,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Convert OPUS-MT, M2M100 or NLLB-200 to a package and install it.

    Needs the extra `convert` (PyTorch, transformers), except for OPUS-MT as Marian wrote it. Of a multilingual model,
    --from and --to may be given several times: all directions between them share one copy of the weights.

    Example: newsmt models convert nllb --from hy --from ru --to en
    """
    from pipeline.convert.request import ConversionRequest
    from pipeline.types import LanguagePair, parse_language

    pairs = tuple(
        LanguagePair(source=source, target=target)
        for source, target in product(map(parse_language, sources), map(parse_language, targets))
        if source != target
    )
    request = ConversionRequest(
        folder=folder,
        pairs=pairs,
        quantization=quantization,
        version=version,
        name=name,
        licence=licence,
        origin=origin,
    )
    say(f"converting {folder}: {', '.join(map(str, pairs))}")
    if output is not None:
        _convert_only(request, output, as_json=as_json)
        return
    with _installer(locked=False, with_trial=not no_trial) as (_, installer):
        _finish([_job(installer.from_model, request)], as_json=as_json)


def remove(
    packages: Annotated[
        list[str], typer.Argument(metavar="PACKAGE", help="A name as `newsmt models list` shows it, or a pair.")
    ],
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Remove packages from newsmt's own folder, and their records from models.lock.

    Example: newsmt models remove en-ru
    """
    from pipeline.install.depot import open_depot
    from pipeline.models.folders import own_folder

    with open_depot(own_folder(os.environ)) as depot:
        removed = [_removed(depot, package) for package in packages]
    if as_json:
        print_json({"removed": removed})


def _removed(depot: Depot, package: str) -> str:
    from pipeline.install.removal import remove_package

    name = remove_package(depot, package)
    say(f"removed {name}")
    return name


def _convert_only(request: ConversionRequest, output: Path, *, as_json: bool) -> None:
    from pipeline.convert import convert as convert_model

    path = convert_model(request, output)
    say(f"written to {path}; to use it: newsmt run … --models {output}, or newsmt models add {path}")
    if as_json:
        print_json({"path": str(path)})


@contextmanager
def _installer(*, locked: bool, with_trial: bool) -> Iterator[tuple[Depot, Installer]]:
    from pipeline.cli.download_bar import download_bar
    from pipeline.install.depot import open_depot
    from pipeline.install.installer import Installer
    from pipeline.models.folders import own_folder

    # The bar hides the cursor; a signal must not leave it so.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))
    try:
        with open_depot(own_folder(os.environ)) as depot, download_bar(is_shown=is_terminal()) as on_bytes:
            yield depot, Installer(depot, on_bytes=on_bytes, is_locked=locked, with_trial=with_trial)
    except KeyboardInterrupt:
        say("newsmt: interrupted; what was downloaded is kept, and the same command goes on from there")
        raise


def _recorded(pair: LanguagePair, depot: Depot) -> str:
    name = depot.lock.find(pair)
    if name is None:
        raise ModelError(
            f"{depot.lock.path}: has no package for {pair} with an address, and --locked takes no other; install it "
            "once without --locked"
        )
    return name


def _all_recorded(depot: Depot) -> list[str]:
    if not depot.lock.entries:
        raise ModelError(f"{depot.lock.path}: no packages are recorded; copy the lock file of another machine there")
    return list(depot.lock.entries)


def _job(function: Callable[[_Value], Installed], value: _Value) -> Callable[[], Installed]:
    return lambda: function(value)


def _finish(jobs: list[Callable[[], Installed]], *, as_json: bool) -> None:
    """Do all jobs; those that fail are told, and do not keep the others."""
    outcomes = [_attempt(job) for job in jobs]
    done = [outcome for outcome in outcomes if not isinstance(outcome, str)]
    errors = [outcome for outcome in outcomes if isinstance(outcome, str)]
    if as_json:
        print_json({"installed": [_to_json(installed) for installed in done], "errors": errors})
    if errors:
        raise typer.Exit(ExitCode.USAGE)


def _attempt(job: Callable[[], Installed]) -> Installed | str:
    """Do a job and tell how it went; return what is installed, or the error."""
    try:
        installed = job()
    except ModelError as error:
        say(f"newsmt: error: {error}")
        return str(error)
    _tell(installed)
    return installed


def _tell(installed: Installed) -> None:
    first = installed.packages[0]
    pairs = ", ".join(str(package.pair) for package in installed.packages)
    if not installed.is_new:
        say(f"{pairs}: {first.version} is here already, and intact ({installed.path.name})")
        return
    licence = first.licence or "not stated"
    size = megabytes(sum(digest.size_bytes for digest in installed.entry.files.values()))
    say(f"{pairs}: {installed.path.name} installed, {size}, licence {licence}, sha256 {first.sha256[:12]}")
    if installed.is_first:
        say("  recorded in models.lock: from now on it must be this very content")
    if installed.left_out:
        say(f"  left out, since no part of the layout: {_some(installed.left_out)}")
    for package, trial in zip(installed.packages, installed.trials, strict=False):
        outcome = (
            trial.translations[0] if trial.translations else f"loaded; no sentences in {package.pair.source!r} to try"
        )
        say(f"  trial {package.pair}: {outcome}")
    _tell_place(installed)


def _tell_place(installed: Installed) -> None:
    """Say which packages this one takes the place of, or which ones translate in its stead."""
    from pipeline.models.registry import open_model_set

    models = open_model_set(DEFAULT_MODELS)
    for package in installed.packages:
        used, *others = models.candidates[package.pair]
        if others and used.path == installed.path:
            say(f"  {package.pair}: translates from now on, not {others[0].path.name}; done work is done anew by runs")
        elif others:
            say(f"  {package.pair}: {used.path.name} goes on translating; [routes] in newsmt.toml can change that")


def _some(names: tuple[str, ...]) -> str:
    n_shown = 3
    more = f" and {len(names) - n_shown:,} more" if len(names) > n_shown else ""
    return f"{', '.join(names[:n_shown])}{more}"


def _to_json(installed: Installed) -> dict[str, object]:
    first = installed.packages[0]
    return {
        "package": installed.path.name,
        "path": str(installed.path),
        "is_new": installed.is_new,
        "pairs": [str(package.pair) for package in installed.packages],
        "version": first.version,
        "licence": first.licence,
        "sha256": {str(package.pair): package.sha256 for package in installed.packages},
    }
