"""What all executors have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from pipeline.agenda import Agenda
from pipeline.arrivals import Arrivals
from pipeline.decode.hypothesis import Hypothesis
from pipeline.ingest.read import ArticleReader
from pipeline.intake import Work
from pipeline.worker import FinishedShard


class ShardName(NamedTuple):
    """A shard by its run, and its number in it."""

    run_id: str
    number: int


class Executor(Protocol):
    """Works on shards; whoever holds the ledger begins them in their order, and asks for them in that order.

    Near-duplicates are found when a shard is begun. Where an earlier one then lost an article to a bug, what was found
    may be wrong: `again` begins the shard anew.
    """

    @property
    def agenda(self) -> Agenda:
        """What the workers would do anew."""

    @property
    def n_ahead(self) -> int:
        """How many shards may be under way beside the one that is asked for."""

    def arrivals(self, reader: ArticleReader) -> Arrivals:
        """Return what `reader` reads, with its identity."""

    def begin(self, name: ShardName, work: Sequence[Work]) -> None:
        """Begin a shard; what goes wrong is told when it is finished, so that those before it are safe by then."""

    def again(self, name: ShardName) -> None:
        """Begin a shard anew that was finished, and is not to be committed as it is."""

    def is_finished(self, name: ShardName) -> bool:
        """Return whether `finish` would not have to wait."""

    def finish(self, name: ShardName) -> FinishedShard:
        """Wait for a shard, the earliest one under way, and return what is to be committed.

        Raises:
            PipelineError: it cannot be done, for no fault of an article.
            DecodingStopped: the run is to stop.
        """

    def committed(self, name: ShardName) -> None:
        """Hear that a shard is part of the corpus."""

    def stop(self) -> dict[bytes, Hypothesis]:
        """Let the workers stop, and return by key what was decoded of shards that were begun and not finished."""
