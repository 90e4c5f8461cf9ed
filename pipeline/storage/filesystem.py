"""The file systems of pyarrow, opened as a URI and the environment say."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from pipeline.places import SCHEMES, StorageUri

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

_ATTEMPTS = 7
"""With the pauses between them some half a minute: one that is busy recovers, one that is not there is told soon."""

_CONNECT_TIMEOUT_S = 3
_REQUEST_TIMEOUT_S = 10
_RETRY_LIMIT_S = 30
"""pyarrow's default for Google is 15 minutes."""

_TEXTS = ("endpoint_override", "region", "scheme", "tls_ca_file_path")
_SWITCHES = ("anonymous", "force_virtual_addressing")
"""Options in a URI of S3, named as in pyarrow."""

_HADOOP = ("hdfs", "viewfs")
"""Paths of these begin with a slash, and files are renamed, where others only copy."""


def open_filesystem(place: StorageUri) -> tuple[FileSystem, str]:
    """Return the file system that a URI names, and the path in it; nothing is asked of a storage with a region.

    Raises:
        OSError: the URI is wrong, or what it takes to open it is missing.
    """
    try:
        filesystem, root = _opened(place)
    except (ValueError, NotImplementedError) as error:
        raise OSError(str(error)) from error
    return filesystem, path_below("/" if renames(place) else root.strip("/"), place.path)


def path_below(folder: str, name: str) -> str:
    """Return the path in a file system of what lies below a folder; that of the folder where `name` is empty."""
    if not name:
        return folder
    return f"{folder.rstrip('/')}/{name}" if folder else name


def renames(place: StorageUri) -> bool:
    """Return whether files of a storage can be renamed."""
    return place.scheme in _HADOOP


def endpoint_of(place: StorageUri) -> str | None:
    """Return the address of a storage that speaks S3 and is not Amazon's: of the URI or the environment, if any."""
    named = dict(parse_qsl(place.query)).get("endpoint_override")
    return named or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")


def _opened(place: StorageUri) -> tuple[FileSystem, str]:
    if place.scheme not in SCHEMES:
        known = ", ".join(f"{scheme}://" for scheme in SCHEMES)
        raise ValueError(f"unknown kind of storage; these are known: {known}")
    if not place.authority and place.scheme not in _HADOOP:
        raise ValueError(f"no bucket; write for example {place.scheme}://bucket/folder")
    if "//" in place.path:
        raise ValueError("there is an empty name between two slashes; write one slash")
    if place.scheme == "s3":
        return _open_s3(place)
    from pyarrow.fs import FileSystem

    opened: tuple[FileSystem, str] = FileSystem.from_uri(_with_limit(place.root).uri)
    return opened


def _with_limit(place: StorageUri) -> StorageUri:
    if place.scheme not in {"gs", "gcs"} or "retry_limit_seconds=" in place.query:
        return place
    mark = "&" if place.query else "?"
    return StorageUri(f"{place.uri}{mark}retry_limit_seconds={_RETRY_LIMIT_S}")


def _open_s3(place: StorageUri) -> tuple[FileSystem, str]:
    from pyarrow.fs import AwsStandardS3RetryStrategy, S3FileSystem

    user, _, bucket = place.authority.rpartition("@")
    if ":" in bucket:
        raise ValueError("what stands before the bucket is no `key:secret@`; write a `/` in the secret as %2F")
    filesystem = S3FileSystem(
        **_s3_options(place, bucket),
        **_s3_keys(user),
        retry_strategy=AwsStandardS3RetryStrategy(max_attempts=_n_attempts()),
        connect_timeout=_CONNECT_TIMEOUT_S,
        request_timeout=_REQUEST_TIMEOUT_S,
        # Only so, an upload that fails in its middle is not made an object of what is there when its stream is closed.
        background_writes=True,
        allow_delayed_open=False,
        allow_bucket_creation=False,
    )
    return filesystem, bucket


def _s3_options(place: StorageUri, bucket: str) -> dict[str, Any]:
    options: dict[str, Any] = dict(parse_qsl(place.query))
    if unknown := sorted(options.keys() - {*_TEXTS, *_SWITCHES}):
        raise ValueError(f"unknown option {unknown[0]}; these are known: {', '.join(sorted((*_TEXTS, *_SWITCHES)))}")
    for name in options.keys() & set(_SWITCHES):
        options[name] = options[name].lower() == "true"
    if endpoint := endpoint_of(place):
        scheme, mark, address = endpoint.rpartition("://")
        options["endpoint_override"] = address.rstrip("/")
        if mark:
            options.setdefault("scheme", scheme)
    options.setdefault("region", os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"))
    if not (options["region"] or endpoint):
        from pyarrow.fs import resolve_s3_region

        options["region"] = resolve_s3_region(bucket)
    return options


def _s3_keys(user: str) -> dict[str, str]:
    """Return the keys of a URI; without any, the SDK asks the environment, profiles and the machine."""
    if not user:
        return {}
    access_key, _, secret_key = user.partition(":")
    return {"access_key": unquote(access_key), "secret_key": unquote(secret_key)}


def _n_attempts() -> int:
    """Return how often a request is tried: AWS_MAX_ATTEMPTS, as other tools understand it."""
    text = os.environ.get("AWS_MAX_ATTEMPTS") or str(_ATTEMPTS)
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"AWS_MAX_ATTEMPTS is {text!r}; it must be a number from 1 on")
    return int(text)
