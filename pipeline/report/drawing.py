"""Charts drawn with pygal, with the same figures as a table."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.report.svg import inert_svg
from pipeline.report.words import short, ticks, visible, whole

WIDTH, HEIGHT = 540, 300
_FONT_SIZE = 13
_N_LABELS = 5
_MIN_SLOTS = 12
_MIN_BARS = 3
_BAR_HEIGHT, _AXIS_HEIGHT = 26, 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart as SVG, the names of its colours in their order, and its figures: a head, then rows."""

    name: str
    title: str
    note: str
    svg: str
    legend: Sequence[str]
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def draw_bars(
    *,
    name: str,
    title: str,
    note: str,
    description: str,
    what: str,
    labels: Sequence[str],
    series: Mapping[str, Sequence[float]],
    is_stacked: bool = True,
) -> Chart:
    """Return upright bars, for things that have an order: a bar, or one for each series, at each label.

    Args:
        name: unique in the page.
        title: what the chart shows.
        note: what else there is to know.
        description: the most that it tells, for those who do not see it.
        what: what the labels are.
        labels: one for each place.
        series: as many numbers as labels, by name.
        is_stacked: on each other rather than beside each other.
    """
    pygal = _pygal()

    heights = [sum(column) if is_stacked else max(column) for column in zip(*series.values(), strict=True)]
    kind = pygal.StackedBar if is_stacked else pygal.Bar
    chart = kind(_config(HEIGHT), spacing=8, y_labels=ticks(max(heights)))
    chart.x_labels = _axis_labels(labels)
    for one, counts in series.items():
        told = f", {one}" if len(series) > 1 else ""
        hints = (visible(label + told) for label in labels)
        chart.add(None, [{"value": count, "label": hint} for count, hint in zip(counts, hints, strict=True)])
    return Chart(
        name=name,
        title=title,
        note=note,
        svg=inert_svg(chart, name=name, title=title, description=description),
        legend=list(series) if len(series) > 1 else (),
        head=(what, *series),
        rows=[(label, *map(_cell, row)) for label, *row in zip(labels, *series.values(), strict=True)],
    )


def draw_ranks(*, name: str, title: str, note: str, description: str, counts: Mapping[str, int]) -> Chart:
    """Return lying bars with their names, for things to be compared, the first one on top; no table."""
    pygal = _pygal()

    height = _BAR_HEIGHT * max(_MIN_BARS, len(counts)) + _AXIS_HEIGHT
    chart = pygal.HorizontalBar(_config(height), spacing=6, y_labels=ticks(max(counts.values())))
    # The first bar is drawn at the bottom.
    bars = [{"value": count, "label": visible(one)} for one, count in reversed(list(counts.items()))]
    chart.x_labels = [bar["label"] for bar in bars]
    chart.add(None, bars)
    svg = inert_svg(chart, name=name, title=title, description=description)
    return Chart(name=name, title=title, note=note, svg=svg, legend=(), head=(), rows=())


def _axis_labels(labels: Sequence[str]) -> list[str]:
    """Return a label for each place, most of them empty so that they do not overlap."""
    # Few bars would be as broad as walls; empty places make them slim.
    n_places = max(len(labels), _MIN_SLOTS)
    every = -(-n_places // _N_LABELS)
    shown = (visible(label) if place % every == 0 else "" for place, label in enumerate(labels))
    return [*shown, *[""] * (n_places - len(labels))]


def _cell(number: float) -> str:
    return f"{number:,.4g}" if number % 1 else whole(number)


def _config(height: int) -> Any:
    pygal = _pygal()
    from pygal.style import Style

    return pygal.Config(
        width=WIDTH,
        height=height,
        show_legend=False,
        js=(),
        truncate_label=-1,
        margin=6,
        margin_right=10,
        formatter=short,
        value_formatter=short,
        style=Style(label_font_size=_FONT_SIZE, major_label_font_size=_FONT_SIZE),
    )


def _pygal() -> Any:
    """Import pygal, without the hook for old plug-ins that it leaves among Python's own.

    Nothing here needs it, and Python warns of it whenever a later import finds no module.
    """
    import pygal

    sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != pygal.__name__]
    return pygal
