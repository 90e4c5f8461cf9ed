"""How the demo models are trained."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.newsbrief.generate import Brief

PAIRS = ("en-ru", "ru-en", "en-hy", "hy-en")
DEFAULT_STEPS = 3000
SEEDS_PER_TRAINING = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainSettings:
    """How a model is trained; together with the word lists they determine its weights on a given machine.

    Attributes:
        n_steps: Length of the training; the learning rate falls to zero at its end.
        batch_tokens: Most pieces of a batch on either side, padding included.
        length_jitter: Pieces by which the lengths within a batch may differ beyond what sorting leaves.
        pool_size: Briefs that are drawn, sorted by length and cut into batches together.
        tokenizer_briefs: Briefs from which the vocabulary is made.
        matrix_rate, other_rate: Highest learning rates, for Muon and AdamW.
        n_held_out: Sentences of the test set.
        cap_s: Training longer than this is aborted, in seconds.
    """

    source: str
    target: str
    seed: int = 1
    n_steps: int = DEFAULT_STEPS
    n_threads: int = 1
    batch_tokens: int = 1536
    length_jitter: float = 4.0
    pool_size: int = 32_768
    matrix_rate: float = 1e-2
    other_rate: float = 3e-3
    n_warmup_steps: int = 100
    label_smoothing: float = 0.1
    n_pieces: int = 8000
    tokenizer_briefs: int = 40_000
    n_held_out: int = 1000
    cap_s: float = 40 * 60

    def texts(self, brief: Brief) -> tuple[str, str]:
        """Return the brief's source and target sentence."""
        return getattr(brief, self.source), getattr(brief, self.target)
