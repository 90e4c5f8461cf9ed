"""The batch planner: which texts are decoded together.

The plan depends on the texts alone, never on their order or on timing, because the make-up of a batch can change
a translation (OpenNMT/CTranslate2#693) and equal runs shall give equal bytes.
"""

from __future__ import annotations

from collections.abc import Sequence


def plan_batches(sources: Sequence[Sequence[str]], *, max_tokens: int) -> list[list[int]]:
    """Return batches of indices into `sources`, longest texts first, each index once.

    A batch holds at most `max_tokens` tokens, padding included (texts times the longest of them); a single text
    longer than that is a batch of its own. Longest first, so that no worker is left alone with the longest batch.

    Args:
        sources: the tokens of each text.
        max_tokens: the size of a batch.
    """
    order = sorted(range(len(sources)), key=lambda index: (-len(sources[index]), sources[index]))
    batches: list[list[int]] = []
    longest = 0
    for index in order:
        if not batches or (len(batches[-1]) + 1) * longest > max_tokens:
            batches.append([])
            longest = max(1, len(sources[index]))
        batches[-1].append(index)
    return batches
