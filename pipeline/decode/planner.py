"""The batch planner: which texts are decoded together.

The plan depends on the texts alone, never on their order or on timing, because the make-up of a batch can change
a translation (OpenNMT/CTranslate2#693) and equal runs shall give equal bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

_TAIL_SHARE = 4
"""Towards the end a batch takes a fourth of what is left, and never less than a fourth of a full one: the last ones
are done at about the same time, however many workers there are."""


def plan_batches(sources: Sequence[Sequence[str]], *, max_tokens: int) -> list[list[int]]:
    """Return batches of indices into `sources`, longest texts first, each index once.

    A batch holds at most `max_tokens` tokens, padding included (texts times the longest of them); a single text
    longer than that is a batch of its own. Longest first and ever smaller at the end, so that no worker is left alone.

    Args:
        sources: the tokens of each text.
        max_tokens: the size of a full batch.
    """
    order = sorted(range(len(sources)), key=lambda index: (-len(sources[index]), sources[index]))
    n_left = sum(map(len, sources))
    batches: list[list[int]] = []
    longest = budget = 0
    for index in order:
        if not batches or (len(batches[-1]) + 1) * longest > budget:
            batches.append([])
            longest = max(1, len(sources[index]))
            budget = min(max_tokens, max(max_tokens // _TAIL_SHARE, n_left // _TAIL_SHARE))
        batches[-1].append(index)
        n_left -= len(sources[index])
    return batches


def padding_share(sources: Sequence[Sequence[str]], batches: Sequence[Sequence[int]]) -> float:
    """Return the share of tokens, 0 to 1, that only fill the batches up to their longest text."""
    n_tokens = sum(map(len, sources))
    n_padded = sum(len(batch) * max(len(sources[index]) for index in batch) for batch in batches)
    return 1 - n_tokens / n_padded if n_padded else 0.0
