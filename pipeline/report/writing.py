"""Where a report goes, and how it gets there: whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.disk import exchange, replace_synced, sync_folders, sync_tree
from pipeline.errors import OutputError, PipelineError, WriteError

SUFFIX = ".html"
INDEX = "index.html"
_PAGES = ("index.html", "part-*.html")
_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The file or folder that a report becomes; a folder is entered by its index."""

    path: Path
    is_folder: bool

    @property
    def entry(self) -> Path:
        """The file to open."""
        return self.path / INDEX if self.is_folder else self.path


def target_of(folder: Path, output: Path | None, *, n_pages: int, n_articles: int) -> Target:
    """Return where the report of a corpus goes.

    A name that ends in `.html` is a file, any other one a folder.

    Raises:
        OutputError: several pages do not go into a file, or something else is there.
    """
    if output is None:
        target = Target(path=folder / ("report" if n_pages > 1 else "report.html"), is_folder=n_pages > 1)
    else:
        target = Target(path=output, is_folder=output.suffix.lower() != SUFFIX)
    if n_pages > 1 and not target.is_folder:
        raise OutputError(
            f"{output}: {n_articles:,} articles need {n_pages:,} pages, and these a folder; name one without {SUFFIX}, "
            "or raise --articles-per-page"
        )
    _check(target)
    return target


def _check(target: Target) -> None:
    path = target.path
    if not target.is_folder and path.is_dir():
        raise OutputError(f"{path}: is a folder, and the report a file; name another one with --output")
    if target.is_folder and path.exists() and not path.is_dir():
        raise OutputError(f"{path}: is a file; a report goes into a folder, or into a file whose name ends in {SUFFIX}")
    if target.is_folder and path.is_dir() and not _is_earlier_report(path):
        raise OutputError(
            f"{path}: holds other files than those of a report; name an empty or new folder with --output"
        )


def _is_earlier_report(folder: Path) -> bool:
    """Return whether there is nothing but what an earlier report wrote, or nothing at all."""
    return all(path.is_file() and any(path.match(page) for page in _PAGES) for path in folder.iterdir())


def write_file(path: Path, data: bytes) -> None:
    """Put a report into its place.

    Raises:
        OutputError: that cannot be written.
        WriteError: the disk is full.
    """
    try:
        replace_synced(path, data, writer=f".{os.getpid()}")
    except OSError as error:
        raise _unwritable(path, error) from error


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Give a folder to fill, which takes the place of `path` at the end; after an error nothing of it is left.

    Raises:
        OutputError: it cannot be written.
        WriteError: the disk is full.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        unfinished.mkdir(parents=True)
        yield unfinished
        sync_tree(unfinished)
        _put_into_place(unfinished, path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _put_into_place(unfinished: Path, path: Path) -> None:
    if not path.exists():
        unfinished.rename(path)
        sync_folders([path.parent])
        return
    try:
        # What was there takes the other name, and is removed under it.
        exchange(unfinished, path)
    except NotImplementedError:
        shutil.rmtree(path)
        unfinished.rename(path)


def _unwritable(path: Path, error: OSError) -> PipelineError:
    message = f"{path}: cannot be written ({error.strerror or error}); "
    if error.errno in _FULL:
        return WriteError(f"{message}make room, or name another place with --output")
    return OutputError(f"{message}name another place with --output")
