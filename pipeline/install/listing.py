"""The packages of a model set, as people and programs ask for them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.models.catalog import read_catalog
from pipeline.models.folders import argos_folder, own_folder
from pipeline.models.package import ModelPackage
from pipeline.models.registry import BUNDLED_SETS, ModelSet


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPackage:
    """One direction of a package.

    Attributes:
        place: `newsmt`, `argos`, the name of a bundled set, or a folder.
        is_used: whether it is the one that translates its pair.
        bleu: what the catalogue knows of its family, 0 to 100; None where nobody measured it.
        comet: the same, 0 to 1.
    """

    pair: str
    name: str
    version: str
    family: str
    licence: str | None
    size_bytes: int
    sha256: str
    place: str
    path: str
    is_used: bool
    bleu: float | None
    comet: float | None

    def to_json(self) -> dict[str, Any]:
        """Return the package as JSON values."""
        return asdict(self)


def list_packages(models: ModelSet) -> Iterator[ListedPackage]:
    """Yield the packages of a set by pair, the one that translates first."""
    for pair in sorted(models.candidates):
        used = models.packages[pair]
        for package in sorted(models.candidates[pair], key=lambda some: some is not used):
            yield _listed(package, is_used=package is used)


def _listed(package: ModelPackage, *, is_used: bool) -> ListedPackage:
    known = next(
        (entry for entry in read_catalog().of_pair(package.pair) if entry.family == package.family),
        None,
    )
    place = _place(package.path)
    # The demo models are in the layout of Argos, but none of its models.
    is_rated = known is not None and place not in BUNDLED_SETS
    return ListedPackage(
        pair=str(package.pair),
        name=package.path.name,
        version=package.version,
        family=package.family,
        licence=package.licence,
        size_bytes=package.size_bytes,
        sha256=package.sha256,
        place=place,
        path=str(package.path),
        is_used=is_used,
        bleu=known.bleu if known and is_rated else None,
        comet=known.comet if known and is_rated else None,
    )


def _place(path: Path) -> str:
    places = {"newsmt": own_folder(os.environ), "argos": argos_folder(os.environ), **BUNDLED_SETS}
    return next((name for name, folder in places.items() if path.parent == folder), str(path.parent))
