"""Columns of the Parquet files. A changed column bumps `SCHEMA_VERSION` and is written in CHANGELOG.md."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pipeline.checks.registry import MEASURES

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA_VERSION = 2

MEASURE_COLUMNS = tuple(f"check_{name}" for name in MEASURES)
"""What the checks measured, in the order of `TranslationUnit.measures`."""

_ARTICLE_METADATA = {
    "authors": "list<string>",
    "section": "string",
    "keywords": "list<string>",
    "updated_at": "timestamp",
    "licence": "string",
    "claimed_language": "string",
    "encoding": "string",
    "notes": "list<string>",
}

_NEAR_DUPLICATES = {"duplicate_of": "string", "similarity": "float64"}

COLUMNS: dict[str, dict[str, str]] = {
    "bitext": {
        "unit_id": "string",
        "article_id": "string",
        "revision": "int32",
        "segment": "int32",
        "paragraph": "int32",
        "kind": "string",
        "source_lang": "string",
        "target_lang": "string",
        "source_text": "string",
        "target_text": "string",
        "source_start": "int32",
        "source_end": "int32",
        "target_start": "int32",
        "target_end": "int32",
        "pivot_lang": "string",
        "models": "list<string>",
        "score": "float64",
        "quality": "float64",
        "flags": "list<string>",
        "edits": "list<string>",
        "retry": "string",
        "from_memory": "bool",
        "published_at": "timestamp",
        "url": "string",
        "run_id": "string",
        **dict.fromkeys(MEASURE_COLUMNS, "float32"),
    },
    "articles": {
        "article_id": "string",
        "revision": "int32",
        "content_sha256": "string",
        "source_uri": "string",
        "url": "string",
        "publisher": "string",
        "title": "string",
        "published_at": "timestamp",
        "ingested_at": "timestamp",
        "source_lang": "string",
        "lang_score": "float64",
        "text": "string",
        "run_id": "string",
        **_ARTICLE_METADATA,
        **_NEAR_DUPLICATES,
    },
    "rejects": {
        "reason": "string",
        "detail": "string",
        "source_uri": "string",
        "article_id": "string",
        "url": "string",
        "payload": "binary",
        "payload_bytes": "int64",
        "payload_sha256": "string",
        "run_id": "string",
    },
}
"""Name and type of each column by table, in the order of the files."""

NULLABLE: dict[str, frozenset[str]] = {
    "bitext": frozenset({"pivot_lang", "score", "quality", "retry", "published_at", "url", "edits", *MEASURE_COLUMNS}),
    "articles": frozenset({"url", "publisher", "title", "published_at", *_ARTICLE_METADATA, *_NEAR_DUPLICATES}),
    "rejects": frozenset({"article_id", "url"}),
}
"""The columns that may hold nulls, by table; `edits` does where rows of version 1 were merged with later ones."""

_ADDED: dict[int, frozenset[str]] = {2: frozenset({"edits", *MEASURE_COLUMNS, *_ARTICLE_METADATA, *_NEAR_DUPLICATES})}
"""The columns that came with a version; readers of older files do without them."""


SIGNATURES = b"newsmt.signatures"
"""Key of the file metadata that tells under which settings rows were made: JSON, signatures by run id."""


def arrow_schema(
    table: str, signatures: Mapping[str, str] | None = None, *, version: int = SCHEMA_VERSION
) -> pa.Schema:
    """Return the Arrow schema of `bitext`, `articles` or `rejects`, the schema version in its metadata.

    Args:
        table: which of them.
        signatures: under which settings the rows of each run were made, so that a lost ledger can be made anew.
        version: that of the file; earlier ones have fewer columns.
    """
    import pyarrow as pa

    types = {
        "string": pa.string(),
        "int32": pa.int32(),
        "int64": pa.int64(),
        "float32": pa.float32(),
        "float64": pa.float64(),
        "bool": pa.bool_(),
        "binary": pa.binary(),
        "timestamp": pa.timestamp("us", tz="UTC"),
        "list<string>": pa.list_(pa.string()),
    }
    later = frozenset().union(*(names for added_in, names in _ADDED.items() if added_in > version))
    fields = [pa.field(name, types[kind]) for name, kind in COLUMNS[table].items() if name not in later]
    metadata = {"newsmt.schema_version": str(version), "newsmt.table": table}
    if signatures:
        metadata[SIGNATURES.decode()] = json.dumps(dict(sorted(signatures.items())))
    return pa.schema(fields, metadata=metadata)


def version_of(metadata: Mapping[bytes, bytes] | None) -> str:
    """Return the schema version in the metadata of a file, `none` where there is none."""
    return (metadata or {}).get(b"newsmt.schema_version", b"none").decode("utf-8", "replace")


def is_known_version(version: str) -> bool:
    """Return whether files of a schema version can be read."""
    return version.isdecimal() and 1 <= int(version) <= SCHEMA_VERSION


def signatures_of(metadata: Mapping[bytes, bytes] | None) -> dict[str, str]:
    """Return the signatures by run id in the metadata of a file; there are none in files of earlier versions."""
    found: dict[str, str] = json.loads((metadata or {}).get(SIGNATURES, b"{}"))
    return found
