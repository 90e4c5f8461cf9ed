"""A service and a timer for systemd."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pipeline.errors import ExitCode, UsageError
from pipeline.schedule.job import Job

MARK = "# Written by newsmt schedule"
"""The beginning of the first line, which goes on with the configuration: units of the same one are replaced."""

_MEMORY = re.compile(r"([1-9]\d*)\s*([MG])(?:i?B)?", re.IGNORECASE)
_MIB = {"M": 1, "G": 1024}
_LEAST_MIB = 512
_HARDENING = """\
NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=read-only
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native"""


def parse_memory(text: str) -> int:
    """Return mebibytes from `4G` or `1500M`.

    Raises:
        UsageError: it is neither, or too little for any model.
    """
    match = _MEMORY.fullmatch(text.strip())
    if not match:
        raise UsageError(f"--memory {text!r}: write for example 4G or 1500M")
    size = int(match[1]) * _MIB[match[2].upper()]
    if size < _LEAST_MIB:
        raise UsageError(f"--memory {text!r} is too little; {_LEAST_MIB}M is the least, real models take 2G and more")
    return size


def units(job: Job, *, memory_mib: int) -> Mapping[str, str]:
    """Return the text of each unit by its file name: the service, then the timer."""
    return {f"{job.name}.service": _service(job, memory_mib), f"{job.name}.timer": _timer(job)}


def _service(job: Job, memory_mib: int) -> str:
    lines = [
        f"{MARK} for {job.config}",
        "[Unit]",
        f"Description={_plain(str(job.config))}: news into a parallel corpus",
        f"RequiresMountsFor={_list([job.config, *job.folders])}",
        "",
        "[Service]",
        "Type=oneshot",
        f"User={job.user}",
        *(f"Environment={_quoted(f'{name}={value}')}" for name, value in job.environment.items()),
        f"ExecStart={_command(job.command)}",
        "# Something left over, or another run at work: see `newsmt status`. Neither is a failure.",
        f"SuccessExitStatus={ExitCode.LEFT_OVER:d} {ExitCode.LOCKED:d}",
        "# The batches at hand are finished; a run that is killed is continued by the next one.",
        "KillSignal=SIGTERM",
        "TimeoutStopSec=5min",
        "Nice=10",
        "IOSchedulingClass=idle",
        f"MemoryHigh={memory_mib * 9 // 10}M",
        f"MemoryMax={memory_mib}M",
        "# All that it writes to; these folders must be there.",
        f"ReadWritePaths={_list(job.folders)}",
        *_isolation(job),
        _HARDENING,
    ]
    return "\n".join(lines) + "\n"


def _isolation(job: Job) -> Iterator[str]:
    if job.uses_network:
        yield "# No PrivateNetwork=yes: it reads or writes in a storage, or works on a cluster."
    else:
        yield "PrivateNetwork=yes"
        yield "RestrictAddressFamilies=AF_UNIX"
    if job.uses_temporary_folders:
        yield "# No PrivateTmp=yes: something that it needs lies in a folder for temporary files."
    else:
        yield "PrivateTmp=yes"
    if job.settings.decoding.device == "cpu":
        yield "PrivateDevices=yes"
    else:
        yield "# No PrivateDevices=yes: it may use a GPU."


def _timer(job: Job) -> str:
    lines = [
        f"{MARK} for {job.config}",
        "[Unit]",
        f"Description=Starts {job.name}.service",
        "",
        "[Timer]",
        f"OnCalendar={job.interval.calendar}",
        "# What was missed while the machine was off is made up for once it is on again.",
        "Persistent=true",
        f"RandomizedDelaySec={job.interval.delay_s}",
        "",
        "[Install]",
        "WantedBy=timers.target",
    ]
    return "\n".join(lines) + "\n"


def _command(words: Iterable[str]) -> str:
    """Return an `ExecStart=`; variables are replaced in all words but the first."""
    first, *others = map(_quoted, words)
    return " ".join([first, *(word.replace("$", "$$") for word in others)])


def _list(paths: Iterable[Path]) -> str:
    return " ".join(_quoted(str(path)) for path in paths)


def _quoted(word: str) -> str:
    """Return a word as units read it, in quotes where need be."""
    text = _plain(word).replace("\\", "\\\\").replace('"', '\\"')
    return text if re.fullmatch(r"[\w@%+=:,./-]+", text) else f'"{text}"'


def _plain(text: str) -> str:
    """Return text without specifiers such as `%h`."""
    return text.replace("%", "%%")
