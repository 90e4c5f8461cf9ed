"""What a package says of itself: `metadata.json`.

Argos' keys are `from_code`, `to_code`, `package_version` and `target_prefix`; newsmt adds `licence` and an object
`newsmt`:

    {"format": 1, "family": "nllb-200", "origin": "…", "tokenizers": ["source.spm", "target.spm"], "directions":
    [{"from_code": "hy", "to_code": "en", "source_prefix": ["hye_Armn"], "source_suffix": ["</s>"],
    "target_prefix": ["eng_Latn"]}]}
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import ModelError
from pipeline.models.layout import METADATA_FILE, SIDE_TOKENIZER
from pipeline.types import LanguagePair

TRANSLATE = "translate"
"""The type of packages that translate; Argos has others as well, which cut sentences."""
ARGOS = "argos"
FORMAT = 1
"""The version of the object `newsmt`."""

_UNSAFE = re.compile(r"[^a-z0-9]+")
_MAX_NAME_CHARS = 60
_CODE = re.compile(r"[a-z]{2,3}(-[a-z]+)?")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,31}")
MAX_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """From which language to which, and the tokens that tell a multilingual model so.

    `source_prefix` and `source_suffix` are put around the tokens of each source; decoding begins with `target_prefix`.
    """

    pair: LanguagePair
    source_prefix: tuple[str, ...] = ()
    source_suffix: tuple[str, ...] = ()
    target_prefix: tuple[str, ...] = ()

    @property
    def signature(self) -> str:
        """What can change a translation, in lines."""
        around = "".join(f"around {side}\n" for side in self._around)
        return f"prefix {' '.join(self.target_prefix)}\n{around}"

    @property
    def _around(self) -> tuple[str, ...]:
        if not (self.source_prefix or self.source_suffix):
            return ()
        return (" ".join(self.source_prefix), " ".join(self.source_suffix))

    def to_json(self) -> dict[str, Any]:
        """Return the direction as it stands in the metadata."""
        return {
            "from_code": self.pair.source,
            "to_code": self.pair.target,
            "source_prefix": list(self.source_prefix),
            "source_suffix": list(self.source_suffix),
            "target_prefix": list(self.target_prefix),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The metadata of a package; one of another type than `translate` has no directions.

    `tokenizers` holds the file names of the source and the target side where the package names them, else nothing.
    """

    version: str
    directions: tuple[Direction, ...]
    name: str | None = None
    licence: str | None = None
    family: str = ARGOS
    origin: str | None = None
    tokenizers: tuple[tuple[str, str], ...] = ()

    @property
    def folder_name(self) -> str:
        """The name of the folder that such a package is kept in."""
        pairs = [direction.pair for direction in self.directions]
        return package_folder_name(self.family, pairs, name=self.name or "", version=self.version)


def is_version(text: str) -> bool:
    """Return whether `text` may be the version of a package: short, and safe to show."""
    return bool(_VERSION.fullmatch(text))


def version_key(version: str) -> tuple[int, ...]:
    """Return the numbers in a version, to sort by: 1.10 is newer than 1.9."""
    return tuple(map(int, re.findall(r"\d+", version)))


def package_folder_name(family: str, pairs: Sequence[LanguagePair], *, name: str, version: str) -> str:
    """Return the name of a package's folder: `translate-en_ru-1_9` as Argos has it, `opus-mt-hy_en-1_0`.

    Where it has several directions, the `name` of the model stands there instead of the pair. Any file system takes it.
    """
    prefix = "translate" if family == ARGOS else _safe(family)
    if len(pairs) == 1:
        stem = f"{prefix}-{pairs[0].source}_{pairs[0].target}"
    else:
        own = _safe(name)
        stem = own if own.startswith(prefix) else f"{prefix}-{own}".rstrip("-")
    return f"{stem}-{_UNSAFE.sub('_', version.lower())}"


def _safe(name: str) -> str:
    return _UNSAFE.sub("-", name.lower()).strip("-")[:_MAX_NAME_CHARS].rstrip("-")


def read_metadata(path: Path) -> Metadata:
    """Return the metadata of the package in folder `path`.

    Raises:
        ModelError: they are missing, no JSON, or not of the form that is expected; the message names file and key.
    """
    file = path / METADATA_FILE
    return parse_metadata(_read_json(file), str(file))


def parse_metadata(values: Mapping[str, Any], name: str) -> Metadata:
    """Return metadata from JSON values; errors call them `name`.

    Raises:
        ModelError: a key is missing, or its value is of a wrong type.
    """
    reader = _Reader(values, name)
    if values.get("type", TRANSLATE) != TRANSLATE:
        return Metadata(version="0", directions=())
    licence = _optional_text(values.get("licence", values.get("license")))
    title = _optional_text(values.get("name"))
    own = reader.object("newsmt")
    if own is None:
        directions = (_argos_direction(reader),)
        return Metadata(version=reader.version(), directions=directions, name=title, licence=licence)
    if (found := own.values.get("format")) != FORMAT:
        raise ModelError(f"{name}: newsmt.format is {found!r}, this newsmt knows {FORMAT}; upgrade newsmt")
    return Metadata(
        version=reader.version(),
        directions=own.directions(),
        name=title,
        licence=licence,
        family=_optional_text(own.text("family")) or ARGOS,
        origin=_optional_text(own.text("origin")),
        tokenizers=own.tokenizers(),
    )


def _optional_text(value: object) -> str | None:
    """Return a text without control characters, which a terminal would obey; None for anything else."""
    text = "".join(filter(str.isprintable, value)).strip() if isinstance(value, str) else ""
    return text or None


def _argos_direction(reader: _Reader) -> Direction:
    prefix = reader.text("target_prefix")
    return Direction(pair=reader.pair(), target_prefix=(prefix,) if prefix else ())


def _read_json(file: Path) -> dict[str, Any]:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise ModelError(f"{file}: larger than {MAX_BYTES:,} bytes; these are no metadata of a package")
        values = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{file}: cannot be read ({error}); the package is incomplete, get it again") from error
    if not isinstance(values, dict):
        raise ModelError(f"{file}: expected a JSON object, found {type(values).__name__}")
    return values


class _Reader:
    """Values of one JSON object, each checked when it is asked for."""

    def __init__(self, values: Mapping[str, Any], name: str) -> None:
        self.values = values
        self._name = name

    def object(self, key: str) -> _Reader | None:
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self._wrong(key, "an object")
        return _Reader(value, f"{self._name}: {key}")

    def text(self, key: str) -> str | None:
        value = self.values.get(key)
        if value is not None and not isinstance(value, str):
            raise self._wrong(key, "a string")
        return value or None

    def version(self) -> str:
        value = self.values.get("package_version", "0")
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or not is_version(value):
            raise self._wrong("package_version", "a version such as 1.9")
        return value

    def pair(self) -> LanguagePair:
        source, target = self._code("from_code"), self._code("to_code")
        if source == target:
            raise ModelError(f"{self._name}: from_code and to_code are both {source!r}")
        return LanguagePair(source=source, target=target)

    def directions(self) -> tuple[Direction, ...]:
        values = self.values.get("directions")
        if not isinstance(values, list) or not values or not all(isinstance(value, dict) for value in values):
            raise self._wrong("directions", "a list of objects, not empty")
        return tuple(_Reader(value, f"{self._name}: directions").direction() for value in values)

    def direction(self) -> Direction:
        return Direction(
            pair=self.pair(),
            source_prefix=self._tokens("source_prefix"),
            source_suffix=self._tokens("source_suffix"),
            target_prefix=self._tokens("target_prefix"),
        )

    def tokenizers(self) -> tuple[tuple[str, str], ...]:
        if "tokenizers" not in self.values:
            return ()
        names = self.values["tokenizers"]
        is_pair = isinstance(names, list) and len(names) == len(("source", "target"))
        if not is_pair or not all(isinstance(name, str) and SIDE_TOKENIZER.fullmatch(name) for name in names):
            raise self._wrong("tokenizers", 'two file names, as in ["source.spm", "target.spm"]')
        return ((names[0], names[1]),)

    def _code(self, key: str) -> str:
        code = self.values.get(key)
        if not isinstance(code, str) or not _CODE.fullmatch(code.lower()):
            raise self._wrong(key, "a language code such as en")
        return code.lower()

    def _tokens(self, key: str) -> tuple[str, ...]:
        tokens = self.values.get(key, [])
        if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
            raise self._wrong(key, "a list of tokens")
        return tuple(tokens)

    def _wrong(self, key: str, expected: str) -> ModelError:
        return ModelError(f"{self._name}: {key} must be {expected}, found {self.values.get(key)!r:.80}")
