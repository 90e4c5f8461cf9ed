"""Number classes: counts, large numbers, percentages, dates, times and scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.newsbrief.lexicon import Entry, make_entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_NO_BREAK_SPACE: Final = "\N{NO-BREAK SPACE}"
_MAX_GOALS: Final = 9


def build_number_classes(months: Iterable[Entry]) -> Mapping[str, tuple[Entry, ...]]:
    """Build all number classes.

    Args:
        months: the class ``month`` in calendar order, with ru ``gen`` and hy ``gen``, for the dates.
    """
    ranges = {
        "count": range(2, 21),
        "tens": range(21, 100),
        "hundreds": range(100, 1000, 10),
        "thousands": range(1100, 95001, 100),
        "millions": range(2, 951),
        "degrees": range(10, 40),
    }
    classes = {name: tuple(_number(value) for value in values) for name, values in ranges.items()}
    return classes | {
        "percent": tuple(_percent(tenths) for tenths in range(3, 200) if tenths % 10),
        "year": tuple(_same(str(year)) for year in range(2005, 2026)),
        "time": tuple(_same(f"{hour:02}:{minute:02}") for hour in range(7, 22) for minute in range(0, 60, 5)),
        "score": tuple(_score(more, less) for more in range(1, _MAX_GOALS + 1) for less in range(more)),
        "date": tuple(_dates(months)),
    }


def _number(value: int) -> Entry:
    spaced = f"{value:,}".replace(",", _NO_BREAK_SPACE)
    return _entry(f"{value:,}", spaced, spaced, number=value)


def _percent(tenths: int) -> Entry:
    whole, tenth = divmod(tenths, 10)
    return _entry(f"{whole}.{tenth}", f"{whole},{tenth}", f"{whole},{tenth}")


def _score(more: int, less: int) -> Entry:
    return _entry(f"{more}-{less}", f"{more}:{less}", f"{more}:{less}")


def _same(text: str) -> Entry:
    return _entry(text, text, text)


def _dates(months: Iterable[Entry]) -> Iterable[Entry]:
    for month, days in zip(months, _DAYS, strict=True):
        for day in range(1, days + 1):
            base = {
                "en": f"{month.forms['en']['nom']} {day}",
                "ru": f"{day} {month.forms['ru']['gen']}",
                "hy": f"{month.forms['hy']['gen']} {day}",
            }
            on = base | {"hy": f"{base['hy']}-ին"}
            tables = {language: {"nom": base[language], "on": on[language]} for language in base}
            yield make_entry(base["en"], tables)


def _entry(en: str, ru: str, hy: str, *, number: int | None = None) -> Entry:
    return make_entry(en, {"en": {"nom": en}, "ru": {"nom": ru}, "hy": {"nom": hy}}, number=number)
