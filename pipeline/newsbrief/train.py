"""Train a demo translation model on generated briefs: ``python -m pipeline.newsbrief.train --pair en-ru``."""

from __future__ import annotations

import argparse
import itertools
import logging
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sentencepiece
import torch
from torch import Tensor
from torch.nn import functional

from pipeline.newsbrief.evaluate import Scores, score, translate
from pipeline.newsbrief.export import PackageInfo, export_package, write_description
from pipeline.newsbrief.generate import load_grammar, sample
from pipeline.newsbrief.held_out import held_out_briefs, sample_sentences
from pipeline.newsbrief.network import Network, NetworkSettings

if TYPE_CHECKING:
    from pipeline.newsbrief.generate import Brief

ROOT = Path(__file__).parents[2]
PAIRS = ("en-ru", "ru-en", "en-hy", "hy-en")
DEFAULT_STEPS = 2400
SEEDS_PER_TRAINING = 1_000
START, END = 1, 2
"""Ids of ``<s>`` and ``</s>`` in the SentencePiece model; ``<unk>`` is 0."""

Draw = Callable[[int, int], Iterator["Brief"]]
"""``draw(seed, n)`` yields n training briefs."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainSettings:
    """How a model is trained; together with the word lists they determine its weights on a given machine.

    Attributes:
        n_steps: Length of the training; the learning rate falls to zero at its end.
        batch_tokens: Most pieces of a batch on either side, padding included.
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
    batch_tokens: int = 1024
    pool_size: int = 32_768
    matrix_rate: float = 1e-2
    other_rate: float = 3e-3
    n_warmup_steps: int = 100
    label_smoothing: float = 0.1
    n_pieces: int = 4000
    tokenizer_briefs: int = 40_000
    n_held_out: int = 1000
    cap_s: float = 25 * 60

    def texts(self, brief: Brief) -> tuple[str, str]:
        """Return the brief's source and target sentence."""
        return getattr(brief, self.source), getattr(brief, self.target)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Piece ids, padded with the end mark, each of shape ``(sentences, length)``."""

    source: Tensor
    source_mask: Tensor | None
    target: Tensor
    target_mask: Tensor

    @property
    def n_pieces(self) -> int:
        """Target pieces that count for the loss."""
        return int(self.target_mask.sum())


class TrainingAbortedError(RuntimeError):
    """The training took longer than its cap."""


def train_tokenizer(sentences: Sequence[str], *, n_pieces: int, seed: int, directory: Path) -> Path:
    """Train the SentencePiece model of both languages and return its path.

    Text comes back from it unchanged: nothing is normalized, no-break spaces and Armenian marks stay.
    """
    path = directory / "sentencepiece.model"
    sentencepiece.set_random_generator_seed(seed)
    with path.open("wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(sentences),
            model_writer=file,
            model_type="unigram",
            vocab_size=n_pieces,
            hard_vocab_limit=False,
            character_coverage=1.0,
            normalization_rule_name="identity",
            remove_extra_whitespaces=False,
            # A number is copied digit by digit.
            split_digits=True,
            num_threads=1,
            shuffle_input_sentence=False,
            unk_id=0,
            bos_id=START,
            eos_id=END,
            pad_id=-1,
            minloglevel=2,
        )
    return path


def batches(draw: Draw, tokenizer: Any, settings: TrainSettings) -> Iterator[Batch]:
    """Yield training batches without end; each sentence is drawn anew.

    Args:
        draw: Yields the briefs.
        tokenizer: The pair's ``SentencePieceProcessor``.
        settings: Seed, pair and sizes.
    """
    for seed in itertools.count(settings.seed * SEEDS_PER_TRAINING + 1):
        texts = map(settings.texts, draw(seed, settings.pool_size))
        sources, targets = (tokenizer.encode(list(side), out_type=int) for side in zip(*texts, strict=True))
        pairs = sorted(zip(sources, targets, strict=True), key=lambda pair: (len(pair[0]), len(pair[1])))
        groups = list(_cut(pairs, settings.batch_tokens))
        random.Random(seed).shuffle(groups)  # noqa: S311 -- the order of batches protects nothing
        yield from map(_to_batch, groups)


def train_network(network: Network, stream: Iterator[Batch], settings: TrainSettings) -> None:
    """Train the network in place for ``settings.n_steps`` batches of the stream.

    Raises:
        TrainingAbortedError: When it takes longer than ``settings.cap_s``.
    """
    optimizers = _optimizers(network, settings)
    schedules = [torch.optim.lr_scheduler.LambdaLR(one, lambda i: _rate_factor(i, settings)) for one in optimizers]
    progress = _Progress(settings)
    network.train()
    for step in range(1, settings.n_steps + 1):
        batch = next(stream)
        network.zero_grad()
        loss = batch_loss(network, batch, label_smoothing=settings.label_smoothing)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        for optimizer, schedule in zip(optimizers, schedules, strict=True):
            optimizer.step()
            schedule.step()
        progress.add(step, loss, batch.n_pieces)
    network.eval()


def batch_loss(network: Network, batch: Batch, *, label_smoothing: float) -> Tensor:
    """Return the mean cross-entropy of a batch's target pieces, end marks included."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        states = network(batch.source, batch.target[:, :-1], source_mask=batch.source_mask)
        logits = network.logits(states[batch.target_mask])
    return functional.cross_entropy(
        logits.float(), batch.target[:, 1:][batch.target_mask], label_smoothing=label_smoothing
    )


def _optimizers(network: Network, settings: TrainSettings) -> tuple[torch.optim.Optimizer, ...]:
    """Return Muon for the matrices, which halves the steps needed, and AdamW for embeddings, norms and biases."""
    named = list(network.named_parameters())
    matrices = [weight for name, weight in named if weight.ndim == 2 and "embeddings" not in name]  # noqa: PLR2004
    others = [weight for name, weight in named if weight.ndim != 2 or "embeddings" in name]  # noqa: PLR2004
    return (
        torch.optim.Muon(matrices, lr=settings.matrix_rate, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(others, lr=settings.other_rate, betas=(0.9, 0.98), weight_decay=0.0, fused=True),
    )


class _Progress:
    """Reports every 100 steps and stops a training that takes too long."""

    def __init__(self, settings: TrainSettings) -> None:
        self._settings = settings
        self._start = time.monotonic()
        self._n_pieces = 0
        self._losses: list[Tensor] = []

    def add(self, step: int, loss: Tensor, n_pieces: int) -> None:
        self._n_pieces += n_pieces
        self._losses.append(loss.detach())
        if step % 100 and step != self._settings.n_steps:
            return
        elapsed = time.monotonic() - self._start
        left = elapsed / step * (self._settings.n_steps - step)
        loss_now = float(torch.stack(self._losses).mean())
        self._losses.clear()
        logger.info(
            "step %d of %d, loss %.3f, %.0f target pieces/s, %.0f s left",
            step, self._settings.n_steps, loss_now, self._n_pieces / elapsed, left,
        )  # fmt: skip
        if elapsed > self._settings.cap_s:
            raise TrainingAbortedError(
                f"step {step} of {self._settings.n_steps} after {elapsed / 60:.0f} minutes: "
                "raise --minutes or lower --steps"
            )


def _cut(
    pairs: Sequence[tuple[list[int], list[int]]], batch_tokens: int
) -> Iterator[list[tuple[list[int], list[int]]]]:
    group: list[tuple[list[int], list[int]]] = []
    longest = 0
    for pair in pairs:
        length = max(len(pair[0]), len(pair[1])) + 1
        if group and max(longest, length) * (len(group) + 1) > batch_tokens:
            yield group
            group, longest = [], 0
        group.append(pair)
        longest = max(longest, length)
    if group:
        yield group


def _to_batch(pairs: list[tuple[list[int], list[int]]]) -> Batch:
    source, source_mask = _pad([[*source, END] for source, _ in pairs])
    target, target_mask = _pad([[START, *target, END] for _, target in pairs])
    return Batch(
        source=source,
        source_mask=None if bool(source_mask.all()) else source_mask,
        target=target,
        target_mask=target_mask[:, 1:],
    )


def _pad(rows: list[list[int]]) -> tuple[Tensor, Tensor]:
    lengths = torch.tensor([len(row) for row in rows])
    longest = int(lengths.max())
    padded = torch.tensor([row + [END] * (longest - len(row)) for row in rows])
    return padded, torch.arange(longest) < lengths.unsqueeze(1)


def _rate_factor(step: int, settings: TrainSettings) -> float:
    n_warmup = min(settings.n_warmup_steps, settings.n_steps // 10 + 1)
    return min((step + 1) / n_warmup, (settings.n_steps - step) / (settings.n_steps - n_warmup))


def train(settings: TrainSettings, *, output: Path) -> Scores:
    """Train, export and evaluate one direction; return the scores of the exported package.

    Args:
        settings: What to train and how.
        output: Directory that receives the Argos package.

    Raises:
        TrainingAbortedError: When the training takes longer than ``settings.cap_s``.
    """
    _make_reproducible(settings)
    grammar = load_grammar()
    held_out = held_out_briefs(grammar, n=settings.n_held_out)
    exclude = sample_sentences(ROOT) | {text for brief in held_out for text in (brief.en, brief.ru, brief.hy)}

    def draw(seed: int, n: int) -> Iterator[Brief]:
        return sample(grammar, seed=seed, n=n, exclude=exclude)

    info = PackageInfo(source=settings.source, target=settings.target, seed=settings.seed, n_steps=settings.n_steps)
    package = _train_package(draw, settings, info, output=output)
    sources, references = zip(*map(settings.texts, held_out), strict=True)
    scores = score(translate(package, sources, n_threads=settings.n_threads), references)
    write_description(package, info, scores)
    return scores


def main(argv: Sequence[str] | None = None) -> None:
    """Train one direction and log how good it is."""
    options = _parse(argv)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(message)s")
    source, target = options.pair.split("-")
    settings = TrainSettings(
        source=source,
        target=target,
        seed=options.seed,
        n_steps=options.steps,
        n_threads=options.threads,
        cap_s=options.minutes * 60,
    )
    try:
        scores = train(settings, output=options.output)
    except TrainingAbortedError as error:
        sys.exit(f"{options.pair}: {error}")
    logger.info(
        "%s: chrF %.2f, exact match %.2f %% of %d held-out sentences",
        options.pair, scores.chrf, scores.exact_match, scores.n_sentences,
    )  # fmt: skip


def _train_package(draw: Draw, settings: TrainSettings, info: PackageInfo, *, output: Path) -> Path:
    with tempfile.TemporaryDirectory() as directory:
        briefs = draw(settings.seed * SEEDS_PER_TRAINING, settings.tokenizer_briefs)
        sentences = [text for brief in briefs for text in settings.texts(brief)]
        path = train_tokenizer(sentences, n_pieces=settings.n_pieces, seed=settings.seed, directory=Path(directory))
        tokenizer = sentencepiece.SentencePieceProcessor(model_file=str(path))
        pieces = [tokenizer.id_to_piece(i) for i in range(tokenizer.get_piece_size())]
        network = Network(NetworkSettings(n_pieces=len(pieces)))
        train_network(network, batches(draw, tokenizer, settings), settings)
        return export_package(network, pieces, path, info, output=output)


def _make_reproducible(settings: TrainSettings) -> None:
    torch.set_num_threads(settings.n_threads)
    torch.manual_seed(settings.seed)
    torch.use_deterministic_algorithms(mode=True)


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m pipeline.newsbrief.train", description=__doc__)
    parser.add_argument("--pair", required=True, choices=PAIRS)
    parser.add_argument("--output", required=True, type=Path, help="folder that receives the Argos package")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=DEFAULT_STEPS)
    parser.add_argument("--minutes", type=float, default=25, help="abort a training that takes longer")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
