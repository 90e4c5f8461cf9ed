"""Model sets, and the routes their packages make from language to language."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.config import DEMO, INSTALLED
from pipeline.errors import ModelError
from pipeline.models.package import METADATA_FILE, ModelPackage, read_package
from pipeline.types import LanguagePair, standard_of

PIVOT = "en"
BUNDLED_SETS = {DEMO: Path(__file__).parent / "demo"}
"""Sets that come with newsmt. `demo` serves the samples and the tests, nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The packages that lead from one language to another, one or two."""

    pair: LanguagePair
    steps: tuple[ModelPackage, ...]

    @property
    def pivot(self) -> str | None:
        """The language in the middle, None for a direct route."""
        return self.steps[0].pair.target if len(self.steps) > 1 else None

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the packages, in order."""
        return tuple(step.label for step in self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSet:
    """Packages by pair, the newest where there are several; `damaged` holds messages about folders left out."""

    name: str
    packages: Mapping[LanguagePair, ModelPackage]
    damaged: tuple[str, ...] = ()

    def route(self, pair: LanguagePair) -> Route | None:
        """Return the direct route, else the one through English, else None; nothing leads from a language to itself.

        A variety of a language without models of its own takes those of the language, `hy-en` for `hyw-en`.
        """
        standard = standard_of(pair.source)
        if pair.target in (pair.source, standard):
            return None
        route = self._route_between(pair)
        return route or (self._route_between(LanguagePair(source=standard, target=pair.target)))

    def _route_between(self, pair: LanguagePair) -> Route | None:
        if package := self.packages.get(pair):
            return Route(pair=pair, steps=(package,))
        first = self.packages.get(LanguagePair(source=pair.source, target=PIVOT))
        second = self.packages.get(LanguagePair(source=PIVOT, target=pair.target))
        return Route(pair=pair, steps=(first, second)) if first and second else None

    def usable(self) -> ModelSet:
        """Return the set itself.

        Raises:
            ModelError: there is no package in it.
        """
        if self.packages:
            return self
        damage = f"; {'; '.join(self.damaged)}" if self.damaged else ""
        raise ModelError(
            f"model set {self.name!r}: no usable package{damage}; get one with `argospm install translate-en_ru`, "
            "name a folder of packages with --models, or try the samples with --models demo"
        )

    @property
    def pairs(self) -> list[LanguagePair]:
        """The pairs with a package of their own, sorted."""
        return sorted(self.packages)

    @property
    def hashes(self) -> list[str]:
        """The hash of each package, in the order of `pairs`."""
        return [self.packages[pair].sha256 for pair in self.pairs]


def open_model_set(name: str) -> ModelSet:
    """Return a bundled set, the installed packages, or the packages in a folder.

    Args:
        name: `installed`, `demo`, or the path of a folder of packages (or of one package).

    Raises:
        ModelError: there is no such set.
    """
    if name == INSTALLED:
        return _read_folder(INSTALLED, installed_folder(os.environ))
    if name in BUNDLED_SETS:
        return _read_folder(name, BUNDLED_SETS[name])
    folder = Path(name)
    if not folder.is_dir():
        known = ", ".join([INSTALLED, *BUNDLED_SETS])
        raise ModelError(f"{name!r} is neither a model set ({known}) nor a folder of model packages")
    return _read_folder(name, folder)


def installed_folder(environment: Mapping[str, str]) -> Path:
    """Return where Argos keeps its packages; nothing is created.

    Source: `argostranslate/settings.py`, whose import would create folders.
    """
    home = Path(environment.get("HOME") or Path.home())
    if folder := environment.get("ARGOS_PACKAGES_DIR"):
        return Path(folder)
    config = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    if folder := _settings_entry(config / "argos-translate" / "settings.json"):
        return Path(folder)
    data = Path(environment.get("XDG_DATA_HOME") or home / ".local" / "share")
    return data / "argos-translate" / "packages"


def _settings_entry(file: Path) -> str | None:
    try:
        settings = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    folder = settings.get("ARGOS_PACKAGES_DIR") if isinstance(settings, dict) else None
    return folder if isinstance(folder, str) else None


def _read_folder(name: str, folder: Path) -> ModelSet:
    packages: dict[LanguagePair, ModelPackage] = {}
    damaged: list[str] = []
    for path in _package_folders(folder):
        try:
            package = read_package(path)
        except ModelError as error:
            damaged.append(str(error))
            continue
        rival = packages.get(package.pair)
        if rival is None or _version_key(package.version) > _version_key(rival.version):
            packages[package.pair] = package
    return ModelSet(name=name, packages=packages, damaged=tuple(damaged))


def _package_folders(folder: Path) -> list[Path]:
    if (folder / METADATA_FILE).is_file():
        return [folder]
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith((".", "__")))


def _version_key(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)))
