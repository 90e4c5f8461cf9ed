"""Memory is bounded by one shard and the models, however long the input is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from pipeline.newsbrief.generate import load_grammar, sample

NEWSMT = (sys.executable, "-c", "from pipeline.cli.app import main; main()")
SLACK_MB = 60
"""Allocators keep a little more of what a longer run touches; a leak of 2 kB an article would be 98 MB."""


def peak_mb(articles: int, headlines: Sequence[str], sentences: Sequence[str], folder: Path) -> float:
    """Run over so many short articles, and return the peak of resident memory.

    All texts stand in the first thousand articles already: what the engine takes for decoding is the same in any run.
    """
    news = folder / f"{articles}.jsonl"
    with news.open("w", encoding="utf-8") as file:
        for number in range(articles):
            some = [sentences[(number * 3 + k) % len(sentences)] for k in range(3)]
            record = {
                "url": f"https://news.example/{number}",
                "title": headlines[number % len(headlines)],
                "text": " ".join(some),
            }
            file.write(json.dumps(record) + "\n")
    arguments = ["run", str(news), "--to", "ru", "--models", "demo", "--out", str(folder / f"out-{articles}")]
    with subprocess.Popen([*NEWSMT, *arguments], stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss / 1024


@pytest.mark.slow
def test_peak_memory_is_flat_from_1000_to_50000_articles(tmp_path: Path) -> None:
    briefs = list(sample(load_grammar(), seed=5, n=1500))
    headlines, sentences = ([brief.en for brief in briefs if brief.kind == kind] for kind in ("headline", "body"))
    few, many = (peak_mb(n, headlines, sentences, tmp_path) for n in (1_000, 50_000))
    assert many - few < SLACK_MB, f"{few:.0f} MB for 1,000 articles, {many:.0f} MB for 50,000"
