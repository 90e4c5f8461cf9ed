"""BLEU and chrF by sacrebleu, with the signatures that make them comparable."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from pipeline.errors import UsageError
from pipeline.problems import all_of, no_choice, out_of_range

Tokenizer = Literal["13a", "intl", "char"]

MAX_DRAWN_LINES = 10_000_000
"""Resamples times lines at most: sacrebleu keeps all of them at once, some 80 bytes each."""

_DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreSettings:
    """`tokenize` is that of BLEU; intervals are estimated from `n_resamples` resamples, None without intervals."""

    tokenize: Tokenizer = "13a"
    n_resamples: int | None = None

    def checked(self) -> ScoreSettings:
        """Return the settings.

        Raises:
            UsageError: they cannot be.
        """
        numbers = () if self.n_resamples is None else (("bootstrap", self.n_resamples, 100, 100_000),)
        problems = (*no_choice("tokenize", self.tokenize, get_args(Tokenizer)), *out_of_range(numbers))
        if problems:
            raise UsageError(all_of(problems))
        return self

    def check_lines(self, n_lines: int) -> None:
        """Look whether intervals can be estimated for so many lines.

        Raises:
            UsageError: they would take more memory than they are worth.
        """
        if n_lines * (self.n_resamples or 0) > MAX_DRAWN_LINES:
            raise UsageError(
                f"--bootstrap {self.n_resamples} is too much for {n_lines:,} lines: "
                f"one times the other may be {MAX_DRAWN_LINES:,}; see --limit"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricScore:
    """A score of a whole test set, 0 to 100; `interval` is half the width of its 95 % interval, None without one."""

    name: str
    score: float
    interval: float | None
    signature: str

    def to_json(self) -> dict[str, Any]:
        """Return the values as JSON values."""
        return asdict(self)


def score_lines(
    hypotheses: Sequence[str], references: Sequence[str], settings: ScoreSettings
) -> tuple[MetricScore, ...]:
    """Return BLEU and chrF of one hypothesis for each reference, same order; needs the extra `eval`.

    Intervals are the same each time: sacrebleu draws with a seed, which the signature tells.

    Source: Papineni et al. 2002, Popović 2015, as computed by sacrebleu (Post 2018).
    """
    from sacrebleu import BLEU, CHRF

    metrics = (BLEU(tokenize=settings.tokenize), CHRF())
    return tuple(_scored(metric, list(hypotheses), list(references), settings) for metric in metrics)


def _scored(metric: Any, hypotheses: list[str], references: list[str], settings: ScoreSettings) -> MetricScore:
    found = metric.corpus_score(hypotheses, [references], n_bootstrap=settings.n_resamples or 1)
    signature = str(metric.get_signature())
    values = json.loads(found.format(width=_DIGITS, signature=signature, is_json=True))
    return MetricScore(
        name=values["name"], score=values["score"], interval=values.get("confidence_var"), signature=signature
    )
