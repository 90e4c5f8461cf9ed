"""Segments and the reasons for them, as tables for people."""

from __future__ import annotations

from typing import Any, cast

import typer

from pipeline.sentences import RULE_MEANINGS

_CONTEXT = 24


def show_segments(record: dict[str, object], *, with_decisions: bool) -> None:
    """Print the segments of a record, and the decisions that made them where these are wanted."""
    text = cast("str", record["text"])
    for number, (start, end, language) in enumerate(cast("list[Any]", record["segments"]), 1):
        typer.echo(f"{number:>4}  {language:<4}{_one_line(text[start:end])}")
    if with_decisions:
        typer.echo("")
        for decision in cast("list[dict[str, Any]]", record["decisions"]):
            typer.echo(_decision_line(text, decision))


def _decision_line(text: str, decision: dict[str, Any]) -> str:
    offset, verdict = decision["offset"], "ends" if decision["end"] else "goes on"
    before, after = text[max(0, offset - _CONTEXT) : offset], text[offset : offset + _CONTEXT]
    place = f"{_one_line(before):>{_CONTEXT}}│{_one_line(after):<{_CONTEXT}}"
    detail = f" ({decision['detail']})" if decision["detail"] else ""
    return f"{place}  {verdict:<8}{decision['rule']}{detail}: {RULE_MEANINGS[decision['rule']]}"


def _one_line(text: str) -> str:
    return text.replace("\n", "⏎")
