"""Numbers in digits, and what each may mean in the language of its text.

`1,500` is 1500 in English and 1.5 in Russian; Armenian news writes both. So a number has readings: its own ones, by the
rules of its language, and foreign ones, by those of another. Times, dates, scores and versions are rows of numbers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from pipeline.checks.number_words import Lexicon, load_lexicon
from pipeline.entities import without_entities
from pipeline.types import standard_of

Value = float
"""A value, rounded to `_N_DECIMALS`, so that 2.8 × 10⁹ and 2,800 × 10⁶ are equal."""

_N_DECIMALS = 6
_BLANKS = " \u00a0\u202f\u2009"
_GROUP_MARKS = f"{_BLANKS}'’"
# The first digit stands before the alternatives, so that the search skips to it.
_NUMBER = re.compile(
    # A power of a unit, as in km2, is no number.
    r"\d(?<!\b[kcmкмсկմս][mмմ][23])(?<!\b[mмմ][23])(?:\d?[:։][0-5]\d(?![\d:]|[.,]\d)"
    rf"|\d{{0,2}}(?:[{_GROUP_MARKS}]\d{{3}})+(?!\d)(?:[.,]\d{{1,20}})?"
    # 20 digits are more than any number of news has.
    r"|\d{0,19}(?:[.,]\d{1,20})*)"
)
_SEPARATOR = re.compile(rf"[.,{_GROUP_MARKS}]")
_GROUPS = {
    mark: re.compile(rf"[1-9]\d{{0,2}}(?:{marks}\d{{3}})+")
    for mark, marks in ((",", ","), (".", r"\."), (" ", f"[{_GROUP_MARKS}]"))
}
_DECIMAL_MARKS = {"en": ".", "ru": ",", "hy": ".,"}
_GROUP_KINDS = {"en": ",", "ru": " ", "hy": " .,"}

_MERIDIEM = re.compile(r"\s?([ap])\.?\s?m\b|\s(?:час\w{0,2}\s(?:дня|вечера)|вечера|пополудни)\b", re.IGNORECASE)
_BEFORE_EVENING = re.compile(r"(?:երեկոյան|կեսօրից հետո|ցերեկվա|ցերեկը)\s(?:ժամը?\s)?$", re.IGNORECASE)
_DECADE = re.compile(r"['’]?s\b|[-–]?[ех]\b|[-–](?:м|ы[ехм]|ы?ми)\b|[-–]?ական", re.IGNORECASE)
_LETTER_SCALE = re.compile(r"([KkMmBb])\b")
_LETTER_SCALES = {"k": 1000, "m": 1_000_000, "b": 1_000_000_000}
# 15-ти миллионов, 20-миллионный
_BEFORE_SCALE = re.compile(r"(?:-[а-яё]{1,3}(?=\s))?[\s-]?", re.IGNORECASE)
_SHORT_GAP = re.compile(r"(?:-?\w{1,3})?\s?(?:[-–—]|to|and|or|до|и|или|մինչև|կամ|և|ից)?\s?[$€£]?", re.IGNORECASE)
_CURRENCY_BEFORE = re.compile(r"[$€£¥₽]\s?$")
_PHONE_BEFORE = re.compile(r"(?:\+|\) ?|\b0\d*[ -])$")
# Versions, figures and sections are written alike in all languages: USB 3.0, рис. 1.1.
_NAME_BEFORE = re.compile(
    r"(?:\b(?!USD|EUR|GBP|RUB|AMD)[A-Za-z][\w.]*|\b(?:[пст]|рис|табл)\."
    r"|\b(?:верси|раздел|пункт|стать|глав|част|рис|илл|табл|график)\w{0,5})[ \u00a0-]?$",
    re.IGNORECASE,
)
_SHORT_DATE = re.compile(r"\d{1,2}\.\d{1,2}\.\d\d")
_VERSION = re.compile(r"\d{1,3}\.\d{1,2}")
_WORD_BEFORE = re.compile(r"([^\W\d_]+)[\s]$")
_N_CHARS_BEFORE = 24
_NOON = 12
_LATEST_HOUR = 24
_LATEST_MINUTE = 59
_CENTURY = 100
_DECADE_YEARS = 10
_N_DIGITS_OF_SHORT_YEAR = 2
_LONGEST_GAP = 12
_LAST_CENTURY = 1900
_THIS_CENTURY = 2000
_YEARS = range(1000, 2100)


class Number(NamedTuple):
    """A number in digits, half open in code points.

    `own` and `foreign` are its values by the rules of its language and of others, the likeliest first; `parts` are the
    whole numbers that it may be a row of; `is_separated` tells whether its decimals or groups are set off by a mark;
    `scale` is what a word after it multiplied it by.
    """

    start: int
    end: int
    own: tuple[Value, ...]
    foreign: tuple[Value, ...] = ()
    parts: tuple[Value, ...] = ()
    is_separated: bool = False
    scale: int = 1

    def times(self, scale: int) -> Number:
        """Return the number multiplied."""
        own, foreign = (
            tuple(round(value * scale, _N_DECIMALS) for value in values) for values in (self.own, self.foreign)
        )
        return self._replace(own=own, foreign=foreign, parts=(), scale=scale)


class Reading(NamedTuple):
    """A text with blanks for its entities, and the numbers in digits that it has then."""

    text: str
    numbers: Sequence[Number]


@lru_cache(maxsize=64)
def read_numbers(text: str, language: str) -> Reading:
    """Return the reading of a text; several checks ask for that of the same one in turn."""
    cleaned = without_entities(text)
    return Reading(cleaned, tuple(find_numbers(cleaned, language)))


def find_numbers(text: str, language: str) -> list[Number]:
    """Return the numbers in digits of `text`, in order; `language` is one of `LANGUAGES` or a variety of one."""
    reader = _Reader(text, standard_of(language))
    found: list[Number] = []
    for match in _NUMBER.finditer(text):
        found += reader.read(match)
    return _joined(text, found)


class _Reader:
    """Reads the numbers of one text."""

    def __init__(self, text: str, language: str) -> None:
        self._text = text
        self._language = language
        self._lexicon: Lexicon = load_lexicon(language)

    def read(self, match: re.Match[str]) -> list[Number]:
        """Return what the digits at a place mean: one number, or several where they are a time or a date."""
        start, end = match.span()
        written = match[0]
        if written.isdecimal():
            return [self._whole(int(written), start, end)]
        hour, colon, minute = written.replace("։", ":").partition(":")
        if colon:
            return self._clock(int(hour), int(minute), start, end)
        number = self._separated(written, start, end)
        if not number.own and not number.foreign:
            return _row(number, has_short_year=_SHORT_DATE.fullmatch(written) is not None)
        if len(number.parts) > 1 and "." in written and self._is_clock(number.parts, start, end):
            return self._clock(int(number.parts[0]), int(number.parts[1]), start, end)
        return [self._scaled(number)]

    def _clock(self, hour: int, minute: int, start: int, end: int) -> list[Number]:
        """Return hour and minute; a full hour is the hour alone, as in 5 pm."""
        hours = (Number(start, end, self._hours(hour, start, end)),)
        return [*hours, Number(start, end, (minute,))] if minute else [*hours]

    def _hours(self, hour: int, start: int, end: int) -> tuple[Value, ...]:
        half = _MERIDIEM.match(self._text, end)
        is_late = half is not None and half[1] not in {"a", "A"}
        if not half and hour <= _NOON:
            is_late = _BEFORE_EVENING.search(self._text, max(0, start - _N_CHARS_BEFORE), start) is not None
        if is_late and hour < _NOON:
            return (hour, hour + _NOON)
        return (hour, 0) if half and not is_late and hour == _NOON else (hour,)

    def _is_clock(self, parts: Sequence[Value], start: int, end: int) -> bool:
        """Return whether digits with a point are a time: 15.30 after `at`, 4.40 before `am`."""
        if parts[0] > _LATEST_HOUR or self._text[end - 3] != "." or parts[1] > _LATEST_MINUTE:
            return False
        position = max(0, start - _N_CHARS_BEFORE)
        if _MERIDIEM.match(self._text, end) or _BEFORE_EVENING.search(self._text, position, start):
            return True
        before = _WORD_BEFORE.search(self._text, position, start)
        return before is not None and before[1].lower() in self._lexicon.clock

    def _whole(self, value: int, start: int, end: int) -> Number:
        """Return a number without marks: a year, a decade, an hour, an amount."""
        if value <= _NOON:
            hours = self._hours(value, start, end)
            if len(hours) > 1:
                return Number(start, end, hours)
        if value % _DECADE_YEARS == 0 and (0 < value < _CENTURY or value in _YEARS) and _DECADE.match(self._text, end):
            return Number(start, end, (value,) if value in _YEARS else (value, _LAST_CENTURY + value))
        number = Number(start, end, (value,))
        if start and self._text[start - 1] == "." and not (start > 1 and self._text[start - 2].isalnum()):
            number = number._replace(own=(round(float(f"0.{self._text[start:end]}"), _N_DECIMALS), value))
        return self._scaled(number)

    def _separated(self, written: str, start: int, end: int) -> Number:
        """Return the readings of digits with marks within them."""
        parts = tuple(int(part) for part in _SEPARATOR.split(written))
        own: list[Value] = []
        foreign: list[Value] = []
        is_phone = _PHONE_BEFORE.search(self._text, max(0, start - _N_CHARS_BEFORE), start)
        for value, is_own in () if is_phone else _readings(written, self._language):
            (own if is_own else foreign).append(value)
        if not own and foreign and self._language != "en" and _VERSION.fullmatch(written) and self._is_name(start):
            own, foreign = foreign, []
        return Number(start, end, tuple(own), tuple(foreign), parts, is_separated=True)

    def _is_name(self, start: int) -> bool:
        """Return whether a number belongs to a name, which every language writes alike: USB 3.0."""
        return bool(_NAME_BEFORE.search(self._text, max(0, start - _N_CHARS_BEFORE), start))

    def _scaled(self, number: Number) -> Number:
        """Return a number with the word of scale that follows it: 1.5 million."""
        letter = _LETTER_SCALE.match(self._text, number.end)
        if letter:
            scaled = number.times(_LETTER_SCALES[letter[1].lower()])._replace(end=letter.end())
            if _CURRENCY_BEFORE.search(self._text, max(0, number.start - 2), number.start):
                return scaled
            return number._replace(own=(*number.own, *scaled.own), foreign=(*number.foreign, *scaled.foreign))
        gap = _BEFORE_SCALE.match(self._text, number.end)
        position = gap.end() if gap else number.end
        for pattern, factor in self._lexicon.scales:
            word = pattern.match(self._text, position)
            if word:
                return number.times(factor)._replace(end=word.end())
        return number


def _row(number: Number, *, has_short_year: bool) -> list[Number]:
    """Return the whole numbers that digits with marks are a row of; 18 at the end of a date is 2018 too."""
    row = [Number(number.start, number.end, (part,)) for part in number.parts]
    if has_short_year:
        year = number.parts[-1]
        row[-1] = row[-1]._replace(own=(year, _THIS_CENTURY + year, _LAST_CENTURY + year))
    return row


def _readings(written: str, language: str) -> list[tuple[Value, bool]]:
    """Return the values that digits with marks may have, each with whether `language` writes it so."""
    found: list[tuple[Value, bool]] = []
    decimal_marks, group_kinds = _DECIMAL_MARKS[language], _GROUP_KINDS[language]
    for kind, pattern in _GROUPS.items():
        groups = pattern.match(written)
        if groups is None:
            continue
        whole, rest = re.sub(r"\D", "", groups[0]), written[groups.end() :]
        if not rest:
            found.append((int(whole), kind in group_kinds))
        elif rest[0] != kind and rest[1:].isdecimal():
            is_own = kind in group_kinds and rest[0] in decimal_marks
            found.append((_decimal(whole, rest[1:]), is_own))
    whole, mark, decimals = written.partition("." if "." in written else ",")
    if mark and whole.isdecimal() and decimals.isdecimal():
        found.append((_decimal(whole, decimals), mark in decimal_marks))
    return found


def _decimal(whole: str, decimals: str) -> Value:
    return round(float(f"{whole}.{decimals}"), _N_DECIMALS)


def _joined(text: str, numbers: Sequence[Number]) -> list[Number]:
    """Return numbers with what they have of their neighbours: the scale of a range, the century of two years."""
    found: list[Number] = []
    for number in numbers:
        last = found[-1] if found else None
        gap = text[last.end : number.start] if last else ""
        if last is None or len(gap) > _LONGEST_GAP:
            found.append(number)
        elif 1 < number.scale < last.scale and gap in _BLANKS:
            found[-1] = last._replace(end=number.end, own=tuple(one + two for one in last.own for two in number.own))
        else:
            if last.scale == 1 < number.scale and _SHORT_GAP.fullmatch(gap):
                found[-1] = last._replace(own=(*last.own, *last.times(number.scale).own))
            found.append(_with_century(last, number, gap))
    return found


def _with_century(last: Number, number: Number, gap: str) -> Number:
    """Return the second year of 2018/19 with its century."""
    year = last.own[0] if last.own else 0
    is_short = number.end - number.start == _N_DIGITS_OF_SHORT_YEAR and gap in {"-", "–", "/"}
    if not (is_short and year in _YEARS and number.own):
        return number
    return number._replace(own=(*number.own, year // _CENTURY * _CENTURY + number.own[0]))
