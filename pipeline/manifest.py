"""What a run did, as it stands in `runs/<run>.json`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from pipeline.errors import ExitCode, Reason
from pipeline.stopping import Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Sums over shards; `n_read = n_articles + n_rejected + n_known` always.

    `seconds` are wall-clock by stage; `waiting` counts articles that this run read by pair without a model;
    `encodings` counts articles by the encoding of their file, `notes` by doubts about how they were read. `n_waited`
    articles were read from the state, where they waited for a model, and not from an input; `still_waiting` is their
    part of `waiting`. `n_source_words` are those of the units, parted by whitespace. `flags`, `retries` and `edits`
    count units by what these columns hold. `n_tokens` source tokens were decoded, and `n_padding_tokens` more only
    filled batches up to their longest text. `n_near_duplicates`
    articles are nearly those of others, whether stored or rejected for that.
    """

    n_read: int = 0
    n_articles: int = 0
    n_rejected: int = 0
    n_known: int = 0
    n_waited: int = 0
    n_near_duplicates: int = 0
    n_units: int = 0
    n_units_from_memory: int = 0
    n_source_chars: int = 0
    n_source_words: int = 0
    n_tokens: int = 0
    n_padding_tokens: int = 0
    units: Mapping[str, int] = field(default_factory=dict)
    rejects: Mapping[str, int] = field(default_factory=dict)
    flags: Mapping[str, int] = field(default_factory=dict)
    retries: Mapping[str, int] = field(default_factory=dict)
    edits: Mapping[str, int] = field(default_factory=dict)
    waiting: Mapping[str, int] = field(default_factory=dict)
    still_waiting: Mapping[str, int] = field(default_factory=dict)
    languages: Mapping[str, int] = field(default_factory=dict)
    encodings: Mapping[str, int] = field(default_factory=dict)
    notes: Mapping[str, int] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)

    def __add__(self, other: Counts) -> Counts:
        names = (field.name for field in fields(self))
        return Counts(**{name: _add(getattr(self, name), getattr(other, name)) for name in names})

    def resumed_after(self, before: Counts) -> Counts:
        """Return the counts of a whole run from those of its last process and of what it had committed before.

        The last process read the input again, and met as known what the run itself had done. Where the input changed
        meanwhile, or reading was stopped, it met less of that; what was done still counts as read. Articles that had
        waited in the state are not met again.
        """
        n_met_again = before.n_articles + before.n_rejected - before.n_waited
        n_known = max(0, self.n_known - n_met_again)
        total = replace(before, waiting=before.still_waiting) + self
        return replace(total, n_known=n_known, n_read=total.n_articles + total.n_rejected + n_known)


def _add(one: Any, other: Any) -> Any:
    if isinstance(one, int):
        return one + other
    if not other:
        return one
    total: dict[str, float] = dict(sorted((Counter(one) + Counter(other)).items()))
    return total


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEntry:
    """A package that the run could use."""

    label: str
    pair: str
    sha256: str
    licence: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The account of one run; `stopped_by` is None where all inputs were dealt with.

    `routes` holds the labels of the packages, in order, for each pair that the models and targets of the run allow.
    """

    run_id: str
    newsmt_version: str
    schema_version: int
    started_at: datetime
    finished_at: datetime
    is_resumed: bool
    stopped_by: Stop | None
    inputs: tuple[str, ...]
    to: tuple[str, ...]
    out: str
    model_set: str
    models: tuple[ModelEntry, ...]
    routes: Mapping[str, tuple[str, ...]]
    settings: Mapping[str, str]
    counts: Counts
    warnings: tuple[str, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """`LEFT_OVER` where this run rejected something, articles wait for a model, or it was stopped.

        Near-duplicates are rejected only where that was asked for.
        """
        counts = self.counts
        n_left_over = counts.n_rejected - counts.rejects.get(Reason.NEAR_DUPLICATE.value, 0)
        is_left_over = bool(n_left_over or counts.waiting or self.stopped_by)
        return ExitCode.LEFT_OVER if is_left_over else ExitCode.DONE

    def to_json(self) -> dict[str, Any]:
        """Return the manifest as JSON values; times in ISO 8601, UTC."""
        values = asdict(self)
        values["started_at"] = self.started_at.isoformat()
        values["finished_at"] = self.finished_at.isoformat()
        values["exit_code"] = int(self.exit_code)
        return values
