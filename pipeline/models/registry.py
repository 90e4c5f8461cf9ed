"""Model sets: the packages of a folder, or of this user's folders, chosen by pair."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.config import DEMO, INSTALLED, RouteRules
from pipeline.errors import ModelError
from pipeline.models.folders import argos_folder, own_folder
from pipeline.models.layout import METADATA_FILE
from pipeline.models.lockfile import LOCK_FILE, Lock, check_recorded, read_lock
from pipeline.models.package import ModelPackage, read_packages
from pipeline.models.routes import Candidates, Route, choose, find_route, sorted_candidates
from pipeline.types import LanguagePair

BUNDLED_SETS = {DEMO: Path(__file__).parent / "demo"}
"""Sets that come with newsmt. `demo` serves the samples and the tests, nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSet:
    """The package of each pair; `damaged` holds messages about folders left out.

    `candidates` are all packages by pair, where there are several; `packages` the ones that translate.
    """

    name: str
    packages: Mapping[LanguagePair, ModelPackage]
    damaged: tuple[str, ...] = ()
    candidates: Candidates = field(default_factory=dict)
    rules: RouteRules = field(default_factory=RouteRules)

    def route(self, pair: LanguagePair) -> Route | None:
        """Return the route for `pair`, see `find_route`."""
        return find_route(pair, self.packages, self.rules)

    def routes_into(self, targets: Iterable[str]) -> list[Route]:
        """Return the routes from all languages that a package reads into `targets`, sorted by pair."""
        sources = {pair.source for pair in self.packages}
        pairs = sorted(LanguagePair(source=source, target=target) for source in sources for target in targets)
        return [route for route in map(self.route, pairs) if route]

    def usable(self) -> ModelSet:
        """Return the set itself.

        Raises:
            ModelError: there is no package in it.
        """
        if self.packages:
            return self
        damage = f"; {'; '.join(self.damaged)}" if self.damaged else ""
        raise ModelError(
            f"model set {self.name!r}: no usable package{damage}; get one with `newsmt models install en-ru` "
            "(`newsmt models available` lists all), name a folder of packages with --models, or try the samples with "
            "--models demo"
        )

    @property
    def pairs(self) -> list[LanguagePair]:
        """The pairs with a package of their own, sorted."""
        return sorted(self.packages)

    @property
    def hashes(self) -> list[str]:
        """The hash of each package, in the order of `pairs`."""
        return [self.packages[pair].sha256 for pair in self.pairs]


def open_model_set(name: str, *, rules: RouteRules | None = None) -> ModelSet:
    """Return a bundled set, the installed packages, or the packages in a folder.

    Args:
        name: `installed`, `demo`, or the path of a folder of packages (or of one package).
        rules: what the configuration says of routes.

    Packages that are not what a `models.lock` beside them recorded are damaged.

    Raises:
        ModelError: there is no such set, or a lock file is damaged.
        ConfigError: a rule names a package that is not there.
    """
    found: list[ModelPackage] = []
    damaged: list[str] = []
    paths = package_folders(set_folders(name))
    locks = {folder: read_lock(folder / LOCK_FILE) for folder in dict.fromkeys(path.parent for path in paths)}
    for path in paths:
        found += _read(path, locks[path.parent], damaged)
    rules = rules or RouteRules()
    candidates = sorted_candidates(found)
    packages = choose(candidates, rules)
    return ModelSet(name=name, packages=packages, damaged=tuple(damaged), candidates=candidates, rules=rules)


def _read(path: Path, lock: Lock, damaged: list[str]) -> tuple[ModelPackage, ...]:
    """Return the directions of a package; of a damaged one none, and its message goes to `damaged`."""
    try:
        check_recorded(lock, path)
        return read_packages(path)
    except ModelError as error:
        damaged.append(str(error))
        return ()


def set_folders(name: str) -> tuple[Path, ...]:
    """Return the folders in which a model set looks for packages; `installed` looks into newsmt's own and into Argos'.

    Raises:
        ModelError: there is no such set.
    """
    if name == INSTALLED:
        return own_folder(os.environ), argos_folder(os.environ)
    folder = BUNDLED_SETS.get(name, Path(name))
    if not folder.is_dir():
        known = ", ".join([INSTALLED, *BUNDLED_SETS])
        raise ModelError(f"{name!r} is neither a model set ({known}) nor a folder of model packages")
    return (folder,)


def package_folders(folders: Iterable[Path]) -> list[Path]:
    """Return the folders below `folders` that may be packages, each once, in the order of their names."""
    return list(dict.fromkeys(path for folder in folders for path in _folders_in(folder)))


def _folders_in(folder: Path) -> list[Path]:
    if (folder / METADATA_FILE).is_file():
        return [folder]
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith((".", "__")))
