"""What a worker on a cluster is told when it starts, and what it tells of itself."""

from __future__ import annotations

import os
import platform
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version

from pipeline.config import RunConfig
from pipeline.models.registry import ModelSet
from pipeline.version import __version__

_STORAGES = ("AWS_", "GOOGLE_", "AZURE_")
MAX_CLOCK_SKEW_S = 300
"""Object stores refuse requests that are 15 minutes off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSetup:
    """All that workers have in common.

    `config` has absolute paths; `probe` is a file in the output folder that a worker must see; `supplier` is the name
    of the actor that has what is on the machine of the run; `environment` are variables by which storages are reached.
    """

    config: RunConfig
    models: ModelSet
    probe: str
    supplier: str
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """What must be the same everywhere for the same input to give the same output."""

    newsmt: str
    python: str
    ctranslate2: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerFacts:
    """A worker that is ready; `trouble` tells why it cannot work, and `clock` is its time, seconds since 1970."""

    host: str
    node_id: str
    versions: Versions
    clock: float
    trouble: str | None = None


def storage_environment() -> dict[str, str]:
    """Return the variables of this process by which storages are reached: keys, regions, endpoints.

    They go to the workers with their setup, not through Ray's runtime environments, which the dashboard shows.
    """
    return {name: value for name, value in os.environ.items() if name.startswith(_STORAGES)}


def take_over(environment: Mapping[str, str]) -> None:
    """Let this process reach storages as the run does; what its machine says itself wins."""
    for name, value in environment.items():
        os.environ.setdefault(name, value)


def own_versions() -> Versions:
    """Return the versions of this process."""
    major, minor, _ = platform.python_version_tuple()
    return Versions(newsmt=__version__, python=f"{major}.{minor}", ctranslate2=version("ctranslate2"))


def own_facts(trouble: str | None) -> WorkerFacts:
    """Return what a worker tells of itself."""
    import ray

    return WorkerFacts(
        host=socket.gethostname(),
        node_id=ray.get_runtime_context().get_node_id(),
        versions=own_versions(),
        clock=time.time(),
        trouble=trouble,
    )


def finding(facts: WorkerFacts) -> str | None:
    """Return why a worker is not fit for the run, None where it is."""
    if facts.trouble:
        return f"worker on {facts.host}: {facts.trouble}"
    own = own_versions()
    if facts.versions != own:
        return (
            f"worker on {facts.host}: has {_shown(facts.versions)}, the run has {_shown(own)}; results could differ: "
            "install the same versions everywhere"
        )
    return None


def clock_warning(facts: WorkerFacts) -> str | None:
    """Return a warning where the clocks of worker and run differ so much that storages may refuse requests."""
    skew = facts.clock - time.time()
    if abs(skew) < MAX_CLOCK_SKEW_S:
        return None
    return (
        f"worker on {facts.host}: its clock is {abs(skew) / 60:.0f} minutes {'ahead' if skew > 0 else 'behind'}; "
        "storages refuse requests of such machines: set the clock"
    )


def _shown(versions: Versions) -> str:
    return f"newsmt {versions.newsmt}, Python {versions.python}, CTranslate2 {versions.ctranslate2}"
