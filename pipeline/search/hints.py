"""What would have been found, where nothing was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pipeline.corpus.corpus import Corpus
from pipeline.corpus.selection import Selection
from pipeline.search.pattern import parse_pattern
from pipeline.search.query import Query, SideChoice

_OTHER: dict[SideChoice, SideChoice] = {"source": "target", "target": "source"}
_SPECIAL = frozenset("|[](){}\\^$+?.")
"""Signs that hardly stand in words, but in expressions."""


def hints(corpus: Corpus, query: Query) -> list[str]:
    """Return other ways to ask that find something, with the number of units; all cost one look at the corpus."""
    tries = list(_tries(query))
    found = list(tries and _counted(corpus, query, [other for _, other in tries]))
    shown = [f"{n:,} units {how}" for (how, _), n in zip(tries, found, strict=True) if n]
    if not query.pattern.is_regex and _SPECIAL & set(query.pattern.text):
        shown.append("an expression needs --regex")
    return shown


def _tries(query: Query) -> Iterator[tuple[str, Query]]:
    if other := _OTHER.get(query.side):
        yield f"with --side {other}", replace(query, side=other)
    if query.with_ or query.without:
        yield "without --with and --without", replace(query, with_=None, without=None)
    if query.selection != Selection(all_revisions=query.selection.all_revisions):
        yield "without the filters", replace(query, selection=Selection(all_revisions=query.selection.all_revisions))
    pattern = query.pattern
    if pattern.has_case:
        loose = parse_pattern(pattern.text, is_regex=pattern.is_regex)
        yield f"without {'--exact' if pattern.is_exact else '--case'}", replace(query, pattern=loose)
    if not pattern.is_regex and not pattern.text.endswith("*"):
        longer = parse_pattern(f"{pattern.text}*", has_case=pattern.has_case, is_exact=pattern.is_exact)
        yield f"with {longer.text!r}", replace(query, pattern=longer)


def _counted(corpus: Corpus, query: Query, tries: list[Query]) -> list[int]:
    columns = ", ".join(
        f"count(*) FILTER ({' AND '.join(one.matching().conditions())}) AS n{number}"
        for number, one in enumerate(tries)
    )
    everything = Selection(all_revisions=query.selection.all_revisions)
    [row] = corpus.query(corpus.sql("bitext", everything, columns))
    return list(row)
