"""The charts of a report: which there are, and what they tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pipeline.report.drawing import Chart, draw_bars, draw_ranks
from pipeline.report.figures import LENGTH_STEP, MAX_LENGTH, QUALITY_STEP, Figures
from pipeline.report.periods import Timeline, timeline
from pipeline.report.runs import RunFigures
from pipeline.report.words import share, whole

MAX_SERIES = 8
"""So many colours can be told apart; the smallest pairs are shown together beyond that."""
_MAX_FLAGS = 12
_MIN_RUNS, _MAX_RUNS = 2, 36
_FEW_DAYS = timedelta(days=7)


def draw_charts(figures: Figures, runs: Sequence[RunFigures]) -> list[Chart]:
    """Return the charts for which there is something to show; a pair has the same colour in all of them."""
    drawn = (
        _units_by_time(figures),
        _qualities(figures),
        _flags(figures),
        _lengths(figures),
        _speeds([run for run in runs if run.units_per_second is not None][-_MAX_RUNS:]),
    )
    return [chart for chart in drawn if chart is not None]


def _units_by_time(figures: Figures) -> Chart | None:
    found = timeline(figures.by_day)
    # A single bar would say no more than the table of pairs.
    if found is None or len(found.starts) == 1:
        return None
    series = _few_series(figures, found.series)
    sums = [sum(counts) for counts in zip(*series.values(), strict=True)]
    most = max(range(len(sums)), key=sums.__getitem__)
    period = found.period.name
    gaps = f" Empty {period}s are left out." if found.has_gaps else ""
    return draw_bars(
        name="time",
        title=f"Units by {period}",
        note=f"Sentences, headlines and captions by the {period} of publication.{gaps}",
        description=f"{whole(sum(sums))} units; {found.labels[most]} has the most, {whole(sums[most])}.",
        what=_period_column(found),
        labels=found.labels,
        series=series,
    )


def _period_column(found: Timeline) -> str:
    return "Week from" if found.period.name == "week" else found.period.name.capitalize()


def _qualities(figures: Figures) -> Chart | None:
    if not figures.by_quality:
        return None
    steps = range(round(1 / QUALITY_STEP))
    counts = ((pair.pair, figures.by_quality.get(pair.pair, {})) for pair in figures.pairs)
    series = {pair: [by_step.get(step, 0) for step in steps] for pair, by_step in counts}
    mean = "" if figures.quality is None else f" The mean is {figures.quality:.2f}."
    return draw_bars(
        name="quality",
        title="Units by quality",
        note="From 0 to 1: how sure the model was, lowered by each flag.",
        description=f"Units in steps of {QUALITY_STEP} of quality.{mean}",
        what="Quality from",
        labels=[f"{step * QUALITY_STEP:.2f}" for step in steps],
        series=_few_series(figures, series),
    )


def _lengths(figures: Figures) -> Chart | None:
    highest = max((step for counts in figures.lengths for step in counts), default=None)
    if highest is None:
        return None
    steps = range(highest + 1)
    labels = [f"{step * LENGTH_STEP}{'+' if step * LENGTH_STEP >= MAX_LENGTH else ''}" for step in steps]
    sources, targets = ([counts.get(step, 0) for step in steps] for counts in figures.lengths)
    usual = max(steps, key=sources.__getitem__)
    return draw_bars(
        name="length",
        title="Units by length",
        note="Characters of source and target.",
        description=f"The most frequent length of sources is that from {labels[usual]} characters on.",
        what="Characters from",
        labels=labels,
        series={"source": sources, "target": targets},
        is_stacked=False,
    )


def _flags(figures: Figures) -> Chart | None:
    if not figures.flags:
        return None
    shown = dict(list(figures.flags.items())[:_MAX_FLAGS])
    n_others = len(figures.flags) - len(shown)
    first = next(iter(shown))
    chart = draw_ranks(
        name="flags",
        title="Units by flag",
        note=f"Doubts that the checks name.{f' {n_others} rarer ones are in the table only.' if n_others else ''}",
        description=f"The most frequent one is {first}, of {whole(shown[first])} units.",
        counts=shown,
    )
    rows = [(name, whole(count), share(count, figures.n_units)) for name, count in figures.flags.items()]
    return replace(chart, head=("Flag", "Units", "Share"), rows=rows)


def _speeds(runs: Sequence[RunFigures]) -> Chart | None:
    if len(runs) < _MIN_RUNS:
        return None
    speeds = [run.units_per_second or 0 for run in runs]
    return draw_bars(
        name="speed",
        title="Units per second, by run",
        note="Over the whole time of a run, with reading, checks and writing.",
        description=f"The last run with a translation made {speeds[-1]:,.1f} units per second.",
        what="Run",
        labels=_run_labels(runs),
        series={"Units per second": speeds},
    )


def _run_labels(runs: Sequence[RunFigures]) -> list[str]:
    starts = [run.started_at for run in runs if run.started_at]
    is_close = bool(starts) and max(starts) - min(starts) <= _FEW_DAYS

    def label(start: datetime) -> str:
        return f"{start.day} {start:%b %H:%M}" if is_close else f"{start.day} {start:%b} {start.year}"

    return [label(run.started_at) if run.started_at else run.run_id for run in runs]


def _few_series(figures: Figures, series: Mapping[str, Sequence[int]]) -> dict[str, Sequence[int]]:
    """Return the series of the largest pairs by name, and the others added up where there are more than colours."""
    if len(series) <= MAX_SERIES:
        return dict(series)
    by_size = sorted(figures.pairs, key=lambda pair: -pair.n_units)
    largest = {pair.pair for pair in by_size[: MAX_SERIES - 1]}
    few: dict[str, Sequence[int]] = {name: counts for name, counts in series.items() if name in largest}
    others = [counts for name, counts in series.items() if name not in largest]
    few[f"{len(others)} others"] = [sum(counts) for counts in zip(*others, strict=True)]
    return few
