"""Files of a corpus as files of this machine, to be read by what reads files: where they lie, or copies of objects."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.places import Place
from pipeline.storage.base import Storage
from pipeline.store.failures import read_errors

_KEPT = 4
"""Units and their articles are read in turns."""


class Copies:
    """The last few objects that were asked for, on a disk.

    Args:
        storage: where the corpus is.
        place: its name, for messages.
        folder: for the copies.
    """

    def __init__(self, storage: Storage, place: Place, folder: Path) -> None:
        self._storage = storage
        self._place = place
        self._folder = folder
        self._copies: OrderedDict[str, Path] = OrderedDict()
        self._n_copied = 0

    def locate(self, path: str) -> Path:
        """Return a file with the content of an object; one that is not there where there is no such object.

        Raises:
            PipelineError: the storage cannot be read.
        """
        if path not in self._copies:
            self._n_copied += 1
            copy = self._folder / str(self._n_copied)
            with read_errors(self._place):
                try:
                    copy.write_bytes(self._storage.read(path))
                except FileNotFoundError:
                    return copy
            self._copies[path] = copy
        self._copies.move_to_end(path)
        if len(self._copies) > _KEPT:
            self._copies.popitem(last=False)[1].unlink()
        return self._copies[path]


class Files:
    """The files of a folder, where they lie."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def locate(self, path: str) -> Path:
        """Return where a file is, or should be."""
        return self._folder / path


@contextmanager
def open_files(storage: Storage, place: Place) -> Iterator[Files | Copies]:
    """Provide the files of a corpus."""
    if isinstance(place, Path):
        yield Files(place)
    else:
        with TemporaryDirectory(prefix="newsmt-") as folder:
            yield Copies(storage, place, Path(folder))
