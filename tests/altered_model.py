"""Demo packages with altered weights: models that loop, on the real engine."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_TYPES: dict[int, type[np.generic]] = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}
"""Source: `DataType` of CTranslate2."""

Alteration = Callable[[str, NDArray[np.generic]], NDArray[np.generic]]
"""Returns what takes the place of a variable, given its name and value."""


def alter_model(path: Path, alteration: Alteration) -> None:
    """Rewrite a `model.bin` of CTranslate2, each variable as `alteration` returns it; its shape and type stay."""
    data = path.read_bytes()
    parts: list[bytes] = []
    position = 0
    for start, end, name, kind, shape in _variables(data):
        value = np.frombuffer(data[start:end], dtype=_TYPES[kind]).reshape(shape)
        parts += (data[position:start], np.ascontiguousarray(alteration(name, value), dtype=value.dtype).tobytes())
        position = end
    path.write_bytes(b"".join(parts) + data[position:])


def _variables(data: bytes) -> Iterator[tuple[int, int, str, int, tuple[int, ...]]]:
    """Yield where the bytes of each variable are, its name, type and shape.

    Source: `Model::load` of CTranslate2, binary version 6: version, name of the spec, revision, variables.
    """
    position = 4
    _, position = _string(data, position)
    position += 4
    (n_variables,) = struct.unpack_from("<I", data, position)
    position += 4
    for _ in range(n_variables):
        name, position = _string(data, position)
        rank = data[position]
        shape = struct.unpack_from(f"<{rank}I", data, position + 1)
        position += 1 + 4 * rank
        kind, n_bytes = struct.unpack_from("<BI", data, position)
        position += 5
        yield position, position + n_bytes, name, kind, shape
        position += n_bytes


def _string(data: bytes, position: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<H", data, position)
    return data[position + 2 : position + 1 + length].decode(), position + 2 + length
