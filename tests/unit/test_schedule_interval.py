from __future__ import annotations

import pytest

from pipeline.errors import UsageError
from pipeline.schedule.interval import parse_interval


@pytest.mark.parametrize(
    ("every", "at", "cron", "calendar", "seconds"),
    [
        pytest.param("hourly", None, "17 * * * *", "*-*-* *:17:00", 3600, id="hourly"),
        pytest.param("1h", "5", "5 * * * *", "*-*-* *:05:00", 3600, id="minute"),
        pytest.param("60m", ":00", "0 * * * *", "*-*-* *:00:00", 3600, id="sixty-minutes"),
        pytest.param("15m", None, "*/15 * * * *", "*-*-* *:0/15:00", 900, id="minutes"),
        pytest.param("1m", None, "* * * * *", "*-*-* *:*:00", 60, id="each-minute"),
        pytest.param(" 6 H ", None, "17 */6 * * *", "*-*-* 0/6:17:00", 21_600, id="hours"),
        pytest.param("120m", "0", "0 */2 * * *", "*-*-* 0/2:00:00", 7200, id="hours-in-minutes"),
        pytest.param("Daily", None, "17 3 * * *", "*-*-* 03:17:00", 86_400, id="daily"),
        pytest.param("24h", "9:05", "5 9 * * *", "*-*-* 09:05:00", 86_400, id="time"),
        pytest.param("weekly", None, "17 3 * * 1", "Mon *-*-* 03:17:00", 604_800, id="weekly"),
        pytest.param("weekly", "Sunday 23:59", "59 23 * * 0", "Sun *-*-* 23:59:00", 604_800, id="day-and-time"),
        pytest.param("weekly", "04:00", "0 4 * * 1", "Mon *-*-* 04:00:00", 604_800, id="time-of-week"),
        pytest.param("weekly", "fri", "17 3 * * 5", "Fri *-*-* 03:17:00", 604_800, id="day"),
    ],
)
def test_times_are_those_of_cron_and_systemd(
    every: str, at: str | None, cron: str, calendar: str, seconds: int
) -> None:
    interval = parse_interval(every, at)

    assert (interval.cron, interval.calendar, interval.seconds) == (cron, calendar, seconds)
    assert 0 < interval.delay_s <= 60


@pytest.mark.parametrize(
    ("every", "at", "message"),
    [
        pytest.param("7m", None, "does not divide the hour or the day evenly; choose one of 1m, 2m", id="uneven"),
        pytest.param("90m", None, "does not divide", id="hour-and-a-half"),
        pytest.param("5h", None, "does not divide", id="uneven-hours"),
        pytest.param("48h", None, "does not divide", id="two-days"),
        pytest.param("0m", None, "write hourly, daily, weekly, or for example 15m", id="nothing"),
        pytest.param("often", None, "--every 'often': write hourly", id="word"),
        pytest.param("15m", "3", "--at '3' does not go with runs more often than hourly", id="at-with-minutes"),
        pytest.param("hourly", "60", "write the minute of the hour", id="no-minute"),
        pytest.param("hourly", "03:17", "write the minute of the hour", id="time-of-an-hour"),
        pytest.param("daily", "24:00", "--at '24:00': write the time, for example 03:17", id="no-time"),
        pytest.param("daily", "17", "write the time, for example 03:17", id="minute-of-a-day"),
        pytest.param("weekly", "someday 3:00", "write the time, for example mon 03:17", id="no-day"),
    ],
)
def test_what_cron_cannot_say_is_an_error(every: str, at: str | None, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_interval(every, at)
