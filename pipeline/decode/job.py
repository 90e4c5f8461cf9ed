"""The texts of a shard on their way through the engines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.decode.hypothesis import Hypothesis
from pipeline.decode.queue import Decoding
from pipeline.models.package import ModelPackage
from pipeline.models.routes import Route
from pipeline.types import LanguagePair


class Translation(NamedTuple):
    """What became of a text.

    Over a pivot, `score` is the lower one of the two steps, `from_memory` tells that nothing was decoded at all, and
    `retry` names what both steps came to, joined by `+`.
    """

    text: str
    score: float = 0.0
    is_truncated: bool = False
    from_memory: bool = True
    retry: str | None = None


@dataclass(slots=True)
class Source:
    """Where the hypothesis of a text comes from: the memory, or a decoding and a place in it."""

    hypothesis: Hypothesis | None = None
    decoding: Decoding | None = None
    place: int = 0

    def get(self) -> Hypothesis:
        """Return the hypothesis; wait for it where need be."""
        if self.decoding is not None:
            self.hypothesis, self.decoding = self.decoding.hypotheses()[self.place], None
        if self.hypothesis is None:
            raise RuntimeError("a text that is neither remembered nor decoded")
        return self.hypothesis


@dataclass(slots=True)
class Lane:
    """The texts of one pair on their way along a route; `current` holds what each source has become so far."""

    route: Route
    current: dict[str, Translation]


@dataclass(slots=True)
class Fetch:
    """Texts that one package translates in one way: for each its source, and whether that is older than the job."""

    sources: dict[str, tuple[Source, bool]]
    decoding: Decoding | None = None


@dataclass(slots=True)
class Step:
    """All lanes with the same package next, and what is fetched for them."""

    package: ModelPackage
    lanes: Sequence[Lane]
    fetch: Fetch


@dataclass(slots=True)
class TranslationJob:
    """The texts of a shard, begun and perhaps finished.

    `decoded` holds by key what is decoded for this job, `decodings` the same as the batches were made.
    """

    lanes: Mapping[LanguagePair, Lane]
    steps: list[Step] = field(default_factory=list)
    decoded: dict[bytes, Source] = field(default_factory=dict)
    decodings: list[tuple[Decoding, tuple[bytes, ...]]] = field(default_factory=list)
    is_finished: bool = False

    @property
    def n_tokens(self) -> int:
        """The number of source tokens that were decoded."""
        return sum(decoding.n_tokens for decoding, _ in self.decodings)

    @property
    def n_padding(self) -> int:
        """The number of tokens that only filled batches."""
        return sum(decoding.n_padding for decoding, _ in self.decodings)

    def decoded_so_far(self) -> Iterator[tuple[bytes, Hypothesis]]:
        """Yield what was decoded of the job, by key."""
        for decoding, keys in self.decodings:
            for place, hypothesis in decoding.decoded_so_far().items():
                yield keys[place], hypothesis
