"""`newsmt report`: from a corpus to pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.corpus.corpus import Corpus
from pipeline.corpus.selection import Selection
from pipeline.report.figures import Figures, count_figures
from pipeline.report.overview import Frame, Overview, Part, make_overview
from pipeline.report.pages import render_index, render_report
from pipeline.report.runs import RunFigures, read_runs
from pipeline.report.selected import Page, pages_of, select_articles
from pipeline.report.texts import Described, read_articles
from pipeline.report.writing import INDEX, new_folder, target_of, write_file

ARTICLES_PER_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What report is wanted.

    Attributes:
        folder: the output folder of runs.
        selection: which units and articles.
        output: a file ending in `.html`, or a folder; None for `report.html` or `report` in the output folder.
        title: None for the name of the output folder.
        articles_per_page: more make several pages.
        made_at: the time of day, time zone aware.
        told: called before each page of several, with its number and how many there are.
    """

    folder: Path
    selection: Selection
    output: Path | None = None
    title: str | None = None
    articles_per_page: int = ARTICLES_PER_PAGE
    made_at: datetime
    told: Callable[[int, int], None] = lambda *_: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report that was written: the file to open, its figures, and what was left out."""

    path: Path
    n_pages: int
    size_bytes: int
    figures: Figures
    damaged: Sequence[str]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "report": str(self.path),
            "n_pages": self.n_pages,
            "size_bytes": self.size_bytes,
            "n_articles": self.figures.n_articles,
            "n_untranslated": self.figures.n_untranslated,
            "n_units": self.figures.n_units,
            "damaged": list(self.damaged),
        }


def make_report(request: Request) -> Report:
    """Write the report of a corpus; a run may be at work on it meanwhile.

    Raises:
        OutputError: the folder holds no output of newsmt, or the report cannot be written.
        StateError: files went away while they were read.
    """
    with Corpus(request.folder) as corpus:
        runs, damaged_runs = read_runs(request.folder)
        while True:
            contents = _count(request, corpus, runs, damaged_runs)
            n_damaged = len(corpus.damaged)
            report = _write(contents)
            # Figures are counted before texts are read: what turns out to be damaged must not be among them.
            if len(corpus.damaged) == n_damaged:
                return report


@dataclass(frozen=True, slots=True, kw_only=True)
class _Contents:
    """All of a report but its texts, counted over the files that can be read as far as is known."""

    request: Request
    corpus: Corpus
    figures: Figures
    pages: Sequence[Page]
    frame: Frame
    overview: Overview

    def articles(self, page: Page) -> list[Described]:
        n_articles = self.request.articles_per_page
        first = (page.number - 1) * n_articles
        return read_articles(self.corpus, self.request.selection, first=first, n_articles=n_articles)

    def single_page(self) -> bytes:
        return render_report(self.frame, self.overview, None, self.articles(self.pages[0]))


def _count(request: Request, corpus: Corpus, runs: Sequence[RunFigures], damaged_runs: Sequence[str]) -> _Contents:
    select_articles(corpus, request.selection)
    figures = count_figures(corpus, request.selection)
    title = request.title or request.folder.resolve().name or "newsmt"
    return _Contents(
        request=request,
        corpus=corpus,
        figures=figures,
        pages=pages_of(corpus, request.articles_per_page),
        frame=Frame(title=title, made_at=request.made_at, n_articles=figures.n_articles),
        overview=make_overview(figures, runs, request.selection, [*map(str, corpus.damaged), *damaged_runs]),
    )


def _write(contents: _Contents) -> Report:
    request, pages = contents.request, contents.pages
    target = target_of(request.folder, request.output, n_pages=len(pages), n_articles=contents.figures.n_articles)
    return Report(
        path=target.entry,
        n_pages=len(pages),
        size_bytes=_write_folder(contents, target.path) if target.is_folder else _write_page(contents, target.path),
        figures=contents.figures,
        damaged=contents.overview.damaged,
    )


def _write_page(contents: _Contents, path: Path) -> int:
    data = contents.single_page()
    write_file(path, data)
    return len(data)


def _write_folder(contents: _Contents, path: Path) -> int:
    with new_folder(path) as folder:
        if len(contents.pages) == 1:
            (folder / INDEX).write_bytes(contents.single_page())
        else:
            _write_parts(contents, folder)
        return sum(page.stat().st_size for page in folder.iterdir())


def _write_parts(contents: _Contents, folder: Path) -> None:
    parts = [_part(page, len(contents.pages)) for page in contents.pages]
    (folder / INDEX).write_bytes(render_index(contents.frame, contents.overview, parts))
    for page, part in zip(contents.pages, parts, strict=True):
        contents.request.told(part.number, len(parts))
        (folder / part.file).write_bytes(render_report(contents.frame, None, part, contents.articles(page)))


def _part(page: Page, n_parts: int) -> Part:
    return Part(
        number=page.number,
        n_parts=n_parts,
        n_articles=page.n_articles,
        first_date=page.last_date,
        last_date=page.first_date,
    )
