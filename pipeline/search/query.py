"""A search: what is looked for where, in which order, and how much of it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, get_args

from pipeline.corpus.selection import Selection
from pipeline.errors import UsageError
from pipeline.search.pattern import Pattern

Side = Literal["source", "target"]
SideChoice = Literal["source", "target", "any"]
Order = Literal["corpus", "left", "right", "match", "quality", "date"]

SIDES: tuple[Side, ...] = get_args(Side)
SIDE_CHOICES: tuple[SideChoice, ...] = get_args(SideChoice)
ORDERS: tuple[Order, ...] = get_args(Order)
TEXTS: dict[Side, str] = {"source": "source_text", "target": "target_text"}
"""The columns of both sides."""

OTHER: dict[Side, Side] = {"source": "target", "target": "source"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is looked for, and which of the hits are shown.

    `with_` is what the other side of a hit must hold, `without` what it must not. `limit` None shows all from `offset`
    on; `context` is the number of characters on each side of a hit, None for all of the segment.
    """

    pattern: Pattern
    side: SideChoice = "any"
    with_: Pattern | None = None
    without: Pattern | None = None
    selection: Selection = field(default_factory=Selection)
    order: Order = "corpus"
    is_reversed: bool = False
    limit: int | None = None
    offset: int = 0
    context: int | None = None

    def checked(self) -> Query:
        """Return self, or say what cannot be.

        Raises:
            UsageError: there is no such side or order, or none to be reversed.
        """
        if self.side not in SIDE_CHOICES:
            raise UsageError(f"--side {self.side}: there are {', '.join(SIDE_CHOICES)}")
        if self.order not in ORDERS:
            raise UsageError(f"--sort {self.order}: there are {', '.join(ORDERS)}")
        if self.is_reversed and self.order == "corpus":
            raise UsageError("--reverse turns an order round: add --sort")
        return self

    @property
    def sides(self) -> tuple[Side, ...]:
        """The sides that are looked at, the source first."""
        return tuple(side for side in SIDES if self.side in (side, "any"))

    @property
    def last(self) -> int | None:
        """How many hits have to be found, those before `offset` included."""
        return None if self.limit is None else self.offset + self.limit

    def condition(self, side: Side) -> str:
        """Return the condition that there are hits in the texts of a side."""
        other = TEXTS[OTHER[side]]
        conditions = [self.pattern.condition(TEXTS[side])]
        if self.with_:
            conditions.append(self.with_.condition(other))
        if self.without:
            conditions.append(f"NOT {self.without.condition(other)}")
        return f"({' AND '.join(conditions)})"

    def is_wanted(self, other: str) -> bool:
        """Return whether the text on the other side of a hit is as it must be."""
        return (self.with_ is None or self.with_.is_in(other)) and (
            self.without is None or not self.without.is_in(other)
        )

    def matching(self) -> Matching:
        """Return the selection of the units with hits."""
        chosen = self.selection
        return Matching(
            pairs=chosen.pairs,
            dates=chosen.dates,
            publishers=chosen.publishers,
            flags=chosen.flags,
            without_flags=chosen.without_flags,
            min_quality=chosen.min_quality,
            all_revisions=chosen.all_revisions,
            condition=f"({' OR '.join(map(self.condition, self.sides))})",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching(Selection):
    """A selection of units that are as a condition of SQL says, besides."""

    condition: str

    def conditions(self) -> Iterator[str]:
        """Yield what SQL asks of a row of `bitext`."""
        yield from Selection.conditions(self)
        yield self.condition
