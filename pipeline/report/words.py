"""Numbers and texts as people read them in a report."""

from __future__ import annotations

import math
import re

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def visible(text: str) -> str:
    """Return a text with a mark in place of what no document may hold: control characters, lone surrogates."""
    return _NOT_XML.sub("\ufffd", text)


def whole(number: float) -> str:
    """Return a number without decimals, its thousands parted."""
    return f"{number:,.0f}"


def decimal(number: float | None, n_digits: int = 2) -> str:
    """Return a number with decimals; a dash where there is none."""
    return "–" if number is None else f"{number:,.{n_digits}f}"


def short(number: float) -> str:
    """Return a number for an axis, as in `2k` and `1.5M`."""
    for limit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= limit:
            return f"{number / limit:.4g}{letter}"
    return f"{number:.4g}"


def share(part: float, total: float) -> str:
    """Return a part of a total in percent; what is there is never shown as nothing."""
    if not total or not part:
        return "0 %"
    percent = 100 * part / total
    return "< 0.1 %" if percent < 0.1 else f"{percent:.1f} %"  # noqa: PLR2004 - the last digit shown


def ticks(highest: float) -> list[float]:
    """Return round numbers from 0 to `highest` or just beyond, for an axis; whole ones unless all is below 1."""
    if highest <= 0:
        return [0, 1]
    step = 10 ** math.floor(math.log10(highest))
    step = next(step * part for part in (0.2, 0.25, 0.5, 1, 2) if step * part * 5 >= highest)
    if highest >= 1:
        step = max(1, math.ceil(step))
    return [number * step for number in range(math.ceil(highest / step) + 1)]
