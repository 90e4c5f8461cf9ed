"""Inputs that an actor reads: the coordinator hears what it must know of articles, texts stay in the object store."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import ray

from pipeline.arrivals import Arrival, BlockName, Origin, arrived, chunks, hollow, restored
from pipeline.errors import ClusterError
from pipeline.executors.ray.calls import error_of
from pipeline.executors.ray.setup import take_over
from pipeline.ingest.read import ArticleReader
from pipeline.intake import Work
from pipeline.types import IdentifiedArticle, Reject

_MAX_BLOCK_CHARS = 100_000

Headers = tuple[list[Arrival | Reject], int]
"""A block of what came in, the articles hollow; and how much of the inputs had been read by then."""

Block = list[IdentifiedArticle | None]
"""The articles of a block, None in the places of rejects."""


class InputReader:
    """Reads the inputs, ahead of who asks, and keeps the texts where they are.

    Args:
        reader: the inputs, with paths relative to `folder`.
        folder: the working directory of the run.
        environment: variables by which it reaches storages.
    """

    def __init__(self, reader: ArticleReader, folder: Path, environment: Mapping[str, str]) -> None:
        take_over(environment)
        os.chdir(folder)
        self._reader = reader

    def blocks(self) -> Iterator[Headers | Block]:
        """Yield headers and block by turns."""
        for number, block in enumerate(chunks(arrived(self._reader), max_chars=_MAX_BLOCK_CHARS)):
            yield _headers(block, number), self._reader.read_bytes
            yield [item.article if isinstance(item, Arrival) else None for item in block]


def _headers(block: Sequence[Arrival | Reject], number: int) -> list[Arrival | Reject]:
    name = BlockName(number)
    return [
        replace(item, article=hollow(item.article), origin=Origin(name, place)) if isinstance(item, Arrival) else item
        for place, item in enumerate(block)
    ]


class DistantArrivals:
    """What an actor reads.

    Args:
        blocks: references to headers and block by turns, as `InputReader.blocks` yields them.
    """

    def __init__(self, blocks: Iterator[Any]) -> None:
        self._blocks = blocks
        self.read_bytes = 0

    def __iter__(self) -> Iterator[Arrival | Reject]:
        for headers_ref, block in zip(self._blocks, self._blocks, strict=True):
            headers, self.read_bytes = _result(headers_ref)
            for name in {item.origin.block for item in headers if isinstance(item, Arrival) and item.origin}:
                name.ref = block
            yield from headers


def _result(ref: Any) -> Headers:
    if error := error_of(ref):
        raise error
    headers: Headers = ray.get(ref)
    return headers


def told(work: Sequence[Work]) -> list[Any]:
    """Return what a reader is told of a shard: the work, the numbers of the blocks that it is of, and these blocks."""
    names = list(dict.fromkeys(item.origin.block for item in work if item.origin))
    return [list(work), [name.number for name in names], *(name.ref for name in names)]


def with_text(work: Work, blocks: Mapping[int, Block]) -> Work:
    """Return work with its whole article, given the blocks by number."""
    if work.origin is None:
        return work
    whole = blocks[work.origin.block.number][work.origin.place]
    if whole is None:
        raise ClusterError(f"{work.article.source_uri}: its text is not where it was put")
    return replace(work, article=restored(work.article, whole), origin=None)
