"""Settings of where the work is done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pipeline.problems import Problem, out_of_range

ExecutorName = Literal["local", "ray"]
OWN_CLUSTER = "local"
"""The address of a cluster that is started for the run."""

_CLIENT = "ray://"
_ADDRESS = re.compile(r"auto|local|[^\s/:]+:\d{1,5}|\[[0-9a-fA-F:]+\]:\d{1,5}")
_MAX_GPUS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class RaySettings:
    """Workers on a Ray cluster.

    `address` is the cluster, None for the one that RAY_ADDRESS names, else one is started on this machine.
    There are `workers` (0: as many as the cluster has room for), each with `worker_cpus` cores (0: four, or as many as
    the smallest node has), which decode one batch each, and `worker_gpus`, a part of one or several.
    """

    address: str | None = None
    workers: int = 0
    worker_cpus: int = 0
    worker_gpus: float = 0.0

    def problems(self) -> Iterator[Problem]:
        """Yield what cannot be."""
        yield from out_of_range((("workers", self.workers, 0, 100_000), ("worker_cpus", self.worker_cpus, 0, 1_000)))
        if self.address is not None and (problem := address_problem(self.address)):
            yield Problem(keys=("address",), text=problem)
        if not 0 <= self.worker_gpus <= _MAX_GPUS:
            yield Problem(keys=("worker_gpus",), text=f"is {self.worker_gpus:g}; it must be from 0 to {_MAX_GPUS}")


def address_problem(address: str) -> str | None:
    """Return what is wrong with the address of a cluster, to go on after its name; None where it can be one."""
    if address.startswith(_CLIENT):
        return (
            f"is {address!r}, but the run must be on a machine of the cluster, where the state is; submit it there "
            "(`ray job submit -- newsmt run …`, docs/scale.md), or name HOST:PORT"
        )
    return None if _ADDRESS.fullmatch(address) else f"is {address!r}; write HOST:PORT, or auto for one on this machine"
