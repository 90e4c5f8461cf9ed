"""Sentence segmentation of one language's text by rules."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.sentences.boundaries import find_ends
from pipeline.sentences.rules import RULES_VERSION, Rules, load_rules
from pipeline.sentences.wrap import wrap_span

__all__ = ["RULES_VERSION", "split_sentences", "wrap_span"]

# A blank line, a line that opens with a dash or a number, a bullet anywhere.
_BLOCK_END = re.compile(r"\n(?=[^\S\n]*(?:\n|(?:[*–—-]|\d{1,2}[.)])\s))|(?<=[^•▪●\s]\s)(?=[•▪●]\s)")


def split_sentences(text: str, language: str) -> list[tuple[int, int]]:
    """Return the sentences of `text` as spans in code points, in order.

    Slices are free of surrounding blanks and together hold every character that is no blank. Blank lines always
    separate. A language without rules of its own is split by general ones. The time is linear in the text.
    """
    rules = load_rules(language)
    return [span for start, end in _blocks(text) for span in _split_block(text[start:end], start, rules)]


def _split_block(block: str, offset: int, rules: Rules) -> Iterator[tuple[int, int]]:
    start = 0
    for end in (*find_ends(block, rules), len(block)):
        piece = block[start:end]
        solid = piece.strip()
        if solid:
            left = offset + start + len(piece) - len(piece.lstrip())
            yield left, left + len(solid)
        start = end


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _BLOCK_END.finditer(text):
        yield start, match.end()
        start = match.end()
    yield start, len(text)
