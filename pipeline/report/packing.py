"""Data inside a page: JSON that cannot end the element it stands in, and texts packed small."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from typing import Any

_LEVEL = 6
# What could end a script element or be taken for a comment there; the two separators end lines in old JavaScript.
_ESCAPES = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"})


def script_json(value: Any) -> str:
    """Return JSON that may stand in a script element, whatever texts are in it."""
    return compact_json(value).translate(_ESCAPES)


def compact_json(value: Any) -> str:
    """Return JSON without blanks, its letters as they are; what is no Unicode text becomes question marks."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace").decode("utf-8")


def packed(value: Any) -> str:
    """Return JSON, gzipped and in base64; the same value gives the same text."""
    return b64encode(gzip.compress(compact_json(value).encode("utf-8"), _LEVEL, mtime=0)).decode("ascii")
