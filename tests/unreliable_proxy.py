"""An HTTP proxy on localhost in front of another server there, which fails as networks and storages do when told to."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Fault = Callable[["Exchange"], None]
"""Does something to an exchange in place of, or besides, passing it on."""

_BETWEEN_NEIGHBOURS = {"connection", "expect", "transfer-encoding", "content-length"}
"""Headers that are not passed on."""

Condition = Callable[["Exchange"], bool]


def answer(status: int, code: str, message: str = "said by a test", **headers: str) -> Fault:
    """Answer with an error as S3 words it; of a HEAD request it has no body, there as here."""
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda exchange: exchange.send(status, {"Content-Type": "application/xml", **named}, body)


def slow_down() -> Fault:
    """Answer 503, as S3 does under a burst of requests."""
    return answer(503, "SlowDown", "Please reduce your request rate.")


def skewed_clock() -> Fault:
    """Answer as S3 does where the clock of the client is wrong."""
    return answer(
        403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large."
    )


def other_region(region: str) -> Fault:
    """Answer as S3 does where the bucket lies in another region."""
    return answer(301, "PermanentRedirect", x_amz_bucket_region=region)


def dropped() -> Fault:
    """Close the connection without an answer."""
    return lambda exchange: exchange.hang_up()


def cut_off(after: int) -> Fault:
    """Pass on the beginning of the answer, and close the connection after so many bytes of its body."""
    return lambda exchange: exchange.forward(cut_at=after)


def slow(seconds: float) -> Fault:
    """Answer late."""

    def wait(exchange: Exchange) -> None:
        time.sleep(seconds)
        exchange.forward()

    return wait


def first(act: Callable[[], Any]) -> Fault:
    """Do something before the request is passed on, as another client that was quicker."""

    def act_and_forward(exchange: Exchange) -> None:
        act()
        exchange.forward()

    return act_and_forward


def reads(exchange: Exchange) -> bool:
    """Whether the content of an object is asked for, all of it or a range."""
    return exchange.method == "GET" and "list-type=" not in exchange.path


def writes(exchange: Exchange) -> bool:
    """Whether something is sent to be stored."""
    return exchange.method in {"PUT", "POST"}


@dataclass(slots=True)
class Planned:
    """A fault, which requests it is for, and how many of these came."""

    fault: Fault
    every: int
    when: Condition
    n_met: int = 0


@dataclass(slots=True)
class Proxy:
    """What goes wrong at the moment, and the requests that came, as `GET /bucket/key`."""

    target: tuple[str, int]
    address: str = ""
    requests: list[str] = field(default_factory=list)
    planned: list[Planned] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def failing(self, fault: Fault, *, every: int = 1, when: Condition = lambda _: True) -> Iterator[Planned]:
        """Fail at every n-th of the requests that `when` holds for, until the context ends."""
        planned = Planned(fault, every, when)
        self.planned.append(planned)
        try:
            yield planned
        finally:
            self.planned.remove(planned)

    def fault_for(self, exchange: Exchange) -> Fault | None:
        """Count a request, and return what is to happen to it, if anything."""
        with self.lock:
            self.requests.append(f"{exchange.method} {exchange.path}")
            for planned in self.planned:
                if planned.when(exchange):
                    planned.n_met += 1
                    if planned.n_met % planned.every == 0:
                        return planned.fault
        return None


@contextmanager
def proxy_before(host: str, port: int) -> Iterator[Proxy]:
    """Pass requests on to a server until the context ends."""
    proxy = Proxy((host, port))

    class Handler(Exchange):
        shared = proxy

    server = _Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    proxy.address = f"127.0.0.1:{server.server_address[1]}"
    try:
        yield proxy
    finally:
        server.shutdown()
        thread.join()
        server.hang_up()
        server.server_close()


class _Server(ThreadingHTTPServer):
    """Ends its connections itself: clients keep them open for later, and their threads would wait with them."""

    daemon_threads = False

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._connections: set[socket.socket] = set()

    def finish_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().finish_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that hang up are part of the tests."""

    def hang_up(self) -> None:
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Exchange(BaseHTTPRequestHandler):
    """A request and its answer; `method` and `path` tell what is asked for."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    shared: Proxy

    @property
    def method(self) -> str:
        return self.command

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._body = b"".join(self._chunks()) if "Transfer-Encoding" in self.headers else self._sized_body()
        fault = self.shared.fault_for(self)
        if fault:
            fault(self)
        else:
            self.forward()

    do_HEAD = do_PUT = do_POST = do_DELETE = do_GET  # noqa: N815 - `http.server` asks for these names

    def _sized_body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _chunks(self) -> Iterator[bytes]:
        while n_bytes := int(self.rfile.readline().partition(b";")[0], 16):
            yield self.rfile.read(n_bytes)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass

    def forward(self, *, cut_at: int | None = None) -> None:
        """Pass the request on, and the answer back, of which the body may be cut off."""
        connection = HTTPConnection(*self.shared.target)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _BETWEEN_NEIGHBOURS}
        try:
            connection.request(self.command, self.path, self._body, headers)
            answered = connection.getresponse()
            body = answered.read()
        finally:
            connection.close()
        kept = {name: value for name, value in answered.getheaders() if name.lower() not in {"connection", "date"}}
        self.send(answered.status, kept, body, cut_at=cut_at)

    def send(self, status: int, headers: dict[str, str], body: bytes, *, cut_at: int | None = None) -> None:
        """Send an answer; the length that its headers have is that of the body without a cut."""
        self.send_response_only(status)
        self.send_header("Date", f"{datetime.now(timezone.utc):%a, %d %b %Y %H:%M:%S GMT}")
        if not any(name.lower() == "content-length" for name in headers):
            headers = {**headers, "Content-Length": str(len(body))}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[:cut_at])
        if cut_at is not None:
            self.hang_up()

    def hang_up(self) -> None:
        """End the connection."""
        self.wfile.flush()
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
