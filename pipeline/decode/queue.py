"""Batches on their way through the engines.

A few are with the workers or wait for one, the rest stay here: no worker is idle while the main thread is busy, and
little is under way when a run stops. What was decoded by then is kept, batch by batch.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.decode.engine import Engine, count_workers
from pipeline.decode.hypothesis import Hypothesis
from pipeline.decode.planner import plan_batches
from pipeline.decode.ways import FIRST, Way

_BATCHES_PER_WORKER = 4
"""One under way and three that wait: so long the main thread may be busy with something else."""


class DecodingStopped(Exception):  # noqa: N818 - no error: somebody asked for it
    """The run is to stop, and a batch that is needed was not decoded yet."""


@dataclass(slots=True, kw_only=True)
class Batch:
    """Texts that are decoded together; `hypotheses` is None until they are."""

    engine: Engine
    sources: Sequence[list[str]]
    way: Way = FIRST
    pending: Sequence[Any] = ()
    hypotheses: list[Hypothesis] | None = None


class DecodeQueue:
    """Hands batches to their engines in the order in which they came.

    Args:
        n_workers: the number of batches that an engine decodes at once.
        is_stopped: asked before it waits for a batch whether to decode no more.
    """

    def __init__(self, n_workers: int, is_stopped: Callable[[], bool] = lambda: False) -> None:
        self._most = n_workers * _BATCHES_PER_WORKER
        self._is_stopped = is_stopped
        self._waiting: deque[Batch] = deque()
        self._under_way: deque[Batch] = deque()

    def add(self, batches: Iterable[Batch], *, is_urgent: bool = False) -> None:
        """Let batches wait at the end, or before all others; but for those that are decoded already."""
        missing = [batch for batch in batches if batch.hypotheses is None]
        if is_urgent:
            self._waiting.extendleft(reversed(missing))
        else:
            self._waiting.extend(missing)
        self._hand_over()

    def settle(self) -> None:
        """Forget what waits, and wait for the few batches that are under way.

        Raises:
            DecodingError: the engine failed.
        """
        self._waiting.clear()
        while self._under_way:
            self._take_first()

    def hypotheses(self, batch: Batch) -> list[Hypothesis]:
        """Return the hypotheses of a batch that was added, one for each of its texts; wait for them where need be.

        Raises:
            DecodingError: the engine failed.
            DecodingStopped: the run is to stop.
        """
        while batch.hypotheses is None:
            if self._is_stopped():
                raise DecodingStopped
            self._take_first()
        return batch.hypotheses

    def _take_first(self) -> None:
        first = self._under_way.popleft()
        results = first.engine.wait(first.pending)
        first.pending = ()
        # Workers first: writing out what they said can wait.
        self._hand_over()
        first.hypotheses = first.engine.hypotheses(results)

    def _hand_over(self) -> None:
        while self._waiting and len(self._under_way) < self._most:
            batch = self._waiting.popleft()
            batch.pending = batch.engine.start(batch.sources, batch.way)
            batch.sources = ()
            self._under_way.append(batch)


@dataclass(slots=True)
class Decoding:
    """Texts that one engine decodes as one job.

    Args:
        engine: the engine.
        texts: the texts, no matter in which order.
        queue: takes the batches.
        known: what a run that was stopped has decoded of `texts`. A batch of which all is known is not decoded again;
            half a batch would be another one, and could say something else.
        way: how to decode them; all but the first way are second tries, for which somebody waits already.
    """

    engine: Engine
    texts: Sequence[str]
    queue: DecodeQueue
    known: Mapping[str, Hypothesis] = field(default_factory=dict)
    way: Way = FIRST
    n_texts: int = 0
    n_tokens: int = 0
    n_padding: int = 0
    _cut: set[int] = field(default_factory=set)
    _batches: list[tuple[list[int], Batch]] = field(default_factory=list)
    _hypotheses: list[Hypothesis] | None = None

    def __post_init__(self) -> None:
        self.n_texts = len(self.texts)
        sources, self._cut = self.engine.encode(self.texts)
        plan = plan_batches(sources, max_tokens=self.engine.settings.batch_tokens)
        for places in plan:
            batch = Batch(engine=self.engine, sources=[sources[place] for place in places], way=self.way)
            if self.known and all(self.texts[place] in self.known for place in places):
                batch.hypotheses = [self.known[self.texts[place]] for place in places]
            else:
                self.n_tokens += sum(map(len, batch.sources))
                self.n_padding += len(places) * len(batch.sources[0]) - sum(map(len, batch.sources))
            self._batches.append((places, batch))
        self.texts, self.known = (), {}
        self.queue.add((batch for _, batch in self._batches), is_urgent=self.way != FIRST)

    def hypotheses(self, on_decoded: Callable[[int], None] = lambda _: None) -> list[Hypothesis]:
        """Return one hypothesis for each text, same order; `on_decoded` hears of the number of texts in each batch.

        Raises:
            DecodingError: the engine failed.
            DecodingStopped: the run is to stop.
        """
        if self._hypotheses is None:
            for places, batch in self._batches:
                self.queue.hypotheses(batch)
                on_decoded(len(places))
            found = self.decoded_so_far()
            self._hypotheses = [found[place] for place in range(self.n_texts)]
            self._batches.clear()
        return self._hypotheses

    def decoded_so_far(self) -> dict[int, Hypothesis]:
        """Return the hypotheses there are, by the place of their text."""
        if self._hypotheses is not None:
            return dict(enumerate(self._hypotheses))
        return dict(self._decoded())

    def _decoded(self) -> Iterator[tuple[int, Hypothesis]]:
        for places, batch in self._batches:
            for place, hypothesis in zip(places, batch.hypotheses or (), strict=False):
                yield place, hypothesis._replace(is_truncated=True) if place in self._cut else hypothesis


def decode(
    engine: Engine, texts: Sequence[str], on_decoded: Callable[[int], None] = lambda _: None
) -> list[Hypothesis]:
    """Return one hypothesis for each text, same order; see `Decoding.hypotheses`."""
    return Decoding(engine, texts, DecodeQueue(count_workers(engine.settings))).hypotheses(on_decoded)
