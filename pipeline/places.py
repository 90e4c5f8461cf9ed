"""Where files lie: a path on a disk, or the URI of a folder or object in a storage that other machines see as well."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import UsageError

SCHEMES = ("s3", "gs", "gcs", "hdfs", "viewfs", "abfs", "abfss")
"""What `pyarrow.fs` opens."""

_SAME_SCHEMES = {"gcs": "gs", "abfss": "abfs"}
_URI = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)

_USER = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]+://)"
    r"(?:(?P<container>(?<=abfs://)[^/@:\s]+|(?<=abfss://)[^/@:\s]+)(?::[^@\s]*)?(?P<at>@)|[^/@:\s]*(?::(?!\d+/)[^@\s]*)?@)",
    re.IGNORECASE,
)
"""A user, and a secret in which people may have left a `/` as it is; what Azure has in this place is the container."""

_QUERY = re.compile(r"\?(?=\w+=)")
"""Where options begin; any other `?` is part of a name, or stands for a character of it."""


@dataclass(frozen=True, slots=True)
class StorageUri:
    """A folder or an object in a storage, as in `s3://bucket/corpus?region=eu-west-1`; shown without its secrets.

    Names in it are taken as they are written: `%20` is no blank.
    """

    uri: str

    def __str__(self) -> str:
        return masked(self._split()[0])

    def __repr__(self) -> str:
        return f"StorageUri({str(self)!r})"

    @property
    def scheme(self) -> str:
        """What stands before `://`, in lower case."""
        return self.uri.partition("://")[0].lower()

    @property
    def authority(self) -> str:
        """The bucket, container or host, with user and secret where these are written."""
        return self._split()[0].partition("://")[2].partition("/")[0]

    @property
    def path(self) -> str:
        """What follows the authority, without the slashes around it."""
        return self._split()[0].partition("://")[2].partition("/")[2].strip("/")

    @property
    def query(self) -> str:
        """The options, as in `region=eu-west-1&scheme=http`."""
        return self._split()[1]

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def root(self) -> StorageUri:
        """The bucket, container or host of this place, with the same options."""
        return StorageUri(f"{self.scheme}://{self.authority}{self._written_query()}")

    @property
    def parts(self) -> tuple[str, ...]:
        """Scheme, bucket and the names below, without options: the same however a place is written."""
        scheme, _, rest = str(self).partition("://")
        scheme = scheme.lower()
        return _SAME_SCHEMES.get(scheme, scheme), *filter(None, rest.split("/"))

    def __truediv__(self, name: str) -> StorageUri:
        """Return a place below this one; options stay where they are, at the end."""
        return StorageUri(f"{self._split()[0].rstrip('/')}/{name}{self._written_query()}")

    def _split(self) -> tuple[str, str]:
        place, *query = _QUERY.split(self.uri, maxsplit=1)
        return place, "".join(query)

    def _written_query(self) -> str:
        return f"?{self.query}" if self.query else ""


Place = Path | StorageUri
"""A folder, on a disk or in a storage."""


def is_uri(name: str) -> bool:
    """Return whether a name is written as a URI, of a storage that is known or not."""
    return bool(_URI.match(name))


def place_of(name: str) -> Place:
    """Return the place that people name."""
    return StorageUri(name) if is_uri(name) else Path(name)


def shown(name: str) -> str:
    """Return a name as it may be told and kept: a URI without secrets and options, anything else as it is."""
    return str(StorageUri(name)) if is_uri(name) else name


def on_disk(name: str) -> Path:
    """Return the folder that people name for what needs a corpus on a disk.

    Raises:
        UsageError: it is in a storage.
    """
    place = place_of(name)
    if isinstance(place, StorageUri):
        raise UsageError(
            f"{place}: is in a storage, and this needs a corpus on a disk; copy it there with the tools of the "
            "storage, and name the copy (docs/storage.md)"
        )
    return place


def masked(text: str) -> str:
    """Return a text, as a message, without the users and secrets of URIs in it."""
    return _USER.sub(r"\g<scheme>\g<container>\g<at>", text)
