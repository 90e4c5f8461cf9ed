"""Tables for people on stdout."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

_MEGABYTE = 1_000_000
_RIGHT = ">"


def make_table(*names: str) -> Table:
    """Return a table without lines; a name that ends in `>` is that of a column of numbers."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in names:
        is_number = name.endswith(_RIGHT)
        table.add_column(name.removesuffix(_RIGHT), justify="right" if is_number else "left", no_wrap=True)
    return table


def show(content: Table | str) -> None:
    """Print a table, or a line as it stands."""
    from rich.console import Console

    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        # A pipe has no width; eighty columns would cut the table.
        console = Console(width=200, markup=False, highlight=False)
    console.print(content, soft_wrap=isinstance(content, str))


def decimal(value: float | None, digits: int) -> str:
    """Return a number for people; nothing where there is none."""
    return "" if value is None else f"{value:,.{digits}f}"


def megabytes(size_bytes: int) -> str:
    """Return a size for people, as in `5.4 MB`."""
    return f"{size_bytes / _MEGABYTE:,.1f} MB"
