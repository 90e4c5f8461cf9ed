"""`models.lock`: what was installed once, so that it is the same everywhere and for ever after.

A JSON object for people and version control: for each package folder its pairs, the archive it came in with size and
SHA-256, and the same of each file. What is not there is trusted when it is first installed, and recorded; what is there
must come again as it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from pipeline.disk import replace_synced
from pipeline.errors import ModelError
from pipeline.models.metadata import version_key
from pipeline.models.package import ModelPackage, hash_file
from pipeline.types import LanguagePair

LOCK_FILE = "models.lock"
_FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """Size and SHA-256 in hex digits of a file."""

    size_bytes: int
    sha256: str

    def __str__(self) -> str:
        return f"{self.sha256[:12]}… ({self.size_bytes:,} bytes)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """The file that a package came in; `links` are the addresses where it can be had again, none for a local file."""

    digest: Digest
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LockEntry:
    """What is known of the package in one folder; `files` are all of its files by their path in it."""

    pairs: tuple[str, ...]
    version: str
    family: str
    files: Mapping[str, Digest]
    licence: str | None = None
    origin: str | None = None
    archive: Archive | None = None

    @property
    def links(self) -> tuple[str, ...]:
        """The addresses where the archive can be had again, none where it is of this machine or was never one."""
        return self.archive.links if self.archive else ()

    def to_json(self) -> dict[str, Any]:
        """Return the entry as JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """The content of a lock file; `entries` by the name of the package's folder."""

    path: Path
    entries: Mapping[str, LockEntry] = field(default_factory=dict)

    def find(self, pair: LanguagePair, *, version: str | None = None) -> str | None:
        """Return the package for `pair` that has an address, the newest one where no version is wanted."""
        found = {name: entry for name, entry in self.entries.items() if str(pair) in entry.pairs and entry.links}
        wanted = [name for name, entry in found.items() if version in (None, entry.version)]
        return max(wanted, key=lambda name: version_key(found[name].version), default=None)

    def named_by(self, link: str) -> str | None:
        """Return the package that has this address, None where none has."""
        return next((name for name, entry in self.entries.items() if link in entry.links), None)

    def with_entry(self, name: str, entry: LockEntry) -> Lock:
        """Return the lock with one entry more, or another one."""
        return replace(self, entries={**self.entries, name: entry})

    def without(self, names: Iterable[str]) -> Lock:
        """Return the lock without the entries of `names`."""
        gone = set(names)
        return replace(self, entries={name: entry for name, entry in self.entries.items() if name not in gone})

    def write(self) -> None:
        """Put the lock in the place of the old one, whole."""
        content = {"format": _FORMAT, "packages": {name: self.entries[name].to_json() for name in sorted(self.entries)}}
        replace_synced(self.path, (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode())


def read_lock(path: Path) -> Lock:
    """Return the lock in a file, an empty one where there is none.

    Raises:
        ModelError: the file cannot be read, or is no lock file.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if values["format"] != _FORMAT:
            raise ModelError(f"{path}: format {values['format']!r}, this newsmt knows {_FORMAT}; upgrade newsmt")
        return Lock(path=path, entries={name: _entry(value) for name, value in values["packages"].items()})
    except FileNotFoundError:
        return Lock(path=path)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(
            f"{path}: not a lock file of newsmt ({type(error).__name__}: {error}); "
            "restore it, or move it away and install the packages again"
        ) from error


def check_recorded(lock: Lock, path: Path) -> None:
    """Check that a package in the folder of a lock file is what was recorded; what the lock does not know passes.

    Raises:
        ModelError: a file was changed, added or lost.
    """
    entry = lock.entries.get(path.name)
    if entry and (found := differences(entry.files, digest_files(path))):
        more = f" and {len(found) - 1:,} more" if found[1:] else ""
        raise ModelError(
            f"{path}: is not what {lock.path.name} recorded ({found[0]}{more}); to mend it: newsmt models verify"
        )


def describe(packages: tuple[ModelPackage, ...], *, archive: Archive | None) -> LockEntry:
    """Return the entry of a package as it lies on the disk, all its directions given."""
    first = packages[0]
    return LockEntry(
        pairs=tuple(str(package.pair) for package in packages),
        version=first.version,
        family=first.family,
        files=digest_files(first.path),
        licence=first.licence,
        origin=first.metadata.origin,
        archive=archive,
    )


def digest_file(file: Path) -> Digest:
    """Return size and hash of a file."""
    return Digest(size_bytes=file.stat().st_size, sha256=hash_file(file))


def digest_files(folder: Path) -> dict[str, Digest]:
    """Return size and hash of each file of a package, by its path in the folder."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): digest_file(file) for file in files}


def differences(expected: Mapping[str, Digest], found: Mapping[str, Digest]) -> list[str]:
    """Return what is otherwise than recorded, a few words for each file."""
    words = [f"{name} is missing" for name in expected if name not in found]
    words += [f"{name} was added" for name in found if name not in expected]
    for name, digest in expected.items():
        if name in found and found[name] != digest:
            words.append(f"{name} is {found[name]}, recorded was {digest}")
    return words


def _entry(value: Mapping[str, Any]) -> LockEntry:
    archive = value["archive"]
    return LockEntry(
        pairs=tuple(map(str, value["pairs"])),
        version=str(value["version"]),
        family=str(value["family"]),
        files={name: _digest(digest) for name, digest in value["files"].items()},
        licence=value.get("licence"),
        origin=value.get("origin"),
        archive=Archive(digest=_digest(archive["digest"]), links=tuple(map(str, archive["links"])))
        if archive
        else None,
    )


def _digest(value: Mapping[str, Any]) -> Digest:
    return Digest(size_bytes=int(value["size_bytes"]), sha256=str(value["sha256"]))
