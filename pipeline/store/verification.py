"""What a check of an output folder found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One damage; `where` is a path in the output folder, `article_id.revision`, or the id of a unit or run."""

    kind: str
    where: str
    detail: str

    def __str__(self) -> str:
        return f"{self.kind}  {self.where}: {self.detail}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The problems of an output folder, and how much was looked at.

    `is_busy` tells that a run was writing meanwhile, so that its staging was left out. `n_lost_articles` revisions have
    units but, since a repair, no row in `articles`, until a run reads them again.
    """

    problems: tuple[Problem, ...]
    n_files: int
    size_bytes: int
    n_articles: int
    n_units: int
    n_rejects: int
    n_runs: int
    n_lost_articles: int
    is_busy: bool

    @property
    def is_sound(self) -> bool:
        """Whether there is no problem."""
        return not self.problems

    def to_json(self) -> dict[str, Any]:
        """Return the finding as JSON values."""
        return {"is_sound": self.is_sound, **asdict(self)}
