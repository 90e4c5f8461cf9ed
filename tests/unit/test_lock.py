from __future__ import annotations

import fcntl
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pipeline.errors import ExitCode, LockHeldError, WaitStoppedError
from pipeline.lock import is_locked, writer_lock

_HOLD = """
import sys
from pathlib import Path
from pipeline.lock import writer_lock
with writer_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    (tmp_path / ".newsmt").mkdir()
    return tmp_path / ".newsmt" / "lock"


def test_lock_is_held_by_one_and_free_afterwards(lock: Path) -> None:
    with writer_lock(lock):
        assert is_locked(lock)
        with pytest.raises(LockHeldError), writer_lock(lock):
            pass
    assert not is_locked(lock)
    with writer_lock(lock):
        pass


def test_error_names_the_folder_and_the_process_that_holds_the_lock(lock: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(LockHeldError, match=f"process {holder.pid} on ") as caught, writer_lock(lock):
            pass
        holder.kill()
    assert str(lock.parent.parent) in str(caught.value)
    assert caught.value.exit_code is ExitCode.LOCKED
    assert not is_locked(lock), "the lock of a killed process is gone with it"


def test_error_copes_with_a_holder_that_wrote_nothing(lock: Path) -> None:
    with writer_lock(lock):
        lock.write_text("")
        with pytest.raises(LockHeldError, match="an unknown process"), writer_lock(lock):
            pass


def test_writer_waits_as_long_as_it_is_told(lock: Path, caplog: pytest.LogCaptureFixture) -> None:
    with lock.open("w") as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)
        timer = threading.Timer(0.6, fcntl.flock, (holder, fcntl.LOCK_UN))
        timer.start()
        with writer_lock(lock, wait_s=30):
            assert is_locked(lock)
        timer.join()
    assert "waiting for it" in caplog.text


def test_wait_that_was_in_vain_says_how_long_it_was(lock: Path) -> None:
    with (
        writer_lock(lock),
        pytest.raises(LockHeldError, match=r"since 20.*waited 0\.5 s for it"),
        writer_lock(lock, wait_s=0.5),
    ):
        pass


def test_wait_ends_with_a_signal(lock: Path) -> None:
    with (
        writer_lock(lock),
        pytest.raises(WaitStoppedError) as caught,
        writer_lock(lock, wait_s=60, is_stopped=lambda: True),
    ):
        pass
    assert caught.value.exit_code is ExitCode.LEFT_OVER


def test_lock_on_a_file_that_was_replaced_is_none(lock: Path) -> None:
    with writer_lock(lock):
        lock.rename(lock.with_name("old"))
        with writer_lock(lock):
            pass


def test_missing_lock_is_free(tmp_path: Path) -> None:
    assert not is_locked(tmp_path / "lock")


def test_asking_for_the_lock_writes_nothing(lock: Path) -> None:
    lock.write_text("process 1 on here")
    assert not is_locked(lock)
    assert lock.read_text() == "process 1 on here"


def test_writer_waits_for_one_who_only_asks(lock: Path) -> None:
    with lock.open("w") as asking:
        fcntl.flock(asking, fcntl.LOCK_SH)
        timer = threading.Timer(0.05, fcntl.flock, (asking, fcntl.LOCK_UN))
        timer.start()
        with writer_lock(lock):
            pass
        timer.join()
