"""What stands in the folder of a downloaded model: its family, weights and tokenizers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pipeline.errors import ModelError

Family = Literal["opus-mt", "m2m100", "nllb-200"]
OPUS_MT: Family = "opus-mt"
M2M100: Family = "m2m100"
NLLB_200: Family = "nllb-200"

CONFIG_FILE = "config.json"
DECODER_FILE = "decoder.yml"
TOKENIZER_FILE = "tokenizer.json"
TOKENIZER_CONFIG_FILE = "tokenizer_config.json"
VOCABULARY_FILE = "vocab.json"
SHARED_SPM_FILE = "sentencepiece.bpe.model"
SIDE_SPM_FILES = ("source.spm", "target.spm")
WEIGHTS_FILES = ("model.safetensors", "pytorch_model.bin")
"""The names of weights, in the order in which `transformers` looks for them; each may be cut into shards."""

_SUPPORTED_TYPES = ("marian", "m2m_100")
_FAMILY_BY_TOKENIZER: Mapping[str, Family] = {"nllb": NLLB_200, "m2m100": M2M100}
_POINTER = b"version https://git-lfs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A model that was found complete.

    `vocabularies` are the YAML files of a model as Marian writes it, which has no `config`; `tokenizers` are the
    SentencePiece models of the source and of the target side, twice the same where there is one for both.
    """

    folder: Path
    family: Family
    weights: tuple[Path, ...]
    tokenizers: tuple[Path, Path]
    vocabularies: tuple[Path, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)
    tokenizer_config: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_original_marian(self) -> bool:
        """Whether the files are those of Marian, not those of Hugging Face."""
        return bool(self.vocabularies)

    @property
    def has_shared_tokenizer(self) -> bool:
        """Whether one SentencePiece model serves both sides."""
        return self.tokenizers[0] == self.tokenizers[1]


def read_checkpoint(folder: Path) -> Checkpoint:
    """Return what stands in `folder`.

    Raises:
        ModelError: there is no such folder, no model that can be converted, or a part of it is missing.
    """
    if not folder.is_dir():
        raise ModelError(f"{folder}: no such folder; download a model first, as `newsmt models available` shows")
    if (folder / CONFIG_FILE).is_file():
        return _read_hugging_face(folder)
    if (folder / DECODER_FILE).is_file():
        return _read_marian(folder)
    raise ModelError(
        f"{folder}: neither {CONFIG_FILE} (Hugging Face) nor {DECODER_FILE} (Marian) is here; name the folder that the "
        "model was downloaded or unpacked into"
    )


def read_json(file: Path) -> dict[str, Any]:
    """Return the object in a JSON file.

    Raises:
        ModelError: the file cannot be read, or holds something else.
    """
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{file}: cannot be read as JSON ({error}); download the file again") from error
    if not isinstance(values, dict):
        raise ModelError(f"{file}: expected a JSON object, found {type(values).__name__}; download the file again")
    return values


def read_optional_json(file: Path) -> dict[str, Any]:
    """Return the object in a JSON file, nothing where there is no such file.

    Raises:
        ModelError: the file cannot be read, or holds something else.
    """
    return read_json(file) if file.is_file() else {}


def _read_hugging_face(folder: Path) -> Checkpoint:
    config = read_json(folder / CONFIG_FILE)
    tokenizer_config = read_optional_json(folder / TOKENIZER_CONFIG_FILE)
    family = _find_family(folder, config, tokenizer_config)
    if family == OPUS_MT and config.get("share_encoder_decoder_embeddings", True) is False:
        raise ModelError(
            f"{folder}: the model has a vocabulary for each side, which CTranslate2 cannot convert from this form; "
            f"download the model as Marian wrote it, with {DECODER_FILE}, from https://github.com/Helsinki-NLP/OPUS-MT-train"
        )
    return Checkpoint(
        folder=folder,
        family=family,
        weights=_find_weights(folder),
        tokenizers=_side_tokenizers(folder) if family == OPUS_MT else _shared_tokenizer(folder),
        config=config,
        tokenizer_config=tokenizer_config,
    )


def _find_family(folder: Path, config: Mapping[str, Any], tokenizer_config: Mapping[str, Any]) -> Family:
    model_type = config.get("model_type")
    if model_type not in _SUPPORTED_TYPES:
        raise ModelError(
            f"{folder / CONFIG_FILE}: model_type is {model_type!r}; OPUS-MT ('marian'), M2M100 and NLLB-200 "
            "('m2m_100') can be converted: choose a model of one of these families, see `newsmt models available`"
        )
    if model_type == "marian":
        return OPUS_MT
    name = str(tokenizer_config.get("tokenizer_class") or config.get("tokenizer_class") or "").lower()
    named = next((family for part, family in _FAMILY_BY_TOKENIZER.items() if name.startswith(part)), None)
    if named is None and "100" in name:
        raise ModelError(
            f"{folder / TOKENIZER_CONFIG_FILE}: the tokenizer {tokenizer_config['tokenizer_class']!r} is neither "
            "that of M2M100 nor that of NLLB-200; choose a model of one of these, see `newsmt models available`"
        )
    return named or (M2M100 if (folder / VOCABULARY_FILE).is_file() else NLLB_200)


def _find_weights(folder: Path) -> tuple[Path, ...]:
    for name in WEIGHTS_FILES:
        if (folder / name).is_file():
            return (_checked(folder / name),)
        if (index := folder / f"{name}.index.json").is_file():
            return tuple(_checked(shard) for shard in _find_shards(index))
    raise ModelError(
        f"{folder}: no weights: neither {' nor '.join(WEIGHTS_FILES)} is here; download the model again, "
        f"as in hf download ORGANISATION/MODEL --local-dir {folder}"
    )


def _find_shards(index: Path) -> list[Path]:
    names = read_json(index).get("weight_map")
    if not isinstance(names, dict) or not all(isinstance(name, str) for name in names.values()):
        raise ModelError(f"{index}: weight_map is missing; download the file again")
    return [inside(index.parent, name, index) for name in sorted(set(names.values()))]


def _read_marian(folder: Path) -> Checkpoint:
    file = folder / DECODER_FILE
    names = _read_decoder_settings(file)
    return Checkpoint(
        folder=folder,
        family=OPUS_MT,
        weights=(_checked(inside(folder, names["models"][0], file)),),
        tokenizers=_side_tokenizers(folder),
        vocabularies=tuple(_checked(inside(folder, name, file)) for name in names["vocabs"]),
    )


def _read_decoder_settings(file: Path) -> dict[str, list[str]]:
    import yaml

    try:
        values = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ModelError(f"{file}: cannot be read as YAML ({error}); unpack the model again") from error
    names = {key: values.get(key) if isinstance(values, dict) else None for key in ("models", "vocabs")}
    if not all(
        isinstance(value, list) and value and all(isinstance(v, str) for v in value) for value in names.values()
    ):
        raise ModelError(f"{file}: models and vocabs must be lists of file names; unpack the model again")
    return names  # type: ignore[return-value] # checked above


def _side_tokenizers(folder: Path) -> tuple[Path, Path]:
    source, target = (folder / name for name in SIDE_SPM_FILES)
    missing = [file.name for file in (source, target) if not file.is_file()]
    if missing and (folder / "source.bpe").is_file():
        raise ModelError(
            f"{folder}: the model was made with BPE (source.bpe); only OPUS-MT models with SentencePiece "
            f"({' and '.join(SIDE_SPM_FILES)}) can be converted: choose a newer release of the model"
        )
    if missing:
        raise ModelError(f"{folder}: {' and '.join(missing)} missing; {_download(folder, *missing)}")
    return _checked(source), _checked(target)


def _shared_tokenizer(folder: Path) -> tuple[Path, Path]:
    file = folder / SHARED_SPM_FILE
    if not file.is_file():
        raise ModelError(
            f"{folder}: {SHARED_SPM_FILE} missing, which stands beside the model that this one was trained from; "
            f"{_download(folder, SHARED_SPM_FILE)}"
        )
    return _checked(file), file


def _download(folder: Path, *names: str) -> str:
    return f"download it, as in hf download ORGANISATION/MODEL {' '.join(names)} --local-dir {folder}"


def inside(folder: Path, name: str, said_by: Path) -> Path:
    """Return the path of the file `name` in `folder`.

    Raises:
        ModelError: `name`, as the file `said_by` writes it, leads out of the folder.
    """
    path = folder / name
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise ModelError(f"{said_by}: {name} is outside of the folder; write the name of a file that is in it")
    return path


def _checked(file: Path) -> Path:
    """Return a file that is there, and is what it is called."""
    if not file.is_file():
        raise ModelError(f"{file}: missing; download the model again")
    with file.open("rb") as stream:
        if stream.read(len(_POINTER)) == _POINTER:
            raise ModelError(
                f"{file}: only a pointer of Git LFS, not the file itself; run git lfs pull in {file.parent}, "
                "or download the model with hf download"
            )
    return file
