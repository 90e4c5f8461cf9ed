"""One translation model in the package layout of Argos: `metadata.json`, `model/`, a tokenizer.

Source: https://github.com/argosopentech/argos-translate, `argostranslate/package.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Literal

from pipeline.errors import ModelError
from pipeline.types import LanguagePair

METADATA_FILE = "metadata.json"
MODEL_FOLDER = "model"
TOKENIZER_FILES: dict[Literal["sentencepiece", "bpe"], str] = {
    "sentencepiece": "sentencepiece.model",
    "bpe": "bpe.model",
}


@dataclass(frozen=True, kw_only=True)
class ModelPackage:
    """A package folder that was found complete; `version` is as the package says, `1.9`."""

    path: Path
    pair: LanguagePair
    version: str
    licence: str | None
    target_prefix: str
    tokenizer_kind: Literal["sentencepiece", "bpe"]

    @property
    def name(self) -> str:
        """The name in Argos' style, `en_ru`."""
        return f"{self.pair.source}_{self.pair.target}"

    @property
    def label(self) -> str:
        """What stands in the rows of the corpus, `en_ru@1.9#` and 12 hex digits of the hash."""
        return f"{self.name}@{self.version}#{self.sha256[:12]}"

    @property
    def model_folder(self) -> Path:
        """The folder of the CTranslate2 model."""
        return self.path / MODEL_FOLDER

    @property
    def tokenizer_file(self) -> Path:
        """The SentencePiece or BPE model."""
        return self.path / TOKENIZER_FILES[self.tokenizer_kind]

    @property
    def size_bytes(self) -> int:
        """The size of all files that take part in translating."""
        return sum(file.stat().st_size for file in self._files())

    @cached_property
    def sha256(self) -> str:
        """The hash over names and contents of all files that can change a translation."""
        digest = sha256(f"prefix {self.target_prefix}\n".encode())
        for file in self._files():
            with file.open("rb") as stream:
                content = _hash_stream(stream)
            digest.update(f"{file.relative_to(self.path).as_posix()} {content}\n".encode())
        return digest.hexdigest()

    def _files(self) -> Iterator[Path]:
        yield from sorted(file for file in self.model_folder.rglob("*") if file.is_file())
        yield self.tokenizer_file


def read_package(path: Path) -> ModelPackage:
    """Return the package in folder `path`.

    Raises:
        ModelError: something is missing or wrong; the message names the file.
    """
    metadata = _read_metadata(path / METADATA_FILE)
    if not (path / MODEL_FOLDER / "model.bin").is_file():
        raise ModelError(f"{path}: {MODEL_FOLDER}/model.bin is missing; the package is incomplete, install it again")
    source, target = _code(path, metadata, "from_code"), _code(path, metadata, "to_code")
    return ModelPackage(
        path=path,
        pair=LanguagePair(source=source, target=target),
        version=str(metadata.get("package_version", "0")),
        licence=_optional_text(metadata.get("licence", metadata.get("license"))),
        target_prefix=_optional_text(metadata.get("target_prefix")) or "",
        tokenizer_kind=_tokenizer_kind(path),
    )


def _read_metadata(file: Path) -> dict[str, object]:
    try:
        metadata = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{file}: cannot be read ({error}); the package is incomplete, install it again") from error
    if not isinstance(metadata, dict):
        raise ModelError(f"{file}: expected a JSON object")
    return metadata


def _code(path: Path, metadata: dict[str, object], key: str) -> str:
    code = metadata.get(key)
    if not isinstance(code, str) or not code:
        raise ModelError(f"{path / METADATA_FILE}: expected a language code under {key!r}, found {code!r}")
    return code.lower()


def _optional_text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _tokenizer_kind(path: Path) -> Literal["sentencepiece", "bpe"]:
    for kind, file_name in TOKENIZER_FILES.items():
        if (path / file_name).is_file():
            return kind
    names = " or ".join(TOKENIZER_FILES.values())
    raise ModelError(f"{path}: no tokenizer ({names}); the package is incomplete, install it again")


def _hash_stream(stream: BinaryIO) -> str:
    digest = sha256()
    while chunk := stream.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()
