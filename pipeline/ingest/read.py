"""The dispatcher: articles and rejects from all inputs, one after another."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import BinaryIO, Protocol

from pipeline.ingest.encoding import sniff_is_jsonl
from pipeline.ingest.inputs import InputFile, Layout
from pipeline.ingest.jsonl import read_jsonl
from pipeline.ingest.plain import read_plain
from pipeline.ingest.stream import READ_ERRORS, pieces_of, split_head, unpacked, unreadable
from pipeline.types import Article, Reject


class FormatReader(Protocol):
    """Reads one format: gets the head of an input and the iterator over all its bytes, head included."""

    def __call__(self, head: bytes, pieces: Iterator[bytes], /, *, source_uri: str) -> Iterator[Article | Reject]:
        """Yield what the input holds, in order; read errors of `pieces` pass through."""


READERS: dict[Layout, FormatReader] = {"plain": read_plain, "jsonl": read_jsonl}


class ArticleReader:
    """Reads inputs lazily: each article, or the reject in its place, once, in the order of `inputs`.

    One article and some buffers are in memory at a time. Bad data and files that cannot be read are rejects;
    nothing is raised for them.

    Args:
        inputs: what `find_inputs` found.
        stdin: where standard input comes from; that of the process where None. It is not closed.
    """

    def __init__(self, inputs: Sequence[InputFile], stdin: BinaryIO | None = None) -> None:
        self._inputs = inputs
        self._stdin = stdin
        self._read_bytes = 0

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
        return self._read_bytes

    def __iter__(self) -> Iterator[Article | Reject]:
        self._read_bytes = 0
        for item in self._inputs:
            yield from self._read_or_reject(item)

    def _read_or_reject(self, item: InputFile) -> Iterator[Article | Reject]:
        try:
            with self._open(item) as file:
                yield from self._read(item, file)
        except READ_ERRORS as error:
            yield unreadable(error, source_uri=item.name)

    def _open(self, item: InputFile) -> AbstractContextManager[BinaryIO]:
        if item.path is None:
            return nullcontext(self._stdin or sys.stdin.buffer)
        return item.path.open("rb", buffering=0)

    def _read(self, item: InputFile, file: BinaryIO) -> Iterator[Article | Reject]:
        pieces = self._counted(pieces_of(file))
        head, pieces = split_head(unpacked(pieces) if item.is_gzip else pieces)
        layout = item.layout or ("jsonl" if sniff_is_jsonl(head) else "plain")
        yield from READERS[layout](head, pieces, source_uri=item.name)

    def _counted(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._read_bytes += len(piece)
            yield piece
