"""Installing: from the index, from a file, folder or address, from a model that was converted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.convert.conversion import convert
from pipeline.convert.request import ConversionRequest
from pipeline.errors import DecodingError, ModelError
from pipeline.install.archive import unpack
from pipeline.install.depot import Depot
from pipeline.install.download import MAX_PACKAGE_BYTES, Downloaded, download, is_remote, local_file
from pipeline.install.folder import copy_package
from pipeline.install.index import IndexEntry
from pipeline.install.transfer import OnBytes
from pipeline.models.lockfile import (
    LOCK_FILE,
    Archive,
    Digest,
    LockEntry,
    describe,
    differences,
    digest_file,
    digest_files,
)
from pipeline.models.package import ModelPackage, read_packages
from pipeline.trial import Trial, try_package

_INCOMING = "incoming"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A package that is in its place.

    Attributes:
        path: its folder.
        packages: its directions.
        entry: what the lock file holds of it.
        is_new: whether it was not there before.
        is_first: whether it was trusted because the lock file knew nothing of it.
        left_out: files that came along and are not part of the layout.
        trials: a trial translation for each direction, where they were made.
    """

    path: Path
    packages: tuple[ModelPackage, ...]
    entry: LockEntry
    is_new: bool = False
    is_first: bool = False
    left_out: tuple[str, ...] = ()
    trials: tuple[Trial, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """A package in staging; `given` is how people know it, and `wanted` what the index said of it."""

    staged: Path
    given: str
    wanted: IndexEntry | None = None
    archive: Archive | None = None
    left_out: tuple[str, ...] = ()


class Installer:
    """Puts packages into a depot, each whole or not at all.

    Args:
        depot: the folder, open.
        on_bytes: hears of the bytes downloaded.
        is_locked: whether only what the lock file knows may be installed.
        with_trial: whether each direction must translate a few sentences before it is taken.
    """

    def __init__(self, depot: Depot, *, on_bytes: OnBytes, is_locked: bool = False, with_trial: bool = True) -> None:
        self._depot = depot
        self._on_bytes = on_bytes
        self._is_locked = is_locked
        self._with_trial = with_trial

    def from_index(self, entry: IndexEntry) -> Installed:
        """Install the package of an index entry; nothing is downloaded where it is there already.

        Raises:
            ModelError: it cannot be had, is not what the lock file or the index says, or does not translate.
        """
        name = self._depot.lock.find(entry.pair, version=entry.version)
        if name is None and self._is_locked:
            raise self._unknown(f"package {entry.version} for {entry.pair}")
        if name and (found := self._intact(name)):
            return found
        with self._downloaded(entry.links) as got:
            digest = digest_file(got.file)
            if entry.sha256 is not None and digest.sha256 != entry.sha256.lower():
                raise ModelError(
                    f"{got.link}: SHA-256 is {digest.sha256[:12]}…, the index says {entry.sha256[:12]}…; refused: try "
                    "again later, or tell whoever keeps the index"
                )
            self._check_archive(name, got.link, digest)
            archive = Archive(digest=digest, links=entry.links)
            return self._admit(self._unpacked(got, archive, wanted=entry))

    def from_lock(self, name: str) -> Installed:
        """Install a package that the lock file names, from where it came; nothing is downloaded where it is there.

        Raises:
            ModelError: the lock file does not know it or where it is to be had, or it is not what is recorded.
        """
        entry = self._depot.lock.entries.get(name)
        if entry is None:
            raise self._unknown(name)
        if found := self._intact(name):
            return found
        if entry.archive is None or not entry.links:
            origin = f"it was made from {entry.origin}" if entry.origin else "it was added from a file"
            raise ModelError(f"{self._lock_file}: {name} has no address, {origin}; add or convert it again")
        with self._downloaded(entry.links) as got:
            self._check_archive(name, got.link, digest_file(got.file))
            return self._admit(self._unpacked(got, entry.archive))

    def from_address(self, address: str) -> Installed:
        """Install a package archive or a package folder, from this machine or from the network.

        Raises:
            ModelError: it cannot be had, is no package, not what the lock file says, or does not translate.
        """
        file = local_file(address)
        if file is not None and file.is_dir():
            return self._from_folder(file.resolve())
        if file is not None and not file.exists():
            raise ModelError(f"{file}: no such file or folder; name a package archive, its folder or an address")
        if (name := self._depot.lock.named_by(address)) and (intact := self._intact(name)):
            return intact
        links = (address,)
        with self._downloaded(links) as found:
            archive = Archive(digest=digest_file(found.file), links=links if is_remote(address) else ())
            return self._admit(self._unpacked(found, archive))

    def from_model(self, request: ConversionRequest) -> Installed:
        """Convert a model and install the package.

        Raises:
            ModelError: it cannot be converted, or does not translate.
        """
        staged = convert(request, self._depot.stage(_INCOMING))
        return self._admit(_Candidate(staged=staged, given=str(request.folder)))

    def _from_folder(self, folder: Path) -> Installed:
        staged = self._depot.stage(_INCOMING)
        left_out = copy_package(folder, staged)
        installed = self._admit(_Candidate(staged=staged, given=str(folder), left_out=left_out))
        if folder.parent == self._depot.folder.resolve() and folder != installed.path.resolve():
            # It was copied here by hand, under another name; both at once would be one package twice.
            self._depot.remove(folder.name)
        return installed

    def _check_archive(self, name: str | None, link: str, digest: Digest) -> None:
        """Refuse an archive of other content than recorded, before it is unpacked."""
        known = self._depot.lock.entries.get(name) if name else None
        if name and known and known.archive and known.archive.digest != digest:
            raise self._changed(name, f"{link} is {digest}, recorded was {known.archive.digest}")

    @contextmanager
    def _downloaded(self, links: tuple[str, ...]) -> Iterator[Downloaded]:
        found = download(links, max_bytes=MAX_PACKAGE_BYTES, on_bytes=self._on_bytes)
        try:
            yield found
        finally:
            found.discard()

    def _unpacked(self, found: Downloaded, archive: Archive, wanted: IndexEntry | None = None) -> _Candidate:
        staged = self._depot.stage(_INCOMING)
        with _renamed(found.file, found.link):
            left_out = unpack(found.file, staged)
        return _Candidate(staged=staged, given=found.link, wanted=wanted, archive=archive, left_out=left_out)

    def _admit(self, candidate: _Candidate) -> Installed:
        """Check a package in staging, and put it into its place."""
        with _renamed(candidate.staged, candidate.given):
            packages = read_packages(candidate.staged)
        _check_wanted(candidate, packages)
        name = packages[0].metadata.folder_name
        entry = describe(packages, archive=candidate.archive)
        is_first = self._check_record(name, entry)
        path = self._depot.path_of(name)
        if found := self._intact(name):
            return found
        trials = self._try(candidate, packages) if self._with_trial else ()
        self._depot.place(candidate.staged, name, entry)
        return Installed(
            path=path,
            packages=read_packages(path),
            entry=entry,
            is_new=True,
            is_first=is_first,
            left_out=candidate.left_out,
            trials=trials,
        )

    def _check_record(self, name: str, entry: LockEntry) -> bool:
        """Compare a package with the lock file; return whether that knew nothing of it."""
        known = self._depot.lock.entries.get(name)
        if known is not None:
            if found := differences(known.files, entry.files):
                raise self._changed(name, "; ".join(found))
            return False
        if self._is_locked:
            raise self._unknown(name)
        path = self._depot.path_of(name)
        if path.exists() and (found := differences(digest_files(path), entry.files)):
            raise ModelError(f"{path}: is there already, with other content ({found[0]}); remove it and install again")
        return True

    def _intact(self, name: str) -> Installed | None:
        """Return a package that is in its place as recorded, None where that is not so."""
        entry, path = self._depot.lock.entries.get(name), self._depot.path_of(name)
        if entry is None or not path.is_dir() or differences(entry.files, digest_files(path)):
            return None
        return Installed(path=path, packages=read_packages(path), entry=entry)

    def _try(self, candidate: _Candidate, packages: tuple[ModelPackage, ...]) -> tuple[Trial, ...]:
        with _renamed(candidate.staged, candidate.given):
            return tuple(_tried(package, candidate.given) for package in packages)

    @property
    def _lock_file(self) -> Path:
        return self._depot.folder / LOCK_FILE

    def _unknown(self, name: str) -> ModelError:
        return ModelError(
            f"{self._lock_file}: knows no {name}, and --locked allows nothing else; install it once without --locked"
        )

    def _changed(self, name: str, finding: str) -> ModelError:
        return ModelError(
            f"{name}: is not what {self._lock_file} recorded: {finding}; refused. Where the change is wanted: "
            f"newsmt models remove {name}, then install it again"
        )


def _check_wanted(candidate: _Candidate, packages: tuple[ModelPackage, ...]) -> None:
    """Refuse a package that does not translate at all, or is not what the index called it."""
    if not packages:
        raise ModelError(f"{candidate.given}: a package of Argos, but not for translating; newsmt has no use for it")
    wanted, pairs = candidate.wanted, [package.pair for package in packages]
    if wanted and (wanted.pair not in pairs or wanted.version != packages[0].version):
        found = f"{', '.join(map(str, pairs))}, version {packages[0].version}"
        raise ModelError(
            f"{candidate.given}: is {found}, and the index says {wanted.pair}, version {wanted.version}; refused: tell "
            "whoever keeps the index"
        )


def _tried(package: ModelPackage, given: str) -> Trial:
    try:
        trial = try_package(package)
    except DecodingError as error:
        raise ModelError(str(error)) from error
    if trial.problem:
        raise ModelError(
            f"{given}: the trial translation {package.pair} failed: {trial.problem}; refused: get another package, or "
            "take it as it is with --no-trial"
        )
    return trial


@contextmanager
def _renamed(path: Path, given: str) -> Iterator[None]:
    """Let errors name a package as people know it, and not the file or folder where it is for the moment."""
    try:
        yield
    except ModelError as error:
        raise ModelError(str(error).replace(str(path), given)) from error
