"""Sentence segmentation of one language's text by rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipeline.sentences.blocks import BlockEnd, find_block_ends
from pipeline.sentences.boundaries import judge_marks
from pipeline.sentences.explain import RULE_MEANINGS, Decision
from pipeline.sentences.rules import RULES_VERSION, Rules, load_rules
from pipeline.sentences.wrap import wrap_span

__all__ = ["RULES_VERSION", "RULE_MEANINGS", "Decision", "explain_sentences", "split_sentences", "wrap_span"]


def split_sentences(text: str, language: str) -> list[tuple[int, int]]:
    """Return the sentences of `text` as spans in code points, in order.

    Slices are free of surrounding blanks and together hold every character that is no blank. Blank lines always
    separate. A language without rules of its own is split by general ones. The time is linear in the text.
    """
    rules = load_rules(language)
    blocks = _blocks(len(text), find_block_ends(text, rules))
    return [span for start, end in blocks for span in _split_block(text[start:end], start, rules)]


def explain_sentences(text: str, language: str) -> list[Decision]:
    """Return why `split_sentences` cuts `text` where it does, and does not cut elsewhere, in order.

    Every cut is there, and every mark that might have been one; the end of the text is not.
    """
    rules = load_rules(language)
    block_ends = find_block_ends(text, rules)
    decisions = [Decision(offset=end.offset, mark="", is_end=True, rule=end.rule, detail="") for end in block_ends]
    for start, end in _blocks(len(text), block_ends):
        decisions += (
            Decision(offset=start + offset, mark=mark, is_end=is_end, rule=rule, detail=detail)
            for offset, mark, (is_end, rule, detail) in judge_marks(text[start:end], rules)
        )
    return sorted(decisions, key=lambda decision: decision.offset)


def _split_block(block: str, offset: int, rules: Rules) -> Iterator[tuple[int, int]]:
    start = 0
    ends = (place for place, _, verdict in judge_marks(block, rules) if verdict.is_end)
    for end in (*ends, len(block)):
        piece = block[start:end]
        solid = piece.strip()
        if solid:
            left = offset + start + len(piece) - len(piece.lstrip())
            yield left, left + len(solid)
        start = end


def _blocks(n_chars: int, ends: Iterable[BlockEnd]) -> Iterator[tuple[int, int]]:
    start = 0
    for end in ends:
        yield start, end.offset
        start = end.offset
    yield start, n_chars
