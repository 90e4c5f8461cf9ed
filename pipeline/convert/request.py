"""What is to be converted, and how."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import ModelError
from pipeline.types import LanguagePair

DEFAULT_QUANTIZATION = "int8"
QUANTIZATIONS = (
    "int8",
    "int8_float32",
    "int8_float16",
    "int8_bfloat16",
    "int16",
    "float16",
    "bfloat16",
    "float32",
)
"""The number types that weights can be kept in. Source: `ACCEPTED_MODEL_TYPES` of `ctranslate2.specs.model_spec`."""

_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,31}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionRequest:
    """A folder with a model, and the directions to make of it.

    Attributes:
        folder: the model as it was downloaded.
        pairs: the directions, at least one; several need a multilingual model.
        quantization: one of `QUANTIZATIONS`.
        version: the version of the package.
        name: what the package is called; None for the name the model has.
        licence: None for what the files of the model say.
        origin: where the model is from; None for what its files say.
    """

    folder: Path
    pairs: tuple[LanguagePair, ...]
    quantization: str = DEFAULT_QUANTIZATION
    version: str = "1.0"
    name: str | None = None
    licence: str | None = None
    origin: str | None = None

    def checked(self) -> ConversionRequest:
        """Return the request itself.

        Raises:
            ModelError: no direction, one named twice, an unknown number type, or a version that cannot be written.
        """
        if not self.pairs:
            raise ModelError(f"{self.folder}: no direction to convert; add for example --from hy --to en")
        if twice := next((pair for pair in self.pairs if self.pairs.count(pair) > 1), None):
            raise ModelError(f"{self.folder}: the direction {twice} is named twice; name it once")
        if self.quantization not in QUANTIZATIONS:
            known = ", ".join(QUANTIZATIONS)
            raise ModelError(f"quantization is {self.quantization!r}; choose one of {known}, as in --quantization int8")
        if not _VERSION.fullmatch(self.version):
            raise ModelError(f"version is {self.version!r}; write one such as --version 1.0")
        return self
