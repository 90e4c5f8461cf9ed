"""Times that people feel, as medians of five; run with `make bench` on a quiet machine."""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEWSMT = ROOT / ".venv" / "bin" / "newsmt"
N_TIMES = 5

pytestmark = pytest.mark.bench


def median_s(*commands: Sequence[str | Path]) -> float:
    """Return the median wall-clock seconds of the commands, run one after another."""
    seconds = []
    for arguments in commands:
        began = time.perf_counter()
        subprocess.run([NEWSMT, *arguments], check=True, capture_output=True)
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def test_help_appears_at_once() -> None:
    seconds = median_s(*[["--help"]] * N_TIMES)
    print(f"\nnewsmt --help: {seconds * 1000:.0f} ms")
    assert seconds <= 0.150


def test_samples_cold(tmp_path: Path) -> None:
    command = ("run", ROOT / "samples", "--models", "demo", "--to", "en", "--to", "ru", "--to", "hy", "--out")
    seconds = median_s(*[(*command, tmp_path / str(n)) for n in range(N_TIMES)])
    print(f"\nthe samples, cold, six pairs: {seconds:.2f} s")
    assert seconds <= 5.0


def test_second_run_over_10000_articles(tmp_path: Path) -> None:
    news = tmp_path / "news.jsonl"
    body = "The government approved the draft budget on Friday, the ministry of finance said in a statement. " * 20
    records = (
        {"url": f"https://news.example/{n}", "title": f"Vote {n}", "text": f"{n}. {body}"} for n in range(10_000)
    )
    news.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    command = ("run", news, "--models", "demo", "--to", "ru", "--out", tmp_path / "out")
    subprocess.run([NEWSMT, *command], check=True, capture_output=True)
    seconds = median_s(*[command] * N_TIMES)
    print(f"\nnothing new among 10,000 articles of 2 kB: {seconds:.2f} s")
    assert seconds <= 1.5
