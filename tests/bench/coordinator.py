"""`python -m tests.bench.coordinator`: what a shard costs the process that holds the ledger, where workers do the rest.

The workers are real ones on a real Ray cluster, but their engine only says what it was told: so more shards come in a
second from two cores than from hundreds with real models, and the coordinator is busy enough to be measured.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic, process_time, sleep
from typing import Any

from pipeline import api
from pipeline.config import RunConfig, ShardSettings
from pipeline.config_executors import RaySettings
from pipeline.decode import translator
from pipeline.decode.hypothesis import Hypothesis
from pipeline.executors.ray import opening
from pipeline.executors.ray.actors import Translator
from pipeline.executors.ray.calls import Calls
from pipeline.executors.ray.connection import connected
from pipeline.executors.ray.executor import RayExecutor
from pipeline.executors.ray.pool import Pool, Worker, best_shard
from pipeline.executors.ray.setup import WorkerSetup, own_facts
from tests.bench.invented import invented_name
from tests.bench.texts import Record, write_jsonl

_SENTENCES_OF_AN_ARTICLE = 18
"""About 120 characters a sentence and 2,000 an article, as in news."""
_DAYS = 4
"""Days of publication in one shard: as many files of each table."""
WORDS_A_SECOND = 300
"""What a core translates in a second with a model of usual size and beam 4 (docs/scale.md)."""


class EchoEngine:
    """An engine that says what it was told."""

    def __init__(self, _package: object, settings: Any, *, weights: object = None) -> None:
        del weights
        self.settings = settings

    def encode(self, texts: Sequence[str]) -> tuple[list[list[str]], set[int]]:
        """Return each text as one token."""
        return [[text] for text in texts], set()

    def start(self, batch: Sequence[list[str]], _way: object) -> list[list[str]]:
        """Return the batch."""
        return list(batch)

    def wait(self, pending: Sequence[list[str]]) -> list[list[str]]:
        """Return what was started."""
        return list(pending)

    def hypotheses(self, results: Sequence[list[str]]) -> list[Hypothesis]:
        """Return the texts."""
        return [Hypothesis(tokens[0], -0.3) for tokens in results]


class EchoTranslator(Translator):
    """A worker with that engine."""

    def __init__(self, setup: WorkerSetup) -> None:
        for name, stand_in in (("Engine", EchoEngine), ("load_weights", lambda *_: object())):
            setattr(translator, name, stand_in)
        super().__init__(setup)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a run cost its coordinator; `cpu_s` are seconds of all its threads."""

    n_shards: int
    n_articles: int
    n_units: int
    n_words: int
    cpu_s: float
    wall_s: float
    peak_bytes: int

    @property
    def cores_for_1000_workers(self) -> float:
        """The share of a core with a thousand workers of one core each, and models of usual size."""
        return self.cpu_s / self.n_words * 1000 * WORDS_A_SECOND


def articles(n_articles: int, *, seed: int = 1) -> Iterator[Record]:
    """Yield articles of invented words, no two alike."""
    random = Random(seed)  # noqa: S311 - for test data
    for number in range(n_articles):
        sentences = [_sentence(random) for _ in range(_SENTENCES_OF_AN_ARTICLE)]
        yield {
            "url": f"https://a.example/{seed}/{number}",
            "title": sentences[0].rstrip("."),
            "text": "\n\n".join(" ".join(sentences[n : n + 3]) for n in range(1, len(sentences), 3)),
            "language": "en",
            "date": f"2026-11-{1 + number % _DAYS:02}",
        }


def _sentence(random: Random) -> str:
    names = [invented_name(random)[0] for _ in range(7)]
    return "The {} of {} said that the {} had been sold to {} in {} with all of its {} and {}.".format(*names)


def measure(config: RunConfig) -> Cost:
    """Return what a run costs, from its first shard on."""
    setattr(opening, "Translator", EchoTranslator)  # noqa: B010 - types and linters mind the plain way
    clock = _Clock()
    manifest = api.run_config(config, progress=clock)
    counts = manifest.counts
    return Cost(
        n_shards=clock.n_shards,
        n_articles=counts.n_articles,
        n_units=counts.n_units,
        n_words=counts.n_source_words,
        cpu_s=process_time() - clock.cpu_s,
        wall_s=monotonic() - clock.wall_s,
        peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    )


class _Clock:
    """Hears when the workers are there, and of shards."""

    def __init__(self) -> None:
        self.cpu_s = self.wall_s = 0.0
        self.n_shards = 0

    def run_begins(self, total_bytes: int | None) -> None:
        del total_bytes
        self.cpu_s, self.wall_s = process_time(), monotonic()

    def shard_begins(self, read_bytes: int) -> None:
        del read_bytes

    def expected(self, n_texts: int) -> None:
        del n_texts

    def decoded(self, n_texts: int) -> None:
        del n_texts

    def shard_done(self, n_articles: int, n_units: int) -> None:
        del n_articles, n_units
        self.n_shards += 1


def scheduling_us(n_workers: int, *, n_rounds: int = 2000) -> float:
    """Return what it costs to hear of a shard, and to hand out another one, with so many workers at work."""
    import ray

    @ray.remote(num_cpus=0)
    class Idle:
        def never(self) -> None:
            sleep(3600)

    idle: Any = Idle.remote()  # type: ignore[attr-defined]
    calls, waiting = Calls(), list(range(n_workers))
    pool = Pool([], calls)
    workers = [Worker(actor=None, facts=own_facts(None)) for _ in range(n_workers)]
    for worker in workers:
        calls.when_done(idle.never.remote(), lambda _: None)
        pool.begun(worker, 0, frozenset({"en_ru"}))
    began = process_time()
    for number in range(n_rounds):
        calls.when_done(ray.put(None), lambda _: None)
        calls.hear(wait_s=1)
        pool.finished(workers[number % n_workers], 0)
        if free := pool.next_free():
            waiting.remove(best_shard(free, waiting, lambda _: frozenset({"en_ru"})))
            waiting.append(number)
            pool.begun(free, 0, frozenset({"en_ru"}))
    return (process_time() - began) / n_rounds * 1e6


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.coordinator", description=__doc__)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--shard-size", type=int, default=1, help="shards so many times as large as by default")
    parser.add_argument("--out", type=Path, metavar="DIR", help="an output that has a state already")
    parser.add_argument("--memory", action="store_true", help="with the translation memory")
    parser.add_argument("--under-way", type=int, metavar="N", help="so many shards ahead; 0: all take turns")
    parser.add_argument("--scheduling", type=int, metavar="N", help="measure the handing out alone, with N workers")
    parser.add_argument("--profile", type=Path, metavar="FILE", help="write a profile of the main thread there")
    options = parser.parse_args()
    if options.scheduling:
        with connected(RaySettings()):
            print(json.dumps({"us_a_shard": round(scheduling_us(options.scheduling))}))
        return 0
    if options.under_way is not None:
        setattr(RayExecutor, "n_ahead", options.under_way)  # noqa: B010 - as above
    with TemporaryDirectory(prefix="newsmt-coordinator-") as folder:
        file = write_jsonl(Path(folder, "news.jsonl"), articles(options.articles))
        config = RunConfig(
            inputs=(str(file),), to=("ru",), out=options.out or Path(folder, "out"),
            models="demo", raw=True, memory=options.memory,
            shard=ShardSettings(max_articles=256 * options.shard_size, max_chars=100_000 * options.shard_size),
            executor="ray", ray=RaySettings(workers=options.workers, worker_cpus=1),
        )  # fmt: skip
        cost = _profiled(config, options.profile) if options.profile else measure(config)
    print(json.dumps({
        "shards": cost.n_shards, "articles": cost.n_articles, "units": cost.n_units,
        "ms_a_shard": round(cost.cpu_s / cost.n_shards * 1000, 2),
        "shards_a_second": round(cost.n_shards / cost.wall_s, 1),
        "us_a_word": round(cost.cpu_s / cost.n_words * 1e6, 2),
        "cores_for_1000_workers": round(cost.cores_for_1000_workers, 3),
        "peak_mb": cost.peak_bytes >> 20,
    }))  # fmt: skip
    return 0


def _profiled(config: RunConfig, file: Path) -> Cost:
    import cProfile

    profile = cProfile.Profile()
    cost = profile.runcall(measure, replace(config))
    profile.dump_stats(file)
    return cost


if __name__ == "__main__":
    sys.exit(main())
