"""What every stage is: a pure step from a batch of rows to accepted and rejected rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from pipeline.types import Reject


class Keyed(Protocol):
    """A row with the id by which the runner follows it."""

    @property
    def key(self) -> str:
        """The id of the row, unique in its batch."""


InT_contra = TypeVar("InT_contra", bound=Keyed, contravariant=True)
OutT = TypeVar("OutT", bound=Keyed)


@dataclass(frozen=True, slots=True, kw_only=True)
class StageResult(Generic[OutT]):
    """The outcome of a batch: every input's key stands in exactly one of the two, in input order."""

    accepted: tuple[OutT, ...]
    rejected: tuple[Reject, ...] = ()


class Stage(Protocol[InT_contra, OutT]):
    """A room of the pipeline.

    Laws, tested for each stage: every input key comes out accepted or rejected; order and keys do not depend on the
    size of the batch; the same input gives the same output; no input or output but reading its own model; bad data
    is a `Reject`, an exception is a bug.
    """

    @property
    def signature(self) -> str:
        """Every setting that can change the output, as in `segment|rules:3|max:400`."""

    def process(self, batch: Sequence[InT_contra], /) -> StageResult[OutT]:
        """Return one accepted or rejected row for each row of `batch`."""
