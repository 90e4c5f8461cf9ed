"""One file from one address of the network, attempt by attempt; what broke off goes on where it ended.

Source: RFC 9110, range requests (14) and `If-Range` (13.1.5).
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING

from pipeline.disk import make_folder
from pipeline.errors import ModelError
from pipeline.models.folders import downloads_folder
from pipeline.version import __version__

if TYPE_CHECKING:
    from requests import Response, Session

OnBytes = Callable[[int, int | None], None]
"""Hears of the bytes that are there and of the size, None where the server does not tell it."""

_TIMEOUT_S = (15, 60)
"""To connect, and from one chunk to the next."""
_MAX_VAIN_ATTEMPTS = 3
"""So many attempts in a row that bring no byte; as long as some come, it goes on."""
_PAUSES_S = (0.5, 2)
_CHUNK_BYTES = 1 << 16
_TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_FULL, _PARTIAL, _UNSATISFIABLE = 200, 206, 416


class LinkError(Exception):
    """This address does not have the file; the message says why."""


class _BrokenOffError(Exception):
    """The connection ended early, or the server is busy; worth another attempt."""


class Part:
    """A file that is being downloaded, and what must be equal for it to go on: a file beside it tells that."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._note = file.with_suffix(".json")

    @classmethod
    def of(cls, link: str) -> Part:
        """Return the part for an address, which may be empty."""
        name = sha256(link.encode()).hexdigest()[:24]
        return cls(downloads_folder(os.environ) / f"{name}.part")

    @property
    def size_bytes(self) -> int:
        """How much of the file is here."""
        return self.file.stat().st_size if self.file.is_file() else 0

    def validator(self) -> str | None:
        """Return what the server called the version of which a part is here, None where there is none."""
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        validator = note.get("validator") if isinstance(note, dict) and self.size_bytes else None
        return validator if isinstance(validator, str) else None

    def begin(self, link: str, validator: str | None) -> None:
        """Empty the file, and keep how to go on with it."""
        make_folder(self.file.parent)
        self.file.write_bytes(b"")
        self._note.write_text(json.dumps({"link": link, "validator": validator}), encoding="utf-8")

    def remove(self) -> None:
        """Forget it."""
        for file in (self.file, self._note):
            with suppress(FileNotFoundError, NotADirectoryError):
                file.unlink()


class Transfer:
    """One file from one address.

    Args:
        link: the address.
        max_bytes: a larger file is given up.
        on_bytes: hears of what arrives.
    """

    def __init__(self, link: str, max_bytes: int, on_bytes: OnBytes) -> None:
        self._link = link
        self._max_bytes = max_bytes
        self._on_bytes = on_bytes
        self._part = Part.of(link)

    def run(self) -> Path:
        """Return the file, whole.

        Raises:
            LinkError: it cannot be had.
        """
        import requests

        n_vain = 0
        with requests.Session() as session, self._write_errors():
            while True:
                before = self._part.size_bytes
                try:
                    self._attempt(session)
                except _BrokenOffError as error:
                    n_vain = n_vain + 1 if self._part.size_bytes <= before else 0
                    if n_vain == _MAX_VAIN_ATTEMPTS:
                        raise self._interrupted(error) from error
                    sleep(_PAUSES_S[max(0, n_vain - 1)])
                else:
                    return self._part.file

    def _attempt(self, session: Session) -> None:
        import requests

        try:
            with closing(self._request(session)) as response:
                self._receive(response)
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
            raise _BrokenOffError(f"the connection failed ({_root(error)})") from error
        except requests.RequestException as error:
            raise self._given_up(_root(error)) from error

    def _request(self, session: Session) -> Response:
        # Compressed by the server, sizes and ranges would be those of something else.
        headers = {"Accept-Encoding": "identity", "User-Agent": f"newsmt/{__version__}"}
        if validator := self._part.validator():
            headers |= {"Range": f"bytes={self._part.size_bytes}-", "If-Range": validator}
        return session.get(self._link, headers=headers, stream=True, timeout=_TIMEOUT_S)

    def _receive(self, response: Response) -> None:
        self._check_status(response)
        if response.status_code == _FULL:
            self._part.begin(self._link, _validator(response.headers))
        done = self._part.size_bytes
        length = response.headers.get("Content-Length", "")
        size = done + int(length) if length.isdecimal() else None
        self._check_size(size or done)
        self._check_space((size or done) - done)
        with self._part.file.open("ab") as file:
            for chunk in response.iter_content(_CHUNK_BYTES):
                done += len(chunk)
                self._check_size(done)
                file.write(chunk)
                self._on_bytes(done, size)
        if size is not None and done != size:
            raise _BrokenOffError(f"the connection ended after {done:,} of {size:,} bytes")

    def _check_status(self, response: Response) -> None:
        status = response.status_code
        if status == _UNSATISFIABLE or (status == _PARTIAL and not self._goes_on(response.headers)):
            self._part.remove()
            raise _BrokenOffError("the server and the part that is here do not agree")
        if status in _TRY_AGAIN:
            raise _BrokenOffError(f"the server answered {status} {response.reason}")
        if status not in (_FULL, _PARTIAL):
            raise self._given_up(f"the server answered {status} {response.reason}")

    def _goes_on(self, headers: Mapping[str, str]) -> bool:
        """Return whether a partial answer begins where the part that is here ends."""
        return headers.get("Content-Range", "").startswith(f"bytes {self._part.size_bytes}-")

    def _check_size(self, size_bytes: int) -> None:
        if size_bytes > self._max_bytes:
            raise self._given_up(f"larger than {self._max_bytes:,} bytes, too large for what it should be")

    def _check_space(self, n_bytes: int) -> None:
        free = shutil.disk_usage(self._part.file.parent).free
        if n_bytes > free:
            self._part.remove()
            raise ModelError(
                f"{self._part.file.parent}: {n_bytes:,} bytes are needed and {free:,} are free; make room, or set "
                "XDG_CACHE_HOME to another folder"
            )

    def _interrupted(self, error: _BrokenOffError) -> LinkError:
        """Keep the part for the next time, if there is any, and return the error to raise."""
        if not self._part.size_bytes:
            self._part.remove()
        return LinkError(str(error))

    def _given_up(self, reason: str) -> LinkError:
        """Remove the part, because it is of no use any more, and return the error to raise."""
        self._part.remove()
        return LinkError(reason)

    @contextmanager
    def _write_errors(self) -> Iterator[None]:
        # Errors of requests are OSErrors as well; those were dealt with before.
        try:
            yield
        except OSError as error:
            self._part.remove()
            folder = self._part.file.parent
            raise ModelError(
                f"{folder}: cannot be written ({error.strerror or error}); make room, or set XDG_CACHE_HOME to "
                "another folder"
            ) from error


def _validator(headers: Mapping[str, str]) -> str | None:
    """Return the strong entity tag of a version, else its date; weak tags do not promise equal bytes."""
    tag = headers.get("ETag", "")
    return tag if tag and not tag.startswith("W/") else headers.get("Last-Modified")


def _root(error: BaseException) -> str:
    """Return what lies at the bottom of an error of requests, without its wrapping."""
    inner = getattr(error, "reason", None) or (error.args[-1] if error.args else None)
    if isinstance(inner, BaseException):
        return _root(inner)
    return str(error).rpartition(": ")[2] or type(error).__name__
