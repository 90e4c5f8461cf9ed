"""Which formats there are."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import UsageError
from pipeline.export.articles_text import MARKDOWN, TEXT
from pipeline.export.base import Format, TextFormat
from pipeline.export.hugging_face import HUGGING_FACE
from pipeline.export.jsonl import ARTICLES_JSONL, JSONL
from pipeline.export.moses import MOSES
from pipeline.export.output import PACKED_SUFFIXES
from pipeline.export.spreadsheet import CSV
from pipeline.export.tmx import TMX
from pipeline.export.tsv import TSV
from pipeline.export.vertical import VERTICAL
from pipeline.export.xliff import XLIFF

FORMATS: tuple[Format, ...] = (
    *(TMX, XLIFF, MOSES, TSV, CSV, JSONL, ARTICLES_JSONL),
    *(HUGGING_FACE, VERTICAL, TEXT, MARKDOWN),
)
"""In the order in which they are listed."""


def format_of(name: str | None, output: Path | None) -> Format:
    """Return the format of a name or, without one, that of a file's suffix.

    Raises:
        UsageError: there is none.
    """
    if name is not None:
        return _named(name)
    if output is None:
        raise UsageError(f"name a format with --format: {_names()}; or a file with --output, as in corpus.tmx.gz")
    bare = output.name.lower()
    for suffix in PACKED_SUFFIXES:
        bare = bare.removesuffix(suffix)
    texts = [one for one in FORMATS if isinstance(one, TextFormat) and bare.endswith(one.suffix)]
    if not texts:
        known = ", ".join(one.suffix for one in FORMATS if isinstance(one, TextFormat))
        raise UsageError(
            f"--output {output}: its name tells no format (there are {known}, each also with .gz or .zst); "
            f"name one with --format: {_names()}"
        )
    # `.articles.jsonl` is `.jsonl` as well.
    return max(texts, key=lambda one: len(one.suffix))


def _named(name: str) -> Format:
    for one in FORMATS:
        if one.name == name.strip().lower():
            return one
    raise UsageError(f"--format {name}: there is no such format; there are {_names()}")


def _names() -> str:
    return ", ".join(one.name for one in FORMATS)
