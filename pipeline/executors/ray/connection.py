"""Connecting to a cluster."""

from __future__ import annotations

import io
import logging
import os
import re
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from typing import Any

from pipeline.config_executors import OWN_CLUSTER, RaySettings, address_problem
from pipeline.decode.engine import count_cores
from pipeline.errors import UsageError

log = logging.getLogger(__name__)

_DEFAULT_CPUS = 4
_REACH_S = 10
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How many workers there are to be, and how many cores each has."""

    n_workers: int
    n_cpus: int


@contextmanager
def connected(settings: RaySettings) -> Iterator[Room]:
    """Connect to a cluster, or start one on this machine; where the process is connected already, stay with that.

    What Ray has to say meanwhile goes to the log: standard output is for the account of the run.

    Raises:
        UsageError: Ray is not installed, or there is no such cluster, or it is of another version of Ray or Python, or
            has no room for a worker.
    """
    # Ray tells its makers of each start unless told not to; a run needs no network but for what it is asked to do.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # What a worker raised is told once, by the run.
    os.environ.setdefault("RAY_IGNORE_UNHANDLED_ERRORS", "1")
    try:
        import ray
    except ImportError as error:
        raise UsageError("executor 'ray' needs Ray, which is not installed: pip install 'newsmt[ray]'") from error
    if ray.is_initialized():
        yield _room(settings, is_own=False)
        return
    address = settings.address or os.environ.get("RAY_ADDRESS") or OWN_CLUSTER
    if problem := address_problem(address):
        raise UsageError(f"Ray's address {problem}")
    with redirect_stdout(_LogLines()):
        try:
            _connect(settings, address)
        except (OSError, RuntimeError, ValueError) as error:
            where = "this machine" if address == OWN_CLUSTER else address
            raise UsageError(f"no Ray cluster to work on at {where}: {_reason(error)}") from error
        try:
            yield _room(settings, is_own=address == OWN_CLUSTER)
        finally:
            ray.shutdown()


class _LogLines(io.TextIOBase):
    """A stream whose lines go to the log."""

    def write(self, text: str, /) -> int:
        """Log what is written."""
        for line in text.splitlines():
            if line.strip():
                log.info("Ray: %s", _COLOURS.sub("", line))
        return len(text)


def _connect(settings: RaySettings, address: str) -> None:
    import ray

    quiet: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
    if address != OWN_CLUSTER:
        if ":" in address:
            # Ray itself tries for minutes.
            host, _, port = address.rpartition(":")
            socket.create_connection((host, int(port)), timeout=_REACH_S).close()
        with _own_stop_handler():
            ray.init(address=address, **quiet)
        return
    # One of its own: another run's cluster on this machine would go away with that run.
    n_cpus = max(1, settings.workers) * max(1, settings.worker_cpus)
    if n_cpus > count_cores():
        log.warning("workers of %d cores in all on a machine that has %d: they share them", n_cpus, count_cores())
    with _own_stop_handler(), _out_of_reach():
        ray.init(address=OWN_CLUSTER, num_cpus=max(count_cores(), n_cpus), include_dashboard=False, **quiet)


@contextmanager
def _own_stop_handler() -> Iterator[None]:
    """Keep what the run does at SIGTERM: Ray would end the process at once."""
    handler = signal.getsignal(signal.SIGTERM)
    yield
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, handler)


@contextmanager
def _out_of_reach() -> Iterator[None]:
    """Let processes that are started here not hear SIGTERM: one to the whole group is for the run, which stops them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _room(settings: RaySettings, *, is_own: bool) -> Room:
    """Return what the cluster has room for.

    Raises:
        UsageError: no machine of it has room for a worker, and none will come.
    """
    import ray

    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    cores = [int(resources.get("CPU", 0)) for resources in nodes]
    largest, smallest = max(cores, default=0), min((n for n in cores if n), default=1)
    n_cpus = settings.worker_cpus or min(_DEFAULT_CPUS, smallest)
    # Machines may join a cluster, but not one that was started for this run.
    if is_own or not settings.workers:
        if settings.worker_gpus and not any(resources.get("GPU", 0) for resources in nodes):
            raise UsageError("no machine of the cluster has a GPU; leave --worker-gpus out")
        if largest < n_cpus:
            raise UsageError(
                f"no machine of the cluster has {n_cpus} cores for a worker, the largest has {largest}; "
                "choose fewer with --worker-cpus"
            )
    room = Room(n_workers=settings.workers or sum(n // n_cpus for n in cores), n_cpus=n_cpus)
    words = "Ray cluster of %d machines with %d cores: %d workers of %d cores"
    log.info(words, len(nodes), sum(cores), room.n_workers, room.n_cpus)
    return room


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())
    if "ersion mismatch" in text:
        return f"{text} Cluster and run must have the same versions of Python and Ray"
    if "oken" in text:
        return f"{text}; set RAY_AUTH_MODE=token and the RAY_AUTH_TOKEN of the cluster (docs/scale.md)"
    return f"{text or type(error).__name__}; start one with `ray start --head`, or leave --ray-address out"
