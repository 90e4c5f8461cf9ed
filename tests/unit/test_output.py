from __future__ import annotations

import io
import subprocess
import sys
from typing import cast

import pytest

from pipeline.cli.bar import ProgressBar
from pipeline.cli.output import is_terminal, say


class Vanished(io.StringIO):
    """A terminal that says why nothing can be written to it; it has no number."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:  # noqa: ARG002 - what is written is lost
        raise self._error

    def flush(self) -> None:
        raise self._error


VANISHED = [
    pytest.param(BrokenPipeError(32, "Broken pipe"), id="broken pipe"),
    pytest.param(OSError(5, "Input/output error"), id="lost terminal"),
    pytest.param(ValueError("I/O operation on closed file"), id="closed"),
]


@pytest.mark.parametrize("error", [*VANISHED, pytest.param(RuntimeError("reentrant call"), id="signal")])
def test_nobody_to_read_ends_nothing(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Vanished(error))

    say("hello")


@pytest.mark.parametrize("error", VANISHED)
def test_bar_without_a_terminal_any_more_ends_nothing(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Vanished(error))
    with ProgressBar() as bar:
        bar.run_begins(10)
        bar.shard_done(1, 2)


def test_closed_stderr_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    stream.close()
    monkeypatch.setattr(sys, "stderr", stream)

    assert not is_terminal()


def test_exit_code_is_kept_where_the_reader_of_stderr_is_gone() -> None:
    code = "from pipeline.cli.output import say; [say('x' * 10_000) for _ in range(9)]; print('done')"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        cast("io.BufferedReader", process.stderr).close()
        assert cast("io.BufferedReader", process.stdout).read() == b"done\n"
    assert process.returncode == 0
