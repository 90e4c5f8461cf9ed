"""Write a trained network as an Argos package: CTranslate2 int8 weights, SentencePiece model, metadata."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import Tensor

from pipeline.newsbrief.network import Network

if TYPE_CHECKING:
    from pipeline.newsbrief.evaluate import Scores

PACKAGE_VERSION = "1.0"
ARGOS_VERSION = "1.9"
LANGUAGE_NAMES = {"en": "English", "ru": "Russian", "hy": "Armenian"}
LICENCE = "CC0-1.0"
PURPOSE = (
    "Demo model of newsmt for trying and testing the pipeline. It knows only the controlled language of short news "
    "sentences described in docs/newsbrief.md, was trained on sentences generated from it, and is of no use on "
    "other text."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageInfo:
    """What the metadata say of a model.

    Attributes:
        source, target: ISO 639-1 codes.
        seed: Seed of the training data and of the first weights.
        n_steps: Length of the training.
    """

    source: str
    target: str
    seed: int
    n_steps: int

    @property
    def directory_name(self) -> str:
        """The name that Argos gives to the package's directory."""
        return f"translate-{self.source}_{self.target}-{PACKAGE_VERSION.replace('.', '_')}"


def export_package(network: Network, pieces: list[str], tokenizer: Path, info: PackageInfo, *, output: Path) -> Path:
    """Write the package and return its directory; an earlier one of the same name is replaced.

    Args:
        network: The trained network.
        pieces: The vocabulary in the order of the network's embeddings.
        tokenizer: The SentencePiece model.
        info: What the metadata say.
        output: Directory that receives the package.
    """
    package = output / info.directory_name
    if package.exists():
        shutil.rmtree(package)
    (package / "model").mkdir(parents=True)
    export_weights(network, pieces, package / "model")
    shutil.copyfile(tokenizer, package / "sentencepiece.model")
    write_description(package, info)
    return package


def export_weights(network: Network, pieces: list[str], directory: Path) -> None:
    """Write ``model.bin``, ``config.json`` and ``shared_vocabulary.json``, quantized to int8."""
    from ctranslate2.specs import TransformerSpec

    sizes = network.settings
    spec = TransformerSpec.from_config((sizes.n_encoder_layers, sizes.n_decoder_layers), sizes.n_heads, pre_norm=True)
    _set_encoder(spec.encoder, network)
    _set_decoder(spec.decoder, network)
    spec.register_source_vocabulary(pieces)
    spec.register_target_vocabulary(pieces)
    spec.config.add_source_eos = True
    spec.config.decoder_start_token = spec.config.bos_token
    spec.config.layer_norm_epsilon = network.encoder_norm.eps
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(directory))


def write_description(package: Path, info: PackageInfo, scores: Scores | None = None) -> None:
    """Write ``metadata.json`` and ``README.md``, with the scores once they are known."""
    source, target = LANGUAGE_NAMES[info.source], LANGUAGE_NAMES[info.target]
    metadata: dict[str, object] = {
        "package_version": PACKAGE_VERSION,
        "argos_version": ARGOS_VERSION,
        "from_code": info.source,
        "from_name": source,
        "to_code": info.target,
        "to_name": target,
        "name": f"newsmt demo {source} – {target}",
        "licence": LICENCE,
        "description": PURPOSE,
        "training": {"seed": info.seed, "n_steps": info.n_steps},
    }
    if scores is not None:
        metadata["held_out"] = {
            "chrf": round(scores.chrf, 2),
            "exact_match": round(scores.exact_match, 2),
            "n_sentences": scores.n_sentences,
        }
    text = json.dumps(metadata, ensure_ascii=False, indent=2)
    (package / "metadata.json").write_text(text + "\n", encoding="utf-8")
    (package / "README.md").write_text(_readme(info, scores), encoding="utf-8")


def _readme(info: PackageInfo, scores: Scores | None) -> str:
    command = (
        f"python -m pipeline.newsbrief.train --pair {info.source}-{info.target} --seed {info.seed} "
        f"--steps {info.n_steps} --output DIR"
    )
    paragraphs = [
        f"# {LANGUAGE_NAMES[info.source]} – {LANGUAGE_NAMES[info.target]}, demo model of newsmt",
        PURPOSE,
        f"A small Transformer, int8, trained from scratch on generated sentences only:\n`{command}`",
    ]
    if scores is not None:
        paragraphs.append(
            f"On {scores.n_sentences:,} sentences kept out of the training, beam 4: chrF {scores.chrf:.1f}, "
            f"exactly the reference {scores.exact_match:.1f} %."
        )
    paragraphs.append(f"Licence: {LICENCE}.")
    return "\n\n".join(paragraphs) + "\n"


def _set_encoder(spec: Any, network: Network) -> None:
    spec.embeddings[0].weight = _array(network.embeddings.weight)
    spec.position_encodings.encodings = _array(network.positions)
    _set_norm(spec.layer_norm, network.encoder_norm)
    for layer_spec, layer in zip(spec.layer, network.encoder, strict=True):
        _set_attention(layer_spec.self_attention, layer.attention)
        _set_ffn(layer_spec.ffn, layer.ffn)


def _set_decoder(spec: Any, network: Network) -> None:
    spec.embeddings.weight = _array(network.embeddings.weight)
    spec.projection.weight = _array(network.embeddings.weight)
    spec.position_encodings.encodings = _array(network.positions)
    _set_norm(spec.layer_norm, network.decoder_norm)
    for layer_spec, layer in zip(spec.layer, network.decoder, strict=True):
        _set_attention(layer_spec.self_attention, layer.attention)
        _set_attention(layer_spec.attention, layer.cross_attention)
        _set_ffn(layer_spec.ffn, layer.ffn)


def _set_attention(spec: Any, attention: Any) -> None:
    _set_norm(spec.layer_norm, attention.norm)
    for linear_spec, linear in zip(spec.linear, [*attention.projections, attention.output], strict=True):
        _set_linear(linear_spec, linear)


def _set_ffn(spec: Any, ffn: Any) -> None:
    _set_norm(spec.layer_norm, ffn.norm)
    _set_linear(spec.linear_0, ffn.inner)
    _set_linear(spec.linear_1, ffn.outer)


def _set_linear(spec: Any, linear: Any) -> None:
    spec.weight = _array(linear.weight)
    spec.bias = _array(linear.bias)


def _set_norm(spec: Any, norm: Any) -> None:
    spec.gamma = _array(norm.weight)
    spec.beta = _array(norm.bias)


def _array(tensor: Tensor) -> Any:
    """Return a copy, since quantization scales in place what shares memory with the network."""
    return tensor.detach().float().clone().numpy()
