"""The command line as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

NEWSMT = (sys.executable, "-c", "from pipeline.cli.app import main; main()")


def newsmt(
    *arguments: str | Path, command: Sequence[str] = NEWSMT, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [*command, *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | environment,
        timeout=120,
        check=False,
    )


def wait_for_shard(out: Path) -> None:
    """Wait until the first shard of a run is in place."""
    for _ in range(600):
        if any(out.rglob("articles/*/*.parquet")):
            return
        time.sleep(0.05)
    pytest.fail("no shard was committed in 30 seconds")
