"""The catalogue: which models are known for a pair, how good they are, and the command that gets them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from pipeline.packaged import read_toml
from pipeline.types import LanguagePair, parse_pair, standard_of

_ENGLISH = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogEntry:
    """A model of a family for one pair; `bleu` (0 to 100) and `comet` (0 to 1) are None where nobody measured them.

    `size_mb` is that of the weights in int8; `get` is a command line that makes the model a package.
    """

    pair: LanguagePair
    family: str
    title: str
    home: str
    licence: str
    get: str
    size_mb: int | None = None
    bleu: float | None = None
    comet: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the entry as JSON values."""
        return asdict(self) | {"pair": str(self.pair)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """Which family to take for a pair and why, and which one where something forbids the first."""

    family: str
    why: str
    otherwise: str | None = None
    otherwise_why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """All entries, the best of each pair first, and the recommendations."""

    test_set: str
    entries: tuple[CatalogEntry, ...]
    recommended: Mapping[LanguagePair, Recommendation]

    def of_pair(self, pair: LanguagePair) -> list[CatalogEntry]:
        """Return the entries of a pair, the best first; those nobody measured come last."""
        return [entry for entry in self.entries if entry.pair == pair]

    def bleu(self, family: str, pair: LanguagePair) -> float:
        """Return the BLEU of a family's model for a pair, 0 where nobody measured it."""
        return next((entry.bleu or 0.0 for entry in self.of_pair(pair) if entry.family == family), 0.0)

    def preference(self, family: str, pair: LanguagePair) -> int:
        """Return 2 for the family that is recommended for a pair, 1 for the one in its stead, else 0."""
        recommended = self.recommended.get(pair)
        return 0 if recommended is None else 2 * (family == recommended.family) + (family == recommended.otherwise)


@cache
def read_catalog() -> Catalog:
    """Return the catalogue that comes with newsmt."""
    table = read_toml("pipeline.models", "catalog.toml")
    entries = [entry for family, values in table["families"].items() for entry in _entries(family, values)]
    return Catalog(
        test_set=table["test_set"],
        entries=tuple(sorted(entries, key=lambda entry: (entry.pair, -(entry.bleu or 0.0)))),
        recommended={parse_pair(pair): Recommendation(**values) for pair, values in table["recommended"].items()},
    )


def _entries(family: str, values: Mapping[str, Any]) -> list[CatalogEntry]:
    scores: Mapping[str, list[float]] = values.get("scores", {})
    return [_entry(family, values, parse_pair(name), scores.get(name)) for name in (*scores, *values.get("also", ()))]


def _entry(family: str, values: Mapping[str, Any], pair: LanguagePair, scores: list[float] | None) -> CatalogEntry:
    names = {"pair": str(pair), "source": pair.source, "target": pair.target}
    bleu, comet = scores or (None, None)
    return CatalogEntry(
        pair=pair,
        family=family,
        title=values["title"].format(**names),
        home=values["home"].format(**names),
        licence=values["licence"],
        get=values["get"].format(**names),
        size_mb=values.get("size_mb"),
        bleu=bleu,
        comet=comet,
    )


def recommended_for(pair: LanguagePair) -> CatalogEntry | None:
    """Return the model to take for a pair, or for the standard of its variety; None where none is recommended."""
    catalog = read_catalog()
    pair = _standard(pair)
    recommended = catalog.recommended.get(pair)
    entries = catalog.of_pair(pair) if recommended else []
    return next((entry for entry in entries if recommended and entry.family == recommended.family), None)


def command_for(pair: LanguagePair) -> str:
    """Return the command line that gets a model for `pair`: the recommended one, else from the index of Argos.

    Packages of Argos translate from or into English; other pairs take two of them.
    """
    if entry := recommended_for(pair):
        return entry.get
    pair = _standard(pair)
    if _ENGLISH in (pair.source, pair.target):
        return f"newsmt models install {pair}"
    return f"newsmt models install {pair.source}-{_ENGLISH} {_ENGLISH}-{pair.target}"


def _standard(pair: LanguagePair) -> LanguagePair:
    return LanguagePair(source=standard_of(pair.source), target=standard_of(pair.target))
