"""Which storage a place is in."""

from __future__ import annotations

from pathlib import Path

from pipeline.places import Place
from pipeline.storage.base import Storage
from pipeline.storage.explanation import explain
from pipeline.storage.filesystem import open_filesystem, renames
from pipeline.storage.local import LocalStorage
from pipeline.storage.remote import ObjectStorage, RenamingStorage

__all__ = ["explain", "open_storage"]


def open_storage(place: Place) -> Storage:
    """Return the storage of a folder, which need not be there yet; `explain` tells what its errors mean.

    Raises:
        OSError: the URI is wrong, or what it takes to open it is missing.
    """
    if isinstance(place, Path):
        return LocalStorage(place)
    filesystem, folder = open_filesystem(place)
    return RenamingStorage(filesystem, folder) if renames(place) else ObjectStorage(filesystem, folder)
