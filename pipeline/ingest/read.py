"""The dispatcher: articles and rejects from all inputs, one after another, whatever they are packed in."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import BinaryIO

from pipeline.config_inputs import InputSettings
from pipeline.errors import Reason
from pipeline.ingest.archives import document_suffix, is_tar, is_zip, open_zip, tar_members, zip_members
from pipeline.ingest.compression import Compression, compression_of, unpacked
from pipeline.ingest.content import DEFAULT_OPTIONS, Content, ReadingOptions
from pipeline.ingest.formats import FORMATS, format_of
from pipeline.ingest.inputs import InputFile
from pipeline.ingest.limits import BombError, LimitError, Meter, ReadingLimits, limited
from pipeline.ingest.names import FORMAT_SUFFIXES, unpacked_name
from pipeline.ingest.opened import Tally, file_content, in_file, opened_file
from pipeline.ingest.remote import Objects
from pipeline.ingest.stream import READ_ERRORS, PackedError, pieces_of, split_head, unreadable
from pipeline.mending import mend_article
from pipeline.places import Place, StorageUri
from pipeline.types import Article, Reject


def options_of(settings: InputSettings) -> ReadingOptions:
    """Return how inputs are read under the settings of a run."""
    limits = ReadingLimits(
        max_unpacked_bytes=settings.max_unpacked_bytes,
        max_ratio=settings.max_ratio,
        max_members=settings.max_members,
        max_depth=settings.max_depth,
    )
    return ReadingOptions(encoding=settings.encoding, fields=settings.fields, limits=limits)


class ArticleReader:
    """Reads inputs lazily: each article, or the reject in its place, once, in the order of `inputs`.

    One article and some buffers are in memory at a time. Bad data and files that cannot be read are rejects;
    nothing is raised for them. Mojibake is mended.

    Trouble of the machine is raised: a full disk, where a packed input needs it, is a `WriteError`, and a storage that
    answers no more a `PipelineError`.

    Args:
        inputs: what `find_inputs` found.
        stdin: where standard input comes from; that of the process where None. It is not closed.
        options: how they are read.
    """

    def __init__(
        self,
        inputs: Sequence[InputFile],
        stdin: BinaryIO | None = None,
        options: ReadingOptions = DEFAULT_OPTIONS,
    ) -> None:
        self._inputs = inputs
        self._stdin = stdin
        self._options = options
        self._objects = Objects()
        self._done_bytes = 0
        self._tally = Tally()

    @property
    def total_bytes(self) -> int | None:
        """Size of all inputs on disk; None where one is a pipe, a device or standard input."""
        total = 0
        for item in self._inputs:
            if item.size_bytes is None:
                return None
            total += item.size_bytes
        return total

    @property
    def read_bytes(self) -> int:
        """How much has been read, counted as on disk, a buffer ahead of the articles yielded."""
        return self._done_bytes + self._tally.read_bytes

    def __iter__(self) -> Iterator[Article | Reject]:
        self._done_bytes = 0
        for item in self._inputs:
            self._tally = Tally(size_bytes=item.size_bytes)
            for read in self._read_or_reject(item):
                yield mend_article(read) if isinstance(read, Article) else read
            self._done_bytes += self._tally.read_bytes if item.size_bytes is None else item.size_bytes
        self._tally = Tally()

    def _read_or_reject(self, item: InputFile) -> Iterator[Article | Reject]:
        try:
            yield from self._read(item)
        except READ_ERRORS as error:
            yield unreadable(error, source_uri=item.name)

    def _read(self, item: InputFile) -> Iterator[Article | Reject]:
        unpacker = _Unpacker(
            self._options, Meter(limits=self._options.limits, read_bytes=lambda: self._tally.read_bytes)
        )
        if item.path is None:
            yield from unpacker.read(self._streamed(item, "", self._stdin or sys.stdin.buffer))
            return
        name = item.path.name
        with self._opened(item.path) as file:
            if item.size_bytes is None or not file.seekable():
                yield from unpacker.read(self._streamed(item, name, file))
                return
            content = file_content(file, source_uri=item.name, name=name, on_read=self._tally.add)
            yield from unpacker.read(content)

    def _opened(self, place: Place) -> AbstractContextManager[BinaryIO]:
        return self._objects.opened(place) if isinstance(place, StorageUri) else opened_file(place)

    def _streamed(self, item: InputFile, name: str, file: BinaryIO) -> Content:
        head, pieces = split_head(self._counted(pieces_of(file)))
        return Content(head=head, pieces=pieces, source_uri=item.name, name=name)

    def _counted(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._tally.add(len(piece))
            yield piece


class _Unpacker:
    """Reads one input: through compression and archives down to the formats of articles."""

    def __init__(self, options: ReadingOptions, meter: Meter) -> None:
        self._options = options
        self._meter = meter

    def read(self, content: Content, n_layers: int = 0) -> Iterator[Article | Reject]:
        """Yield what a content holds, in order.

        Raises:
            OSError, EOFError, zlib.error: it cannot be read to its end.
        """
        compression = compression_of(content.head)
        is_packed_as_tar, is_packed_as_zip = is_tar(content), is_zip(content.head) and not _is_surely_article(content)
        if not (compression or is_packed_as_tar or is_packed_as_zip):
            content.name = unpacked_name(content.name)
            yield from self._read_articles(content)
            return
        if n_layers == self._meter.limits.max_depth:
            raise LimitError(f"packed more than {n_layers} times; unpack it, or raise `max_depth`")
        if compression:
            yield from self.read(self._unpacked(content, compression), n_layers + 1)
        elif is_packed_as_tar:
            yield from self._read_members(tar_members(content, self._meter), n_layers + 1)
        else:
            yield from self._read_zip(content, n_layers + 1)

    def _read_articles(self, content: Content) -> Iterator[Article | Reject]:
        found = format_of(content)
        self._options.on_format(content.source_uri, found.name)
        yield from found.read(content, self._options)

    def _unpacked(self, content: Content, compression: Compression) -> Content:
        head, pieces = split_head(self._meter.metered(unpacked(content.pieces, compression)))
        name = unpacked_name(content.name)
        inner = Content(head=head, pieces=pieces, source_uri=content.source_uri, name=name)
        if not is_tar(inner):  # its members have the limit
            inner.pieces = limited(pieces, self._meter.limits)
        return inner

    def _read_zip(self, content: Content, n_layers: int) -> Iterator[Article | Reject]:
        with in_file(content) as inner:
            try:
                archive = open_zip(inner.file, self._meter.limits)
            except PackedError:
                if content.suffix not in FORMAT_SUFFIXES:
                    raise
                yield from self._read_articles(inner)
                return
            with archive:
                suffix = document_suffix(archive)
                if suffix is None:
                    yield from self._read_members(zip_members(archive, inner, self._meter), n_layers)
                    return
            yield from self._read_document(inner, suffix)

    def _read_document(self, content: Content, suffix: str) -> Iterator[Article | Reject]:
        if suffix in FORMAT_SUFFIXES:
            content.name = f"{content.name}{suffix}"
            yield from self._read_articles(content)
        else:
            detail = "an office document, a book or a program, and no archive of articles"
            yield Reject.from_payload(Reason.BINARY, detail=detail, source_uri=content.source_uri, payload=content.head)

    def _read_members(self, members: Iterator[Content | Reject], n_layers: int) -> Iterator[Article | Reject]:
        """A member that cannot be read is a reject, and the next one is read."""
        for member in members:
            if isinstance(member, Reject):
                yield member
                continue
            try:
                yield from self.read(member, n_layers)
            except BombError:
                raise
            except READ_ERRORS as error:
                yield unreadable(error, source_uri=member.source_uri)


def _is_surely_article(content: Content) -> bool:
    return any(one.is_surely(content.head) for one in FORMATS)
