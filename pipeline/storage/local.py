"""A folder on a disk, or on a network drive that looks like one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from pipeline.disk import move_synced, sync_folders, write_synced


class LocalStorage:
    """A folder; all that is written is on the disk before the call returns."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write files, each whole or not at all."""
        for path, data in files.items():
            write_synced(self.folder / path, data)
        sync_folders((self.folder / path).parent for path in files)

    def read(self, path: str) -> bytes:
        """Return the contents of a file."""
        return (self.folder / path).read_bytes()

    def move(self, moves: Sequence[tuple[str, str]]) -> None:
        """Rename files, from and to; those that are at their new path already are done."""
        paths = [(self.folder / source, self.folder / target) for source, target in moves]
        move_synced([(source, target) for source, target in paths if source.exists() or not target.exists()])

    def exists(self, path: str) -> bool:
        """Return whether there is a file."""
        return (self.folder / path).exists()

    def files(self, folder: str) -> list[str]:
        """Return the paths of all files below a folder, sorted; none where there is no such folder."""
        found = (path for path in (self.folder / folder).rglob("*") if path.is_file())
        return sorted(path.relative_to(self.folder).as_posix() for path in found)

    def delete(self, paths: Sequence[str]) -> None:
        """Delete files; those that are gone already are no error."""
        for path in paths:
            with suppress(FileNotFoundError):
                (self.folder / path).unlink()
