"""Dates of publication as feeds, agencies and databases write them."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from functools import cache

from pipeline.packaged import read_toml

MIN_UNIX_SECONDS = 10**8
"""March 1973; smaller numbers are no moment but a day (`20201113`), a year, or a zero that means nothing."""

_UTC = timezone.utc
# `datetime.fromisoformat` of Python 3.10 takes less than that of 3.11; the same input must give the same rows.
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(?:(Z|z|UTC|GMT)|([+-])(\d\d):?(\d\d)?)?)?",
    re.ASCII,
)
# The form that most dates come in, and that `fromisoformat` reads in the same way in each Python.
_USUAL = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:[+-]\d\d:\d\d|(?P<utc>Z))?)?", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?\s*(Z|[+-]\d\d:?\d\d)?)?", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"\d{10}(?:\d{3})?(?:\.\d+)?", re.ASCII)
_WEEKDAY = r"(?:[^\W\d_]+\.?,?\s+)?"
_YEAR = r"(?P<year>\d{4})(?:\s*(?:г\.|года?|թ[.․]|թվական[իա]?ն?))?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_MONTH = r"(?P<month>[^\W\d_]+)[.․]?"
_TIME = (
    r"(?:(?:\s*[,T|–—-]\s*|\s+(?:at|в|ժամը)\s+|\s+)"
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"(?:\s*(?P<half>[ap])\.?m\.?)?"
    r"(?:\s*\(?(?P<zone>[^\W\d_]+)?(?:(?P<sign>[+-])(?P<off_hour>\d\d?)(?::?(?P<off_minute>\d\d))?)?\)?)?)?"
)
_WRITTEN = tuple(
    re.compile(pattern + _TIME, re.IGNORECASE)
    for pattern in (
        rf"{_WEEKDAY}{_DAY}[\s-]+{_MONTH}[\s,-]+{_YEAR}",
        rf"{_WEEKDAY}{_MONTH}\s+{_DAY},?\s+{_YEAR}",
        rf"{_YEAR},?\s+{_MONTH}\s+{_DAY}",
        r"(?P<year>\d{4})(?P<mark>[/.-])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})",
        r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})(?:\s*(?:г\.|թ[.․]))?",
        r"(?P<either>\d{1,2})(?P<mark>[/-])(?P<other>\d{1,2})(?P=mark)(?P<year>\d{4})",
    )
)
# Source: RFC 2822, section 4.3, and the zones of Europe; what several parts of the world call theirs is left out.
_ZONE_HOURS = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "cet": 1, "cest": 2, "eet": 2, "eest": 3, "msk": 3, "мск": 3,
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
}  # fmt: skip
# Numbers of this size and above count smaller units than seconds.
_UNITS = ((10**17, 10**9), (10**14, 10**6), (10**11, 10**3))


def parse_date(value: object) -> datetime | None:
    """Return the moment in UTC, or None where `value` is no date or one of two.

    Takes ISO 8601 with or without a time and a time zone (none means UTC), RFC 2822, dates in figures and with the
    English, Russian or Armenian name of the month, `datetime` and `date`, and seconds to nanoseconds since 1970. Of
    `03/04/2020` nobody knows which is the month.
    """
    if value is None:
        return None
    try:
        if isinstance(value, str):
            return _from_text(value.strip())
        if isinstance(value, date):
            return _from_date(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _from_number(value)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def is_bad_date(value: object) -> bool:
    """Return whether there is something in place of a date that is none; nothing, blanks and NaN are not there."""
    is_missing = value is None or value != value or (isinstance(value, str) and not value.strip())  # noqa: PLR0124
    return not is_missing and parse_date(value) is None


def _from_text(text: str) -> datetime | None:
    if match := _USUAL.fullmatch(text):
        moment = datetime.fromisoformat(text[:-1] if match["utc"] else text)
        return moment.astimezone(_UTC) if moment.tzinfo else moment.replace(tzinfo=_UTC)
    match = _ISO.fullmatch(text)
    return _from_iso(match) if match else _from_other(text)


def _from_iso(match: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second, fraction, _, sign, off_hour, off_minute = match.groups()
    offset = timedelta(hours=int(off_hour), minutes=int(off_minute or 0)) if off_hour else None
    microsecond = int(fraction[:6].ljust(6, "0")) if fraction else 0
    moment = datetime(
        int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), microsecond, _UTC
    )
    return _without_offset(moment, offset, sign) if offset else moment


def _without_offset(moment: datetime, offset: timedelta, sign: str | None) -> datetime:
    if offset >= timedelta(days=1):
        raise ValueError("no time zone is a day away")
    return moment + offset if sign == "-" else moment - offset


def _from_other(text: str) -> datetime | None:
    if match := _COMPACT.fullmatch(text):
        year, month, day, hour, minute, second, zone = match.groups()
        return parse_date(f"{year}-{month}-{day}T{hour or '00'}:{minute or '00'}:{second or '00'}{zone or ''}")
    if _NUMBER.fullmatch(text):
        return _from_number(float(text))
    text = " ".join(text.split())
    match = next((match for pattern in _WRITTEN if (match := pattern.fullmatch(text))), None)
    return match and _from_written(match.groupdict())


def _from_written(parts: dict[str, str | None]) -> datetime | None:
    month, day = _month_and_day(parts)
    zone = parts["zone"]
    if month is None or (zone and zone.lower() not in _ZONE_HOURS):
        return None
    moment = datetime(
        int(parts["year"] or 0),
        month,
        day,
        _hour(parts),
        int(parts["minute"] or 0),
        int(parts["second"] or 0),
        int((parts["fraction"] or "")[:6].ljust(6, "0")),
        _UTC,
    )
    if zone:
        moment -= timedelta(hours=_ZONE_HOURS[zone.lower()])
    offset = timedelta(hours=int(parts["off_hour"] or 0), minutes=int(parts["off_minute"] or 0))
    return _without_offset(moment, offset, parts["sign"])


def _month_and_day(parts: dict[str, str | None]) -> tuple[int | None, int]:
    """Return the month, None where it cannot be told, and the day."""
    if "either" in parts:
        day, month = sorted((int(parts["either"] or 0), int(parts["other"] or 0)), reverse=True)
        return (month if day > 12 or day == month else None), day  # noqa: PLR2004 - months in a year
    name = parts["month"] or ""
    return int(name) if name.isdecimal() else _months().get(name.lower()), int(parts["day"] or 0)


def _hour(parts: dict[str, str | None]) -> int:
    hour, half = int(parts["hour"] or 0), (parts["half"] or "").lower()
    if half and not 1 <= hour <= 12:  # noqa: PLR2004 - hours on a clock face
        raise ValueError("no such hour")
    return hour % 12 + (12 if half == "p" else 0) if half else hour


def _from_date(value: date) -> datetime:
    if not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=_UTC)
    return value.replace(tzinfo=_UTC) if value.tzinfo is None else value.astimezone(_UTC)


def _from_number(value: float) -> datetime | None:
    if abs(value) < MIN_UNIX_SECONDS:
        return _from_other(str(value)) if isinstance(value, int) and value > 0 else None
    per_second = next((per_second for least, per_second in _UNITS if abs(value) >= least), 1)
    if per_second == 1 or isinstance(value, float):
        return datetime.fromtimestamp(value / per_second, tz=_UTC)
    seconds, rest = divmod(value, per_second)
    return datetime.fromtimestamp(seconds, tz=_UTC) + timedelta(microseconds=rest * 10**6 // per_second)


@cache
def _months() -> dict[str, int]:
    """The number of each name of a month."""
    languages: dict[str, list[str]] = read_toml("pipeline.ingest", "months.toml")
    return {
        name: number
        for months in languages.values()
        for number, names in enumerate(months, start=1)
        for name in names.split()
    }
