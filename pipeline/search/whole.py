"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from pipeline.disk import make_folder, move_synced
from pipeline.errors import OutputError, WriteError


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """Give a text file beside `path` to write to; it takes the place of `path` when all went well, else it goes away.

    Raises:
        OutputError: there can be no such file.
        WriteError: writing failed, as on a full disk.
    """
    if path.exists() and not path.is_file():
        raise OutputError(f"--output {path}: no regular file; name a file that is new, or to be replaced")
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        make_folder(path.parent)
        file = unfinished.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise OutputError(f"--output {path}: cannot be written ({error.strerror}); choose another file") from error
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        move_synced([(unfinished, path)])
    except OSError as error:
        raise WriteError(f"--output {path}: cannot be written ({error.strerror}); nothing was left there") from error
    finally:
        with suppress(OSError):
            unfinished.unlink()
