"""Translation models as packages: a folder with `metadata.json`, `model/` of CTranslate2, and tokenizers.

The layout is that of Argos. Packages that newsmt converted itself have an object `newsmt` in their metadata, which
knows more: tokenizers of their own for either side, tokens that name the languages, several directions over one model.

Source: https://github.com/argosopentech/argos-translate, `argostranslate/package.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path

from pipeline.errors import ModelError
from pipeline.models.layout import MODEL_FOLDER, TOKENIZER_FILES, WEIGHTS_FILE, TokenizerKind
from pipeline.models.metadata import Direction, Metadata, read_metadata
from pipeline.types import LanguagePair


@dataclass(frozen=True, kw_only=True)
class ModelPackage:
    """One direction of a package folder that was found complete; `version` is as the package says, `1.9`.

    Two packages with the same `model_folder` are directions of one multilingual model.
    """

    path: Path
    metadata: Metadata
    direction: Direction
    tokenizer_kind: TokenizerKind
    source_tokenizer: Path
    target_tokenizer: Path

    @property
    def pair(self) -> LanguagePair:
        """The languages."""
        return self.direction.pair

    @property
    def version(self) -> str:
        """The version as the package says, `1.9`."""
        return self.metadata.version

    @property
    def licence(self) -> str | None:
        """The licence as the package says, None where it says nothing."""
        return self.metadata.licence

    @property
    def family(self) -> str:
        """The family that the catalogue knows the model by, `argos` where the package says nothing else."""
        return self.metadata.family

    @property
    def name(self) -> str:
        """The name in Argos' style, `en_ru`."""
        return f"{self.pair.source}_{self.pair.target}"

    @property
    def label(self) -> str:
        """What stands in the rows of the corpus, `en_ru@1.9#` and 12 hex digits of the hash."""
        return f"{self.name}@{self.version}#{self.sha256[:12]}"

    @property
    def model_folder(self) -> Path:
        """The folder of the CTranslate2 model."""
        return self.path / MODEL_FOLDER

    @property
    def size_bytes(self) -> int:
        """The size of all files that take part in translating."""
        return sum(file.stat().st_size for file in self._files())

    @cached_property
    def sha256(self) -> str:
        """The hash over the direction's tokens, and names and contents of all files that can change a translation."""
        digest = sha256(self.direction.signature.encode())
        for file in self._files():
            digest.update(f"{file.relative_to(self.path).as_posix()} {hash_file(file)}\n".encode())
        return digest.hexdigest()

    def _files(self) -> Iterator[Path]:
        yield from sorted(file for file in self.model_folder.rglob("*") if file.is_file())
        yield from dict.fromkeys((self.source_tokenizer, self.target_tokenizer))


def read_packages(path: Path) -> tuple[ModelPackage, ...]:
    """Return the package in folder `path`, once for each of its directions: one, or several for a multilingual model.

    A package of Argos that is for something else than translating has none.

    Raises:
        ModelError: something is missing or wrong; the message names the file.
    """
    metadata = read_metadata(path)
    if not metadata.directions:
        return ()
    if not (path / MODEL_FOLDER / WEIGHTS_FILE).is_file():
        raise ModelError(f"{path}: {MODEL_FOLDER}/{WEIGHTS_FILE} is missing; the package is incomplete, get it again")
    kind, source, target = _find_tokenizers(path, metadata)
    return tuple(
        ModelPackage(
            path=path,
            metadata=metadata,
            direction=direction,
            tokenizer_kind=kind,
            source_tokenizer=source,
            target_tokenizer=target,
        )
        for direction in metadata.directions
    )


def hash_file(file: Path) -> str:
    """Return the SHA-256 of a file in hex digits; the directions of one model share the work."""
    status = file.stat()
    return _hash_content(file, status.st_size, status.st_mtime_ns)


def _find_tokenizers(path: Path, metadata: Metadata) -> tuple[TokenizerKind, Path, Path]:
    names = metadata.tokenizers or tuple((name, name) for name in TOKENIZER_FILES if (path / name).is_file())[:1]
    for source, target in names:
        if (path / source).is_file() and (path / target).is_file():
            return TOKENIZER_FILES.get(source, "sentencepiece"), path / source, path / target
    wanted = " and ".join(metadata.tokenizers[0]) if metadata.tokenizers else " or ".join(TOKENIZER_FILES)
    raise ModelError(f"{path}: no tokenizer ({wanted}); the package is incomplete, get it again")


@lru_cache(maxsize=1024)
def _hash_content(file: Path, _size_bytes: int, _modified_ns: int) -> str:
    digest = sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
