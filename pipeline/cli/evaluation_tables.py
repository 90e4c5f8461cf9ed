"""What `newsmt eval` shows to people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from string import digits
from typing import TYPE_CHECKING

from pipeline.cli.tables import Listing, decimal, make_listing

if TYPE_CHECKING:
    from pipeline.evaluation.corpus import CorpusEvaluation
    from pipeline.evaluation.scores import MetricScore
    from pipeline.evaluation.tally import Tally
    from pipeline.evaluation.translation import ModelEvaluation
    from pipeline.evaluation.worst import DoubtfulUnit

_WIDTH = 120
"""Characters of a text that are shown."""


def models_listing(done: Sequence[ModelEvaluation]) -> Listing:
    """Return one row for each model; all have the same scores."""
    # A digit at the end of a column's name means something else; the signature has it.
    names = [f"{score.name.rstrip(digits)}>" for score in done[0].scores]
    listing = make_listing("model", *names, "score>", "quality>", "units1>", "tokens3>", "words/s>", "tried again2>")
    for one in done:
        listing.add(
            one.name,
            *map(_metric, one.scores),
            decimal(one.tally.mean_score, 3),
            decimal(one.tally.mean_quality, 3),
            f"{one.tally.n_units:,}",
            f"{one.n_tokens:,}",
            f"{one.words_per_s:,.0f}",
            f"{one.tally.retries.total():,}",
        )
    return listing


def _metric(score: MetricScore) -> str:
    return decimal(score.score, 1) + ("" if score.interval is None else f" ±{decimal(score.interval, 1)}")


def model_flags_listing(done: Sequence[ModelEvaluation]) -> Listing:
    """Return one row for each model: how many units of a thousand have each flag."""
    listing = make_listing("model", "flags per 1,000 units")
    for one in done:
        listing.add(one.name, _rates(one.tally))
    return listing


def signature_lines(done: Sequence[ModelEvaluation]) -> Iterator[str]:
    """Yield under which conditions the scores were computed, as a paper must tell; those of all models are the same."""
    for number, score in enumerate(done[0].scores):
        yield from () if number else ("",)
        yield f"{score.name} {score.signature}"


def _rates(tally: Tally) -> str:
    return ", ".join(f"{flag} {rate:,.1f}" for flag, rate in tally.flags_per_thousand.items()) or "none"


def corpus_listing(found: CorpusEvaluation) -> Listing:
    """Return the figures of each pair, and of each model where it has several."""
    names = ("pair", "model", "units>", "articles4>", "score>", "quality>", "median2>")
    listing = make_listing(*names, "copied3>", "memory5>", "tried again1>")
    for pair, model, tally in _groups(found):
        listing.add(pair, model, *_corpus_cells(tally))
    return listing


def corpus_flags_listing(found: CorpusEvaluation) -> Listing:
    """Return the rows of `corpus_listing` with the flags."""
    listing = make_listing("pair", "model", "flags per 1,000 units")
    for pair, model, tally in _groups(found):
        listing.add(pair, model, _rates(tally))
    return listing


def _groups(found: CorpusEvaluation) -> Iterator[tuple[str, str, Tally]]:
    for one in found.pairs:
        models = [(model or "copied", tally) for model, tally in sorted(one.by_model.items())]
        for model, tally in [("all", one.total), *models] if len(models) > 1 else models:
            yield one.pair, model, tally


def _corpus_cells(tally: Tally) -> tuple[str, ...]:
    return (
        f"{tally.n_units:,}",
        f"{tally.n_articles:,}",
        decimal(tally.mean_score, 3),
        decimal(tally.mean_quality, 3),
        decimal(tally.median_quality, 3),
        f"{tally.n_copied / tally.n_units:.1%}",
        f"{tally.n_from_memory / tally.n_units:.1%}",
        f"{tally.retries.total():,}",
    )


def retry_lines(found: CorpusEvaluation) -> Iterator[str]:
    """Yield how second tries ended, by pair."""
    for one in found.pairs:
        if one.total.retries:
            counts = ", ".join(f"{name} {n:,}" for name, n in one.total.retries.most_common())
            yield f"{one.pair} tried again: {counts}"


def worst_lines(units: Sequence[DoubtfulUnit]) -> Iterator[str]:
    """Yield each unit with its flags and its texts."""
    for unit in units:
        yield ""
        yield f"{unit.quality:.4f}  {unit.pair}  {unit.unit_id}  {', '.join(unit.flags) or 'no flags'}"
        yield f"        {_shortened(unit.source_text)}"
        yield f"        {_shortened(unit.target_text)}"


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 1]}…"
