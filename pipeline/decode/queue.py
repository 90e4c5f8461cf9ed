"""Batches on their way through the engines.

A few are with the workers or wait for one, the rest stay here: no worker is idle while the main thread is busy, and
little is under way when a run stops.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.decode.engine import Engine, count_workers
from pipeline.decode.hypothesis import Hypothesis
from pipeline.decode.planner import plan_batches

_BATCHES_PER_WORKER = 4
"""One under way and three that wait: so long the main thread may be busy with something else."""


@dataclass(slots=True, kw_only=True)
class Batch:
    """Texts that are decoded together; `hypotheses` is None until they are."""

    engine: Engine
    sources: Sequence[list[str]]
    pending: Sequence[Any] = ()
    hypotheses: list[Hypothesis] | None = None


class DecodeQueue:
    """Hands batches to their engines in the order in which they came.

    Args:
        n_workers: the number of batches that an engine decodes at once.
    """

    def __init__(self, n_workers: int) -> None:
        self._most = n_workers * _BATCHES_PER_WORKER
        self._waiting: deque[Batch] = deque()
        self._under_way: deque[Batch] = deque()

    def add(self, batches: Iterable[Batch]) -> None:
        """Let batches wait at the end."""
        self._waiting.extend(batches)
        self._hand_over()

    def drop(self) -> None:
        """Forget what waits; the few batches that are under way end unheard."""
        self._waiting.clear()
        self._under_way.clear()

    def hypotheses(self, batch: Batch) -> list[Hypothesis]:
        """Return the hypotheses of a batch that was added, one for each of its texts; wait for them where need be.

        Raises:
            DecodingError: the engine failed.
        """
        while batch.hypotheses is None:
            first = self._under_way.popleft()
            results = first.engine.wait(first.pending)
            first.pending = ()
            # Workers first: writing out what they said can wait.
            self._hand_over()
            first.hypotheses = first.engine.hypotheses(results)
        return batch.hypotheses

    def _hand_over(self) -> None:
        while self._waiting and len(self._under_way) < self._most:
            batch = self._waiting.popleft()
            batch.pending = batch.engine.start(batch.sources)
            batch.sources = ()
            self._under_way.append(batch)


@dataclass(slots=True)
class Decoding:
    """Texts that one engine decodes as one job.

    Args:
        engine: the engine.
        texts: the texts, no matter in which order.
        queue: takes the batches.
    """

    engine: Engine
    texts: Sequence[str]
    queue: DecodeQueue
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
            batch = Batch(engine=self.engine, sources=[sources[place] for place in places])
            self.n_tokens += sum(map(len, batch.sources))
            self.n_padding += len(places) * len(batch.sources[0]) - sum(map(len, batch.sources))
            self._batches.append((places, batch))
        self.texts = ()
        self.queue.add(batch for _, batch in self._batches)

    def hypotheses(self, on_decoded: Callable[[int], None] = lambda _: None) -> list[Hypothesis]:
        """Return one hypothesis for each text, same order; `on_decoded` hears of the number of texts in each batch.

        Raises:
            DecodingError: the engine failed.
        """
        if self._hypotheses is None:
            self._hypotheses = self._collected(on_decoded)
        return self._hypotheses

    def _collected(self, on_decoded: Callable[[int], None]) -> list[Hypothesis]:
        found: dict[int, Hypothesis] = {}
        for places, batch in self._batches:
            found.update(zip(places, self.queue.hypotheses(batch), strict=True))
            on_decoded(len(places))
        for place in self._cut:
            found[place] = found[place]._replace(is_truncated=True)
        self._batches.clear()
        return [found[place] for place in range(len(found))]


def decode(
    engine: Engine, texts: Sequence[str], on_decoded: Callable[[int], None] = lambda _: None
) -> list[Hypothesis]:
    """Return one hypothesis for each text, same order; see `Decoding.hypotheses`."""
    return Decoding(engine, texts, DecodeQueue(count_workers(engine.settings))).hypotheses(on_decoded)
