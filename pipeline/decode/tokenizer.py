"""Tokenizers of model packages, loaded when first used."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from pipeline.errors import ModelError
from pipeline.models.package import ModelPackage

_WORD_START = "▁"


class Tokenizer(Protocol):
    """Text to the tokens of a model, and back."""

    def encode(self, texts: Sequence[str]) -> list[list[str]]:
        """Return the tokens of each text, same order."""

    def decode(self, tokens: Sequence[Sequence[str]]) -> list[str]:
        """Return the text of each token list, same order."""


class SentencePieceTokenizer:
    """The common kind: one SentencePiece model for both languages, or one for each."""

    def __init__(self, package: ModelPackage) -> None:
        self._source = _load_sentencepiece(package.source_tokenizer)
        is_shared = package.target_tokenizer == package.source_tokenizer
        self._target = self._source if is_shared else _load_sentencepiece(package.target_tokenizer)

    def encode(self, texts: Sequence[str]) -> list[list[str]]:
        """Return the tokens of each text, same order."""
        encoded: list[list[str]] = self._source.encode(list(texts), out_type=str)
        return encoded

    def decode(self, tokens: Sequence[Sequence[str]]) -> list[str]:
        """Return the text of each token list, same order."""
        decoded: list[str] = self._target.decode_pieces([list(pieces) for pieces in tokens])
        return [text.replace(_WORD_START, " ").strip() for text in decoded]


def _load_sentencepiece(file: Path) -> Any:
    import sentencepiece

    try:
        return sentencepiece.SentencePieceProcessor(model_file=str(file))
    except (OSError, RuntimeError) as error:
        raise ModelError(f"{file}: not a SentencePiece model; get the package again") from error


class BpeTokenizer:
    """The older kind: Moses tokens cut by BPE, as Argos itself does it."""

    def __init__(self, package: ModelPackage) -> None:
        from argostranslate.tokenizer import BPETokenizer

        self._tokenizer = BPETokenizer(package.source_tokenizer, package.pair.source, package.pair.target)
        try:
            self._tokenizer.lazy_load()
        # Argos' reader leaves the process at a line that it does not understand.
        except (OSError, ValueError, SystemExit) as error:
            raise ModelError(f"{package.source_tokenizer}: not a BPE model; get the package again") from error

    def encode(self, texts: Sequence[str]) -> list[list[str]]:
        """Return the tokens of each text, same order."""
        return [self._tokenizer.encode(text) for text in texts]

    def decode(self, tokens: Sequence[Sequence[str]]) -> list[str]:
        """Return the text of each token list, same order."""
        return [self._tokenizer.decode(list(pieces)).strip() for pieces in tokens]


def load_tokenizer(package: ModelPackage) -> Tokenizer:
    """Return the tokenizer of `package`.

    Raises:
        ModelError: its file is damaged.
    """
    return SentencePieceTokenizer(package) if package.tokenizer_kind == "sentencepiece" else BpeTokenizer(package)
