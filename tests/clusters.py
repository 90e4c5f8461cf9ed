"""Ray clusters on this machine, with one node or several, each with workers in processes of their own."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import psutil

from pipeline.executors.ray.actors import Translator

if TYPE_CHECKING:
    from ray.cluster_utils import Cluster

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"


class DeadlyTranslator(Translator):
    """A translator that dies of every shard."""

    def begin(self, *_: object) -> None:
        """Die."""
        os._exit(1)


@contextmanager
def cluster_of(*cores: int) -> Iterator[Cluster]:
    """Start a cluster with a node for each number of cores, the first one being the head; `address` names it."""
    from ray.cluster_utils import Cluster

    with warnings.catch_warnings():
        # Ray leaves sockets and processes to the garbage collector.
        warnings.simplefilter("ignore")
        cluster = Cluster()
        try:
            for n_cores in cores:
                cluster.add_node(num_cpus=n_cores, object_store_memory=100 << 20, include_dashboard=False)
            yield cluster
        finally:
            cluster.shutdown()


def translators(cluster: Cluster) -> list[int]:
    """Return the ids of the processes that translate on a cluster."""
    found = []
    for node in cluster.list_all_nodes():
        for process in psutil.Process(node.all_processes["raylet"][0].process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                if " ".join(process.cmdline()).startswith("ray::Translator"):
                    found.append(process.pid)
    return found


def wait_until(is_so: Callable[[], object], what: str, *, timeout_s: float = 60) -> None:
    """Wait until something is so, and fail where it does not come."""
    end = time.monotonic() + timeout_s
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.02)
