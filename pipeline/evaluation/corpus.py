"""What the units of a corpus look like: quality, flags and scores by pair and model, without any reference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.errors import OutputError, StateError, UsageError
from pipeline.evaluation.latest import LatestRuns
from pipeline.evaluation.tally import Tally
from pipeline.evaluation.worst import DoubtfulUnit, WorstUnits
from pipeline.store.layout import has_state
from pipeline.store.parquet import UnreadableFileError, open_parquet
from pipeline.types import LanguagePair

if TYPE_CHECKING:
    import pyarrow.parquet as pq

COPIED = ""
"""The model of units that no model made: without letters, in the target language already, or without a route."""

_ROWS_AT_ONCE = 8192
_PREFIX = "pair="
_KEY = ("article_id", "revision", "target_lang", "run_id")
_TEXTS = ("source_text", "target_text")


class _Row(NamedTuple):
    """The columns that are read; those that a file does not have are None."""

    article_id: str
    revision: int
    target_lang: str
    run_id: str
    unit_id: str | None
    models: list[str] | None
    score: float | None
    quality: float | None
    flags: list[str] | None
    retry: str | None
    from_memory: bool | None
    source_text: str | None
    target_text: str | None

    @property
    def key(self) -> tuple[str, int, str, str]:
        return self[:4]


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
    """All pairs, sorted, and the worst units of them all."""

    pairs: tuple[PairEvaluation, ...]
    worst: tuple[DoubtfulUnit, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return {"pairs": [one.to_json() for one in self.pairs], "worst": [unit.to_json() for unit in self.worst]}


def evaluate_corpus(folder: Path, *, pair: LanguagePair | None = None, n_worst: int = 0) -> CorpusEvaluation:
    """Return what the latest units of an output folder look like; a run may be at work on it meanwhile.

    Files are read in pieces, twice: first to see which run is the latest one of each translation.

    Args:
        folder: the output folder, or a copy of it without its ledger.
        pair: nothing but this one, the pair of articles as in `bitext/pair=en-ru`.
        n_worst: so many units of lowest quality are named.

    Raises:
        OutputError: the folder holds no output of newsmt.
        UsageError: there are no units of `pair`, but of others.
        StateError: a file cannot be read.
    """
    files = _files_by_pair(folder)
    wanted = sorted(files) if pair is None else [str(pair)]
    if pair is not None and files and str(pair) not in files:
        raise UsageError(f"{folder}: no units of {pair}, only of {', '.join(sorted(files))}")
    worst = WorstUnits(n_worst)
    with closing(LatestRuns()) as latest:
        targets = {name.rpartition("-")[2] for name in wanted}
        # Another run may have found an article to be in another language: then its units are of another pair.
        for file in (file for name in files if name.rpartition("-")[2] in targets for file in files[name]):
            _enter(file, latest)
        pairs = tuple(_evaluate_pair(name, files.get(name, ()), latest, worst) for name in wanted)
    return CorpusEvaluation(pairs=tuple(one for one in pairs if one.total.n_units), worst=tuple(worst.sorted()))


def _files_by_pair(folder: Path) -> dict[str, list[Path]]:
    bitext = folder / "bitext"
    if not bitext.is_dir() and not has_state(folder):
        raise OutputError(f"{folder}: no output of newsmt here; run `newsmt run` first")
    partitions = sorted(path for path in bitext.glob(f"{_PREFIX}*") if path.is_dir())
    found = {path.name.removeprefix(_PREFIX): sorted(path.rglob("*.parquet")) for path in partitions}
    return {name: files for name, files in found.items() if files}


def _enter(path: Path, latest: LatestRuns) -> None:
    for columns in _columns(path, _KEY):
        for key in dict.fromkeys(zip(*columns, strict=True)):
            latest.enter(*key)


def _evaluate_pair(name: str, files: Sequence[Path], latest: LatestRuns, worst: WorstUnits) -> PairEvaluation:
    total = Tally()
    by_model: dict[str, Tally] = {}
    for path in files:
        # The rows of a translation stand together.
        for key, rows in groupby(_rows(path, with_texts=worst.wants_any), key=lambda row: row.key):
            if not latest.counts(*key):
                continue
            models = {_add(row, total, by_model, worst, name) for row in rows}
            for tally in (total, *(by_model[model] for model in models)):
                tally.n_articles += 1
    return PairEvaluation(pair=name, total=total, by_model=by_model)


def _add(row: _Row, total: Tally, by_model: dict[str, Tally], worst: WorstUnits, pair: str) -> str:
    """Add a unit where it belongs, and return its model."""
    model = "+".join(row.models or ()) or COPIED
    for tally in (total, by_model.setdefault(model, Tally())):
        tally.add(
            score=row.score,
            quality=row.quality,
            flags=row.flags or (),
            retry=row.retry,
            from_memory=bool(row.from_memory),
        )
    if row.quality is not None and worst.is_wanted(row.quality):
        worst.add(
            DoubtfulUnit(
                quality=row.quality,
                unit_id=row.unit_id or "",
                pair=pair,
                flags=tuple(row.flags or ()),
                source_text=row.source_text or "",
                target_text=row.target_text or "",
            )
        )
    return model


def _rows(path: Path, *, with_texts: bool) -> Iterator[_Row]:
    names = [name for name in _Row._fields if with_texts or name not in _TEXTS]
    for columns in _columns(path, names):
        by_name = dict(zip(names, columns, strict=True))
        yield from map(_Row, *(by_name.get(name, repeat(None)) for name in _Row._fields))


def _columns(path: Path, names: Sequence[str]) -> Iterator[list[list[Any]]]:
    """Yield the values of columns, a bounded number of rows at once; those that the file lacks are full of None."""
    import pyarrow as pa

    try:
        with open_parquet(path) as file:
            there = _known(file, names, path)
            for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE, columns=there):
                values = dict(zip(batch.schema.names, (column.to_pylist() for column in batch.columns), strict=True))
                yield [values[name] if name in values else [None] * batch.num_rows for name in names]
    except (UnreadableFileError, pa.ArrowException, OSError) as error:
        if not path.exists():
            raise StateError(
                f"{path}: went away while the corpus was read, as when it is compacted; try again"
            ) from error
        raise StateError(
            f"{path}: cannot be read ({error}); `newsmt check` lists all damage, `--repair` mends it"
        ) from error


def _known(file: pq.ParquetFile, names: Sequence[str], path: Path) -> list[str]:
    there = set(file.schema_arrow.names)
    if missing := [name for name in _KEY if name not in there]:
        raise OutputError(f"{path}: not a file of newsmt, it has no column {missing[0]}")
    return [name for name in names if name in there]
