"""The units of lowest quality, as few as are wanted, of however many."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class DoubtfulUnit:
    """A unit that a person should look at; the worst one is the smallest."""

    quality: float
    unit_id: str
    pair: str
    flags: tuple[str, ...]
    source_text: str
    target_text: str

    def to_json(self) -> dict[str, Any]:
        """Return the unit as JSON values."""
        return asdict(self)


class WorstUnits:
    """Keeps the worst `n_wanted` units, and of equal ones (same texts) the first by id."""

    def __init__(self, n_wanted: int) -> None:
        self._n_wanted = n_wanted
        self._kept: dict[tuple[str, str], DoubtfulUnit] = {}
        self._limit = float("inf") if n_wanted else float("-inf")

    @property
    def wants_any(self) -> bool:
        """Whether units are wanted at all."""
        return self._n_wanted > 0

    def is_wanted(self, quality: float | None) -> bool:
        """Return whether a unit of this quality may be among the worst."""
        return quality is not None and quality <= self._limit

    def add(self, unit: DoubtfulUnit) -> None:
        """Keep a unit, as long as there are not enough worse ones."""
        texts = (unit.source_text, unit.target_text)
        self._kept[texts] = min(unit, self._kept.get(texts, unit))
        if len(self._kept) > 2 * self._n_wanted:
            worst = self.sorted()
            self._kept = {(one.source_text, one.target_text): one for one in worst}
            self._limit = worst[-1].quality

    def sorted(self) -> list[DoubtfulUnit]:
        """Return the units, the worst first."""
        return sorted(self._kept.values())[: self._n_wanted]
