"""Archives: the files in a zip or tar as contents, one after another. Nothing is written by the names of members."""

from __future__ import annotations

import io
import lzma
import stat
import struct
import tarfile
import zlib
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO, cast
from zipfile import BadZipFile, ZipFile, ZipInfo

from pipeline.errors import Reason
from pipeline.ingest.content import Content
from pipeline.ingest.limits import LimitError, Meter, ReadingLimits, limited
from pipeline.ingest.names import display_name, is_member_name
from pipeline.ingest.stream import READ_ERRORS, PackedError, PieceStream, pieces_of, split_head, unreadable
from pipeline.types import Reject

_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
_ZIP_ERRORS = (
    *(BadZipFile, EOFError, zlib.error, lzma.LZMAError, struct.error),
    *(NotImplementedError, RuntimeError, ValueError, OverflowError),
)
"""What zipfile raises for damaged files, methods that it does not know, and passwords."""

_ENCRYPTED = 0x1
_UTF_8_NAME = 0x800
_OPEN_DOCUMENT_TEXT = b"application/vnd.oasis.opendocument.text"
_DIRECTORY_START = b"PK\x01\x02"

_ZIP_TAIL_BYTES = 22 + (1 << 16)
"""Size of the last record of a zip archive with the longest comment."""

_TAR_ERRORS = (tarfile.TarError, ValueError, OverflowError)
_TAR_PIECE_BYTES = 1 << 12
"""Of an archive that is cut off, tarfile loses what it was asked for last."""

_TAR_METADATA = (
    *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
    *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
)
_TAR_MAGIC = slice(257, 262)
_MAX_METADATA_BYTES = 1 << 20
"""Of a name or other metadata in front of a member; tarfile holds it in memory."""


def is_zip(head: bytes) -> bool:
    """Return whether bytes begin as a zip archive does."""
    return head.startswith(_ZIP_STARTS)


def is_tar(content: Content) -> bool:
    """Return whether a content is a tar archive; one older than POSIX is told by its name."""
    is_named = content.suffix == ".tar" and len(content.head) >= tarfile.BLOCKSIZE
    return is_named or content.head[_TAR_MAGIC] == b"ustar"


def open_zip(file: BinaryIO, limits: ReadingLimits) -> ZipFile:
    """Return a zip archive with its directory read.

    Raises:
        PackedError: it is damaged or cut off, or has too many members.
    """
    try:
        n_members = _count_zip_members(file)
        if n_members > limits.max_members:
            raise _too_many(limits)
        return ZipFile(file)
    except _ZIP_ERRORS as error:
        raise PackedError(
            f"damaged zip archive: {error}; its directory stands at the end, so copy or download it again"
        ) from error


def document_suffix(archive: ZipFile) -> str | None:
    """Return the suffix that says what a zip archive is, where it is one document and no archive of articles.

    `.zip` where it is a document of another kind, as a table or a book; None where it is an archive.
    """
    names = archive.namelist()
    folders = {name.partition("/")[0] for name in names if "/" in name}
    if "datapackage.json" in names and "archive" in folders:
        return ".wacz"
    if "[Content_Types].xml" in names:
        return ".docx" if "word" in folders else ".zip"
    if names[:1] == ["mimetype"]:
        return ".odt" if _is_open_document_text(archive) else ".zip"
    return ".zip" if "META-INF/MANIFEST.MF" in names else None


def zip_members(archive: ZipFile, content: Content, meter: Meter) -> Iterator[Content | Reject]:
    """Yield the members that may hold articles, in the order of the directory, and rejects of closed ones."""
    n_read = 0
    for member in archive.infolist():
        name = _zip_name(member)
        if not _is_file(member) or not is_member_name(name):
            continue
        n_read += 1
        source_uri = f"{content.source_uri}!/{display_name(name)}"
        if member.flag_bits & _ENCRYPTED:
            yield unreadable(PackedError("encrypted; unpack it with its password"), source_uri=source_uri)
        else:
            yield _content(_zip_pieces(archive, member), source_uri, name, meter)
    if not n_read:
        yield _nothing(content)


def tar_members(content: Content, meter: Meter) -> Iterator[Content | Reject]:
    """Yield the members that may hold articles, in order. Each must have been read before the next is asked for.

    Links, devices and hidden files are left out. An archive that breaks off within a member ends there without a
    word: reading that member raises.

    Raises:
        OSError, EOFError, zlib.error: the archive is damaged or cut off between members, or cannot be read.
    """
    return iter(_TarReader(content, meter))


class _TarReader:
    def __init__(self, content: Content, meter: Meter) -> None:
        self._content = content
        self._meter = meter
        self._is_broken = False

    def __iter__(self) -> Iterator[Content | Reject]:
        try:
            with tarfile.open(
                fileobj=cast("BinaryIO", PieceStream(self._watched(self._content.pieces))),
                mode="r|",
                tarinfo=_TarMember,
                encoding="utf-8",
                errors="surrogateescape",
            ) as archive:
                yield from self._members(archive)
        except _TAR_ERRORS as error:
            raise PackedError(f"damaged tar archive: {error}; copy or download it again") from error

    def _members(self, archive: tarfile.TarFile) -> Iterator[Content | Reject]:
        n_members = n_read = 0
        while not self._is_broken and (member := archive.next()) is not None:
            archive.members.clear()  # type: ignore[attr-defined]  # it would keep them all
            n_members += 1
            if n_members > self._meter.limits.max_members:
                raise _too_many(self._meter.limits)
            if member.isreg() and is_member_name(member.name):
                n_read += 1
                source_uri = f"{self._content.source_uri}!/{display_name(member.name)}"
                yield _content(self._pieces(archive, member), source_uri, member.name, self._meter)
        if not n_read:
            yield _nothing(self._content)

    def _pieces(self, archive: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
        try:
            yield from iter(partial(cast("BinaryIO", archive.extractfile(member)).read, _TAR_PIECE_BYTES), b"")
        except _TAR_ERRORS as error:
            self._is_broken = True
            start = member.offset_data
            raise PackedError(
                f"cut off: the tar archive ends in this member, which begins at byte {start:,}"
            ) from error

    def _watched(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        try:
            yield from pieces
        except READ_ERRORS:
            self._is_broken = True
            raise


class _TarMember(tarfile.TarInfo):
    """tarfile takes a damaged header for the end of the archive; here it is an error."""

    @classmethod
    def fromtarfile(cls, archive: tarfile.TarFile) -> _TarMember:
        try:
            return super().fromtarfile(archive)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]  # the stubs leave it out
            raise
        except tarfile.HeaderError as error:
            where = f"at byte {archive.offset:,}: {error}; copy or download it again"
            raise PackedError(f"damaged tar archive, or cut off, {where}") from error

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _TarMember:
        member = super().frombuf(buf, encoding, errors)
        if member.type in _TAR_METADATA and member.size > _MAX_METADATA_BYTES:
            raise PackedError(f"damaged tar archive: a name or other metadata of {member.size:,} bytes")
        return member


def _count_zip_members(file: BinaryIO) -> int:
    """Return how many members the directory of a zip archive lists, without making an object of each.

    Source: APPNOTE.TXT, 4.3.12 to 4.3.16.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _ZIP_TAIL_BYTES))
    tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 22:
        return 0
    n_bytes = min(size, int.from_bytes(tail[end + 12 : end + 16], "little"))
    file.seek(max(0, size - len(tail) + end - n_bytes))
    return sum(piece.count(_DIRECTORY_START) for piece in pieces_of(file))


def _is_open_document_text(archive: ZipFile) -> bool:
    try:
        with archive.open("mimetype") as file:
            return file.read(len(_OPEN_DOCUMENT_TEXT)) == _OPEN_DOCUMENT_TEXT
    except _ZIP_ERRORS:
        return False


def _is_file(member: ZipInfo) -> bool:
    """Whether it is no folder, link or device; archives that were not made on Unix do not tell."""
    return not member.is_dir() and stat.S_IFMT(member.external_attr >> 16) in {0, stat.S_IFREG}


def _zip_name(member: ZipInfo) -> str:
    """Return a name that Windows wrote in the code page of Russian DOS as such; zipfile takes it for that of the US."""
    if member.flag_bits & _UTF_8_NAME or member.filename.isascii():
        return member.filename
    raw = member.filename.encode("cp437", "replace")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp866")


def _zip_pieces(archive: ZipFile, member: ZipInfo) -> Iterator[bytes]:
    try:
        with archive.open(member) as file:
            yield from pieces_of(cast("BinaryIO", file))
    except _ZIP_ERRORS as error:
        start = member.header_offset
        raise PackedError(f"damaged zip member, which begins at byte {start:,}: {error}") from error


def _content(pieces: Iterator[bytes], source_uri: str, name: str, meter: Meter) -> Content:
    head, pieces = split_head(limited(meter.metered(pieces), meter.limits))
    return Content(head=head, pieces=pieces, source_uri=source_uri, name=name)


def _too_many(limits: ReadingLimits) -> LimitError:
    return LimitError(f"more than {limits.max_members:,} members; split the archive, or raise `max_members`")


def _nothing(content: Content) -> Reject:
    detail = "the archive holds no file of a known format"
    return Reject.from_payload(Reason.EMPTY, detail=detail, source_uri=content.source_uri, payload=b"")
