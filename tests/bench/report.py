"""Results for people, as a page with a plot, and for programs, as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.measures import Measure

DOCS = Path(__file__).parents[2] / "docs"
RECORD = DOCS / "benchmarks.json"
PAGE = DOCS / "benchmarks.md"
PLOT = DOCS / "benchmarks.svg"
TOLERANCE = 0.10
"""How much worse a ratio may be than the recorded one."""

_HEAD = """# Benchmarks

Made by `make bench`; `make bench-check` fails where a ratio is more than 10 % worse than here. Contestants take their
turn in each round; ratios are medians over the rounds, each of two neighbours in time, because machines are shared.

"""


def record(measures: Sequence[Measure], machine: Mapping[str, str], *, n_rounds: int, today: date) -> None:
    """Write page, plot and JSON into `docs`; what was not measured this time stays as it was recorded."""
    measures = _with_recorded(measures)
    values = {
        "date": today.isoformat(),
        "machine": dict(machine),
        "n_rounds": n_rounds,
        "measures": [measure.to_json() for measure in measures],
    }
    RECORD.write_text(json.dumps(values, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    PAGE.write_text(_page(measures, machine, n_rounds=n_rounds, today=today), encoding="utf-8")
    PLOT.write_text(_plot(measures), encoding="utf-8")


def _with_recorded(measures: Sequence[Measure]) -> list[Measure]:
    fresh = {measure.name: measure for measure in measures}
    recorded = json.loads(RECORD.read_text("utf-8"))["measures"] if RECORD.exists() else []
    known = [fresh.pop(one["name"], Measure(**one)) for one in recorded]
    return known + list(fresh.values())


def regressions(measures: Sequence[Measure]) -> list[str]:
    """Return a line for each ratio that is clearly worse than the recorded one."""
    recorded = {one["name"]: one["value"] for one in json.loads(RECORD.read_text("utf-8"))["measures"]}
    lines = []
    for measure in measures:
        before = recorded.get(measure.name)
        if not measure.is_ratio or not before:
            continue
        loss = 1 - measure.value / before if measure.better == "higher" else measure.value / before - 1
        if loss > TOLERANCE:
            lines.append(f"{measure.name}: {measure.value:.3g} {measure.unit}, recorded was {before:.3g}")
    return lines


def line(measure: Measure) -> str:
    """Return a measure as one line for people."""
    target = "" if measure.target is None else f" (target {_bound(measure)}{'' if measure.is_reached else ', missed'})"
    return f"{measure.name}: {_number(measure.value)} {measure.unit}{target}"


def _page(measures: Sequence[Measure], machine: Mapping[str, str], *, n_rounds: int, today: date) -> str:
    rows = [
        f"| {measure.name} | {_number(measure.value)} {measure.unit} | {_bound(measure)} | {_mark(measure)} |"
        for measure in measures
    ]
    remarks = [f"* **{measure.name}**: {measure.remark}." for measure in measures if measure.remark]
    on = "\n".join(f"* {value}" for value in machine.values())
    table = "\n".join(["| measure | reached | target | |", "|---|---|---|---|", *rows])
    lists = "\n".join(remarks)
    parts = (f"{today.isoformat()}, {n_rounds} rounds, on", on, "![Side by side](benchmarks.svg)", table, lists)
    return _HEAD + "\n\n".join(parts) + "\n"


def _plot(measures: Sequence[Measure]) -> str:
    """Return bars: the speed of each contestant as a share of that of CTranslate2 alone."""
    import pygal
    from pygal.style import CleanStyle

    chart = pygal.HorizontalBar(
        style=CleanStyle(font_family="sans-serif"),
        title="Speed, CTranslate2 alone on the same segments = 100 %",
        width=760,
        height=340,
        js=[],
        disable_xml_declaration=True,
        print_values=True,
        value_formatter=lambda value: f"{value:.0f} %",
        range=(0, 110),
    )
    contests = [one for one in measures if set(one.seconds) == {"argos", "limit", "newsmt"} and "Argos," in one.name]
    chart.x_labels = [one.name.partition(", ")[2] for one in contests]
    for name, title in (("argos", "Argos API"), ("newsmt", "newsmt run"), ("limit", "CTranslate2 alone")):
        chart.add(title, [100 * median(one.seconds["limit"]) / median(one.seconds[name]) for one in contests])
    plot: str = chart.render(is_unicode=True)
    return plot + "\n"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _bound(measure: Measure) -> str:
    if measure.target is None:
        return ""
    return f"{'≥' if measure.better == 'higher' else '≤'} {measure.target:,g}"


def _mark(measure: Measure) -> str:
    return "" if measure.target is None else "reached" if measure.is_reached else "**missed**"


def to_json(measures: Sequence[Measure]) -> list[dict[str, Any]]:
    """Return measures as JSON values."""
    return [measure.to_json() for measure in measures]
