"""What the overview of a report says, in words and numbers as they are shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from pipeline.corpus.selection import Selection
from pipeline.report.charts import draw_charts
from pipeline.report.drawing import Chart
from pipeline.report.figures import Figures
from pipeline.report.flags import meaning
from pipeline.report.runs import RunFigures
from pipeline.report.words import decimal, share, whole
from pipeline.version import __version__

_MAX_RUNS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every page of a report says."""

    title: str
    made_at: datetime
    n_articles: int
    version: str = __version__

    @property
    def day(self) -> str:
        """The day on which the report was made, in UTC."""
        return _day(self.made_at.astimezone(timezone.utc).date().isoformat())


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One page of several; `before` and `after` are the files with newer and with older articles."""

    number: int
    n_parts: int
    n_articles: int
    first_date: str
    last_date: str

    @property
    def file(self) -> str:
        """The name of its file."""
        return _file(self.number)

    @property
    def before(self) -> str | None:
        """The file with newer articles."""
        return _file(self.number - 1) if self.number > 1 else None

    @property
    def after(self) -> str | None:
        """The file with older articles."""
        return _file(self.number + 1) if self.number < self.n_parts else None

    @property
    def period(self) -> str:
        """From when to when its articles are."""
        return period(self.first_date, self.last_date)


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A figure with its name, and what stands small beside it."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagFigures:
    """A flag, how often it is there, and what it means."""

    name: str
    count: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """All that an overview shows; `filters` and `damaged` are sentences."""

    period: str
    filters: Sequence[str]
    damaged: Sequence[str]
    numbers: Sequence[Number]
    pairs: Sequence[Sequence[str]]
    charts: Sequence[Chart]
    flags: Sequence[FlagFigures]
    runs: Sequence[Sequence[str]]
    n_runs: int


def make_overview(
    figures: Figures, runs: Sequence[RunFigures], selection: Selection, damaged: Sequence[str]
) -> Overview:
    """Return what an overview shows."""
    return Overview(
        period=period(figures.first_date, figures.last_date),
        filters=list(_filters(selection)),
        damaged=damaged,
        numbers=list(_numbers(figures)),
        pairs=[
            (
                pair.pair,
                whole(pair.n_articles),
                whole(pair.n_units),
                whole(pair.n_chars),
                decimal(pair.quality),
                share(pair.n_flagged, pair.n_units),
            )
            for pair in figures.pairs
        ],
        charts=draw_charts(figures, runs),
        flags=[
            FlagFigures(name=name, count=whole(count), meaning=meaning(name)) for name, count in figures.flags.items()
        ],
        runs=[_run(run) for run in reversed(runs[-_MAX_RUNS:])],
        n_runs=len(runs),
    )


def period(first_date: str, last_date: str) -> str:
    """Return two days as people write them."""
    days = [_day(day) for day in (first_date, last_date) if day]
    return days[0] if len(set(days)) == 1 else " – ".join(days)


def _day(text: str) -> str:
    try:
        day = datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007 - a day, not a moment
    except ValueError:
        return text
    return f"{day.day} {day:%B} {day.year}"


def _numbers(figures: Figures) -> Iterator[Number]:
    yield Number(name="articles", value=whole(figures.n_articles))
    if figures.n_untranslated:
        yield Number(name="without a translation", value=whole(figures.n_untranslated))
    yield Number(name="units", value=whole(figures.n_units))
    yield Number(name="characters to translate", value=whole(figures.n_chars))
    yield Number(name="mean quality", value=decimal(figures.quality))
    yield Number(
        name="units with a flag", value=whole(figures.n_flagged), note=share(figures.n_flagged, figures.n_units)
    )


def _filters(selection: Selection) -> Iterator[str]:
    if selection.pairs:
        yield f"pair {' or '.join(selection.pairs)}"
    if selection.dates:
        first, last = selection.dates.first, selection.dates.last
        yield f"published {f'from {first} ' if first else ''}{f'to {last}' if last else ''}".strip()
    if selection.publishers:
        yield f"publisher {' or '.join(selection.publishers)}"
    if selection.flags:
        yield f"units with {' or '.join(selection.flags)}"
    if selection.without_flags:
        yield f"units without {' and '.join(selection.without_flags)}"
    if selection.min_quality is not None:
        yield f"units of quality {selection.min_quality:g} and more"


def _run(run: RunFigures) -> tuple[str, ...]:
    return (
        run.run_id,
        f"{run.started_at:%Y-%m-%d %H:%M}" if run.started_at else "–",
        "–" if run.seconds is None else whole(run.seconds),
        whole(run.n_articles),
        whole(run.n_rejected),
        whole(run.n_units),
        decimal(run.units_per_second, 1),
        run.stopped_by or "",
    )


def _file(number: int) -> str:
    return f"part-{number:04}.html"
