"""Where chosen units come from: articles and publishers, licences, runs, models with their hashes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.corpus.corpus import Corpus
from pipeline.corpus.selection import Selection
from pipeline.export.base import Material
from pipeline.store.manifests import read_manifest

# `entry` is what is counted, `n` how often it is there.
_ORDER = "ORDER BY n DESC, entry NULLS LAST"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUse:
    """A package, how many units it had a part in, and its hash and licence; None where no manifest has them."""

    label: str
    n_units: int
    sha256: str | None
    licence: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PairFigures:
    """Figures of a pair; the days are the first and the last one that an article is filed under."""

    n_articles: int
    first: str | None
    last: str | None
    quality: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What is known of the origin of units; of what is counted, the most frequent comes first."""

    n_articles: int
    pairs: Mapping[str, PairFigures]
    publishers: Sequence[tuple[str | None, int]]
    licences: Sequence[tuple[str | None, int]]
    runs: Sequence[tuple[str, int]]
    models: Sequence[ModelUse]
    flags: Sequence[tuple[str, int]]
    filters: str


def read_provenance(material: Material) -> Provenance:
    """Return where the chosen units come from."""
    corpus, selection = material.corpus, material.selection
    runs = _counted(corpus, selection, "run_id")
    return Provenance(
        n_articles=corpus.query(f"SELECT count(*) FROM ({_articles(corpus, selection)})")[0][0],
        pairs=_pairs(corpus, selection),
        publishers=_of_articles(corpus, selection, "publisher"),
        licences=_of_articles(corpus, selection, "licence"),
        runs=runs,
        models=list(_models(corpus, selection, [run for run, _ in runs])),
        flags=_counted(corpus, selection, "unnest(flags)"),
        filters="; ".join(_filters(selection)) or "all units of the latest revisions, as their latest runs made them",
    )


def _articles(corpus: Corpus, selection: Selection) -> str:
    return corpus.sql("bitext", selection, "DISTINCT article_id, revision")


def _pairs(corpus: Corpus, selection: Selection) -> Mapping[str, PairFigures]:
    rows = corpus.sql("bitext", selection, "pair, article_id, date, quality")
    found = corpus.query(
        f"SELECT pair, count(DISTINCT article_id), min(date), max(date), avg(quality) FROM ({rows}) GROUP BY pair"
    )
    return {
        pair: PairFigures(n_articles=n_articles, first=first, last=last, quality=quality)
        for pair, n_articles, first, last, quality in found
    }


def _counted(corpus: Corpus, selection: Selection, expression: str) -> Sequence[tuple[str, int]]:
    """Return the number of units for each value of an expression."""
    rows = corpus.sql("bitext", selection, f"{expression} AS entry")
    return [
        (entry, n) for entry, n in corpus.query(f"SELECT entry, count(*) AS n FROM ({rows}) GROUP BY entry {_ORDER}")
    ]


def _of_articles(corpus: Corpus, selection: Selection, column: str) -> Sequence[tuple[str | None, int]]:
    """Return the number of articles for each value of a column of `articles`."""
    # A revision may have a row for each run that translated it; the latest counts.
    latest = (
        f"SELECT article_id, revision, arg_max({column}, run_id) AS entry FROM articles GROUP BY article_id, revision"
    )
    joined = f"({_articles(corpus, selection)}) AS chosen LEFT JOIN ({latest}) USING (article_id, revision)"
    return [
        (entry or None, n)
        for entry, n in corpus.query(
            f"SELECT nullif(trim(entry), '') AS entry, count(*) AS n FROM {joined} GROUP BY 1 {_ORDER}"
        )
    ]


def _models(corpus: Corpus, selection: Selection, runs: Sequence[str]) -> Iterator[ModelUse]:
    known: dict[str, dict[str, Any]] = {}
    for run in runs:
        for model in read_manifest(corpus.folder, run).get("models", []):
            known[str(model.get("label"))] = model
    for label, n_units in _counted(corpus, selection, "unnest(models)"):
        model = known.get(label, {})
        yield ModelUse(label=label, n_units=n_units, sha256=model.get("sha256"), licence=model.get("licence"))


def _filters(selection: Selection) -> Iterator[str]:
    """Yield in words what a selection asks for."""
    dates = selection.dates
    if selection.pairs:
        yield f"pairs {', '.join(selection.pairs)}"
    if dates:
        yield f"dates from {dates.first or 'the first one'} to {dates.last or 'the last one'}"
    if selection.publishers:
        yield f"publishers {', '.join(selection.publishers)}"
    if selection.flags:
        yield f"units with one of the flags {', '.join(selection.flags)}"
    if selection.without_flags:
        yield f"units without the flags {', '.join(selection.without_flags)}"
    if selection.min_quality is not None:
        yield f"units of quality {selection.min_quality} or more"
    if selection.all_revisions:
        yield "superseded units as well"
