"""Downloads: bounded in size, with several addresses for one file, some of which may be of this machine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from pipeline.errors import ModelError
from pipeline.install.transfer import LinkError, OnBytes, Part, Transfer

MAX_PACKAGE_BYTES = 16 << 30
_REMOTE = ("http", "https")


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloaded:
    """A file that is here now, and the address that it came from; `is_own` tells that it is to be removed after use."""

    file: Path
    link: str
    is_own: bool

    def discard(self) -> None:
        """Remove the file where it was downloaded; a file of somebody's own stays."""
        if self.is_own:
            Part(self.file).remove()


def is_remote(address: str) -> bool:
    """Return whether an address is on the network, and not a file of this machine."""
    return _split(address).scheme.lower() in _REMOTE


def local_file(address: str) -> Path | None:
    """Return the file of this machine that an address names: a path, or `file:` and a path; None for all others."""
    parts = _split(address)
    if parts.scheme.lower() == "file" and parts.netloc in ("", "localhost"):
        return Path(unquote(parts.path))
    return None if "://" in address else Path(address)


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:
        # As of brackets that are no IPv6 address; it is no address of any kind then.
        return SplitResult("", "", address, "", "")


def fetch_bytes(address: str, *, max_bytes: int) -> bytes:
    """Return the content of a small file, such as an index.

    Raises:
        ModelError: it cannot be had, or is larger than `max_bytes`.
    """
    found = download([address], max_bytes=max_bytes, on_bytes=lambda _done, _size: None)
    try:
        return found.file.read_bytes()
    finally:
        found.discard()


def download(links: Sequence[str], *, max_bytes: int, on_bytes: OnBytes) -> Downloaded:
    """Return the file that is at any of `links`, tried in turn; one that broke off goes on where it ended.

    Raises:
        ModelError: no address has it; the message tells what each of them said.
    """
    failures = []
    for link in links:
        try:
            found = _fetch(link, max_bytes, on_bytes)
        except LinkError as error:
            failures.append(f"{link}: {error}")
            continue
        _forget_parts(link for link in links if link != found.link)
        return found
    raise ModelError(f"{'; '.join(failures)}; check the address and the network, and try again")


def _forget_parts(links: Iterable[str]) -> None:
    for link in filter(is_remote, links):
        Part.of(link).remove()


def _fetch(link: str, max_bytes: int, on_bytes: OnBytes) -> Downloaded:
    file = local_file(link)
    if file is None and not is_remote(link):
        raise LinkError(f"addresses of this kind are not known here, only {', '.join(_REMOTE)} and paths")
    if file is None:
        return Downloaded(file=Transfer(link, max_bytes, on_bytes).run(), link=link, is_own=True)
    if not file.is_file():
        raise LinkError("no such file")
    if file.stat().st_size > max_bytes:
        raise LinkError(f"larger than {max_bytes:,} bytes")
    return Downloaded(file=file, link=link, is_own=False)
