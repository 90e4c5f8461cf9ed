"""Tokenizers of model packages, loaded when first used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from pipeline.errors import ModelError
from pipeline.models.package import ModelPackage

_WORD_START = "▁"
_N_PROBED = 200
_N_AT_ONCE = 1024
"""Ids take four times as much memory as pieces; those of a giant article are not all there at once."""


class Tokenizer(Protocol):
    """Text to the tokens of a model, and back."""

    def encode(self, texts: Sequence[str]) -> list[list[str]]:
        """Return the tokens of each text, same order."""

    def decode(self, tokens: Sequence[Sequence[str]]) -> list[str]:
        """Return the text of each token list, same order."""


class SentencePieceTokenizer:
    """The common kind: one SentencePiece model for both languages, or one for each."""

    def __init__(self, package: ModelPackage) -> None:
        source = _load_sentencepiece(package.source_tokenizer)
        is_shared = package.target_tokenizer == package.source_tokenizer
        self._encoder = _Encoder(source)
        self._decoder = _Decoder(source if is_shared else _load_sentencepiece(package.target_tokenizer))

    def encode(self, texts: Sequence[str]) -> list[list[str]]:
        """Return the tokens of each text, same order."""
        return self._encoder.encode(texts)

    def decode(self, tokens: Sequence[Sequence[str]]) -> list[str]:
        """Return the text of each token list, same order."""
        return self._decoder.decode(tokens)


class _Encoder:
    """Text to pieces. By way of ids, that is quicker, and equal pieces are one object: a shard may hold millions."""

    def __init__(self, processor: Any) -> None:
        self._processor = processor
        self._pieces: list[str] = processor.id_to_piece(list(range(processor.get_piece_size())))
        self._unknown = processor.unk_id()

    def encode(self, texts: Sequence[str]) -> list[list[str]]:
        slices = (texts[start : start + _N_AT_ONCE] for start in range(0, len(texts), _N_AT_ONCE))
        return [tokens for some in slices for tokens in self._encode_slice(some)]

    def _encode_slice(self, texts: Sequence[str]) -> Iterator[list[str]]:
        ids: list[list[int]] = self._processor.encode(list(texts), out_type=int, num_threads=1)
        return map(self._named, texts, ids)

    def _named(self, text: str, ids: list[int]) -> list[str]:
        if self._unknown in ids:
            # Their surface is wanted: where a model copies an unknown piece, it must be there to be copied.
            pieces: list[str] = self._processor.encode(text, out_type=str)
            return pieces
        return list(map(self._pieces.__getitem__, ids))


class _Decoder:
    """Pieces to text. Most are simply put together; what the library would treat otherwise is left to it."""

    def __init__(self, processor: Any) -> None:
        self._processor = processor
        indices = list(range(processor.get_piece_size()))
        pieces: list[str] = processor.id_to_piece(indices)
        tests = (processor.is_control, processor.is_unknown, processor.is_byte)
        marks = zip(pieces, *(test(indices) for test in tests), strict=True)
        self._special = frozenset(piece for piece, *is_special in marks if any(is_special))
        # A model may have rules of its own for writing pieces as text.
        probe = [piece for piece in pieces if piece not in self._special][:_N_PROBED]
        self._is_plain = _joined(probe) == self._by_library([probe])[0]

    def decode(self, tokens: Sequence[Sequence[str]]) -> list[str]:
        is_plain = self._is_plain
        texts = [_joined(pieces) if is_plain and self._special.isdisjoint(pieces) else None for pieces in tokens]
        return [self._by_library([tokens[place]])[0] if text is None else text for place, text in enumerate(texts)]

    def _by_library(self, tokens: Sequence[Sequence[str]]) -> list[str]:
        decoded: list[str] = self._processor.decode_pieces([list(pieces) for pieces in tokens])
        return [text.replace(_WORD_START, " ").strip() for text in decoded]


def _joined(pieces: Sequence[str]) -> str:
    return "".join(pieces).replace(_WORD_START, " ").strip()


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
