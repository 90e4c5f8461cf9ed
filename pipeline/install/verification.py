"""Whether installed packages are still what they were when they were installed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from pipeline.errors import ModelError
from pipeline.install.lockfile import LOCK_FILE, Lock, differences, digest_files, read_lock
from pipeline.models.folders import argos_folder, own_folder
from pipeline.models.package import read_packages
from pipeline.models.registry import package_folders

State = Literal["intact", "damaged", "missing", "unrecorded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageCheck:
    """What was found of one package.

    `intact`: all files are as recorded. `unrecorded`: complete, but the lock file does not know it, as those of Argos.
    `details` says what is wrong, and how to mend it.
    """

    name: str
    path: Path
    state: State
    details: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether nothing has to be mended."""
        return self.state in ("intact", "unrecorded")

    def to_json(self) -> dict[str, Any]:
        """Return the finding as JSON values."""
        return asdict(self) | {"path": str(self.path)}


def verify_packages(environment: Mapping[str, str]) -> Iterator[PackageCheck]:
    """Read all installed packages, newsmt's and Argos', and yield what was found of each, in order of folder and name.

    Raises:
        ModelError: the lock file is damaged.
    """
    own = own_folder(environment)
    lock = read_lock(own / LOCK_FILE)
    there = {path.name: path for path in package_folders([own])}
    for name in sorted({*lock.entries, *there}):
        yield _check(name, there.get(name, own / name), lock)
    for path in package_folders([argos_folder(environment)]):
        yield _check_unrecorded(path, "of Argos; newsmt only reads it")


def _check(name: str, path: Path, lock: Lock) -> PackageCheck:
    entry = lock.entries.get(name)
    if entry is None:
        return _check_unrecorded(path, f"not in {LOCK_FILE}; to record it: newsmt models add {path}")
    again = f"newsmt models install --locked {entry.pairs[0]}" if entry.links else f"newsmt models remove {name}"
    if not path.is_dir():
        return PackageCheck(name=name, path=path, state="missing", details=(f"its folder is gone: {again}",))
    if found := differences(entry.files, digest_files(path)):
        return PackageCheck(name=name, path=path, state="damaged", details=(*found, f"to mend it: {again}"))
    return PackageCheck(name=name, path=path, state="intact")


def _check_unrecorded(path: Path, remark: str) -> PackageCheck:
    try:
        read_packages(path)
    except ModelError as error:
        return PackageCheck(name=path.name, path=path, state="damaged", details=(str(error),))
    return PackageCheck(name=path.name, path=path, state="unrecorded", details=(remark,))
