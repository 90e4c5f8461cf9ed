"""Weights from one form into the other, by CTranslate2's own converters."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

from pipeline.convert.checkpoint import OPUS_MT, Checkpoint
from pipeline.convert.extra import require_extra
from pipeline.convert.vocabulary import PAD, Vocabulary
from pipeline.errors import ModelError

_SHARED_VOCABULARY_FILE = "shared_vocabulary.json"
_SIDE_VOCABULARY_FILES = ("source_vocabulary.json", "target_vocabulary.json")


def convert_weights(checkpoint: Checkpoint, vocabulary: Vocabulary, output: Path, *, quantization: str) -> None:
    """Write the CTranslate2 model of a checkpoint into the new folder `output`.

    Raises:
        ModelError: the weights are damaged or not such as CTranslate2 knows, or the disk is full.
    """
    if not checkpoint.is_original_marian:
        require_extra()
    with _failures(checkpoint, output):
        _converter(checkpoint, vocabulary).convert(str(output), quantization=quantization)
    _check_written(output, _expected(checkpoint, vocabulary))


def _converter(checkpoint: Checkpoint, vocabulary: Vocabulary) -> Any:
    if checkpoint.is_original_marian:
        _check_archive(checkpoint.weights[0])
        from ctranslate2.converters import MarianConverter

        return MarianConverter(str(checkpoint.weights[0]), [str(file) for file in checkpoint.vocabularies])
    from pipeline.convert.hugging_face import FolderConverter

    return FolderConverter(checkpoint, vocabulary)


def _check_archive(file: Path) -> None:
    """Check that Marian's weights have the directory at their end; of a file without it, NumPy leaves a handle open."""
    if not is_zipfile(file):
        raise ModelError(f"{file}: no NumPy archive, or a truncated one; download the model again")


@contextmanager
def _failures(checkpoint: Checkpoint, output: Path) -> Iterator[None]:
    """Turn what goes wrong while converting into one sentence."""
    names = ", ".join(str(file) for file in checkpoint.weights)
    try:
        yield
    except ModelError:
        raise
    except MemoryError as error:
        raise ModelError(
            f"{names}: not enough memory to convert; close other programs or use a larger machine"
        ) from error
    # The readers of weights raise whatever their depths raise: zip, pickle, YAML, safetensors, struct.
    except Exception as error:
        if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise ModelError(f"{output}: no space left on the device; make room, then convert again") from error
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise ModelError(
            f"{names}: cannot be converted ({reason:.300}); the file is damaged or of an unknown form, download "
            "it again"
        ) from error


def _expected(checkpoint: Checkpoint, vocabulary: Vocabulary) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the tokens of either side that the converted model must have.

    Of OPUS-MT from Hugging Face, the converter drops the padding, which Marian did not have.
    """
    sides = (vocabulary.source, vocabulary.target)
    if checkpoint.family != OPUS_MT or checkpoint.is_original_marian:
        return sides
    return tuple(side[:-1] if side[-1] == PAD else side for side in sides)  # type: ignore[return-value] # two sides


def _check_written(folder: Path, expected: tuple[tuple[str, ...], tuple[str, ...]]) -> None:
    shared = folder / _SHARED_VOCABULARY_FILE
    files = (shared, shared) if shared.is_file() else tuple(folder / name for name in _SIDE_VOCABULARY_FILES)
    for file, tokens in zip(files, expected, strict=True):
        if tuple(json.loads(file.read_text(encoding="utf-8"))) != tokens:
            raise ModelError(
                f"{file}: the converter wrote other tokens than the model has; this version of CTranslate2 is not "
                'known to newsmt, install the one it was tested with: pip install "newsmt[convert]"'
            )
