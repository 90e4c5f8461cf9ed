"""Units as files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pipeline.disk import replace_synced
from pipeline.errors import OutputError


def write_units(texts: Mapping[str, str], folder: Path) -> list[Path]:
    """Write units into a folder and return their paths, in order; units of the same configuration are replaced.

    Raises:
        OutputError: the folder is not there, cannot be written to, or has a file of that name that is not from here.
    """
    if not folder.is_dir():
        raise OutputError(f"{folder}: no such folder; make it, or name another one")
    files = {folder / name: text.encode() for name, text in texts.items()}
    try:
        for path, text in files.items():
            if path.exists() and path.read_bytes().partition(b"\n")[0] != text.partition(b"\n")[0]:
                raise OutputError(f"{path}: is not of this configuration, and was left alone; choose another --name")
        for path, text in files.items():
            replace_synced(path, text)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written to ({error.strerror})") from error
    return [*files]
