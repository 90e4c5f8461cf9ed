"""A model as it was downloaded becomes a package."""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pipeline.convert.checkpoint import Checkpoint, read_checkpoint
from pipeline.convert.languages import find_directions
from pipeline.convert.notices import find_notices, read_licence, read_origin
from pipeline.convert.request import ConversionRequest
from pipeline.convert.vocabulary import check_tokenizers, read_vocabulary
from pipeline.convert.weights import convert_weights
from pipeline.errors import ModelError
from pipeline.models.layout import METADATA_FILE, MODEL_FOLDER
from pipeline.models.metadata import FORMAT, Direction, package_folder_name
from pipeline.models.package import hash_file, read_packages

_SIDE_NAMES = ("source.spm", "target.spm")
_SHARED_NAMES = ("sentencepiece.model", "sentencepiece.model")


def convert(request: ConversionRequest, output: Path) -> Path:
    """Write the package of a model into a new folder in `output` and return it; nothing is left where it fails.

    Raises:
        ModelError: the request or the model is not such as can be converted; the message says what would be.
    """
    request.checked()
    checkpoint = read_checkpoint(request.folder)
    vocabulary = read_vocabulary(checkpoint)
    directions = find_directions(checkpoint, vocabulary, request.pairs)
    check_tokenizers(checkpoint, vocabulary)
    package = output / folder_name(request, checkpoint)
    _make_folder(package)
    try:
        convert_weights(checkpoint, vocabulary, package / MODEL_FOLDER, quantization=request.quantization)
        _write_rest(request, checkpoint, directions, package)
    except BaseException:
        shutil.rmtree(package, ignore_errors=True)
        raise
    return package


def folder_name(request: ConversionRequest, checkpoint: Checkpoint) -> str:
    """Return the name that the package's folder will have."""
    name = model_name(request, checkpoint)
    return package_folder_name(checkpoint.family, request.pairs, name=name, version=request.version)


def model_name(request: ConversionRequest, checkpoint: Checkpoint) -> str:
    """Return what the model is called: as requested, else the last part of its origin."""
    return request.name or (request.origin or read_origin(checkpoint)).rstrip("/").rpartition("/")[2]


def _make_folder(package: Path) -> None:
    try:
        package.mkdir(parents=True)
    except FileExistsError as error:
        raise ModelError(f"{package}: exists already; remove it, or give another --version") from error
    except OSError as error:
        raise ModelError(f"{package}: cannot be created ({error.strerror}); choose another folder") from error


def _write_rest(
    request: ConversionRequest, checkpoint: Checkpoint, directions: Sequence[Direction], package: Path
) -> None:
    names = _SHARED_NAMES if checkpoint.has_shared_tokenizer else _SIDE_NAMES
    values = _metadata(request, checkpoint, directions, tokenizers=names)
    try:
        for file, name in zip(checkpoint.tokenizers, names, strict=True):
            shutil.copyfile(file, package / name)
        for file in find_notices(checkpoint.folder):
            shutil.copyfile(file, package / file.name)
        text = json.dumps(values, ensure_ascii=False, indent=2)
        (package / METADATA_FILE).write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        mending = "make room" if error.errno == errno.ENOSPC else "choose another folder"
        raise ModelError(f"{package}: cannot be written ({error.strerror}); {mending}, then convert again") from error
    read_packages(package)


def _metadata(
    request: ConversionRequest, checkpoint: Checkpoint, directions: Sequence[Direction], *, tokenizers: Sequence[str]
) -> dict[str, Any]:
    return {
        "package_version": request.version,
        "name": model_name(request, checkpoint),
        "from_code": request.pairs[0].source,
        "to_code": request.pairs[0].target,
        "licence": request.licence or read_licence(checkpoint.folder),
        "newsmt": {
            "format": FORMAT,
            "family": checkpoint.family,
            "origin": request.origin or read_origin(checkpoint),
            "origin_sha256": {file.name: hash_file(file) for file in checkpoint.weights},
            "converted_with": _converted_with(request, checkpoint),
            "tokenizers": list(tokenizers),
            "directions": [direction.to_json() for direction in directions],
        },
    }


def _converted_with(request: ConversionRequest, checkpoint: Checkpoint) -> dict[str, str | None]:
    return {
        "ctranslate2": _version("ctranslate2"),
        "transformers": None if checkpoint.is_original_marian else _version("transformers"),
        "quantization": request.quantization,
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
