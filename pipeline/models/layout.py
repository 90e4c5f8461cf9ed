"""The layout of a package folder: which files it may hold, and what for.

Source: `argostranslate/package.py` of argos-translate; `Converter.convert` of CTranslate2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Literal

METADATA_FILE = "metadata.json"
MODEL_FOLDER = "model"
WEIGHTS_FILE = "model.bin"

TokenizerKind = Literal["sentencepiece", "bpe"]
TOKENIZER_FILES: Mapping[str, TokenizerKind] = {"sentencepiece.model": "sentencepiece", "bpe.model": "bpe"}
"""Names of the tokenizer that serves both sides; the first one that is there counts."""

SIDE_TOKENIZER = re.compile(r"(source|target|sentencepiece)\.(spm|model)")
"""Names that a package may give to the tokenizers of its two sides."""

NOTICE = re.compile(r"(?:licen[cs]e|copying|notice)(?:[.-].*)?|readme(?:\.md|\.txt)?", re.IGNORECASE)
"""Names of files that must go along with a model: licence, notices, README."""

_MODEL_FILE = re.compile(r"model\.bin|config\.json|(source|target|shared)_vocabulary\.(json|txt)|vmap\.txt")


def is_package_file(path: PurePath) -> bool:
    """Return whether the layout knows a file; `path` is relative to the package folder."""
    match path.parts:
        case (name,):
            known = name == METADATA_FILE or name in TOKENIZER_FILES
            return known or bool(SIDE_TOKENIZER.fullmatch(name) or NOTICE.fullmatch(name))
        case (folder, name):
            return folder == MODEL_FOLDER and bool(_MODEL_FILE.fullmatch(name))
        case _:
            return False
