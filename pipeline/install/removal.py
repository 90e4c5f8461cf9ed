"""Removing packages from newsmt's own folder."""

from __future__ import annotations

import os
from pathlib import Path

from pipeline.errors import ModelError, UsageError
from pipeline.install.depot import Depot
from pipeline.models.folders import argos_folder
from pipeline.models.package import read_packages
from pipeline.models.registry import package_folders
from pipeline.types import LanguagePair, parse_pair


def remove_package(depot: Depot, wanted: str) -> str:
    """Remove the package of a name or of a pair, with its record, and return its name.

    Raises:
        ModelError: there is none, there are several, it is Argos' own, or it translates other pairs as well.
    """
    pairs_by_name = _packages(depot)
    name = wanted if wanted in pairs_by_name else _name_for(_pair(wanted, depot), pairs_by_name, depot)
    depot.remove(name)
    return name


def _packages(depot: Depot) -> dict[str, tuple[str, ...]]:
    """Return the pairs of each package by its name, those that are only recorded or only there included."""
    found = {path.name: _pairs_in(path) for path in package_folders([depot.folder])}
    return found | {name: entry.pairs for name, entry in depot.lock.entries.items()}


def _pairs_in(path: Path) -> tuple[str, ...]:
    try:
        return tuple(str(package.pair) for package in read_packages(path))
    except ModelError:
        return ()


def _pair(wanted: str, depot: Depot) -> LanguagePair:
    try:
        return parse_pair(wanted)
    except UsageError as error:
        raise ModelError(
            f"{depot.folder}: no package {wanted!r}; give a name or a pair, as `newsmt models list` shows them"
        ) from error


def _name_for(pair: LanguagePair, pairs_by_name: dict[str, tuple[str, ...]], depot: Depot) -> str:
    names = [name for name, pairs in pairs_by_name.items() if str(pair) in pairs]
    if len(names) > 1:
        raise ModelError(f"{pair}: there are several packages, {', '.join(sorted(names))}; name the one to remove")
    if not names:
        raise ModelError(f"{depot.folder}: no package for {pair}{_elsewhere(pair)}")
    if len(pairs := pairs_by_name[names[0]]) > 1:
        raise ModelError(
            f"{names[0]}: translates {', '.join(pairs)}; to remove it for all of them: newsmt models remove {names[0]}"
        )
    return names[0]


def _elsewhere(pair: LanguagePair) -> str:
    folder = argos_folder(os.environ)
    for path in package_folders([folder]):
        if str(pair) in _pairs_in(path):
            return f"; that of Argos is removed with: argospm remove translate-{pair.source}_{pair.target}"
    return "; `newsmt models list` shows all"
