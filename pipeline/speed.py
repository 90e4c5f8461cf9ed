"""How fast a package decodes on this machine, for several layouts of workers and batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import median
from time import perf_counter
from typing import Any

from pipeline.config import DecodingSettings
from pipeline.errors import UsageError
from pipeline.models.package import ModelPackage
from pipeline.trial import SENTENCES

BATCH_TOKENS = (512, 1024, 4096)
N_ROUNDS = 3
CLEARLY = 0.95
_N_TEXTS = 240
_LONGEST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """What one layout reached: words of the source a second, the median of all rounds."""

    jobs: int
    max_batch_tokens: int
    words_per_s: float

    def to_json(self) -> dict[str, Any]:
        """Return the values as JSON values."""
        return asdict(self)


def best_of(speeds: Sequence[Speed], default: DecodingSettings, *, n_cores: int) -> Speed:
    """Return the fastest layout; the default one, where that is not clearly slower.

    Another batch size can change translations, and a few percent change from one measurement to the next.
    """
    fastest = max(speeds, key=lambda speed: speed.words_per_s)
    usual = next(
        (speed for speed in speeds if (speed.jobs, speed.max_batch_tokens) == (n_cores, default.batch_tokens)),
        fastest,
    )
    return usual if usual.words_per_s >= CLEARLY * fastest.words_per_s else fastest


def own_texts(language: str) -> list[str]:
    """Return texts of one to three sentences in a served language, for those who bring none.

    Raises:
        UsageError: there are no sentences in that language.
    """
    sentences = SENTENCES.get(language)
    if sentences is None:
        raise UsageError(f"no sentences in {language!r} here; give a file with some, one a line: --text FILE")
    lengths = [1 + number % _LONGEST for number in range(_N_TEXTS)]
    return [
        " ".join(sentences[(start + step) % len(sentences)] for step in range(length))
        for start, length in enumerate(lengths)
    ]


def layouts(n_cores: int) -> list[tuple[int, int]]:
    """Return numbers of jobs and batch sizes worth a trial: 1, 2, 4 … jobs up to one a core."""
    jobs = sorted({n_cores, *(1 << power for power in range(n_cores.bit_length()) if 1 << power <= n_cores)})
    return [(n_jobs, n_tokens) for n_jobs in jobs for n_tokens in BATCH_TOKENS]


def measure(
    package: ModelPackage,
    texts: Sequence[str],
    settings: DecodingSettings,
    *,
    n_cores: int,
    on_measured: Callable[[], None] = lambda: None,
) -> list[Speed]:
    """Return the speed of each layout, the fastest first; rounds go through all layouts in turn.

    Args:
        package: the direction to measure.
        texts: what is translated, each round all of it.
        settings: beam and device; jobs and batches are set here.
        n_cores: the number of cores to use at most.
        on_measured: called after each of `N_ROUNDS` times the number of layouts.

    Raises:
        ModelError: the package is damaged.
        DecodingError: the engine failed.
    """
    n_words = sum(len(text.split()) for text in texts)
    seconds: dict[tuple[int, int], list[float]] = {layout: [] for layout in layouts(n_cores)}
    for _ in range(N_ROUNDS):
        for layout, took_s in _round(package, texts, settings, n_cores):
            seconds[layout].append(took_s)
            on_measured()
    speeds = [
        Speed(jobs=jobs, max_batch_tokens=n_tokens, words_per_s=n_words / median(took))
        for (jobs, n_tokens), took in seconds.items()
    ]
    return sorted(speeds, key=lambda speed: -speed.words_per_s)


def _round(
    package: ModelPackage, texts: Sequence[str], settings: DecodingSettings, n_cores: int
) -> Iterator[tuple[tuple[int, int], float]]:
    """Yield the seconds that each layout takes; a model is loaded once for each number of jobs, apart from the time."""
    from pipeline.decode.engine import Engine, load_weights
    from pipeline.decode.queue import decode

    weights, loaded_for = None, 0
    for jobs, n_tokens in layouts(n_cores):
        layout = replace(settings, jobs=jobs, max_batch_tokens=n_tokens)
        if weights is None or loaded_for != jobs:
            weights, loaded_for = load_weights(package, layout), jobs
            decode(Engine(package, layout, weights=weights), texts[: 2 * jobs])
        engine = Engine(package, layout, weights=weights)
        began = perf_counter()
        decode(engine, texts)
        yield (jobs, n_tokens), perf_counter() - began
