"""Sentences that the demo models must not have seen: the samples' and the test set's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.newsbrief.generate import Brief
    from pipeline.newsbrief.grammar import Grammar

HELD_OUT_SEED = 20_000_003
"""Seed of the test set; training seeds are small numbers and never reach it."""

SAMPLE_LIST = Path("pipeline", "newsbrief", "held_out.txt")


def sample_sentences(root: Path) -> frozenset[str]:
    """Return the sentences of ``samples/``, in all languages; empty when the list is missing.

    Args:
        root: The repository; the list is ``pipeline/newsbrief/held_out.txt``, one sentence a line.
    """
    path = root / SAMPLE_LIST
    if not path.exists():
        return frozenset()
    # Not splitlines(): it would cut at every separator that Unicode knows.
    lines = path.read_text(encoding="utf-8").split("\n")
    return frozenset(line.strip() for line in lines if line.strip())


def held_out_briefs(grammar: Grammar, n: int = 1000) -> list[Brief]:
    """Return the test set, the same for every pair and every training seed."""
    from pipeline.newsbrief.generate import sample

    return list(sample(grammar, seed=HELD_OUT_SEED, n=n))
