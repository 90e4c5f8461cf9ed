from __future__ import annotations

import errno
import resource
from pathlib import Path

import pytest

from pipeline import memory_limits
from pipeline.errors import DecodingError
from pipeline.memory_limits import MemoryLimit, advice, is_out_of_memory, memory_limit, shortages

MB = 1 << 20


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(MemoryError(), True, id="python"),
        pytest.param(OSError(errno.ENOMEM, "Cannot allocate memory"), True, id="system"),
        pytest.param(ImportError("libarrow.so: failed to map segment from shared object"), True, id="library"),
        pytest.param(caused(DecodingError("it failed"), RuntimeError("std::bad_alloc")), True, id="engine"),
        pytest.param(RuntimeError("can't start new thread"), True, id="thread"),
        pytest.param(OSError(errno.ENOSPC, "No space left on device"), False, id="disk"),
        pytest.param(ValueError("out of memory"), False, id="words-of-another-error"),
        pytest.param(None, False, id="nothing"),
    ],
)
def test_errors_that_come_from_a_lack_of_memory_are_known(error: Exception | None, *, expected: bool) -> None:
    assert is_out_of_memory(error) is expected


def own_group(cgroups: Path, limits: dict[str, str]) -> None:
    for name, limit in limits.items():
        folder = cgroups / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "memory.max").write_text(f"{limit}\n")


def test_lowest_limit_of_the_groups_above_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_group(tmp_path, {"": "max", "system.slice": str(500 * MB), "system.slice/newsmt.service": str(700 * MB)})
    monkeypatch.setattr(
        memory_limits,
        "_own_groups",
        lambda cgroups: [cgroups / "system.slice/newsmt.service", cgroups / "system.slice", cgroups],
    )

    limit = memory_limit(tmp_path)

    assert limit is not None
    assert limit.n_bytes == 500 * MB
    assert str(limit) == f"500 MB, set by {tmp_path}/system.slice/memory.max"


def test_without_groups_there_is_no_limit(tmp_path: Path) -> None:
    assert memory_limit(tmp_path) is None


def test_own_groups_are_those_from_the_process_up_to_the_root() -> None:
    groups = memory_limits._own_groups(Path("/sys/fs/cgroup"))

    assert groups[-1] == Path("/sys/fs/cgroup")
    assert all(group.is_relative_to("/sys/fs/cgroup") for group in groups)


@pytest.mark.parametrize(
    ("n_mb", "is_short"), [pytest.param(200, True, id="too-little"), pytest.param(300, False, id="enough")]
)
def test_shortage_is_told_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_mb: int, *, is_short: bool
) -> None:
    model = tmp_path / "model.bin"
    model.write_bytes(b"\0" * 10 * MB)
    monkeypatch.setattr(memory_limits, "memory_limit", lambda: MemoryLimit(n_bytes=n_mb * MB, set_by="a test"))

    told = list(shortages([model]))

    assert [("260 MB are needed" in line, f"{n_mb} MB, set by a test" in line) for line in told] == [
        (True, True)
    ] * is_short


def test_advice_names_limits_and_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_limits, "memory_limit", lambda: None)
    monkeypatch.setattr(resource, "getrlimit", lambda _: (900 * MB, resource.RLIM_INFINITY))

    assert "the limit is 900 MB, set by ulimit -v" in advice()
    assert all(name in advice() for name in ("--jobs", "max_batch_tokens", "max_chars"))
    assert "libraries reserve up to" in next(shortages([]))
