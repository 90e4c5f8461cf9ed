"""What the units of a corpus look like: quality, flags and scores by pair and model, without any reference."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from pipeline.corpus.corpus import Corpus
from pipeline.corpus.files import DamagedFile
from pipeline.corpus.rows import rows_of
from pipeline.corpus.selection import Selection
from pipeline.errors import UsageError
from pipeline.evaluation.tally import Tally
from pipeline.evaluation.worst import DoubtfulUnit, WorstUnits
from pipeline.types import LanguagePair

COPIED = ""
"""The model of units that no model made: without letters, in the target language already, or without a route."""

_COLUMNS = (
    "article_id",
    "revision",
    "run_id",
    "unit_id",
    "models",
    "score",
    "quality",
    "flags",
    "retry",
    "from_memory",
)
_TEXTS = ("source_text", "target_text")


@dataclass(frozen=True, slots=True, kw_only=True)
class PairEvaluation:
    """The units of a pair, that of their articles: all together, and by model (labels over a pivot joined by `+`)."""

    pair: str
    total: Tally
    by_model: dict[str, Tally]

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        models = [{"model": model or None, **tally.to_json()} for model, tally in sorted(self.by_model.items())]
        return {"pair": self.pair, **self.total.to_json(), "models": models}


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusEvaluation:
    """All pairs, sorted, and the worst units of them all; `damaged` names the files that were left out."""

    pairs: tuple[PairEvaluation, ...]
    worst: tuple[DoubtfulUnit, ...]
    damaged: tuple[DamagedFile, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return {"pairs": [one.to_json() for one in self.pairs], "worst": [unit.to_json() for unit in self.worst]}


def evaluate_corpus(folder: Path, *, pair: LanguagePair | None = None, n_worst: int = 0) -> CorpusEvaluation:
    """Return what the latest units of an output folder look like; a run may be at work on it meanwhile.

    Args:
        folder: the output folder, or a copy of it without its ledger.
        pair: nothing but this one, the pair of articles as in `bitext/pair=en-ru`.
        n_worst: so many units of lowest quality are named.

    Raises:
        OutputError: the folder holds no output of newsmt.
        UsageError: there are no units of `pair`, but of others.
        StateError: files went away meanwhile.
    """
    worst = WorstUnits(n_worst)
    with Corpus(folder) as corpus:
        there = corpus.pairs()
        if pair is not None and there and str(pair) not in there:
            raise UsageError(f"{folder}: no units of {pair}, only of {', '.join(there)}")
        wanted = there if pair is None else [str(pair)]
        pairs = tuple(_evaluate_pair(name, corpus, worst) for name in wanted)
        return CorpusEvaluation(
            pairs=tuple(one for one in pairs if one.total.n_units),
            worst=tuple(worst.sorted()),
            damaged=tuple(corpus.damaged),
        )


def _evaluate_pair(name: str, corpus: Corpus, worst: WorstUnits) -> PairEvaluation:
    total = Tally()
    by_model: dict[str, Tally] = {}
    columns = _COLUMNS + (_TEXTS if worst.wants_any else ())
    # The units of a translation stand together.
    units = iter(rows_of(corpus, "bitext", Selection(pairs=(name,)), columns))
    for _, translation in groupby(units, key=attrgetter("article_id", "revision", "run_id")):
        models = {_add(unit, total, by_model, worst, name) for unit in translation}
        for tally in (total, *(by_model[model] for model in models)):
            tally.n_articles += 1
    return PairEvaluation(pair=name, total=total, by_model=by_model)


def _add(unit: Any, total: Tally, by_model: dict[str, Tally], worst: WorstUnits, pair: str) -> str:
    """Add a unit where it belongs, and return its model."""
    model = "+".join(unit.models or ()) or COPIED
    for tally in (total, by_model.setdefault(model, Tally())):
        tally.add(
            score=unit.score,
            quality=unit.quality,
            flags=unit.flags or (),
            retry=unit.retry,
            from_memory=bool(unit.from_memory),
        )
    if unit.quality is not None and worst.is_wanted(unit.quality):
        worst.add(
            DoubtfulUnit(
                quality=unit.quality,
                unit_id=unit.unit_id or "",
                pair=pair,
                flags=tuple(unit.flags or ()),
                source_text=unit.source_text or "",
                target_text=unit.target_text or "",
            )
        )
    return model
