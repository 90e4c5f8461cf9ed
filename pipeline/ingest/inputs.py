"""Which files a run reads: names, folders, globs and standard input, in an order that does not depend on chance."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Literal

from pipeline.errors import InputError

Layout = Literal["plain", "jsonl"]

STDIN = "-"

LAYOUT_OF_SUFFIX: dict[str, Layout] = {".txt": "plain", ".jsonl": "jsonl", ".ndjson": "jsonl"}
"""Each may be followed by `.gz`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFile:
    """An input to read.

    `name` is how articles and rejects name it: as the user wrote it, `folder/name` inside folders. `path` is None for
    standard input; `layout` is None where the content decides; `size_bytes`, on disk, is None for pipes and devices.
    """

    name: str
    path: Path | None
    layout: Layout | None = None
    is_gzip: bool = False
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundInputs:
    """Inputs sorted by name, standard input last, and what people should know about names that gave none."""

    files: tuple[InputFile, ...]
    warnings: tuple[str, ...] = ()


def find_inputs(names: Sequence[str]) -> FoundInputs:
    """Return the files that `names` mean; one that several names mean is there once.

    Folders are searched for files with a known suffix, without hidden ones. What matches a glob counts as named.

    Raises:
        InputError: names that are not there, all of them in one message.
    """
    missing = [name for name in names if name != STDIN and not _is_there(name) and not glob.has_magic(name)]
    if missing:
        listed = ", ".join(map(display_name, missing))
        raise InputError(f"no such file or folder: {listed}; name files, folders, globs in quotes, or `-`")
    paths: list[str] = []
    warnings = []
    for name in names:
        found = list(_expand(name))
        paths += found
        if not found:
            suffixes = " ".join(LAYOUT_OF_SUFFIX)
            warnings.append(f"{display_name(name)}: nothing to read here (in folders: {suffixes}, each also .gz)")
    return FoundInputs(files=tuple(map(_input_file, _unique(paths))), warnings=tuple(warnings))


def display_name(name: str) -> str:
    r"""Return a file name as text that can be stored: bytes that are no UTF-8 are written `\xff`."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _is_there(name: str) -> bool:
    """A file below a closed folder counts as there: reading it tells what is wrong."""
    try:
        Path(name).stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError:
        return True
    return True


def _mode_of(path: str) -> int:
    """The file type and permissions, 0 where they cannot be asked for."""
    try:
        return Path(path).stat().st_mode
    except OSError:
        return 0


def _expand(name: str) -> Iterator[str]:
    if name == STDIN:
        yield name
        return
    # `Path.glob` takes no absolute patterns, and loses the spelling of the user.
    matches = [name] if _is_there(name) else glob.iglob(name, recursive=True)  # noqa: PTH207
    for match in matches:
        if stat.S_ISDIR(_mode_of(match)):
            yield from _walk(match)
        else:
            yield match


def _walk(folder: str) -> Iterator[str]:
    """A folder that cannot be listed is yielded itself, so that it ends as a reject and not in silence."""
    closed: list[str] = []
    for parent, folders, files in os.walk(folder, onerror=lambda error: closed.append(error.filename)):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths = (f"{parent.rstrip('/')}/{name}" for name in files if not name.startswith("."))
        yield from (path for path in paths if _layout_of(path)[0] and _is_file_or_unknown(path))
    yield from closed


def _is_file_or_unknown(path: str) -> bool:
    """Pipes and devices inside folders are left out; broken links are not, reading them tells."""
    mode = _mode_of(path)
    return stat.S_ISREG(mode) or not mode


def _unique(paths: Iterable[str]) -> Iterator[str]:
    seen = set()
    for path in sorted(paths, key=lambda path: (path == STDIN, path)):
        identity = STDIN if path == STDIN else os.path.realpath(path)
        if identity not in seen:
            seen.add(identity)
            yield path


def _input_file(path: str) -> InputFile:
    if path == STDIN:
        return InputFile(name=STDIN, path=None)
    layout, is_gzip = _layout_of(path)
    return InputFile(
        name=display_name(path), path=Path(path), layout=layout, is_gzip=is_gzip, size_bytes=_size_of(path)
    )


def _layout_of(path: str) -> tuple[Layout | None, bool]:
    name = PurePath(path)
    is_gzip = name.suffix.lower() == ".gz"
    suffix = PurePath(name.stem).suffix if is_gzip else name.suffix
    return LAYOUT_OF_SUFFIX.get(suffix.lower()), is_gzip


def _size_of(path: str) -> int | None:
    try:
        status = Path(path).stat()
    except OSError:
        return 0
    return status.st_size if stat.S_ISREG(status.st_mode) else None
