from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from pipeline.ingest.dates import is_bad_date, parse_date

MOMENT = datetime(2020, 11, 13, 10, 30, tzinfo=timezone.utc)
DAY = MOMENT.replace(hour=0, minute=0)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("2020-11-13T10:30:00Z", MOMENT, id="utc"),
        pytest.param("2020-11-13T10:30:00", MOMENT, id="naive means utc"),
        pytest.param(" 2020-11-13 10:30 ", MOMENT, id="blank and no seconds"),
        pytest.param("2020-11-13T14:30:00+04:00", MOMENT, id="offset"),
        pytest.param("2020-11-13T05:30:00-0500", MOMENT, id="offset without colon"),
        pytest.param("2020-11-13 14:30:00 +04", MOMENT, id="offset of hours"),
        pytest.param("2020-11-13 10:30:00 UTC", MOMENT, id="utc as a word"),
        pytest.param("2020-11-13T14:30:00 GMT+4", MOMENT, id="offset from a word"),
        pytest.param("2020-11-13T10:30:00.1234567Z", MOMENT + timedelta(microseconds=123456), id="seven digits"),
        pytest.param("2020-11-13", DAY, id="date"),
        pytest.param("20201113T103000Z", MOMENT, id="compact"),
        pytest.param("20201113T143000+0400", MOMENT, id="compact with an offset"),
        pytest.param("20201113", DAY, id="compact date"),
        pytest.param("Fri, 13 Nov 2020 14:30:00 +0400", MOMENT, id="rfc 2822"),
        pytest.param("Fri, 13 Nov 2020 10:30:00 GMT", MOMENT, id="rfc 2822 with a name"),
        pytest.param("13 Nov 2020 05:30 EST", MOMENT, id="zone of america"),
        pytest.param("2020/11/13 10:30", MOMENT, id="slashes, year first"),
        pytest.param("13.11.2020 10:30", MOMENT, id="dots"),
        pytest.param("13.11.2020 г., 10:30", MOMENT, id="dots and a word"),
        pytest.param("13/11/2020", DAY, id="day first, for it can be no month"),
        pytest.param("11/13/2020", DAY, id="month first, for the day can be none"),
        pytest.param("04/04/2020", datetime(2020, 4, 4, tzinfo=timezone.utc), id="the same either way"),
        pytest.param("November 13, 2020", DAY, id="month first, in words"),
        pytest.param("Friday, Nov. 13th, 2020 at 10:30 a.m.", MOMENT, id="clock of twelve hours"),
        pytest.param("November 13, 2020 12:05 AM", DAY + timedelta(minutes=5), id="twelve at night"),
        pytest.param("13 November 2020", DAY, id="day first, in words"),
        pytest.param("13-Nov-2020", DAY, id="hyphens"),
        pytest.param("13 ноября 2020", DAY, id="russian"),
        pytest.param("Пятница, 13 ноября 2020 года в 13:30 (МСК)", MOMENT, id="russian in full"),
        pytest.param("13 нояб. 2020 г., 10:30", MOMENT, id="russian abbreviation"),
        pytest.param("13 նոյեմբերի, 2020", DAY, id="armenian"),
        pytest.param("Նոյեմբեր 13, 2020", DAY, id="armenian, month first"),
        pytest.param("2020 թ. նոյեմբերի 13, 10:30", MOMENT, id="armenian, year first"),
        pytest.param("2020 թվականի նոյեմբերի 13", DAY, id="armenian, year in words"),
        pytest.param("13 Յունուար 2020", datetime(2020, 1, 13, tzinfo=timezone.utc), id="western armenian"),
        pytest.param(1605263400, MOMENT, id="seconds"),
        pytest.param(1605263400.0, MOMENT, id="seconds with a fraction"),
        pytest.param("1605263400", MOMENT, id="seconds as text"),
        pytest.param(1605263400000, MOMENT, id="milliseconds"),
        pytest.param(1605263400123456, MOMENT + timedelta(microseconds=123456), id="microseconds"),
        pytest.param(1605263400000000000, MOMENT, id="nanoseconds"),
        pytest.param(20201113, DAY, id="day as a number"),
        pytest.param(datetime(2020, 11, 13, 10, 30), MOMENT, id="datetime"),  # noqa: DTZ001 - none means UTC
        pytest.param(datetime(2020, 11, 13, 14, 30, tzinfo=timezone(timedelta(hours=4))), MOMENT, id="aware datetime"),
        pytest.param(date(2020, 11, 13), DAY, id="day of a table"),
    ],
)  # fmt: skip
def test_date_is_read(value: object, expected: datetime) -> None:
    assert parse_date(value) == expected
    assert not is_bad_date(value)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("03/04/2020", id="one of two"),
        pytest.param("13.11.20", id="year of two digits"),
        pytest.param("2020-02-31", id="no such day"),
        pytest.param("31 февраля 2020", id="no such day in words"),
        pytest.param("13 Brumaire 2020", id="no such month"),
        pytest.param("2020-11-13T25:00:00", id="no such hour"),
        pytest.param("13 Nov 2020 13:00 PM", id="no such hour on a clock"),
        pytest.param("2020-11-13T10:30:00+99:00", id="no such offset"),
        pytest.param("13 Nov 2020 10:30 IST", id="zone of three countries"),
        pytest.param("0001-01-01T00:00:00+14:00", id="before the first year"),
        pytest.param("yesterday", id="word"),
        pytest.param("2020", id="year"),
        pytest.param(2020, id="year as a number"),
        pytest.param(0, id="zero"),
        pytest.param(10**400, id="huge"),
        pytest.param(float("inf"), id="infinite"),
        pytest.param(True, id="boolean"),
        pytest.param(["2020-11-13"], id="list"),
    ],
)
def test_what_is_no_date_is_bad(value: object) -> None:
    assert parse_date(value) is None
    assert is_bad_date(value)


@pytest.mark.parametrize("value", [None, "", " \n", float("nan")], ids=["null", "empty", "blank", "nan"])
def test_nothing_is_no_bad_date(value: object) -> None:
    assert parse_date(value) is None
    assert not is_bad_date(value)
