"""A folder in an object store or on HDFS, over the file systems of pyarrow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from pipeline.storage.filesystem import path_below
from pipeline.storage.patience import patiently

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

_Item = TypeVar("_Item")

_N_REQUESTS = 8
"""How many are under way at once: what they take is waiting, not work."""


class ObjectStorage:
    """A prefix in a storage that cannot rename: moving is a copy by the server, and a deletion."""

    def __init__(self, filesystem: FileSystem, folder: str) -> None:
        self._filesystem = filesystem
        self._folder = folder

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write objects, each whole or not at all."""
        _each(lambda item: self._put(self._path(item[0]), item[1]), files.items())

    def read(self, path: str) -> bytes:
        """Return the contents of an object."""
        with self._filesystem.open_input_file(self._path(path)) as file:
            content: bytes = patiently(file.readall)
        return content

    def move(self, moves: Sequence[tuple[str, str]]) -> None:
        """Move objects, from and to; those that are at their new path already are done."""
        _each(lambda move: self._move(*move), moves)

    def exists(self, path: str) -> bool:
        """Return whether there is an object."""
        return bool(self._filesystem.get_file_info(self._path(path)).is_file)

    def files(self, folder: str) -> list[str]:
        """Return the paths of all objects below a folder, sorted; none where there is no such folder."""
        from pyarrow.fs import FileSelector

        try:
            found = self._filesystem.get_file_info(FileSelector(self._path(folder), recursive=True))
        except FileNotFoundError:
            return []
        return sorted(info.path.removeprefix(f"{self._folder.rstrip('/')}/") for info in found if info.is_file)

    def delete(self, paths: Sequence[str]) -> None:
        """Delete objects; those that are gone already are no error."""
        _each(lambda path: self._remove(self._path(path)), paths)

    def _path(self, path: str) -> str:
        return path_below(self._folder, path)

    def _put(self, path: str, data: bytes) -> None:
        stream = self._filesystem.open_output_stream(path)
        stream.write(data)
        stream.close()

    def _move(self, source: str, target: str) -> None:
        try:
            self._rename(self._path(source), self._path(target))
        except OSError:
            if self.exists(source) or not self.exists(target):
                raise

    def _rename(self, source: str, target: str) -> None:
        self._filesystem.copy_file(source, target)
        self._remove(source)

    def _remove(self, path: str) -> None:
        with suppress(FileNotFoundError):
            self._filesystem.delete_file(path)


class RenamingStorage(ObjectStorage):
    """A folder on a file system that renames, and where readers see a file while it is written: HDFS."""

    def _put(self, path: str, data: bytes) -> None:
        folder, _, name = path.rpartition("/")
        unfinished = f"{folder}/.{name}.new"
        self._filesystem.create_dir(folder, recursive=True)
        super()._put(unfinished, data)
        self._rename(unfinished, path)

    def _rename(self, source: str, target: str) -> None:
        self._filesystem.create_dir(target.rpartition("/")[0], recursive=True)
        if self._filesystem.get_file_info(source).is_file:
            self._remove(target)  # HDFS renames onto nothing that is there
        self._filesystem.move(source, target)


def _each(act: Callable[[_Item], None], items: Iterable[_Item]) -> None:
    """Act on each item, some at once; all of them are done or have failed when the first error is raised."""
    with ThreadPoolExecutor(max_workers=_N_REQUESTS) as pool:
        for done in [pool.submit(act, item) for item in items]:
            done.result()
