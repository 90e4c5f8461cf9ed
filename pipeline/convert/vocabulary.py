"""The tokens of a model in the order of its embeddings, read from the files beside the weights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.convert.checkpoint import (
    M2M100,
    NLLB_200,
    OPUS_MT,
    TOKENIZER_CONFIG_FILE,
    TOKENIZER_FILE,
    VOCABULARY_FILE,
    Checkpoint,
    read_json,
    read_optional_json,
)
from pipeline.convert.extra import require_extra
from pipeline.errors import ModelError

END = "</s>"
UNKNOWN = "<unk>"
PAD = "<pad>"
BEGIN = "<s>"
FAIRSEQ_TOKENS = (BEGIN, PAD, END, UNKNOWN)
"""What stands first in the vocabulary of M2M100 and NLLB-200."""

_ADDED_TOKENS_FILE = "added_tokens.json"
_LEAST_SHARE = 0.25
"""How many pieces of its tokenizers a vocabulary must at least hold; of those that belong to it, it holds most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The tokens of either side by id; for most models both sides are the same."""

    source: tuple[str, ...]
    target: tuple[str, ...]


def read_vocabulary(checkpoint: Checkpoint) -> Vocabulary:
    """Return the vocabulary of a model, as many tokens as it has embeddings.

    Raises:
        ModelError: a file is missing or damaged, or does not fit to the model.
    """
    if checkpoint.is_original_marian:
        sides = [_read_marian(file) for file in checkpoint.vocabularies]
        return Vocabulary(source=sides[0], target=sides[-1])
    readers = {OPUS_MT: _read_opus, M2M100: _read_m2m100, NLLB_200: _read_nllb}
    tokens = _in_order(readers[checkpoint.family](checkpoint), checkpoint)
    return Vocabulary(source=tokens, target=tokens)


def check_tokenizers(checkpoint: Checkpoint, vocabulary: Vocabulary) -> None:
    """Check that the SentencePiece models are whole and belong to the vocabulary.

    Raises:
        ModelError: one is damaged, or is that of another model.
    """
    for file, tokens in zip(checkpoint.tokenizers, (vocabulary.source, vocabulary.target), strict=True):
        pieces = read_pieces(file)
        n_known = len(set(pieces) & set(tokens))
        if n_known < _LEAST_SHARE * len(pieces):
            raise ModelError(
                f"{file}: only {n_known:,} of {len(pieces):,} pieces are in the vocabulary of the model; the file "
                "belongs to another model, download it again"
            )


def read_pieces(file: Path) -> list[str]:
    """Return the pieces of a SentencePiece model by id.

    Raises:
        ModelError: the file is no SentencePiece model.
    """
    import sentencepiece

    try:
        processor = sentencepiece.SentencePieceProcessor(model_file=str(file))
    except (OSError, RuntimeError) as error:
        raise ModelError(f"{file}: not a SentencePiece model; download the file again") from error
    return [processor.id_to_piece(index) for index in range(processor.get_piece_size())]


def _read_marian(file: Path) -> tuple[str, ...]:
    from ctranslate2.converters.marian import load_vocab

    try:
        tokens = tuple(load_vocab(str(file)))
    except (OSError, ValueError) as error:
        raise ModelError(f"{file}: cannot be read ({error}); unpack the model again") from error
    if END not in tokens or UNKNOWN not in tokens:
        raise ModelError(f"{file}: {END} or {UNKNOWN} is missing; unpack the model again")
    return tokens


def _read_opus(checkpoint: Checkpoint) -> dict[int, str]:
    return _by_id(checkpoint, read_json(checkpoint.folder / VOCABULARY_FILE))


def _read_m2m100(checkpoint: Checkpoint) -> dict[int, str]:
    """Return the pieces, and after them the languages.

    Source: `M2M100Tokenizer` in transformers.
    """
    pieces = _by_id(checkpoint, read_json(checkpoint.folder / VOCABULARY_FILE))
    added = _added_tokens(checkpoint)
    if any(token.startswith("__") for token in added.values()):
        return pieces | added
    require_extra()
    from transformers.models.m2m_100.tokenization_m2m_100 import FAIRSEQ_LANGUAGE_CODES

    codes = FAIRSEQ_LANGUAGE_CODES.get(checkpoint.tokenizer_config.get("language_codes", M2M100), ())
    return pieces | dict(enumerate((f"__{code}__" for code in codes), start=len(pieces))) | added


def _read_nllb(checkpoint: Checkpoint) -> dict[int, str]:
    """Return the vocabulary in `tokenizer.json`, or make it of the pieces as fairseq did.

    Source: `NllbTokenizer` in transformers 4, at `fairseq_offset`.
    """
    if (file := checkpoint.folder / TOKENIZER_FILE).is_file():
        return _read_tokenizer(file) | _added_tokens(checkpoint)
    n_own_specials = 3
    pieces = (*FAIRSEQ_TOKENS, *read_pieces(checkpoint.tokenizers[0])[n_own_specials:])
    added = _added_tokens(checkpoint)
    if not any("_" in token for token in added.values()):
        require_extra()
        from transformers.models.nllb.tokenization_nllb import FAIRSEQ_LANGUAGE_CODES

        added = dict(enumerate((*FAIRSEQ_LANGUAGE_CODES, "<mask>"), start=len(pieces))) | added
    return dict(enumerate(pieces)) | added


def _read_tokenizer(file: Path) -> dict[int, str]:
    values = read_json(file)
    try:
        tokens = values["model"]["vocab"]
        ids = dict(tokens) if isinstance(tokens, dict) else {token: index for index, (token, _) in enumerate(tokens)}
        added = {added["id"]: added["content"] for added in values.get("added_tokens", ())}
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{file}: no vocabulary in it ({error!r}); download the file again") from error
    return {index: token for token, index in ids.items()} | added


def _added_tokens(checkpoint: Checkpoint) -> dict[int, str]:
    """Return the tokens that files name with their ids beside the vocabulary."""
    decoder = checkpoint.tokenizer_config.get("added_tokens_decoder", {})
    file = checkpoint.folder / _ADDED_TOKENS_FILE
    try:
        added = {int(index): str(token["content"]) for index, token in decoder.items()}
        return {int(index): token for token, index in read_optional_json(file).items()} | added
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        name = checkpoint.folder / TOKENIZER_CONFIG_FILE
        raise ModelError(f"{name}: added tokens cannot be read ({error!r}); download the file again") from error


def _by_id(checkpoint: Checkpoint, ids: Mapping[str, Any]) -> dict[int, str]:
    file = checkpoint.folder / VOCABULARY_FILE
    if not ids or not all(isinstance(index, int) for index in ids.values()):
        raise ModelError(f"{file}: expected tokens and their ids; download the file again")
    return {index: token for token, index in ids.items()}


def _in_order(tokens: Mapping[int, str], checkpoint: Checkpoint) -> tuple[str, ...]:
    """Return the tokens by id, with made-up words where the model has embeddings that nothing is said of.

    Raises:
        ModelError: a token is missing, stands twice, or lies beyond the embeddings.
    """
    size = checkpoint.config.get("vocab_size")
    name = checkpoint.folder
    if not isinstance(size, int) or size < 1:
        raise ModelError(f"{name}: vocab_size is missing in config.json; download the file again")
    if max(tokens) >= size:
        raise ModelError(
            f"{name}: the model has {size:,} embeddings, and the tokenizer {max(tokens) + 1:,} tokens; the files "
            "belong to different models, download them again"
        )
    ordered = tuple(tokens.get(index, f"madeupword{index}") for index in range(size))
    if twice := len(ordered) - len(set(ordered)):
        raise ModelError(f"{name}: {twice:,} tokens stand twice in the vocabulary; download the tokenizer again")
    _check_specials(ordered, name)
    return ordered


def _check_specials(tokens: Iterable[str], name: Path) -> None:
    missing = {END, UNKNOWN}.difference(tokens)
    if missing:
        raise ModelError(
            f"{name}: {' and '.join(sorted(missing))} missing in the vocabulary; download the tokenizer again"
        )
