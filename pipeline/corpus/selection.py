"""Which units are wanted: filters that every reader of a corpus has."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from pipeline.corpus.sql import literal, literals
from pipeline.errors import Flag, UsageError
from pipeline.types import parse_pair

_DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class DateRange:
    """Days of publication in UTC, both included; None is open.

    Articles without a date are of the day they were ingested.
    """

    first: date | None = None
    last: date | None = None

    @classmethod
    def parse(cls, text: str) -> DateRange:
        """Return the range that a year, month or day names, or two of them with `..` between: `2020-11..2021`.

        Raises:
            UsageError: it is none.
        """
        first, dots, last = text.partition("..")
        if not dots:
            return cls(_first_day(text), _last_day(text))
        found = cls(_first_day(first) if first else None, _last_day(last) if last else None)
        if found.first and found.last and found.first > found.last:
            raise UsageError(f"{text}: the first date is after the last one")
        return found

    def __contains__(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


def _first_day(text: str) -> date:
    year, month, day = _numbers(text)
    return _day(text, year, month or 1, day or 1)


def _last_day(text: str) -> date:
    year, month, day = _numbers(text)
    if day:
        return _day(text, year, month, day)
    start = _day(text, year, month or 12, 1)
    return start.replace(day=calendar.monthrange(start.year, start.month)[1])


def _numbers(text: str) -> tuple[int, int, int]:
    """Return year, month and day; 0 is not given."""
    if not (found := _DAY.fullmatch(text.strip())):
        raise UsageError(
            f"{text!r} is no date: write a year, month or day, or two with .. between, as in 2020-11..2021-02-15"
        )
    year, month, day = (int(number or 0) for number in found.groups())
    return year, month, day


def _day(text: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise UsageError(f"{text}: there is no such day") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which units are wanted; nothing given takes all of the latest ones.

    Several pairs or publishers are alternatives; of `flags` a unit must have one at least, of `without_flags` none.
    Units without a quality (nothing was translated) have none that is high enough. `all_revisions` takes units as well
    that later runs or revisions have superseded.
    """

    pairs: tuple[str, ...] = ()
    dates: DateRange | None = None
    publishers: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    without_flags: tuple[str, ...] = ()
    min_quality: float | None = None
    all_revisions: bool = False

    def checked(self) -> Selection:
        """Return self with pairs as folders are named after them, or say what cannot be.

        Raises:
            UsageError: a pair, flag or quality is none.
        """
        pairs = tuple(str(parse_pair(pair)) for pair in self.pairs)
        known = {flag.value for flag in Flag}
        if strangers := [flag for flag in (*self.flags, *self.without_flags) if flag not in known]:
            raise UsageError(f"{strangers[0]}: no flag; there are {', '.join(sorted(known))}")
        if self.min_quality is not None and not 0 <= self.min_quality <= 1:
            raise UsageError(f"--min-quality {self.min_quality}: quality is between 0 and 1")
        return replace(self, pairs=pairs)

    @property
    def is_all(self) -> bool:
        """Whether every latest unit is wanted."""
        return self == Selection()

    def has_partition(self, pair: str, day: date | None) -> bool:
        """Return whether a folder of `bitext` may hold such units."""
        return (not self.pairs or pair in self.pairs) and (
            self.dates is None or (day is not None and day in self.dates)
        )

    def conditions(self) -> Iterator[str]:
        """Yield what SQL asks of a row of `bitext`; `latest_articles` must be there for publishers."""
        if self.pairs:
            yield f"pair IN ({literals(self.pairs)})"
        yield from _between("date", self.dates)
        if self.publishers:
            chosen = f"SELECT article_id FROM latest_articles WHERE publisher IN ({literals(self.publishers)})"
            yield f"article_id IN ({chosen})"
        if self.flags:
            yield f"list_has_any(flags, [{literals(self.flags)}])"
        if self.without_flags:
            yield f"NOT list_has_any(flags, [{literals(self.without_flags)}])"
        if self.min_quality is not None:
            yield f"quality >= {literal(self.min_quality)}"


def _between(name: str, dates: DateRange | None) -> Iterator[str]:
    if dates and dates.first:
        yield f"{name} >= {literal(dates.first.isoformat())}"
    if dates and dates.last:
        yield f"{name} <= {literal(dates.last.isoformat())}"
