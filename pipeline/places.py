"""Where files lie: a path on a disk, or the URI of a folder or object in a storage that other machines see as well."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

SCHEMES = ("s3", "gs", "gcs", "hdfs", "viewfs", "abfs", "abfss")
"""What `pyarrow.fs` opens."""

_URI = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_SECRET = re.compile(r"(?<=://)[^/@?]*@")


@dataclass(frozen=True, slots=True)
class StorageUri:
    """A folder or an object in a storage, as in `s3://bucket/corpus?region=eu-west-1`; shown without its secrets."""

    uri: str

    def __str__(self) -> str:
        return _SECRET.sub("", self.uri).partition("?")[0]

    def __repr__(self) -> str:
        return f"StorageUri({str(self)!r})"

    @property
    def scheme(self) -> str:
        """What stands before `://`, in lower case."""
        return self.uri.partition("://")[0].lower()

    def __truediv__(self, name: str) -> StorageUri:
        """Return a place below this one; a query stays where it is, at the end."""
        place, mark, query = self.uri.partition("?")
        return StorageUri(f"{place.rstrip('/')}/{name}{mark}{query}")


Place = Path | StorageUri
"""A folder, on a disk or in a storage."""


def is_uri(name: str) -> bool:
    """Return whether a name is written as a URI, of a storage that is known or not."""
    return bool(_URI.match(name))


def place_of(name: str) -> Place:
    """Return the place that people name."""
    return StorageUri(name) if is_uri(name) else Path(name)
