"""What `newsmt search` does with what was found."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from pipeline.cli.output import print_json, say
from pipeline.cli.search_lines import form_listing, group_listing, hit_lines, layout_of
from pipeline.cli.tables import show
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.corpus.corpus import Corpus
    from pipeline.search.finding import Finding
    from pipeline.search.query import Query
    from pipeline.search.totals import Totals

_PAGE = 20
_PAGE_CONTEXT = 90
_TABLE = "table"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """In which form an answer is wanted, and where."""

    form: str
    output: Path | None
    is_count: bool
    as_json: bool

    def checked(self, named_form: str | None) -> Request:
        """Return self, or say what cannot be; `named_form` is that of `--format`.

        Raises:
            UsageError: two forms are asked for at once.
        """
        if self.is_count and (self.form != _TABLE or self.output):
            raise UsageError("--count goes without --format and --output; --json has all counts")
        if self.as_json and named_form is not None and self.output is None:
            raise UsageError(f"--json and --format {named_form} both write to stdout; add --output, or leave out one")
        return self

    @property
    def default_limit(self) -> int | None:
        """How many hits are shown where nothing is said: a page for people, all in files for programs."""
        return _PAGE if self.form == _TABLE else None

    @property
    def default_context(self) -> int | None:
        """How many characters are shown around hits where nothing is said: a page has no room for whole segments."""
        return _PAGE_CONTEXT if self.form == "html" else None


def answer(corpus: Corpus, query: Query, request: Request) -> None:
    """Show or write what a query finds."""
    from pipeline.search.finding import Finding

    if request.is_count:
        _count(corpus, query, as_json=request.as_json)
        return
    finding = Finding(corpus, query)
    head = {"pattern": query.pattern.text, "offset": query.offset}
    if request.as_json and request.output is None:
        hits = [hit.to_json() for hit in finding.hits()]
        totals = finding.totals()
        _tell(corpus, query, finding, totals)
        print_json({**head, **totals.to_json(), "n_shown": finding.n_shown, "hits": hits})
        return
    with _target(request.output) as file:
        _write(finding, request.form, file)
    totals = finding.totals()
    _tell(corpus, query, finding, totals)
    if request.as_json:
        print_json({**head, **totals.to_json(), "n_shown": finding.n_shown, "output": str(request.output)})


@contextmanager
def _target(output: Path | None) -> Iterator[TextIO]:
    from pipeline.search.whole import whole_file

    if output is None:
        yield sys.stdout
        return
    with whole_file(output) as file:
        yield file
    say(f"written: {output}")


def _write(finding: Finding, form: str, file: TextIO) -> None:
    from pipeline.search.formats import LINES
    from pipeline.visible import harmless

    if form == _TABLE:
        _write_table(finding, file)
        return
    lines = LINES[form](finding.hits()) if form in LINES else _page(finding)
    is_watched = file.isatty()
    file.writelines(harmless(line) if is_watched else line for line in lines)


def _write_table(finding: Finding, file: TextIO) -> None:
    from rich.console import Console

    console = Console(
        file=file, markup=False, highlight=False, emoji=False, force_terminal=None if file is sys.stdout else False
    )
    query = finding.query
    layout = layout_of(console, last_number=query.last or 0, context=query.context)
    for number, hit in enumerate(finding.hits(), query.offset + 1):
        for line in hit_lines(hit, number, layout, console=console):
            console.print(line, soft_wrap=True)


def _page(finding: Finding) -> Iterator[str]:
    from pipeline.search.page import page

    query = finding.query
    return page(
        finding.hits(),
        pattern=query.pattern.text,
        about=_about(query),
        offset=query.offset,
        summary=lambda: _summary(query, finding.n_shown, finding.totals()),
    )


def _about(query: Query) -> str:
    """Return what was asked for besides the pattern."""
    chosen = query.selection
    days = chosen.dates
    said = {
        "in": query.side if query.side != "any" else "source and target",
        "other side with": query.with_ and query.with_.text,
        "other side without": query.without and query.without.text,
        "pairs": ", ".join(chosen.pairs),
        "from": days and days.first,
        "to": days and days.last,
        "publishers": ", ".join(chosen.publishers),
        "flags": ", ".join(chosen.flags),
        "without flags": ", ".join(chosen.without_flags),
        "quality from": chosen.min_quality,
        "sorted by": query.order if query.order != "corpus" else None,
    }
    return "; ".join(f"{what} {value}" for what, value in said.items() if value not in (None, ""))


def _count(corpus: Corpus, query: Query, *, as_json: bool) -> None:
    from pipeline.search.counts import KINDS, count_by_kind

    counts = count_by_kind(corpus, query)
    if as_json:
        print_json({"pattern": query.pattern.text, **counts.to_json()})
    elif counts.totals.n_hits:
        limit = query.limit or _PAGE
        for kind in KINDS:
            show(group_listing(counts, kind, limit))
            show("")
        show(form_listing(counts.forms[:limit]))
    if counts.totals.n_hits:
        say(_figures(counts.totals))
    else:
        _tell_nothing(corpus, query)


def _tell(corpus: Corpus, query: Query, finding: Finding, totals: Totals) -> None:
    if totals.n_hits:
        say(_summary(query, finding.n_shown, totals))
    else:
        _tell_nothing(corpus, query)


def _tell_nothing(corpus: Corpus, query: Query) -> None:
    from pipeline.search.hints import hints

    if not corpus.files("bitext"):
        say("no units here yet")
        return
    say(f"nothing found for {query.pattern.text!r}")
    for hint in hints(corpus, query):
        say(f"  {hint}")


def _summary(query: Query, n_shown: int, totals: Totals) -> str:
    first, last = query.offset + 1, query.offset + n_shown
    if not totals.n_hits:
        return "nothing found"
    if not n_shown:
        return f"{_figures(totals)}; none from --offset {query.offset} on"
    if n_shown == totals.n_hits:
        return f"{_figures(totals)}; all shown"
    more = f", next: --offset {last}" if last < totals.n_hits else ""
    return f"{_figures(totals)}; shown {first:,} to {last:,}{more}"


def _figures(totals: Totals) -> str:
    return f"{totals.n_hits:,} hits in {totals.n_units:,} units of {totals.n_articles:,} articles"
