"""How often a run starts, in the words of cron and of systemd."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.errors import UsageError

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_EVERY = re.compile(r"([1-9]\d{0,3})\s*(m|h)")
_MINUTE_OF_HOUR = re.compile(r":?([0-5]?\d)")
_TIME_OF_DAY = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_WORDS = {"hourly": (1, "h"), "daily": (24, "h")}
_MINUTES = tuple(n for n in range(1, 60) if 60 % n == 0)
_HOURS = tuple(n for n in range(1, 24) if 24 % n == 0)

DEFAULT_MINUTE, DEFAULT_HOUR, DEFAULT_DAY = 17, 3, "mon"
"""Not the full hour, at which so much else starts; between 2 and 3, clocks are set forward in spring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Fixed times of day.

    `cron` is the five fields of a crontab, `calendar` the same as `OnCalendar=`, `seconds` from one start to the next.
    """

    cron: str
    calendar: str
    seconds: int

    @property
    def delay_s(self) -> int:
        """How much later systemd may start it, so that not everything starts at once."""
        return min(60, self.seconds // 20)


def parse_interval(every: str, at: str | None = None) -> Interval:
    """Return the times that `every` and `at` mean.

    Args:
        every: `hourly`, `daily`, `weekly`, or so many minutes or hours, `15m`, `6h`, which must divide the hour or day.
        at: the minute where runs start in each hour, `17`; the time where once a day, `03:17`; for a week with the day
            before it, `mon 03:17`.

    Raises:
        UsageError: cron has no way to say that.
    """
    word = every.strip().lower()
    if word == "weekly":
        return _weekly(at)
    match = _EVERY.fullmatch(word)
    if not match and word not in _WORDS:
        raise UsageError(f"--every {every!r}: write hourly, daily, weekly, or for example 15m or 6h")
    number, unit = (int(match[1]), match[2]) if match else _WORDS[word]
    minutes = number * (60 if unit == "h" else 1)
    if minutes in _MINUTES:
        return _every_minutes(minutes, at)
    hours, rest = divmod(minutes, 60)
    if rest or hours not in (*_HOURS, 24):
        choices = f"{', '.join(f'{n}m' for n in _MINUTES)}, {', '.join(f'{n}h' for n in _HOURS)} or daily"
        raise UsageError(f"--every {every!r} does not divide the hour or the day evenly; choose one of {choices}")
    return _daily(at) if hours == 24 else _every_hours(hours, at)  # noqa: PLR2004 - hours of a day


def _every_minutes(minutes: int, at: str | None) -> Interval:
    if at is not None:
        raise UsageError(f"--at {at!r} does not go with runs more often than hourly; leave it out")
    step = "*" if minutes == 1 else f"*/{minutes}"
    calendar = "*-*-* *:*:00" if minutes == 1 else f"*-*-* *:0/{minutes}:00"
    return Interval(cron=f"{step} * * * *", calendar=calendar, seconds=minutes * _MINUTE)


def _every_hours(hours: int, at: str | None) -> Interval:
    match = _MINUTE_OF_HOUR.fullmatch(at.strip()) if at is not None else None
    if at is not None and not match:
        raise UsageError(f"--at {at!r}: write the minute of the hour, for example 17")
    minute = int(match[1]) if match else DEFAULT_MINUTE
    step, calendar = ("*", "*") if hours == 1 else (f"*/{hours}", f"0/{hours}")
    return Interval(cron=f"{minute} {step} * * *", calendar=f"*-*-* {calendar}:{minute:02}:00", seconds=hours * _HOUR)


def _daily(at: str | None) -> Interval:
    hour, minute = _time_of_day(at, "03:17")
    return Interval(cron=f"{minute} {hour} * * *", calendar=f"*-*-* {hour:02}:{minute:02}:00", seconds=_DAY)


def _weekly(at: str | None) -> Interval:
    words = (at or DEFAULT_DAY).lower().split()
    day = words.pop(0)[:3] if words and words[0][:3] in _DAYS else DEFAULT_DAY
    hour, minute = _time_of_day(" ".join(words) or None, "mon 03:17")
    return Interval(
        cron=f"{minute} {hour} * * {_DAYS.index(day)}",
        calendar=f"{day.title()} *-*-* {hour:02}:{minute:02}:00",
        seconds=7 * _DAY,
    )


def _time_of_day(at: str | None, example: str) -> tuple[int, int]:
    if at is None:
        return DEFAULT_HOUR, DEFAULT_MINUTE
    match = _TIME_OF_DAY.fullmatch(at.strip())
    if not match:
        raise UsageError(f"--at {at!r}: write the time, for example {example}")
    return int(match[1]), int(match[2])
