"""What storages say goes wrong, in one sentence with its remedy."""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.places import StorageUri, masked
from pipeline.storage.filesystem import endpoint_of, open_filesystem
from pipeline.storage.patience import CANNOT_TELL


class _Case(NamedTuple):
    """What is said where a pattern is found in what the storage or its client says.

    `{detail}` stands for what the pattern finds out, `{address}` for where the storage was looked for.
    """

    pattern: str
    text: str


_KEYS = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, the profile in AWS_PROFILE, or what the URI says"

_CASES = (
    _Case(
        r"RequestTimeTooSkewed|REQUEST_TIME_TOO_SKEWED",
        "the clock of this machine is wrong, and the storage takes no requests of another time; set the clock",
    ),
    _Case(
        r"SignatureDoesNotMatch|SIGNATURE_DOES_NOT_MATCH",
        f"the secret key does not belong to the access key; check {_KEYS} (there, write `/` as %2F and `+` as %2B)",
    ),
    _Case(
        r"InvalidAccessKeyId|INVALID_ACCESS_KEY_ID|InvalidClientTokenId|INVALID_CLIENT_TOKEN_ID",
        f"the storage does not know the access key; check {_KEYS}",
    ),
    _Case(
        r"ExpiredToken|EXPIRED_TOKEN|TokenRefreshRequired",
        "the session token has expired; get new credentials (AWS_SESSION_TOKEN, or log in again)",
    ),
    _Case(
        r"NoSuchBucket|NO_SUCH_BUCKET|Bucket '.*' not found|ContainerNotFound",
        "there is no such bucket, and none is created; check its name and the endpoint, or create it",
    ),
    _Case(
        r"located in '(?P<detail>[\w-]+)'|expecting '(?P<other>[\w-]+)'|PermanentRedirect|status 301"
        r"|AuthorizationHeaderMalformed",
        "the bucket lies in another region{detail}; set AWS_REGION, or add ?region=… to the URI",
    ),
    _Case(
        r"InvalidObjectState|INVALID_OBJECT_STATE",
        "the object is archived; restore it in the storage first",
    ),
    _Case(
        r"ACCESS_DENIED|AccessDenied|PERMISSION_DENIED|UNAUTHENTICATED|AuthorizationFailure|AuthenticationFailed"
        r"|status 40[13]|Permission denied",
        f"access is denied; check {_KEYS}, and what it allows: to list and read, for an output to write and delete too",
    ),
    _Case(
        r"libjvm|libhdfs",
        "HDFS needs Java and Hadoop's client; set JAVA_HOME, HADOOP_HOME and CLASSPATH=$(hadoop classpath --glob)",
    ),
    _Case(
        r"curlCode: 60|SSL|[Cc]ertificate",
        "the certificate of the storage is not trusted; name its authority with ?tls_ca_file_path=… in the URI",
    ),
    _Case(
        r"NETWORK_CONNECTION(?:.*?curlCode: \d+, (?P<detail>[^;(]+))?|CURL error \[\d+\]=(?P<other>[\w' ]+)|UNAVAILABLE"
        r"|[Cc]ould ?n.t (?:resolve|connect)|[Tt]imed? ?out",
        "{address} cannot be reached after several attempts{detail}; check the address, the network, and that it is up",
    ),
    _Case(
        r"SLOW_DOWN|SlowDown|INTERNAL_FAILURE|InternalError|SERVICE_UNAVAILABLE|ServiceUnavailable|status 5\d\d",
        "the storage is overloaded or has trouble, after several attempts; try again later",
    ),
    _Case(r"Path does not exist|NO_SUCH_KEY|NoSuchKey|RESOURCE_NOT_FOUND", "there is no such object or folder"),
)

_SAYS_NOTHING = re.compile(rf"(?:ACCESS_DENIED|status (?:4\d\d|301)).*No response body|{CANNOT_TELL}")
"""Answers to HEAD have no body that gives the reason; others are lost."""

_NO_FOLDER = ".newsmt/none"


def explain(error: Exception, place: StorageUri) -> str:
    """Return what an error of a storage means and what mends it, in one sentence, without secrets.

    Where the storage gave no reason it is asked once more, in a way that it answers with one.
    """
    said = str(error)
    if _SAYS_NOTHING.search(said):
        said = _said_when_listing(place) or said
    for pattern, text in _CASES:
        if found := re.search(pattern, said):
            detail = next((part for part in found.groups() if part), "")
            address = endpoint_of(place) or "the storage"
            return f"{place}: {text.format(detail=detail and f' ({detail.strip()})', address=address)}"
    return f"{place}: {masked(said.replace(place.uri, str(place)))}"


def _said_when_listing(place: StorageUri) -> str:
    """Return the error of listing a folder that is not there, empty where listing works."""
    from pyarrow.fs import FileSelector

    try:
        filesystem, bucket = open_filesystem(place.root)
        filesystem.get_file_info(FileSelector(f"{bucket}/{_NO_FOLDER}", allow_not_found=True))
    except OSError as error:
        return str(error)
    return ""
