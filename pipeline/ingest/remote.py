"""Inputs in object stores and on HDFS: which there are, and reading them in place."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import translate
from glob import has_magic
from typing import TYPE_CHECKING, BinaryIO

from pipeline.errors import InputError, PipelineError
from pipeline.ingest.names import is_article_name
from pipeline.ingest.opened import replaced
from pipeline.ingest.stream import PackedError
from pipeline.places import StorageUri
from pipeline.storage.explanation import explain
from pipeline.storage.filesystem import open_filesystem, path_below
from pipeline.storage.patience import patiently

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from pyarrow import NativeFile
    from pyarrow.fs import FileInfo, FileSystem

_BUFFER_BYTES = 4 << 20
"""What one request asks for: each of them takes a while before its first byte comes."""

_STATE = "/.newsmt/"
_ANY_FOLDERS = "**"

_Found = tuple[str, int]
"""Path and size of an object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteObject:
    """An object that was found."""

    place: StorageUri
    size_bytes: int


class Objects:
    """Objects in storages, each of which is connected to once."""

    def __init__(self) -> None:
        self._connected: dict[StorageUri, tuple[FileSystem, str]] = {}

    def search(self, place: StorageUri) -> list[RemoteObject] | None:
        """Return the objects that a URI means: that one, those in a folder, or what matches a glob.

        They are as local folders are searched: known suffixes, nothing hidden, nothing that newsmt wrote.

        Returns:
            None where there is nothing of that name; an empty list where a folder or a glob gives nothing.

        Raises:
            InputError: the storage cannot be searched.
        """
        try:
            filesystem, root = self._connection(place)
            found = sorted(set(_search(filesystem, path_below(root, place.path))))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise InputError(explain(error, place)) from error
        return [RemoteObject(place=place.root / path.removeprefix(f"{root}/"), size_bytes=size) for path, size in found]

    @contextmanager
    def opened(self, place: StorageUri) -> Iterator[BinaryIO]:
        """Open an object, and look whether it stays what it is while it is read.

        Raises:
            PackedError: it is not there, or was replaced or deleted while it was read.
            PipelineError: the storage cannot be read.
        """
        try:
            filesystem, root = self._connection(place)
        except OSError as error:
            raise PipelineError(explain(error, place)) from error
        remote = _ObjectFile(filesystem, path_below(root, place.path), place)
        with io.BufferedReader(remote, _BUFFER_BYTES) as file:
            yield file
            remote.compare()

    def _connection(self, place: StorageUri) -> tuple[FileSystem, str]:
        if place.root not in self._connected:
            self._connected[place.root] = open_filesystem(place.root)
        return self._connected[place.root]


class _ObjectFile(io.RawIOBase):
    """An object as a file; what goes wrong is told as its own fault, or as trouble of the storage."""

    def __init__(self, filesystem: FileSystem, path: str, place: StorageUri) -> None:
        super().__init__()
        self._filesystem = filesystem
        self._path = path
        self._place = place
        self._file = self._open()
        self._size_bytes = self._file.size()
        self._version = self._version_of(self._file)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._file.tell(), io.SEEK_END: self._size_bytes}[whence]
        # pyarrow knows no place behind the end; there, as in any file, nothing is read.
        return int(self._file.seek(min(start + offset, self._size_bytes)))

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        try:
            return patiently(lambda: int(self._file.readinto(buffer)))
        except OSError as error:
            self.compare()
            raise PipelineError(explain(error, self._place)) from error

    def compare(self) -> None:
        """Look whether the object is still that which was opened.

        Raises:
            PackedError: it is not.
            PipelineError: the storage cannot be asked.
        """
        with self._open(missing=lambda: replaced("the object was deleted")) as file:
            if self._version_of(file) != self._version:
                raise replaced("the object was replaced")

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()

    def _open(
        self, missing: Callable[[], PackedError] = lambda: PackedError("cannot be read: it is gone")
    ) -> NativeFile:
        try:
            return self._filesystem.open_input_file(self._path)
        except FileNotFoundError as error:
            raise missing() from error
        except (OSError, ValueError) as error:
            raise PipelineError(explain(error, self._place)) from error

    def _version_of(self, file: NativeFile) -> object:
        """What object stores tell with an object, its ETag among it; elsewhere the time when it was written."""
        told = file.metadata()
        return told or (file.size(), self._filesystem.get_file_info(self._path).mtime_ns)


def _search(filesystem: FileSystem, path: str) -> Iterable[_Found]:
    """Return what a path means.

    Raises:
        FileNotFoundError: there is nothing of that name.
    """
    info = filesystem.get_file_info(path)
    if info.is_file:
        return [(path, info.size)]
    if not has_magic(path):
        return _in_folder(filesystem, path)
    folder, *parts = re.split(r"/(?=[^/]*[*?\[])", path, maxsplit=1)
    return _matching(filesystem, folder, parts[0].split("/") if parts else [])


def _in_folder(filesystem: FileSystem, folder: str) -> Iterator[_Found]:
    from pyarrow.fs import FileSelector

    found = filesystem.get_file_info(FileSelector(folder, recursive=True))
    files = {info.path.removeprefix(f"{folder}/"): info.size for info in found if info.is_file}
    own = tuple({f"{before}/" for before, mark, _ in (f"/{path}".partition(_STATE) for path in files) if mark})
    for path, size in files.items():
        parts = path.split("/")
        is_hidden = any(part.startswith(".") for part in parts)
        if not is_hidden and is_article_name(parts[-1]) and not f"/{path}".startswith(own):
            yield f"{folder}/{path}", size


def _matching(filesystem: FileSystem, folder: str, patterns: list[str]) -> Iterator[_Found]:
    """Yield what matches, level by level: of all the folders in a bucket only those that match are listed."""
    if not patterns:
        yield from _in_folder(filesystem, folder)
        return
    pattern, *rest = patterns
    if pattern == _ANY_FOLDERS:
        if rest:
            yield from _matching(filesystem, folder, rest)
        rest, pattern = patterns, "*"
    is_match = re.compile(translate(pattern)).match
    for info in _listed(filesystem, folder):
        is_hidden = info.base_name.startswith(".") and not pattern.startswith(".")
        if is_hidden or not is_match(info.base_name):
            continue
        if not info.is_file:
            yield from _matching(filesystem, info.path, rest)
        elif rest in ([], [_ANY_FOLDERS]):
            yield info.path, info.size


def _listed(filesystem: FileSystem, folder: str) -> list[FileInfo]:
    from pyarrow.fs import FileSelector

    try:
        found: list[FileInfo] = filesystem.get_file_info(FileSelector(folder))
    except FileNotFoundError:
        return []
    return found
