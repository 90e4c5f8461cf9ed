"""Tables for people on stdout, as wide as the terminal is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_MEGABYTE = 1_000_000
_PIPE_WIDTH = 200
"""A pipe has no width; eighty columns would cut tables and lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column; of those that may go, the one with the highest number goes first where the terminal is narrow."""

    name: str
    is_number: bool = False
    may_go: int = 0


def column(name: str) -> Column:
    """Return a column from its name: `>` at the end is for numbers; digits before that say when it may go."""
    bare = name.removesuffix(">")
    stem = bare.rstrip("0123456789")
    return Column(name=stem, is_number=name != bare, may_go=int(bare[len(stem) :] or 0))


@dataclass(slots=True)
class Listing:
    """A table without lines. Cells are never cut: where there is no room, whole columns go, then lines wrap."""

    columns: tuple[Column, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)

    def add(self, *cells: str) -> None:
        """Add a row."""
        self.rows.append(cells)

    def printed(self, console: Console) -> str:
        """Return the table as it is printed on `console`."""
        table, width = self._fitted(console)
        console.width = max(console.width, width)
        with console.capture() as printed:
            console.print(table)
        return printed.get()

    def _fitted(self, console: Console) -> tuple[Table, int]:
        """Return the table of the columns that have room, and its width."""
        from rich.measure import Measurement

        places = list(range(len(self.columns)))
        while True:
            table = self._table(places)
            width = Measurement.get(console, console.options.update_width(10_000), table).maximum
            last = max(places, key=lambda place: self.columns[place].may_go)
            if width <= console.width or not self.columns[last].may_go:
                return table, width
            places.remove(last)

    def _table(self, places: list[int]) -> Table:
        from rich.table import Table

        table = Table(box=None, pad_edge=False)
        for place in places:
            one = self.columns[place]
            table.add_column(one.name, justify="right" if one.is_number else "left", no_wrap=True)
        for row in self.rows:
            table.add_row(*(row[place] for place in places))
        return table


def make_listing(*names: str) -> Listing:
    """Return an empty table, see `column` for the names."""
    return Listing(tuple(map(column, names)))


def show(content: Listing | str) -> None:
    """Print a table, or a line as it stands."""
    from rich.console import Console

    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        console = Console(markup=False, highlight=False, width=_PIPE_WIDTH)
    if isinstance(content, str):
        console.print(content, soft_wrap=True)
        return
    for line in content.printed(console).splitlines():
        typer.echo(line.rstrip())


def decimal(value: float | None, digits: int) -> str:
    """Return a number for people; nothing where there is none."""
    return "" if value is None else f"{value:,.{digits}f}"


def megabytes(size_bytes: int) -> str:
    """Return a size for people, as in `5.4 MB`."""
    return f"{size_bytes / _MEGABYTE:,.1f} MB"
