from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.config import RunConfig
from pipeline.config_executors import RaySettings
from pipeline.errors import UsageError
from tests.commands import newsmt

ray = pytest.importorskip("ray", reason="the extra `ray` is not installed")

from pipeline.executors.ray import connection, setup  # noqa: E402
from pipeline.executors.ray.calls import reason_of  # noqa: E402
from pipeline.executors.ray.pool import Worker, best_shard  # noqa: E402

FACTS = setup.WorkerFacts(host="node-7", node_id="7", versions=setup.own_versions(), clock=0.0)


@pytest.mark.parametrize(
    ("loaded", "needs", "expected"),
    [
        ((), ("en_ru", "ru_en"), 0),
        (("ru_en",), ("en_ru", "ru_en", "ru_en"), 1),
        (("hy_en",), ("en_ru ru_en", "ru_en", "en_ru"), 1),
        (("en_ru", "ru_en"), ("en_ru ru_en", "ru_en"), 0),
        (("en_ru",), ("", "en_ru"), 0),
    ],
    ids=["nothing loaded", "has the model", "fewest further ones", "first that fits", "needs none"],
)
def test_worker_gets_the_first_shard_for_which_it_loads_least(
    loaded: Sequence[str], needs: Sequence[str], expected: int
) -> None:
    worker = Worker(actor=None, loaded=set(loaded))
    assert best_shard(worker, range(len(needs)), lambda number: frozenset(needs[number].split())) == expected


def test_worker_like_the_run_is_fit() -> None:
    facts = replace(FACTS, clock=time.time())
    assert setup.finding(facts) is None
    assert setup.clock_warning(facts) is None


@pytest.mark.parametrize("name", ["newsmt", "python", "ctranslate2"])
def test_worker_of_other_versions_is_named_with_both(name: str) -> None:
    found = setup.finding(replace(FACTS, versions=replace(FACTS.versions, **{name: "0.1"})))
    assert found
    assert found.startswith("worker on node-7: has ")
    assert "0.1" in found.partition("the run has")[0]
    assert "install the same versions" in found


def test_trouble_of_a_worker_is_told_with_its_machine() -> None:
    assert setup.finding(replace(FACTS, trouble="no room")) == "worker on node-7: no room"


@pytest.mark.parametrize(("minutes", "words"), [(-20, "20 minutes behind"), (7, "7 minutes ahead")])
def test_clock_that_is_far_off_is_warned_of(minutes: int, words: str) -> None:
    warning = setup.clock_warning(replace(FACTS, clock=time.time() + 60 * minutes + 1))
    assert warning
    assert words in warning
    assert "set the clock" in warning


def test_missing_ray_is_told_with_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match=r"needs Ray, which is not installed: pip install 'newsmt\[ray\]'"):
        connection.connected(RaySettings()).__enter__()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            RuntimeError("Version mismatch: The cluster was started with: Ray: 2.9 Python: 3.9"),
            "must have the same versions",
        ),
        (ConnectionError("refused"), "start one with `ray start --head`"),
        (RuntimeError("Authentication token is missing"), "set RAY_AUTH_MODE=token and the RAY_AUTH_TOKEN"),
    ],
    ids=["other version", "not there", "other token"],
)
def test_what_keeps_a_run_from_a_cluster_is_told_with_a_remedy(error: Exception, words: str) -> None:
    assert words in connection._reason(error)


def test_of_a_traceback_elsewhere_what_was_raised_is_told() -> None:
    text = "The actor died in its creation task\n  File a.py\nModuleNotFoundError: No module named 'pipeline'\n"
    assert reason_of(RuntimeError(text)) == "ModuleNotFoundError: No module named 'pipeline'"
    assert reason_of(RuntimeError("The node was lost.\nMore.")) == "The node was lost."
    assert reason_of(RuntimeError()) == "RuntimeError"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (RaySettings(workers=-1), "ray.workers is -1"),
        (RaySettings(worker_cpus=2000), "ray.worker_cpus is 2,000"),
        (RaySettings(worker_gpus=-0.5), "ray.worker_gpus is -0.5"),
        (RaySettings(address="head"), "ray.address is 'head'; write HOST:PORT, or auto"),
        (
            RaySettings(address="ray://head:10001"),
            "ray.address is 'ray://head:10001', but the run must be on a machine",
        ),
    ],
)
def test_settings_that_cannot_be_are_named(settings: RaySettings, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        RunConfig(inputs=("a",), to=("ru",), executor="ray", ray=settings).checked()


def test_unknown_executor_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="executor is 'spark'; choose one of local, ray"):
        RunConfig(inputs=("a",), to=("ru",), executor="spark").checked()  # type: ignore[arg-type]


@pytest.mark.parametrize("address", ["auto", "local", "head:6379", "10.0.0.7:6379", "[::1]:6379"])
def test_addresses_of_clusters_are_taken(address: str) -> None:
    RunConfig(inputs=("a",), to=("ru",), executor="ray", ray=RaySettings(address=address)).checked()


def test_address_in_the_environment_is_held_to_the_same_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "ray://head:10001")
    with pytest.raises(UsageError, match="Ray's address is 'ray://head:10001', but the run must be on a machine"):
        connection.connected(RaySettings()).__enter__()


def test_what_ray_prints_goes_to_the_log_without_colours(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        print("\x1b[33m(raylet)\x1b[0m A worker died.\n", file=connection._LogLines())
    assert [record.getMessage() for record in caplog.records] == ["Ray: (raylet) A worker died."]


def test_options_of_ray_without_its_executor_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="are for --executor ray"):
        newsmt("run", "samples", "--to", "ru", "--models", "demo", "--out", tmp_path / "out", "--workers", "2")
