"""`newsmt models`: the group of commands, `list` and `verify`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli import model_catalog, model_changes, model_speed
from pipeline.cli.options import DEFAULT_MODELS, JSON, MODELS
from pipeline.cli.output import print_json, say
from pipeline.cli.tables import Listing, decimal, make_listing, megabytes, show
from pipeline.errors import ExitCode

if TYPE_CHECKING:
    from pipeline.install.listing import ListedPackage
    from pipeline.install.verification import PackageCheck

_DIGITS = 12


def register(app: typer.Typer) -> None:
    """Add the group of commands to `app`."""
    group = typer.Typer(
        name="models",
        help="Find, install, convert and check translation models.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.command("list")(list_models)
    model_catalog.register(group)
    model_changes.register(group)
    group.command("verify")(verify)
    model_speed.register(group)
    app.add_typer(group)


def list_models(models: Annotated[str, MODELS] = DEFAULT_MODELS, as_json: Annotated[bool, JSON] = False) -> None:
    """List the packages of a model set; `*` marks the one that translates its pair.

    BLEU and COMET are those of the catalogue for the family of the model; newsmt did not measure them.

    Example: newsmt models list --models demo
    """
    from pipeline.install.listing import list_packages
    from pipeline.models.registry import open_model_set, set_folders

    found = open_model_set(models)
    for message in found.damaged:
        say(f"newsmt: warning: {message}")
    packages = list(list_packages(found))
    if as_json:
        print_json({"packages": [package.to_json() for package in packages], "damaged": list(found.damaged)})
    elif packages:
        show(_packages_listing(packages))
        show("* translates its pair; BLEU and COMET: of its family, as the catalogue has them")
    else:
        folders = " and ".join(map(str, set_folders(models)))
        say(f"no packages in {folders}; `newsmt models available` shows what there is")


def _packages_listing(packages: list[ListedPackage]) -> Listing:
    names = ("", "pair", "package", "version2", "size3>", "licence", "sha4", "set1", "BLEU>", "COMET5>")
    listing = make_listing(*names)
    for package in packages:
        listing.add(
            "*" if package.is_used else "",
            package.pair,
            package.name,
            package.version,
            megabytes(package.size_bytes),
            package.licence or "not stated",
            package.sha256[:_DIGITS],
            package.place,
            decimal(package.bleu, 1),
            decimal(package.comet, 3),
        )
    return listing


def verify(as_json: Annotated[bool, JSON] = False) -> None:
    """Read all installed packages and compare them with models.lock.

    Exits with 1 where something is damaged or missing. Nothing is changed.
    """
    from pipeline.install.verification import verify_packages

    checks = list(verify_packages(os.environ))
    is_sound = all(check.is_sound for check in checks)
    if as_json:
        print_json({"ok": is_sound, "packages": [check.to_json() for check in checks]})
    else:
        _show_checks(checks)
    raise typer.Exit(ExitCode.DONE if is_sound else ExitCode.FAILED)


def _show_checks(checks: list[PackageCheck]) -> None:
    if not checks:
        show("no packages installed; `newsmt models available` shows what there is")
    for check in checks:
        show(f"{check.state:<11}{check.name}")
        for detail in check.details:
            show(f"{'':<11}  {detail}")
