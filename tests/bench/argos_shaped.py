"""A package in the shape of those that Argos distributes, with random weights and a fixed length of output.

Six layers on either side, width 512, feed-forward 2,048, a vocabulary of 32,000 pieces, int8. What it says is noise;
what it costs is what a real one costs. One number of each vector is kept for the end of a text: the position encodings
of a given step make it so large that nothing else can follow.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

N_LAYERS, WIDTH, FEED_FORWARD, N_HEADS, N_PIECES = 6, 512, 2048, 8, 32_000
N_POSITIONS = 512
SIGNAL = WIDTH - 1
"""The number in each vector that tells of the end; weights neither read nor write it."""


def build_argos_shaped(folder: Path, texts: Iterable[str], *, source: str, target: str, n_target_tokens: int) -> Path:
    """Write the package `source`-`target` into `folder`; each of its translations has `n_target_tokens` tokens.

    Args:
        folder: a folder of packages.
        texts: what the pieces are learnt from; where they are fewer than 32,000, made-up ones fill the vocabulary.
        source: the source language.
        target: the target language.
        n_target_tokens: the length of each translation, its end not counted.
    """
    package = folder / f"translate-{source}_{target}-1_0"
    (package / "model").mkdir(parents=True)
    pieces = _write_sentencepiece(package / "sentencepiece.model", texts)
    _write_model(package / "model", pieces, n_target_tokens)
    metadata = {"from_code": source, "to_code": target, "package_version": "1.0", "argos_version": "1.9"}
    names = {"from_name": source, "to_name": target}
    (package / "metadata.json").write_text(json.dumps({**metadata, **names}), encoding="utf-8")
    return package


def _write_sentencepiece(file: Path, texts: Iterable[str]) -> list[str]:
    import sentencepiece

    with file.open("wb") as stream:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(texts),
            model_writer=stream,
            model_type="unigram",
            vocab_size=N_PIECES,
            hard_vocab_limit=False,
            character_coverage=1.0,
            num_threads=1,
            unk_id=0,
            bos_id=1,
            eos_id=2,
            pad_id=-1,
            minloglevel=2,
        )
    processor = sentencepiece.SentencePieceProcessor(model_file=str(file))
    return [processor.id_to_piece(index) for index in range(processor.get_piece_size())]


def _write_model(folder: Path, pieces: list[str], n_target_tokens: int) -> None:
    from ctranslate2.specs import TransformerSpec

    vocabulary = [*pieces, *(f"▁spare{number}" for number in range(N_PIECES - len(pieces)))]
    weights = _Weights()
    spec = TransformerSpec.from_config((N_LAYERS, N_LAYERS), N_HEADS, pre_norm=True)
    embeddings = weights.draw(N_PIECES, WIDTH, scale=WIDTH**-0.5)
    spec.encoder.embeddings[0].weight = spec.decoder.embeddings.weight = embeddings
    spec.encoder.scale_embeddings = spec.decoder.scale_embeddings = True
    spec.encoder.position_encodings.encodings = weights.draw(N_POSITIONS, WIDTH, scale=0.5)
    spec.decoder.position_encodings.encodings = _ending_positions(weights, n_target_tokens)
    spec.decoder.projection.weight, spec.decoder.projection.bias = _ending_projection(weights)
    for layer in spec.encoder.layer:
        weights.fill_layer(layer, cross=False)
    for layer in spec.decoder.layer:
        weights.fill_layer(layer, cross=True)
    weights.fill_norm(spec.encoder.layer_norm)
    weights.fill_norm(spec.decoder.layer_norm)
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.config.add_source_eos = True
    spec.config.decoder_start_token = "<s>"  # noqa: S105 - a token of the model
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))


def _ending_positions(weights: _Weights, n_target_tokens: int) -> NDArray[np.float32]:
    positions = weights.draw(N_POSITIONS, WIDTH, scale=0.5)
    positions[:, SIGNAL] = 0.0
    positions[n_target_tokens:, SIGNAL] = 1000.0
    return positions


def _ending_projection(weights: _Weights) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return weights under which the end cannot follow before the signal, and nothing else can once it is there."""
    projection = weights.draw(N_PIECES, WIDTH, scale=0.05)
    projection[:, SIGNAL] = 0.0
    projection[2] = 0.0
    projection[2, SIGNAL] = 10.0
    bias = np.zeros(N_PIECES, np.float32)
    bias[:3] = -50.0
    return projection, bias


class _Weights:
    def __init__(self) -> None:
        self._random = np.random.default_rng(20261126)

    def draw(self, *shape: int, scale: float) -> NDArray[np.float32]:
        return (self._random.standard_normal(shape) * scale).astype(np.float32)

    def fill_norm(self, norm: Any) -> None:
        norm.gamma, norm.beta = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)

    def fill_layer(self, layer: Any, *, cross: bool) -> None:
        self._fill_attention(layer.self_attention, (3 * WIDTH, WIDTH))
        if cross:
            self._fill_attention(layer.attention, (WIDTH, 2 * WIDTH, WIDTH))
        self._fill_linear(layer.ffn.linear_0, FEED_FORWARD, WIDTH)
        self._fill_linear(layer.ffn.linear_1, WIDTH, FEED_FORWARD, writes_residual=True)
        self.fill_norm(layer.ffn.layer_norm)

    def _fill_attention(self, attention: Any, sizes: tuple[int, ...]) -> None:
        last = len(sizes) - 1
        for place, (linear, size) in enumerate(zip(attention.linear, sizes, strict=True)):
            self._fill_linear(linear, size, WIDTH, writes_residual=place == last)
        self.fill_norm(attention.layer_norm)

    def _fill_linear(self, linear: Any, n_rows: int, n_columns: int, *, writes_residual: bool = False) -> None:
        linear.weight = self.draw(n_rows, n_columns, scale=n_columns**-0.5)
        linear.bias = np.zeros(n_rows, np.float32)
        if n_columns == WIDTH:
            linear.weight[:, SIGNAL] = 0.0
        if writes_residual:
            linear.weight[SIGNAL] = 0.0
