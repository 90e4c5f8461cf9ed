"""Which files a run reads: names, folders, globs, URIs and standard input, in an order without chance."""

from __future__ import annotations

import codecs
import glob
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from pipeline.config_paths import COMPRESSION_SUFFIXES, STDIN
from pipeline.errors import InputError
from pipeline.ingest.names import KNOWN_SUFFIXES, display_name, is_article_name
from pipeline.ingest.remote import Objects, RemoteObject
from pipeline.places import Place, StorageUri, is_uri, shown

_STATE_FOLDER = ".newsmt"
_LISTED_SUFFIXES = f"{' '.join(KNOWN_SUFFIXES)}, each also {' '.join(COMPRESSION_SUFFIXES)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFile:
    """An input to read.

    `name` is how articles and rejects name it: as the user wrote it, `folder/name` inside folders. `path` is None for
    standard input; `size_bytes`, where it lies, is None for pipes and devices.
    """

    name: str
    path: Place | None
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundInputs:
    """Inputs sorted by name, standard input last, and what people should know about names that gave none."""

    files: tuple[InputFile, ...]
    warnings: tuple[str, ...] = ()


def find_inputs(names: Sequence[str]) -> FoundInputs:
    """Return the files that `names` mean; one that several names mean is there once.

    Folders are searched for files with a known suffix, without hidden ones and without what newsmt wrote. Links to
    folders are followed, each folder is searched once. What matches a glob counts as named. The same holds for URIs.

    Raises:
        InputError: names that are not there, all of them in one message; a storage cannot be searched.
    """
    objects = Objects()
    found = {name: _found(name, objects) for name in dict.fromkeys(names)}
    missing = [name for name, inputs in found.items() if inputs is None]
    if missing:
        listed = ", ".join(map(display_name, map(shown, missing)))
        raise InputError(f"no such file or folder: {listed}; name files, folders, globs in quotes, or `-`")
    nothing = f"nothing to read here (in folders: {_LISTED_SUFFIXES})"
    warnings = tuple(f"{display_name(shown(name))}: {nothing}" for name, inputs in found.items() if not inputs)
    return FoundInputs(files=tuple(_unique(chain.from_iterable(filter(None, found.values())))), warnings=warnings)


def listed_inputs(names: Sequence[str], list_file: str | None) -> list[str]:
    """Return `names`, and those that a file lists, if there is one.

    Raises:
        InputError: the list cannot be read.
    """
    return [*names, *(read_file_list(list_file) if list_file else ())]


def read_file_list(name: str) -> list[str]:
    """Return the names in a list of inputs: a file, or `-` for standard input.

    One name a line, without blank lines and those that begin with `#`; or with a NUL after each, as `find -print0`
    writes them, and then nothing is left out. They are as the list has them: relative to the working directory.

    Raises:
        InputError: the list cannot be read.
    """
    try:
        data = sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes()
    except (OSError, ValueError) as error:
        what = getattr(error, "strerror", None) or error
        raise InputError(f"{display_name(name)}: {what}; name a file with one path a line, or `-`") from error
    if b"\x00" in data:
        return [os.fsdecode(item) for item in data.split(b"\x00") if item]
    lines = (line.rstrip(b"\r") for line in data.removeprefix(codecs.BOM_UTF8).split(b"\n"))
    return [os.fsdecode(line) for line in lines if line.strip() and not line.startswith(b"#")]


def _found(name: str, objects: Objects) -> list[InputFile] | None:
    """The inputs that a name means; None where it means something that is not there."""
    if is_uri(name):
        found = objects.search(StorageUri(name))
        return None if found is None else list(map(_input_object, found))
    if name != STDIN and not _is_there(name) and not glob.has_magic(name):
        return None
    return [_input_file(path) for path in _expand(name)]


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
    is_named = _is_there(name)
    matches = [name] if is_named else glob.iglob(name, recursive=True)  # noqa: PTH207
    for match in matches:
        if stat.S_ISDIR(_mode_of(match)):
            yield from _walk(match)
        elif is_named or _is_file_or_unknown(match):
            yield match


def _walk(folder: str) -> Iterator[str]:
    """A folder that cannot be listed is yielded itself, so that it ends as a reject and not in silence.

    Links are followed after all folders that are no links, so that files have the names of their places.
    """
    closed: list[str] = []
    seen: set[tuple[int, int] | str] = set()
    waiting = [folder]
    while waiting:
        for parent, folders, files in os.walk(waiting.pop(0), onerror=lambda error: closed.append(error.filename)):
            identity = _identity_of(parent)
            if identity in seen or _STATE_FOLDER in folders:
                folders.clear()
                continue
            seen.add(identity)
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            paths = {name: f"{parent.rstrip('/')}/{name}" for name in (*folders, *files)}
            waiting += [paths[name] for name in folders if Path(paths[name]).is_symlink()]
            yield from (paths[name] for name in files if _is_article(name, paths[name]))
    yield from closed


def _identity_of(folder: str) -> tuple[int, int] | str:
    """Device and inode, the name where they cannot be asked for."""
    try:
        status = Path(folder).stat()
    except OSError:
        return folder
    return status.st_dev, status.st_ino


def _is_article(name: str, path: str) -> bool:
    return not name.startswith(".") and is_article_name(name) and _is_file_or_unknown(path)


def _is_file_or_unknown(path: str) -> bool:
    """Pipes and devices inside folders are left out; broken links are not, reading them tells."""
    mode = _mode_of(path)
    return stat.S_ISREG(mode) or not mode


def _unique(inputs: Iterable[InputFile]) -> Iterator[InputFile]:
    seen = set()
    for item in sorted(inputs, key=lambda item: (item.path is None, item.name)):
        identity = _identity_of_input(item)
        if identity not in seen:
            seen.add(identity)
            yield item


def _identity_of_input(item: InputFile) -> str | tuple[str, ...]:
    if item.path is None:
        return STDIN
    return os.path.realpath(item.path) if isinstance(item.path, Path) else item.path.parts


def _input_file(path: str) -> InputFile:
    if path == STDIN:
        return InputFile(name=STDIN, path=None)
    return InputFile(name=display_name(path), path=Path(path), size_bytes=_size_of(path))


def _input_object(found: RemoteObject) -> InputFile:
    return InputFile(name=str(found.place), path=found.place, size_bytes=found.size_bytes)


def _size_of(path: str) -> int | None:
    try:
        status = Path(path).stat()
    except OSError:
        return 0
    return status.st_size if stat.S_ISREG(status.st_mode) else None
