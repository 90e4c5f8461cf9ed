"""Inputs packed in all ways that newsmt reads."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable, Mapping

import zstandard

from pipeline.ingest.content import ReadingOptions
from pipeline.ingest.inputs import InputFile
from pipeline.ingest.limits import DEFAULT_LIMITS, ReadingLimits
from pipeline.ingest.read import ArticleReader
from pipeline.types import Article, Reject

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.compress,
}


def tar_bytes(files: Mapping[str, bytes], *, format: int = tarfile.DEFAULT_FORMAT) -> bytes:  # noqa: A002
    """Return a tar archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=format) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def read_bytes(data: bytes, *, limits: ReadingLimits = DEFAULT_LIMITS) -> list[Article | Reject]:
    """Return what standard input with these bytes is read as."""
    item = InputFile(name="-", path=None)
    return list(ArticleReader([item], io.BytesIO(data), ReadingOptions(limits=limits)))


def outcome(items: list[Article | Reject]) -> list[tuple[str, str]]:
    """Return where each item comes from, and the reason of rejects."""
    return [(item.source_uri, item.reason.value if isinstance(item, Reject) else "") for item in items]
