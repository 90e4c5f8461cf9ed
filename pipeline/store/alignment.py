"""The laws that the units of one translation keep: exact spans on both sides, in order, nothing left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from pipeline.store.verification import Problem
from pipeline.text import assemble
from pipeline.types import TranslationUnit


def check_alignment(units: Sequence[TranslationUnit], text: str) -> Iterator[Problem]:
    """Yield what is wrong with the units of one article in one target language, given in the order of their rows.

    Args:
        units: all of them, of one run.
        text: the text of the article.
    """
    yield from _check_order(units)
    yield from _check_source(units, text)
    yield from _check_coverage(units, text)
    yield from _check_target(units)


def _check_order(units: Sequence[TranslationUnit]) -> Iterator[Problem]:
    for before, unit in pairwise(units):
        if unit.segment <= before.segment or unit.paragraph < before.paragraph:
            yield _problem("order", unit, f"stands after segment {before.segment} of paragraph {before.paragraph}")
        if unit.source_start < before.source_end:
            yield _problem("overlap", unit, f"starts at {unit.source_start}, before the last one ends")


def _check_source(units: Sequence[TranslationUnit], text: str) -> Iterator[Problem]:
    for unit in units:
        if not 0 <= unit.source_start <= unit.source_end <= len(text):
            yield _problem("source-span", unit, f"{unit.source_start}:{unit.source_end} is outside of the article")
        elif text[unit.source_start : unit.source_end] != unit.source_text:
            yield _problem("source-span", unit, "the article's text in the source span is not `source_text`")


def _check_coverage(units: Sequence[TranslationUnit], text: str) -> Iterator[Problem]:
    """Look at the gaps before, between and after the segments."""
    ends = [0, *(unit.source_end for unit in units)]
    starts = [*(unit.source_start for unit in units), len(text)]
    for start, end in zip(ends, starts, strict=True):
        if gap := text[start : max(0, end)].strip():
            yield _problem("uncovered", units[0], f"no segment of the article holds {gap[:40]!r} at {start}:{end}")


def _check_target(units: Sequence[TranslationUnit]) -> Iterator[Problem]:
    translation = assemble(units)
    for unit in units:
        is_span = 0 <= unit.target_start <= unit.target_end
        if not is_span or translation[unit.target_start : unit.target_end] != unit.target_text:
            yield _problem("target-span", unit, "the assembled translation in the target span is not `target_text`")


def _problem(kind: str, unit: TranslationUnit, detail: str) -> Problem:
    name = f"{unit.article_id}.{unit.revision}:{unit.target_lang}, segment {unit.segment}"
    return Problem(kind=kind, where=unit.unit_id, detail=f"{detail} ({name})")
