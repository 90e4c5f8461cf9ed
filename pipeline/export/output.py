"""Where an export goes, and how it gets there: whole or not at all, packed where the name says so."""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from pipeline.disk import make_folder, move_synced, sync_folders, sync_tree
from pipeline.errors import OutputError, WriteError
from pipeline.store.layout import STATE_FOLDER

PACKED_SUFFIXES = (".gz", ".zst")
"""Of names of files that are packed."""

# Quick, and hardly larger than at the best level.
_GZIP_LEVEL = 6
_ZSTD_LEVEL = 6
_CORPUS_FOLDERS = ("bitext", "articles", "rejects", "runs", STATE_FOLDER)


def check_file(path: Path, corpus: Path) -> None:
    """Look whether a file can be written.

    Raises:
        OutputError: it is a folder, or part of the corpus.
    """
    if path.is_dir():
        raise OutputError(f"--output {path}: is a folder, and this format makes a file; name a file")
    _check_place(path, corpus)


def check_folder(path: Path, corpus: Path) -> None:
    """Look whether a folder can be written.

    Raises:
        OutputError: it is a file or not empty, is to be packed, or is part of the corpus.
    """
    if path.suffix.lower() in PACKED_SUFFIXES:
        raise OutputError(f"--output {path}: this format makes a folder, which is not packed; leave {path.suffix} out")
    if path.exists() and not path.is_dir():
        raise OutputError(f"--output {path}: is a file, and this format makes a folder; name a new or empty one")
    if path.is_dir() and any(path.iterdir()):
        raise OutputError(f"--output {path}: is not empty; name a new or empty folder")
    _check_place(path, corpus)


def write_stream(pieces: Iterable[bytes], stream: BinaryIO) -> None:
    """Write pieces to a stream.

    Raises:
        BrokenPipeError: nobody reads it any more.
        WriteError: writing failed, as on a full disk.
    """
    try:
        stream.writelines(pieces)
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise WriteError(
            f"standard output: cannot be written ({error.strerror}); what was written is not all"
        ) from error


def write_file(pieces: Iterable[bytes], path: Path) -> int | None:
    """Write pieces to a file, which takes the place of another one at the end, and return its size in bytes.

    The same pieces make the same bytes, also where they are packed. What is no regular file, such as a named pipe, is
    written to as it is, and has no size.

    Raises:
        OutputError: there can be no such file.
        WriteError: writing failed, as on a full disk; nothing of it is left.
    """
    if path.exists() and not path.is_file():
        with _told(path), path.open("wb") as special:
            _write_packed(pieces, special, path)
        return None
    # A link stays, and leads to the new file.
    target = path.resolve()
    unfinished = _unfinished(target)
    try:
        file = _new_file(unfinished, path)
        with _told(path):
            with file:
                _write_packed(pieces, file, path)
                file.flush()
                os.fsync(file.fileno())
            size_bytes = unfinished.stat().st_size
            if target.exists():
                shutil.copymode(target, unfinished)
            move_synced([(unfinished, target)])
    finally:
        with suppress(OSError):
            unfinished.unlink()
    return size_bytes


def write_folder(fill: Callable[[Path], None], path: Path) -> int:
    """Let a new folder be filled, which becomes `path` at the end, and return the size of its files in bytes.

    Raises:
        OutputError: there can be no such folder.
        WriteError: writing failed, as on a full disk; nothing of it is left.
    """
    target = path.resolve()
    unfinished = _unfinished(target)
    try:
        try:
            make_folder(unfinished)
        except OSError as error:
            raise _unusable(path, error) from error
        with _told(path):
            fill(unfinished)
            sync_tree(unfinished)
            size_bytes = sum(file.stat().st_size for file in unfinished.rglob("*") if file.is_file())
            # An empty folder is replaced.
            unfinished.rename(target)
            sync_folders([target.parent])
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return size_bytes


def _check_place(path: Path, corpus: Path) -> None:
    place = path.resolve()
    if any(place.is_relative_to(corpus.resolve() / name) for name in _CORPUS_FOLDERS):
        raise OutputError(f"--output {path}: is inside of the corpus; name another place")


def _unfinished(target: Path) -> Path:
    return target.with_name(f".{target.name}.{os.getpid()}.new")


def _new_file(unfinished: Path, path: Path) -> BinaryIO:
    try:
        make_folder(unfinished.parent)
        return unfinished.open("wb")
    except OSError as error:
        raise _unusable(path, error) from error


def _write_packed(pieces: Iterable[bytes], file: BinaryIO, path: Path) -> None:
    with ExitStack() as stack:
        sink = file
        if path.suffix.lower() == ".gz":
            # Without name and time, so that the same corpus makes the same file.
            packed = gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=_GZIP_LEVEL, mtime=0)
            sink = cast("BinaryIO", stack.enter_context(packed))
        elif path.suffix.lower() == ".zst":
            import zstandard

            compressor = zstandard.ZstdCompressor(level=_ZSTD_LEVEL, write_checksum=True)
            sink = cast("BinaryIO", stack.enter_context(compressor.stream_writer(file, closefd=False)))
        for piece in pieces:
            sink.write(piece)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise WriteError(
            f"--output {path}: cannot be written ({error.strerror}), and nothing of it was left; "
            "make room, or name another place"
        ) from error


def _unusable(path: Path, error: OSError) -> OutputError:
    return OutputError(f"--output {path}: cannot be written ({error.strerror}); name another place")
