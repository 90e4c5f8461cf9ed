"""Model packages on their way to machines that lack them."""

from __future__ import annotations

import io
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pipeline.errors import ModelError
from pipeline.models.package import ModelPackage, read_packages
from pipeline.models.registry import ModelSet


def packed(folder: Path) -> bytes:
    """Return a package folder as an archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.add(folder, arcname=".")
    return buffer.getvalue()


def located(models: ModelSet, package_of: Callable[[Path], bytes]) -> ModelSet:
    """Return the same set with packages of this machine: what is the same at the same path, else what was shipped.

    Args:
        models: the set of the run.
        package_of: returns the packed package that is in a folder on the machine of the run.
    """
    folders = {package.path: _folder_here(package, package_of) for package in models.packages.values()}
    return replace(
        models,
        packages={pair: _moved(package, folders[package.path]) for pair, package in models.packages.items()},
        candidates={},
    )


def _folder_here(package: ModelPackage, package_of: Callable[[Path], bytes]) -> Path:
    if _is_same(package, package.path):
        return package.path
    folder = Path(tempfile.gettempdir(), f"newsmt-models-{os.getuid()}", package.sha256)
    if not _is_same(package, folder):
        _unpack(package_of(package.path), folder)
    return folder


def _is_same(package: ModelPackage, folder: Path) -> bool:
    try:
        return any(here.pair == package.pair and here.sha256 == package.sha256 for here in read_packages(folder))
    except (ModelError, OSError):
        return False


def _unpack(data: bytes, folder: Path) -> None:
    """Unpack a package; several workers of a machine may do so at once, and the first one to end wins."""
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=folder.parent))
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        archive.extractall(temporary, filter="data")
    try:
        temporary.rename(folder)
    except OSError:
        shutil.rmtree(temporary)


def _moved(package: ModelPackage, folder: Path) -> ModelPackage:
    return replace(
        package,
        path=folder,
        source_tokenizer=folder / package.source_tokenizer.relative_to(package.path),
        target_tokenizer=folder / package.target_tokenizer.relative_to(package.path),
    )
