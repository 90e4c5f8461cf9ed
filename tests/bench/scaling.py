"""`python -m tests.bench.scaling`: the same cores as one process, as several processes, and as workers on Ray.

All of them translate the same articles and take their turn in each round. The start (of programs, of a cluster, of its
workers) is told apart from the work, which lasts from the event `run_begins` to the last `shard_committed`. A turn is
taken again where other programs were at work on this machine meanwhile.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from tests.bench.argos_shaped import build_argos_shaped
from tests.bench.machine import describe_machine
from tests.bench.measures import DEMO, N_TARGET_TOKENS
from tests.bench.processes import NEWSMT, ratio
from tests.bench.texts import Record, briefs, news, write_jsonl
from tests.bench.watching import Watch
from tests.clusters import cluster_of

N_CORES = 2
_N_SHARDS = 8
_MAX_OTHERS = 0.06
"""The share of all cores that other programs may take in a turn; looking at memory is among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is translated: `halves` are the two files of `inputs`."""

    inputs: Path
    halves: tuple[Path, Path]
    packages: Path
    config: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """What it took: seconds to the first `run_begins`, and on; of all processes, CPU seconds and the peak of memory.

    Pages that several processes share count once. `work_cpu_s` are the CPU seconds of the work: they say the same as
    its seconds where no core is idle, and hardly change with what others do. `others` is the share of all cores that
    other programs took.
    """

    start_s: float
    work_s: float
    wall_s: float
    work_cpu_s: float
    peak_mb: float
    n_words: int
    others: float


def local(job: Job, out: Path) -> Took:
    """One process with a CTranslate2 worker a core."""
    return _took([[str(job.inputs), "--jobs", str(N_CORES)]], job, out)


def processes(job: Job, out: Path) -> Took:
    """A process a core, each with its half of the input and an output of its own, at once."""
    return _took([[str(half), "--jobs", "1"] for half in job.halves], job, out)


def on_ray(job: Job, out: Path, *, n_workers: int) -> Took:
    """Workers on a Ray cluster of this machine, which is started for the run."""
    sizes = ("--workers", str(n_workers), "--worker-cpus", str(N_CORES // n_workers))
    return _took([[str(job.inputs), "--executor", "ray", *sizes]], job, out, cluster=cluster_of(N_CORES))


CONTESTANTS: dict[str, Callable[[Job, Path], Took]] = {
    "one process, `--jobs 2`": local,
    "two processes, `--jobs 1`": processes,
    "Ray, one worker of two cores": partial(on_ray, n_workers=1),
    "Ray, two workers of one core": partial(on_ray, n_workers=N_CORES),
}


def _took(
    runs: Sequence[Sequence[str]], job: Job, out: Path, *, cluster: AbstractContextManager[Any] | None = None
) -> Took:
    logs = [out.with_name(f"{out.name}-{number}.log") for number in range(len(runs))]
    began = time.time()
    with Watch() as watch, cluster or nullcontext() as found:
        address = ["--ray-address", found.address] if found else []
        commands = [
            [str(NEWSMT), "run", *own, *address, *_common(job, log.with_suffix(".out"), log)]
            for own, log in zip(runs, logs, strict=True)
        ]
        _run_at_once(commands)
        wall_s = time.time() - began
    events = [json.loads(line) for log in logs for line in log.read_text("utf-8").splitlines()]
    times = {
        name: [_seconds(one) for one in events if one["event"] == name] for name in ("run_begins", "shard_committed")
    }
    begins = min(times["run_begins"])
    return Took(
        start_s=begins - began,
        work_s=max(times["shard_committed"]) - begins,
        wall_s=wall_s,
        work_cpu_s=watch.cpu_s_since(begins),
        peak_mb=watch.peak_mb,
        n_words=sum(one["n_source_words"] for one in events if one["event"] == "run_ends"),
        others=watch.others_s / wall_s / N_CORES,
    )


def _seconds(event: dict[str, Any]) -> float:
    return datetime.fromisoformat(event["time"].replace("Z", "+00:00")).timestamp()


def _common(job: Job, out: Path, log: Path) -> list[str]:
    return [
        *("--to", "ru", "--models", str(job.packages), "--config", str(job.config), "--out", str(out)),
        *("--no-memory", "--raw", "--log-file", str(log), "--log-format", "json"),
    ]


def _run_at_once(commands: Sequence[Sequence[str]]) -> None:
    environment = {**os.environ, "RAY_USAGE_STATS_ENABLED": "0"}
    started = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) for command in commands]
    for process in started:
        _, told = process.communicate()
        if process.returncode:
            raise RuntimeError(f"{process.args!r}: exit code {process.returncode}: {told[-1000:]}")


def job_of(folder: Path, records: Sequence[Record], packages: Path) -> Job:
    """Write articles in two files, and settings that cut them into so many shards that all have several."""
    inputs = folder / "news"
    inputs.mkdir(parents=True)
    first, second = (write_jsonl(inputs / f"{name}.jsonl", records[name::2]) for name in (0, 1))
    config = folder / "newsmt.toml"
    config.write_text(f"[shard]\nmax_articles = {max(1, len(records) // _N_SHARDS)}\n", encoding="utf-8")
    return Job(inputs=inputs, halves=(first, second), packages=packages, config=config)


def shaped_job(folder: Path, n_articles: int) -> Job:
    """News, and a package of usual size with random weights."""
    texts = [text for language in ("en", "ru") for record in news(language, 62) for text in record["paragraphs"]]
    packages = folder / "packages"
    build_argos_shaped(packages, texts, source="en", target="ru", n_target_tokens=N_TARGET_TOKENS)
    return job_of(folder / "shaped", news("en", n_articles), packages)


def demo_job(folder: Path, n_articles: int) -> Job:
    """Articles of the news-brief language, and the demo model: ten times as many are about as much work."""
    return job_of(folder / "demo", list(islice(briefs("en"), 10 * n_articles)), DEMO)


JOBS = {"Argos-shaped": shaped_job, "demo model": demo_job}


def compare(job: Job, folder: Path, *, n_rounds: int, n_tries: int) -> dict[str, list[Took]]:
    """Return what each contestant took in each round, at its quietest try."""
    found: dict[str, list[Took]] = {name: [] for name in CONTESTANTS}
    for number in range(n_rounds):
        for place, (name, contestant) in enumerate(CONTESTANTS.items()):
            tries = (contestant(job, folder / f"{number}-{place}-{again}") for again in range(n_tries))
            found[name].append(_quietest(tries, f"round {number + 1}, {name}"))
    return found


def _quietest(tries: Iterable[Took], name: str) -> Took:
    found: list[Took] = []
    for took in tries:
        seconds = f"start {took.start_s:.1f} s, work {took.work_s:.1f} s, CPU {took.work_cpu_s:.1f} s"
        print(f"  {name}: {seconds}; others took {took.others:.0%}", flush=True)
        found.append(took)
        if took.others <= _MAX_OTHERS:
            break
    return min(found, key=lambda took: took.others)


_SHOWN = ("start_s", "work_s", "work_cpu_s", "peak_mb")


def table(found: dict[str, list[Took]]) -> str:
    """Return medians over the rounds, and of the ratios to the first contestant, in Markdown."""
    base = next(iter(found.values()))
    lines = [
        "| | start, s | work, s | ratio | CPU of the work, s | ratio | words a CPU second | memory, MB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, rounds in found.items():
        speed = median(one.n_words / one.work_cpu_s for one in rounds)
        works, cpus = (ratio([get(one) for one in rounds], [get(one) for one in base]) for get in (_work, _cpu))
        start, work, cpu, peak = (median(getattr(one, key) for one in rounds) for key in _SHOWN)
        seconds = f"{start:.1f} | {work:.1f} | {works:.2f} | {cpu:.1f} | {cpus:.2f}"
        lines.append(f"| {name} | {seconds} | {speed:.0f} | {peak:.0f} |")
    return "\n".join(lines)


def _work(took: Took) -> float:
    return took.work_s


def _cpu(took: Took) -> float:
    return took.work_cpu_s


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scaling", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often each contestant takes its turn (default 3)")
    parser.add_argument("--tries", type=int, default=3, help="how often one is repeated for quiet (default 3)")
    parser.add_argument("--articles", type=int, default=48, help="with weights of usual size (default 48)")
    parser.add_argument("--only", choices=JOBS, action="append", help="measure with this model; can be repeated")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what each run took there")
    options = parser.parse_args()
    print("; ".join(describe_machine().values()), flush=True)
    took = {}
    for name in options.only or JOBS:
        with TemporaryDirectory(prefix="newsmt-scaling-") as folder:
            print(name, flush=True)
            job = JOBS[name](Path(folder), options.articles)
            took[name] = compare(job, Path(folder), n_rounds=options.rounds, n_tries=options.tries)
            print(table(took[name]), flush=True)
    if options.json:
        plain = {
            name: {key: [asdict(one) for one in runs] for key, runs in found.items()} for name, found in took.items()
        }
        options.json.write_text(json.dumps(plain, indent=2), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
