"""What all storages have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol


class Storage(Protocol):
    """A folder on a disk or in an object store; paths in it are relative, with `/`.

    What a method has done stays done through a crash once it has returned. All of them raise `OSError`.
    """

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write files, each whole or not at all; what was there before is replaced."""

    def read(self, path: str) -> bytes:
        """Return the contents of a file."""

    def move(self, moves: Sequence[tuple[str, str]]) -> None:
        """Move files, from and to; one that is gone from the first path and there at the second is done.

        Where the storage cannot rename it is a copy and a deletion, so a reader never sees half a file at its new path,
        and a crash in between leaves both: moving again does the rest.
        """

    def exists(self, path: str) -> bool:
        """Return whether there is a file."""

    def files(self, folder: str) -> list[str]:
        """Return the paths of all files below a folder, sorted; none where there is no such folder."""

    def delete(self, paths: Sequence[str]) -> None:
        """Delete files; those that are gone already are no error."""
