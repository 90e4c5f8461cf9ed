"""Unpacking of package archives, whose content is treated as hostile.

An archive is refused whole for a path that leads out of its folder, for links, devices and encrypted files, for more
files or bytes than a package can have, and for a ratio of compression that no weights reach. Of the rest, only the
files that the layout knows are written.
"""

from __future__ import annotations

import shutil
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from pipeline.errors import ModelError
from pipeline.models.layout import METADATA_FILE, is_package_file

_CHUNK_BYTES = 1 << 20
_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an archive may hold at most: files, bytes unpacked, and bytes unpacked for each packed one.

    int8 weights hardly shrink, vocabularies by six; ratios below `free_bytes` in all are not looked at.
    """

    max_files: int = 10_000
    max_bytes: int = 32 << 30
    max_ratio: int = 100
    free_bytes: int = 16 << 20


DEFAULT_LIMITS = Limits()


def unpack(archive: Path, target: Path, *, limits: Limits = DEFAULT_LIMITS) -> tuple[str, ...]:
    """Write the package in an archive into the folder `target`, and return the names of files that were left out.

    Raises:
        ModelError: the archive is damaged, hostile or no package.
        OSError: writing failed.
    """
    with _damage(archive), ZipFile(archive) as opened:
        members = _Members(archive, opened.infolist(), limits)
        members.check()
        wanted = members.package_files()
        _check_space(target, sum(member.file_size for member in wanted.values()))
        for path, member in wanted.items():
            _extract(opened, member, target / path)
        return members.others()


class _Members:
    """The directory of an archive."""

    def __init__(self, archive: Path, members: list[ZipInfo], limits: Limits) -> None:
        self._archive = archive
        self._limits = limits
        self._all = members
        self._files = [member for member in members if not member.is_dir()]

    def check(self) -> None:
        """Refuse what cannot be a package.

        Raises:
            ModelError: the archive is hostile; the message names the member.
        """
        if len(self._all) > self._limits.max_files:
            raise self._refused(f"holds {len(self._all):,} files, a package at most {self._limits.max_files:,}")
        for member in self._all:
            if finding := _finding(member):
                raise self._refused(f"{member.filename!r:.200} {finding}")
        self._check_names()
        self._check_size()

    def package_files(self) -> dict[PurePosixPath, ZipInfo]:
        """Return the files that the layout knows by their path in the package.

        Raises:
            ModelError: there is no package, or there are several.
        """
        root = self._root()
        paths = ((PurePosixPath(member.filename), member) for member in self._files)
        inner = ((path.relative_to(root), member) for path, member in paths if path.is_relative_to(root))
        return {path: member for path, member in inner if is_package_file(path)}

    def others(self) -> tuple[str, ...]:
        """Return the names of the files that are not part of a package."""
        known = {id(member) for member in self.package_files().values()}
        return tuple(member.filename for member in self._files if id(member) not in known)

    def _root(self) -> PurePosixPath:
        paths = [PurePosixPath(member.filename) for member in self._files]
        roots = {path.parent for path in paths if path.name == METADATA_FILE}
        tops = [root for root in roots if len(root.parts) <= 1]
        if len(tops) == 1:
            return tops[0]
        found = "is missing" if not tops else "stands in several folders"
        raise self._refused(f"{METADATA_FILE} {found}, so it is not one package")

    def _check_names(self) -> None:
        seen: set[str] = set()
        for member in self._files:
            # Equal on a file system that makes no difference between capitals.
            name = member.filename.casefold()
            if name in seen:
                raise self._refused(f"{member.filename!r:.200} is in it twice, capitals aside")
            seen.add(name)

    def _check_size(self) -> None:
        size = sum(member.file_size for member in self._files)
        # What the directory says of packed sizes can be a lie, and several members can be the same bytes.
        packed = self._archive.stat().st_size
        if size > self._limits.max_bytes:
            raise self._refused(f"would be {size:,} bytes unpacked, a package at most {self._limits.max_bytes:,}")
        if size > self._limits.free_bytes and size > self._limits.max_ratio * packed:
            raise self._refused(f"{packed:,} bytes would become {size:,}, which no package does")

    def _refused(self, finding: str) -> ModelError:
        return ModelError(f"{self._archive}: {finding}; refused: get the package from another place")


def _finding(member: ZipInfo) -> str | None:
    """Return what is wrong with a member of an archive, None where nothing is."""
    path = PurePosixPath(member.filename)
    kind = stat.S_IFMT(member.external_attr >> 16)
    if path.is_absolute() or ".." in path.parts or "\\" in member.filename:
        return "leads out of the folder"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is a link" if stat.S_ISLNK(kind) else "is a device or a pipe"
    if member.flag_bits & _ENCRYPTED:
        return "is encrypted"
    return None if member.compress_type in (ZIP_STORED, ZIP_DEFLATED) else "is packed as packages never are"


def _check_space(target: Path, n_bytes: int) -> None:
    free = shutil.disk_usage(target).free
    if n_bytes > free:
        raise ModelError(f"{target.parent}: {n_bytes:,} bytes are needed and {free:,} are free; make room")


def _extract(opened: ZipFile, member: ZipInfo, file: Path) -> None:
    file.parent.mkdir(exist_ok=True)
    # The reader of zipfile ends at the size that the directory tells, and checks the sum.
    with opened.open(member) as source, file.open("xb") as target:
        while chunk := source.read(_CHUNK_BYTES):
            target.write(chunk)


@contextmanager
def _damage(archive: Path) -> Iterator[None]:
    try:
        yield
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeDecodeError) as error:
        raise ModelError(f"{archive}: no package, or a damaged one ({error}); download it again") from error
