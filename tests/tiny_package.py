"""Real model packages with random weights, made in a tenth of a second: for tests that do not ask what is said."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

WIDTH = 16
CORPUS = (
    "The prime minister of France arrived in Paris on Monday.",
    "More than 12,500 people took part in the vote, the agency said.",
    "Премьер-министр Франции прибыл в Париж в понедельник.",
    "В голосовании приняли участие более 12 500 человек, сообщило агентство.",
    "Ֆրանսիայի վարչապետը երկուշաբթի օրը ժամանել է Փարիզ։",
    "Քվեարկությանը մասնակցել է ավելի քան 12 500 մարդ, հայտնել է գործակալությունը։",
)
BPE_WORDS = ("<unk>", "<s>", "</s>", "Paris", "votes", ".", "голосует", "Париж", "пони@@", "маю")


@dataclass(frozen=True, slots=True, kw_only=True)
class TinyPackage:
    """What to build; `end_bias` makes the end of a text likely (high) or impossible (low)."""

    source: str
    target: str
    version: str = "1.0"
    tokenizer: str = "sentencepiece"
    target_prefix: str = ""
    end_bias: float = 2.0
    n_positions: int = 500
    seed: int = 1

    def build(self, folder: Path) -> Path:
        """Write the package into `folder` and return its path."""
        package = folder / f"{self.source}_{self.target}-{self.version}-{self.seed}"
        (package / "model").mkdir(parents=True)
        pieces = _write_sentencepiece(package) if self.tokenizer == "sentencepiece" else _write_bpe(package)
        _write_model(package / "model", pieces, self)
        metadata = {
            "from_code": self.source,
            "to_code": self.target,
            "package_version": self.version,
            "licence": "CC0-1.0",
            "target_prefix": self.target_prefix,
        }
        (package / "metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
        return package


def _write_sentencepiece(package: Path) -> list[str]:
    import sentencepiece

    file = package / "sentencepiece.model"
    with file.open("wb") as stream:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(CORPUS * 4),
            model_writer=stream,
            vocab_size=300,
            hard_vocab_limit=False,
            character_coverage=1.0,
            normalization_rule_name="identity",
            num_threads=1,
            unk_id=0,
            bos_id=1,
            eos_id=2,
            pad_id=-1,
            minloglevel=2,
        )
    processor = sentencepiece.SentencePieceProcessor(model_file=str(file))
    return [processor.id_to_piece(index) for index in range(processor.get_piece_size())]


def _write_bpe(package: Path) -> list[str]:
    (package / "bpe.model").write_text("#version: 0.2\nP a\nPa r\nPar i\nPari s</w>\n", encoding="utf-8")
    return list(BPE_WORDS)


def _write_model(folder: Path, pieces: Sequence[str], package: TinyPackage) -> None:
    from ctranslate2.specs import TransformerSpec

    weights = _Weights(package.seed)
    spec = TransformerSpec.from_config((1, 1), 2, pre_norm=True)
    embeddings = weights.draw(len(pieces), WIDTH)
    positions = weights.draw(package.n_positions, WIDTH)
    spec.encoder.embeddings[0].weight = spec.decoder.embeddings.weight = spec.decoder.projection.weight = embeddings
    spec.encoder.position_encodings.encodings = spec.decoder.position_encodings.encodings = positions
    bias = np.zeros(len(pieces), np.float32)
    bias[2] = package.end_bias
    spec.decoder.projection.bias = bias
    weights.fill_layer(spec.encoder.layer[0], spec.encoder.layer_norm, cross=False)
    weights.fill_layer(spec.decoder.layer[0], spec.decoder.layer_norm, cross=True)
    spec.register_source_vocabulary(list(pieces))
    spec.register_target_vocabulary(list(pieces))
    spec.config.add_source_eos = True
    spec.config.decoder_start_token = "<s>"  # noqa: S105 - a token of the model
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))


class _Weights:
    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)

    def draw(self, *shape: int) -> NDArray[np.float32]:
        return self._random.normal(0, 0.3, shape).astype(np.float32)

    def fill_layer(self, layer: Any, final_norm: Any, *, cross: bool) -> None:
        attentions: list[tuple[Any, tuple[int, ...]]] = [(layer.self_attention, (3 * WIDTH, WIDTH))]
        attentions += [(layer.attention, (WIDTH, 2 * WIDTH, WIDTH))] if cross else []
        for attention, sizes in attentions:
            for linear, size in zip(attention.linear, sizes, strict=True):
                self._fill_linear(linear, size, WIDTH)
        self._fill_linear(layer.ffn.linear_0, 2 * WIDTH, WIDTH)
        self._fill_linear(layer.ffn.linear_1, WIDTH, 2 * WIDTH)
        for norm in (final_norm, layer.ffn.layer_norm, *(attention.layer_norm for attention, _ in attentions)):
            norm.gamma, norm.beta = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)

    def _fill_linear(self, linear: Any, n_rows: int, n_columns: int) -> None:
        linear.weight = self.draw(n_rows, n_columns)
        linear.bias = np.zeros(n_rows, np.float32)
