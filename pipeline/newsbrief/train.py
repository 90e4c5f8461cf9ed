"""Train a demo translation model on generated briefs: ``python -m pipeline.newsbrief.train --pair en-ru``."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import sentencepiece
import torch
from torch import Tensor
from torch.nn import functional

from pipeline.newsbrief.batches import Batch, Draw, batches, train_tokenizer
from pipeline.newsbrief.evaluate import Scores, score, translate
from pipeline.newsbrief.export import PackageInfo, export_package, write_description
from pipeline.newsbrief.generate import Brief, load_grammar, sample
from pipeline.newsbrief.held_out import held_out_briefs, sample_sentences
from pipeline.newsbrief.network import Network, NetworkSettings
from pipeline.newsbrief.settings import DEFAULT_STEPS, PAIRS, SEEDS_PER_TRAINING, TrainSettings

ROOT = Path(__file__).parents[2]

logger = logging.getLogger(__name__)


class TrainingAbortedError(RuntimeError):
    """The training took longer than its cap."""


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
    parser.add_argument("--minutes", type=float, default=40, help="abort a training that takes longer")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
