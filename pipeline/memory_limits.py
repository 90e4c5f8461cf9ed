"""How much memory this process may use, and whether an error comes from that."""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")
_SIGNS = (
    "bad_alloc",
    "failed to map segment",
    "cannot allocate memory",
    "can't start new thread",
    "resource temporarily unavailable",
    "failed to allocate",
    "out of memory",
)
"""Words, in lower case, with which libraries tell that they got no memory, or no stack for a thread."""
_OWN_BYTES = 250 << 20
"""What a run takes beside its models: measured, see docs/benchmarks.md."""
_RESERVED_BYTES = 3 << 30
"""Addresses that CTranslate2, Arrow and the stacks of their threads reserve, used or not: measured on two cores."""
_MB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryLimit:
    """A limit in bytes, and what sets it."""

    n_bytes: int
    set_by: str

    def __str__(self) -> str:
        return f"{self.n_bytes // _MB:,} MB, set by {self.set_by}"


def memory_limit(cgroups: Path = _CGROUPS) -> MemoryLimit | None:
    """Return the limit on memory in use: that of the control group, or of one above it; None without any."""
    limits = []
    for folder in _own_groups(cgroups):
        with suppress(OSError, ValueError):
            n_bytes = int((folder / "memory.max").read_text(encoding="ascii"))
            limits.append(MemoryLimit(n_bytes=n_bytes, set_by=f"{folder / 'memory.max'}"))
    return min(limits, key=lambda limit: limit.n_bytes, default=None)


def address_limit() -> MemoryLimit | None:
    """Return the limit on addresses, of which libraries reserve far more than they use; None without any."""
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if soft == resource.RLIM_INFINITY else MemoryLimit(n_bytes=soft, set_by="ulimit -v")


def shortages(model_files: Iterable[Path]) -> Iterator[str]:
    """Yield a sentence where memory is likely to be short for a run with these models.

    It must be said before: whoever is killed for memory, or cannot start a thread, can say no more.
    """
    needed = _OWN_BYTES + sum(file.stat().st_size for file in model_files)
    if (limit := memory_limit()) and limit.n_bytes < needed:
        yield (
            f"this process may use {limit}; about {needed // _MB:,} MB are needed: allow more, or name fewer --to, so "
            "that fewer models are loaded"
        )
    reserved = _RESERVED_BYTES + needed
    if (limit := address_limit()) and limit.n_bytes < reserved:
        yield (
            f"this process may reserve {limit}; libraries reserve up to {reserved // _MB:,} MB, most of it unused: "
            "raise that limit, or limit the memory in use instead, as systemd's MemoryMax= does"
        )


def is_out_of_memory(error: BaseException | None) -> bool:
    """Return whether an error, or what it comes from, tells that memory was refused."""
    while error is not None:
        if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
            return True
        if isinstance(error, (ImportError, RuntimeError, OSError)) and any(s in str(error).lower() for s in _SIGNS):
            return True
        error = error.__cause__ or error.__context__
    return False


def advice() -> str:
    """Return what helps where memory was refused."""
    limits = " and ".join(str(limit) for limit in (memory_limit(), address_limit()) if limit)
    known = f" (the limit is {limits})" if limits else ""
    return (
        f"out of memory{known}; allow more, or try fewer --jobs, a smaller max_batch_tokens under [decoding] or "
        "max_chars under [shard] in the configuration"
    )


def _own_groups(cgroups: Path) -> list[Path]:
    """Return the folder of this process's control group (version 2) and those above it."""
    with suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines():
            number, _, path = line.split(":", 2)
            if number == "0":
                own = cgroups / path.strip("/")
                return [
                    folder for folder in (own, *own.parents) if os.path.commonpath([folder, cgroups]) == str(cgroups)
                ]
    return [cgroups]
