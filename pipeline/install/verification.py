"""Whether installed packages are still what they were when they were installed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from pipeline.errors import ModelError
from pipeline.models.folders import argos_folder, own_folder
from pipeline.models.lockfile import LOCK_FILE, Lock, LockEntry, differences, digest_files, read_lock
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
    if not path.is_dir():
        details = ("its folder is gone", _mending(name, entry))
        return PackageCheck(name=name, path=path, state="missing", details=details)
    if found := differences(entry.files, digest_files(path)):
        return PackageCheck(name=name, path=path, state="damaged", details=(*found, _mending(name, entry)))
    return PackageCheck(name=name, path=path, state="intact")


def _mending(name: str, entry: LockEntry) -> str:
    if entry.links:
        return f"to mend it: newsmt models install --locked {entry.pairs[0]}"
    once = f"convert {entry.origin}" if entry.origin else "add it"
    return f"to mend it: {once} again, as at first; to give it up: newsmt models remove {name}"


def _check_unrecorded(path: Path, remark: str) -> PackageCheck:
    try:
        read_packages(path)
    except ModelError as error:
        return PackageCheck(name=path.name, path=path, state="damaged", details=(str(error),))
    return PackageCheck(name=path.name, path=path, state="unrecorded", details=(remark,))
