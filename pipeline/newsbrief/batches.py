"""The tokenizer of a pair, and the batches that its model is trained on."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sentencepiece
import torch
from torch import Tensor

from pipeline.newsbrief.generate import Brief
from pipeline.newsbrief.settings import SEEDS_PER_TRAINING, TrainSettings

START, END = 1, 2
"""Ids of ``<s>`` and ``</s>`` in the SentencePiece model; ``<unk>`` is 0."""

Draw = Callable[[int, int], Iterator[Brief]]
"""``draw(seed, n)`` yields n training briefs."""


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
            # The unigram trainer cuts a frequent word that is part of no other: "▁s aid". BPE keeps it whole.
            model_type="bpe",
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
        chance = random.Random(seed)  # noqa: S311 -- the order of batches protects nothing
        texts = map(settings.texts, draw(seed, settings.pool_size))
        sources, targets = (tokenizer.encode(list(side), out_type=int) for side in zip(*texts, strict=True))
        pairs = list(zip(sources, targets, strict=True))
        # Sorted strictly by length, a batch holds few patterns, and the network needs several times the steps.
        pairs.sort(key=lambda pair: max(map(len, pair)) + settings.length_jitter * chance.random())
        groups = list(_cut(pairs, settings.batch_tokens))
        chance.shuffle(groups)
        yield from map(_to_batch, groups)


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
