"""Connecting to a cluster."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pipeline.config_executors import RaySettings
from pipeline.decode.engine import count_cores
from pipeline.errors import UsageError

log = logging.getLogger(__name__)

_CLIENT = "ray://"
_OWN = "local"
_DEFAULT_CPUS = 4
_REACH_S = 10


@contextmanager
def connected(settings: RaySettings) -> Iterator[None]:
    """Connect to a cluster, or start one on this machine; where the process is connected already, stay with that.

    Raises:
        UsageError: Ray is not installed, or there is no such cluster, or it is of another version of Ray or Python.
    """
    # Ray tells its makers of each start unless told not to; a run needs no network but for what it is asked to do.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise UsageError("executor 'ray' needs Ray, which is not installed: pip install 'newsmt[ray]'") from error
    if settings.address and settings.address.startswith(_CLIENT):
        raise UsageError(
            f"{settings.address}: the run must be on a machine of the cluster, where the state is; submit it there "
            "(`ray job submit -- newsmt run …`, docs/scale.md), or name HOST:PORT"
        )
    if ray.is_initialized():
        yield
        return
    stop_handler = signal.getsignal(signal.SIGTERM)
    try:
        _connect(settings)
    except (OSError, RuntimeError, ValueError) as error:
        where = settings.address or os.environ.get("RAY_ADDRESS") or "this machine"
        raise UsageError(f"no Ray cluster to work on at {where}: {_reason(error)}") from error
    if threading.current_thread() is threading.main_thread():
        # Ray would end the process at once; the run ends in good order.
        signal.signal(signal.SIGTERM, stop_handler)
    try:
        yield
    finally:
        ray.shutdown()


def _connect(settings: RaySettings) -> None:
    import ray

    if settings.address and ":" in settings.address:
        # Ray itself tries for minutes.
        host, _, port = settings.address.rpartition(":")
        socket.create_connection((host, int(port)), timeout=_REACH_S).close()
    quiet: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
    address = settings.address or os.environ.get("RAY_ADDRESS") or _OWN
    if address != _OWN:
        ray.init(address=address, **quiet)
        return
    # One of its own: another run's cluster on this machine would go away with that run.
    n_cpus = max(count_cores(), settings.workers * max(1, settings.worker_cpus))
    ray.init(address=_OWN, num_cpus=n_cpus, include_dashboard=False, **quiet)


def room_for_workers(settings: RaySettings) -> tuple[int, int]:
    """Return how many workers there are to be, and how many cores each has.

    Raises:
        UsageError: no machine of the cluster has room for one.
    """
    import ray

    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    cores = [int(resources.get("CPU", 0)) for resources in nodes]
    largest, smallest = max(cores, default=0), min((n for n in cores if n), default=1)
    n_cpus = settings.worker_cpus or min(_DEFAULT_CPUS, smallest)
    if settings.workers:
        return settings.workers, n_cpus
    if settings.worker_gpus and not any(resources.get("GPU", 0) for resources in nodes):
        raise UsageError(
            "no machine of the cluster has a GPU; leave --worker-gpus out, or name the number of --workers"
        )
    if not (n_workers := sum(n // n_cpus for n in cores)):
        raise UsageError(
            f"no machine of the cluster has {n_cpus} cores for a worker, the largest has {largest}; "
            "choose fewer with --worker-cpus"
        )
    return n_workers, n_cpus


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())
    if "ersion mismatch" in text:
        return f"{text} Cluster and run must have the same versions of Python and Ray"
    if "oken" in text:
        return f"{text}; set RAY_AUTH_MODE=token and the RAY_AUTH_TOKEN of the cluster (docs/scale.md)"
    return f"{text or type(error).__name__}; start one with `ray start --head`, or leave --ray-address out"
