"""What `newsmt search` shows to people: keywords in their context."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.cli.tables import Listing, make_listing
from pipeline.visible import is_rtl, visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from pipeline.search.counts import Counts
    from pipeline.search.hits import Hit

_PIPE_WIDTH = 200
_MIN_SIDE = 12
_MAX_OTHER = 2000
_ELLIPSIS = "…"
# Isolates keep a piece that is written from right to left in its place.
_ISOLATE, _END_OF_ISOLATE, _LEFT_TO_RIGHT = "\u2068", "\u2069", "\u200e"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How wide what is, in cells: the numbers, what stands before a hit, and a whole line."""

    numbers: int
    left: int
    line: int
    is_terminal: bool

    @property
    def indent(self) -> int:
        """Where the lines below a hit begin."""
        return self.numbers + 2


def layout_of(console: Console, *, last_number: int, context: int | None) -> Layout:
    """Return the layout for a console, with hits in the same column."""
    width = console.width if console.is_terminal else _PIPE_WIDTH
    numbers = len(f"{last_number:,}")
    room = max(width - numbers - 5, 3 * _MIN_SIDE)
    left = max(_MIN_SIDE, (room - _MIN_SIDE) // 2) if context is None else context
    return Layout(
        numbers=numbers,
        left=left,
        line=max(width, numbers + 5 + 3 * _MIN_SIDE) if context is None else 0,
        is_terminal=console.is_terminal,
    )


def hit_lines(hit: Hit, number: int, layout: Layout, *, console: Console) -> Iterator[Text]:
    """Yield the lines of a hit: itself in its context, the other side, where it is from."""
    yield _keyword_line(hit, number, layout)
    yield from _other_lines(hit, layout, console)
    yield _origin_line(hit, layout)


def _keyword_line(hit: Hit, number: int, layout: Layout) -> Text:
    from rich.cells import cell_len
    from rich.text import Text

    left = cut_left(visible(hit.left), layout.left)
    head = f"{number:>{layout.numbers},}  {hit.language:<2} "
    padding = " " * (layout.left - cell_len(left))
    room = layout.line - cell_len(head) - layout.left if layout.line else cell_len(hit.match) + layout.left
    match = visible(hit.match)
    match = match if cell_len(match) <= room else cut_right(match, room)
    right = cut_right(visible(hit.right), room - cell_len(match))
    pieces = [left, match, right]
    if layout.is_terminal and any(map(is_rtl, pieces)):
        head = _LEFT_TO_RIGHT + head
        pieces = [f"{_ISOLATE}{piece}{_END_OF_ISOLATE}" if piece else "" for piece in pieces]
    return Text.assemble((head, "dim"), padding, pieces[0], (pieces[1], "bold red"), pieces[2])


def _other_lines(hit: Hit, layout: Layout, console: Console) -> Iterator[Text]:
    from rich.text import Text

    n_more = len(hit.other) - _MAX_OTHER
    other = visible(hit.other[:_MAX_OTHER]) + (f" … and {n_more:,} characters more" if n_more > 0 else "")
    head = f"{' ' * layout.indent}{hit.other_language:<2} "
    if not layout.is_terminal:
        yield Text(head + other)
        return
    for line in Text(other or " ").wrap(console, max(layout.line, console.width) - len(head)):
        line.rstrip()
        yield Text.assemble((head, "dim"), line)
        head = " " * len(head)


def _origin_line(hit: Hit, layout: Layout) -> Text:
    from rich.text import Text

    quality = "" if hit.quality is None else f"{hit.quality:.2f}"
    parts = (hit.pair, hit.date, hit.publisher, quality, ", ".join(hit.flags), hit.unit_id)
    return Text(" " * (layout.indent + 3) + "  ".join(visible(part) for part in parts if part), style="dim")


def cut_right(text: str, width: int) -> str:
    """Return the beginning of `text` that has room in `width` cells, with … where more would follow."""
    from rich.cells import cell_len

    if len(text) <= width and cell_len(text) <= width:
        return text
    return _fitting(text, width - 1) + _ELLIPSIS if width > 0 else ""


def cut_left(text: str, width: int) -> str:
    """Return the end of `text` that has room in `width` cells, with … where more would precede."""
    from rich.cells import cell_len

    if len(text) <= width and cell_len(text) <= width:
        return text
    kept = _fitting(text[::-1], width - 1)[::-1]
    # An accent without its letter would sit on the …
    while kept and not cell_len(kept[0]):
        kept = kept[1:]
    return _ELLIPSIS + kept if width > 0 else ""


def _fitting(text: str, width: int) -> str:
    """Return the first characters that have room; of signs without a width, no more than can belong to a letter."""
    from rich.cells import cell_len

    used = 0
    for place, char in enumerate(text[: 4 * width + 4]):
        used += cell_len(char)
        if used > width:
            return text[:place]
    return text[: 4 * width + 4]


def group_listing(counts: Counts, kind: str, limit: int) -> Listing:
    """Return how many hits there are by pair, publisher or month."""
    listing = make_listing(kind, "hits>", "units>", "articles>", "hits per 1,000 units>")
    for group in counts.groups[kind][:limit] if kind != "month" else counts.groups[kind]:
        listing.add(
            visible(group.name or "none"),
            f"{group.n_hits:,}",
            f"{group.n_units:,}",
            f"{group.n_articles:,}",
            f"{group.rate:,.2f}",
        )
    return listing


def form_listing(forms: Sequence[tuple[str, int]]) -> Listing:
    """Return what was found, and how often."""
    listing = make_listing("form", "hits>")
    for form, n_hits in forms:
        listing.add(visible(form), f"{n_hits:,}")
    return listing
