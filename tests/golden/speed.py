"""How fast the stages that find languages and sentences are."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from pipeline.stages.detect import Detect
from pipeline.stages.segment import Segmenter
from pipeline.types import IdentifiedArticle

N_TRIALS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Megabytes (10^6) of UTF-8 a second of processor time: medians, of each stage and of both together."""

    n_articles: int
    n_bytes: int
    detect: float
    segment: float
    both: float


def measure_speed(articles: Sequence[IdentifiedArticle]) -> Speed:
    """Return how fast `articles` pass both stages; rules and profiles are loaded before the clock starts."""
    _time_stages(articles[:1])
    trials = [_time_stages(articles) for _ in range(N_TRIALS)]
    n_bytes = sum(len(article.text.encode()) for article in articles)
    megabytes = n_bytes / 1e6
    return Speed(
        n_articles=len(articles),
        n_bytes=n_bytes,
        detect=megabytes / median(detect for detect, _ in trials),
        segment=megabytes / median(segment for _, segment in trials),
        both=megabytes / median(detect + segment for detect, segment in trials),
    )


def _time_stages(articles: Sequence[IdentifiedArticle]) -> tuple[float, float]:
    detect, segmenter = Detect(), Segmenter()
    start = time.process_time()
    detected = detect.process(articles).accepted
    middle = time.process_time()
    segmenter.process(detected)
    return middle - start, time.process_time() - middle
