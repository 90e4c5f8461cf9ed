"""Days counted together where there are too many for a chart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

MAX_BARS = 36
"""More do not fit beside each other."""
_MOST = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A way to count days together: `start` gives the first day of the period that a day belongs to.

    None is shorter than `n_days`.
    """

    name: str
    n_days: int
    start: Callable[[date], date]
    label: str


PERIODS = (
    Period(name="day", n_days=1, start=lambda day: day, label="{day.day} {day:%b} {day.year}"),
    Period(
        name="week",
        n_days=7,
        start=lambda day: day - timedelta(days=min(day.weekday(), day.toordinal() - 1)),
        label="{day.day} {day:%b} {day.year}",
    ),
    Period(name="month", n_days=28, start=lambda day: day.replace(day=1), label="{day:%b} {day.year}"),
    Period(name="year", n_days=365, start=lambda day: date(day.year, 1, 1), label="{day.year}"),
    Period(name="decade", n_days=3652, start=lambda day: date(max(day.year // 10 * 10, 1), 1, 1), label="{day.year}s"),
)
"""From short to long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Counts by series and period; every series has one for each of `starts`. Empty periods may be left out."""

    period: Period
    starts: Sequence[date]
    series: Mapping[str, Sequence[int]]
    has_gaps: bool

    @property
    def labels(self) -> list[str]:
        """How each period is called."""
        return [self.period.label.format(day=start) for start in self.starts]


def timeline(counts: Mapping[str, Mapping[date, int]]) -> Timeline | None:
    """Return the counts by the shortest period that gives `MAX_BARS` at most; nothing where there are none.

    Where a stray date would squeeze nearly everything into one bar, periods without anything are left out instead.
    """
    days = Counter[date]()
    for by_day in counts.values():
        days.update(by_day)
    if not days:
        return None
    whole = next((found for found in map(_all_starts(days), PERIODS) if found), None)
    if whole is not None and not _is_lopsided(days, *whole):
        return _counted(counts, *whole, has_gaps=False)
    period = next((one for one in PERIODS if len(set(map(one.start, days))) <= MAX_BARS), PERIODS[-1])
    return _counted(counts, period, sorted(set(map(period.start, days))), has_gaps=True)


def _all_starts(days: Iterable[date]) -> Callable[[Period], tuple[Period, list[date]] | None]:
    """Return what gives all periods from the first day to the last one, or nothing where these are too many."""
    first, last = min(days), max(days)

    def starts(period: Period) -> tuple[Period, list[date]] | None:
        n_steps = (last - first).days // period.n_days
        if n_steps > 2 * MAX_BARS:
            return None
        # Steps as short as the shortest period miss none.
        steps = (first + timedelta(days=number * period.n_days) for number in range(n_steps + 1))
        found = sorted({period.start(day) for day in (*steps, last)})
        return (period, found) if len(found) <= MAX_BARS else None

    return starts


def _is_lopsided(days: Counter[date], period: Period, starts: Sequence[date]) -> bool:
    sums = Counter[date]()
    for day, count in days.items():
        sums[period.start(day)] += count
    return len(starts) > 1 and period.name != PERIODS[0].name and max(sums.values()) > _MOST * sums.total()


def _counted(
    counts: Mapping[str, Mapping[date, int]], period: Period, starts: Sequence[date], *, has_gaps: bool
) -> Timeline:
    series: dict[str, Sequence[int]] = {}
    for name, by_day in counts.items():
        sums = Counter[date]()
        for day, count in by_day.items():
            sums[period.start(day)] += count
        series[name] = [sums[start] for start in starts]
    return Timeline(period=period, starts=starts, series=series, has_gaps=has_gaps)
