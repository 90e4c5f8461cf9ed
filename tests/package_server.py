"""A real HTTP server on localhost that serves packages, with the faults that servers have."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(slots=True, kw_only=True)
class Fault:
    """What goes wrong with a file, the first `n_times` that it is asked for.

    `status` answers that instead of the file; `location` redirects; `cut_at` ends the connection after so many bytes of
    the body; `chunk_pause_s` waits between chunks of a tenth of the file.
    """

    n_times: int = 10**9
    status: int | None = None
    location: str | None = None
    cut_at: int | None = None
    chunk_pause_s: float = 0


@dataclass(slots=True, kw_only=True)
class PackageServer:
    """Files by path, faults by path, and the requests that came: path and `Range`."""

    files: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    has_ranges: bool = True
    has_validators: bool = True
    has_lengths: bool = True
    url: str = ""

    def ranges_of(self, path: str) -> list[str | None]:
        """Return the `Range` of each request for a path."""
        return [requested for asked, requested in self.requests if asked == path]


@contextmanager
def serve() -> Iterator[PackageServer]:
    """Serve on a free port until the context ends."""
    server = PackageServer()

    class Handler(_Handler):
        shared = server

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        server.url = f"http://127.0.0.1:{http.server_address[1]}"
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    shared: PackageServer

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        server = self.shared
        server.requests.append((self.path, self.headers.get("Range")))
        fault = self._fault()
        if fault.status is not None or fault.location is not None:
            self._answer_only(fault)
        elif self.path not in server.files:
            self._answer_only(Fault(status=404))
        else:
            self._send(server.files[self.path], fault)

    def _fault(self) -> Fault:
        fault = self.shared.faults.get(self.path, Fault(n_times=0))
        if fault.n_times <= 0:
            return Fault()
        fault.n_times -= 1
        return fault

    def _answer_only(self, fault: Fault) -> None:
        self.send_response(fault.status or 302)
        if fault.location is not None:
            self.send_header("Location", fault.location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, content: bytes, fault: Fault) -> None:
        tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        start = self._start(tag, len(content))
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        if self.shared.has_validators:
            self.send_header("ETag", tag)
        if self.shared.has_lengths:
            self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        self._write(content[start:], fault)
        self.close_connection = True

    def _start(self, tag: str, size: int) -> int:
        """Return where the answer begins: a range is honoured only for the version that the client knows."""
        requested, condition = self.headers.get("Range"), self.headers.get("If-Range")
        if not requested or not self.shared.has_ranges or condition != tag:
            return 0
        start = int(requested.removeprefix("bytes=").removesuffix("-"))
        return start if start < size else 0

    def _write(self, body: bytes, fault: Fault) -> None:
        body = body if fault.cut_at is None else body[: fault.cut_at]
        step = max(1, len(body) // 10) if fault.chunk_pause_s else len(body)
        for place in range(0, len(body), step or 1):
            self.wfile.write(body[place : place + step])
            self.wfile.flush()
            time.sleep(fault.chunk_pause_s)
