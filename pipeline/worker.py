"""A worker: takes shards through the stages, with the error boundary around articles, and stages their files."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.counting import count_contents
from pipeline.decode.hypothesis import Hypothesis
from pipeline.errors import Reason, ShardError
from pipeline.faults import is_no_fault_of_an_article
from pipeline.intake import Work
from pipeline.langid import UNDETERMINED
from pipeline.manifest import Counts
from pipeline.near_duplicates import Duplicate, Fingerprinted
from pipeline.places import Place
from pipeline.shard import BegunShard, ReadShard, ShardProcessor
from pipeline.storage.base import Storage
from pipeline.store.failures import write_errors
from pipeline.store.rows import ShardContents
from pipeline.store.staging import StagedShard, stage
from pipeline.types import Reject

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The articles of a shard, read and cut; `read` is None where one of them met a bug.

    `new` are those that may be near-duplicates, in order.
    """

    work: tuple[Work, ...]
    read: ReadShard | None
    new: tuple[Fingerprinted, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunWork:
    """A shard whose texts are being decoded, or what went wrong before they were."""

    reading: Reading
    duplicates: Mapping[str, Duplicate]
    begun: BegunShard | None = None
    error: Exception | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedShard:
    """What a shard is to add to corpus and ledger, and its counts.

    Of a shard that was worked on elsewhere, `decoded` is what the memory is to learn, and `used` are the keys of older
    entries whose use is to be noted.
    """

    staged: StagedShard
    counts: Counts
    decoded: Mapping[bytes, Hypothesis] = field(default_factory=dict)
    used: frozenset[bytes] = frozenset()


class ShardWorker:
    """Works on shards: one may be begun while another one is decoded.

    Args:
        processor: the stages.
        storage: the output folder.
        place: where that is.
        check_folder: raises where it is not the folder any more that was opened.
    """

    def __init__(
        self,
        processor: ShardProcessor,
        storage: Storage,
        *,
        place: Place,
        check_folder: Callable[[], None] = lambda: None,
    ) -> None:
        self._processor = processor
        self._storage = storage
        self._place = place
        self._check_folder = check_folder

    def read(self, work: Sequence[Work]) -> Reading:
        """Read and cut the articles of a shard; a bug is told by `finish`."""
        try:
            read = self._processor.read(work)
        except Exception as error:  # noqa: BLE001 - `finish` meets it again, and logs or raises it
            found = [new for item in work for new in self._new_in(item)]
            return Reading(
                work=tuple(work), read=None, new=tuple(found) if not is_no_fault_of_an_article(error) else ()
            )
        return Reading(work=tuple(work), read=read, new=read.new)

    def begin(self, reading: Reading, duplicates: Mapping[str, Duplicate]) -> BegunWork:
        """Hand the texts of a shard to the decoder; what goes wrong is told by `finish`.

        `duplicates` are the near-duplicates in it, by key.
        """
        try:
            read = reading.read or self._processor.read(reading.work)
            begun = self._processor.begin(read, duplicates)
        except Exception as error:  # noqa: BLE001 - logged or raised by `finish`
            return BegunWork(reading=reading, duplicates=duplicates, error=error)
        return BegunWork(reading=reading, duplicates=duplicates, begun=begun)

    def finish(self, begun: BegunWork, *, run_id: str, shard: int, attempt: str = "") -> FinishedShard:
        """Wait for a shard, write its files to staging, and return what is to be committed.

        Where the shard failed as a whole it is done article by article, so that one cannot take others with it.

        Raises:
            ShardError: all of several articles failed.
            PipelineError: the machine or a model failed, which is no fault of an article.
            DecodingStopped: the run is to stop.
        """
        contents = self._contents(begun)
        counts = count_contents(contents, begun.reading.work) + Counts(**self._processor.take_tally())
        # Before anything is written: a folder that was removed would be created anew.
        self._check_folder()
        with write_errors(self._place):
            staged = stage(contents, self._storage, run_id=run_id, shard=shard, attempt=attempt)
        return FinishedShard(staged=staged, counts=counts)

    def abandon(self, begun: BegunWork) -> None:
        """Give up a shard that was begun."""
        if begun.begun:
            self._processor.abandon(begun.begun)

    def stop(self) -> dict[bytes, Hypothesis]:
        """Wait for what is being decoded, and return by key what was decoded of shards that are not finished."""
        return self._processor.stop()

    def _contents(self, begun: BegunWork) -> ShardContents:
        work = begun.reading.work
        try:
            return self._whole(begun)
        except Exception as error:
            if is_no_fault_of_an_article(error):
                raise
            log.exception("a shard of %d articles failed; trying them one by one", len(work))
            self._processor.forget_decoded()
            self.abandon(begun)
        parts = [self._contents_of_one(item, begun.duplicates) for item in work]
        if len(parts) > 1 and all(part.has_failed for part in parts):
            raise ShardError(f"all {len(parts)} articles of a shard failed, so it is not them; the log above shows why")
        return ShardContents.merged(parts)

    def _whole(self, begun: BegunWork) -> ShardContents:
        if begun.error:
            raise begun.error
        return self._processor.finish(begun.begun) if begun.begun else ShardContents.merged([])

    def _contents_of_one(self, work: Work, duplicates: Mapping[str, Duplicate]) -> ShardContents:
        try:
            return self._processor.process_one(work, duplicates)
        except Exception as error:
            if is_no_fault_of_an_article(error):
                raise
            log.exception("%s: failed", work.article.source_uri)
            reject = Reject.from_article(Reason.FAILED, work.article, detail=f"{type(error).__name__}: {error}")
            # An article that is part of the corpus keeps its language: its other translations are done.
            language = work.known.source_lang if work.known and work.known.is_stored else UNDETERMINED
            signature = self._processor.agenda.failure_signature
            entry = self._processor.turned_away_entry(work, signature, language=language)
            return ShardContents(articles=(entry,), translated=(), waiting=(), rejects=(reject,))

    def _new_in(self, work: Work) -> tuple[Fingerprinted, ...]:
        try:
            return self._processor.read([work]).new
        except Exception:  # noqa: BLE001 - told by `finish`, which meets it again
            return ()
