"""Copying a package folder as an archive is unpacked: no links, no devices, only what the layout knows."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import ModelError
from pipeline.models.layout import METADATA_FILE, is_package_file


def copy_package(source: Path, target: Path) -> tuple[str, ...]:
    """Copy the package in `source` into the folder `target`, and return the names of files that were left out.

    Raises:
        ModelError: there is no package, or a link or device in it.
        OSError: reading or writing failed.
    """
    if not (source / METADATA_FILE).is_file():
        raise ModelError(f"{source}: no package, since {METADATA_FILE} is missing; name the folder that it is in")
    left_out = []
    for file in _files_below(source):
        path = file.relative_to(source)
        if not is_package_file(path):
            left_out.append(path.as_posix())
            continue
        (target / path).parent.mkdir(exist_ok=True)
        shutil.copyfile(file, target / path)
    return tuple(left_out)


def _files_below(folder: Path) -> Iterator[Path]:
    for where, folders, files in os.walk(folder):
        folders.sort()
        for name in (*folders, *sorted(files)):
            path = Path(where, name)
            kind = stat.S_IFMT(path.lstat().st_mode)
            if kind not in (stat.S_IFREG, stat.S_IFDIR):
                found = "a link" if stat.S_ISLNK(kind) else "a device or a pipe"
                raise ModelError(f"{path}: is {found}; refused: a package holds plain files only, copy it with cp -rL")
            if name in files:
                yield path
