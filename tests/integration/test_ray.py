"""Runs on Ray clusters: the same bytes as here, whoever dies on the way."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipeline import api
from pipeline.config import DecodingSettings, RunConfig, ShardSettings
from pipeline.config_executors import RaySettings
from pipeline.errors import ClusterError, ExitCode, UsageError
from pipeline.manifest import Manifest
from pipeline.models.registry import open_model_set
from pipeline.places import StorageUri
from pipeline.store.verify import verify
from tests.clusters import DeadlyTranslator, cluster_of, translators, wait_until
from tests.folders import data_bytes, table_rows
from tests.object_storage import Keys, object_store
from tests.unreliable_proxy import slow_down

if TYPE_CHECKING:
    from ray.cluster_utils import Cluster

from pipeline.executors.ray.shipping import located, packed

ray = pytest.importorskip("ray", reason="the extra `ray` is not installed")
pytestmark = [pytest.mark.ray, pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")]

START = datetime(2026, 11, 27, 2, 30, tzinfo=timezone.utc)
ENGLISH = "Parliament adopted budget {0} on Friday. The law takes effect in January {0}. Read more: a.example"
RUSSIAN = "В пятницу парламент принял бюджет {0}. Закон вступит в силу в январе {0}."
N_ARTICLES = 60


def write_news(folder: Path, n_articles: int = N_ARTICLES) -> Path:
    """Articles in two languages, with copies of others among them, and some that no model reads."""
    folder.mkdir()
    texts = (ENGLISH, RUSSIAN, ENGLISH, "Խորհրդարանն ընդունեց բյուջեն {0}։", "{0}")
    records: list[dict[str, Any]] = [
        {
            "title": f"Vote {n}",
            "text": "\n\n".join(texts[n % len(texts)].format(f"{n}.{k}") for k in range(8)),
            "url": f"https://a.example/{n}",
            "date": f"2026-11-{1 + n % 3:02}",
        }
        for n in range(n_articles)
    ]
    copies = [{**record, "url": f"{record['url']}/copy"} for record in records[:: len(texts)]]
    lines = "\n".join(json.dumps(record, ensure_ascii=False) for record in (*records, *copies))
    (folder / "news.jsonl").write_text(lines, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory, tiny_folder: Path) -> RunConfig:
    folder = tmp_path_factory.mktemp("ray")
    return RunConfig(
        inputs=(str(write_news(folder / "news")),),
        to=("en", "ru"),
        out=folder / "local",
        models=str(tiny_folder),
        memory=False,
        decoding=DecodingSettings(beam=1, max_target_tokens=12, jobs=1),
        shard=ShardSettings(max_articles=4),
    )


@pytest.fixture(scope="module")
def expected(config: RunConfig) -> dict[str, bytes]:
    """The bytes of a run in this process."""
    manifest = api.run_config(config, clock=lambda: START)
    assert manifest.counts.n_near_duplicates == N_ARTICLES // 5
    return data_bytes(Path(str(config.out)))


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with cluster_of(4) as found:
        yield found


def on_ray(config: RunConfig, out: Path, address: str, *, n_workers: int, **changes: Any) -> RunConfig:
    ray = RaySettings(address=address, workers=n_workers, worker_cpus=1)
    return replace(config, out=out, executor="ray", ray=ray, **changes)


def run(config: RunConfig, **options: Any) -> Manifest:
    return api.run_config(config, clock=lambda: START, **options)


def in_background(config: RunConfig) -> tuple[threading.Thread, list[Manifest]]:
    manifests: list[Manifest] = []
    thread = threading.Thread(target=lambda: manifests.append(run(config)))
    thread.start()
    return thread, manifests


def has_shard(out: Path) -> Callable[[], bool]:
    return lambda: any(out.rglob("articles/*/*.parquet"))


@pytest.mark.parametrize("n_workers", [2, 4])
def test_cluster_writes_the_same_bytes(
    config: RunConfig, expected: dict[str, bytes], cluster: Cluster, tmp_path: Path, n_workers: int
) -> None:
    manifest = run(on_ray(config, tmp_path / "out", cluster.address, n_workers=n_workers))
    local = json.loads(next(Path(str(config.out)).glob("runs/*.json")).read_bytes())
    counts = manifest.to_json()["counts"]
    assert {**counts, "seconds": {}} == {**local["counts"], "seconds": {}}
    assert data_bytes(tmp_path / "out") == expected
    assert verify(tmp_path / "out").is_sound
    assert not [path for path in (tmp_path / "out" / ".newsmt" / "staging").rglob("*") if path.is_file()]


@pytest.mark.parametrize("skip", [False, True], ids=["keep", "skip"])
def test_two_nodes_write_the_same_bytes(config: RunConfig, tmp_path: Path, skip: bool) -> None:  # noqa: FBT001
    run(replace(config, out=tmp_path / "local", skip_near_duplicates=skip))
    with cluster_of(1, 1) as cluster:
        run(on_ray(config, tmp_path / "out", cluster.address, n_workers=2, skip_near_duplicates=skip))
    assert data_bytes(tmp_path / "out") == data_bytes(tmp_path / "local")


def test_second_run_does_nothing_and_the_memory_is_used_when_asked_for(
    config: RunConfig, cluster: Cluster, tmp_path: Path
) -> None:
    remembering = on_ray(config, tmp_path / "out", cluster.address, n_workers=2, memory=True)
    first = run(remembering)
    again = run(remembering)
    assert (again.counts.n_articles, again.counts.n_known) == (0, first.counts.n_read)
    changed = run(replace(remembering, max_segment_chars=300)).counts
    assert (changed.n_units, changed.n_tokens) == (first.counts.n_units, 0)
    assert changed.n_units_from_memory > 0


def test_killed_workers_lose_nothing(
    config: RunConfig, expected: dict[str, bytes], cluster: Cluster, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    thread, manifests = in_background(on_ray(config, out, cluster.address, n_workers=2))
    for _ in range(3):
        wait_until(lambda: translators(cluster) or not thread.is_alive(), "a translator")
        for pid in translators(cluster)[:1]:
            os.kill(pid, signal.SIGKILL)
        thread.join(0.3)
    thread.join(120)
    assert manifests[0].exit_code == ExitCode.LEFT_OVER
    assert data_bytes(out) == expected


def test_node_that_goes_away_and_one_that_comes_lose_nothing(
    config: RunConfig, expected: dict[str, bytes], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with cluster_of(0, 1, 1) as cluster:
        victim = max(cluster.worker_nodes, key=str)
        thread, manifests = in_background(on_ray(config, out, cluster.address, n_workers=2))
        wait_until(has_shard(out), "a shard")
        cluster.remove_node(victim, allow_graceful=False)
        cluster.add_node(num_cpus=1, object_store_memory=100 << 20)
        thread.join(120)
    assert manifests[0].exit_code == ExitCode.LEFT_OVER
    assert data_bytes(out) == expected


@pytest.mark.parametrize("memory", [False, True], ids=["no memory", "memory"])
def test_killed_run_goes_on_as_if_nothing_had_been(
    config: RunConfig, expected: dict[str, bytes], cluster: Cluster, tmp_path: Path, *, memory: bool
) -> None:
    ours = on_ray(config, tmp_path / "out", cluster.address, n_workers=2, memory=memory)
    script = "import sys, pickle; from tests.integration.test_ray import run; run(pickle.load(sys.stdin.buffer))"
    for _ in range(2):
        process = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, cwd=Path(__file__).parents[2])
        assert process.stdin
        with process.stdin as stdin:
            pickle.dump(ours, stdin)
        before = len(data_bytes(tmp_path / "out"))
        wait_until(lambda: len(data_bytes(tmp_path / "out")) > before or process.poll() is not None, "a shard")  # noqa: B023
        process.kill()
        process.wait()
    manifest = run(ours)
    assert manifest.is_resumed
    if memory:
        assert len(table_rows(tmp_path / "out", "bitext")) == manifest.counts.n_units
    else:
        assert data_bytes(tmp_path / "out") == expected
    assert verify(tmp_path / "out").is_sound


def test_stopped_run_keeps_what_was_decoded(config: RunConfig, cluster: Cluster, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ours = on_ray(config, out, cluster.address, n_workers=2)
    stopped = run(ours, is_stopped=has_shard(out))
    assert stopped.stopped_by == "signal"
    assert 0 < stopped.counts.n_articles < N_ARTICLES
    rest = run(ours)
    assert rest.counts.n_articles + stopped.counts.n_articles == len(table_rows(out, "articles"))
    assert len(table_rows(out, "bitext")) == rest.counts.n_units + stopped.counts.n_units
    assert verify(out).is_sound


def test_models_are_shipped_to_machines_that_lack_them(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(tiny_folder, tmp_path / "models")
    models = open_model_set(str(tmp_path / "models"))
    hashes = models.hashes
    (tmp_path / "other machine").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "other machine"))

    def not_asked(folder: Path) -> bytes:
        pytest.fail(f"{folder} is unpacked already")

    packages = {package.path: packed(package.path) for package in models.packages.values()}
    shutil.rmtree(tmp_path / "models")
    for supply in (packages.__getitem__, not_asked):
        here = located(models, supply)
        assert here.hashes == hashes
        assert all(package.path.is_relative_to(tmp_path / "other machine") for package in here.packages.values())


def test_wrong_addresses_are_refused_before_any_work(config: RunConfig, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(UsageError, match=r"no Ray cluster to work on at 127\.0\.0\.1:1:.*ray start --head"):
        run(on_ray(config, out, "127.0.0.1:1", n_workers=1))
    with pytest.raises(UsageError, match="must be on a machine of the cluster"):
        run(on_ray(config, out, "ray://127.0.0.1:10001", n_workers=1))
    assert not data_bytes(out)


def test_worker_of_another_version_is_refused_before_any_work(
    config: RunConfig, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.executors.ray.setup.__version__", "0.0.1")
    with pytest.raises(UsageError, match=r"has newsmt \d.*, the run has newsmt 0\.0\.1.*install the same versions"):
        run(on_ray(config, tmp_path / "out", cluster.address, n_workers=1))
    assert not data_bytes(tmp_path / "out")


def test_more_cores_than_any_machine_has_are_refused(config: RunConfig, cluster: Cluster, tmp_path: Path) -> None:
    ours = replace(
        config, out=tmp_path / "out", executor="ray", ray=RaySettings(address=cluster.address, worker_cpus=99)
    )
    with pytest.raises(UsageError, match=r"no machine of the cluster has 99 cores.*--worker-cpus"):
        run(ours)


def test_shard_that_kills_its_workers_ends_the_run_with_its_name(
    config: RunConfig, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.executors.ray.opening.Translator", DeadlyTranslator)
    ours = on_ray(config, tmp_path / "out", cluster.address, n_workers=2)
    with pytest.raises(ClusterError, match=r"shard \d+, which begins with .*news.jsonl#\d+: its worker died 5 times"):
        run(ours)


def test_workers_reach_an_unreliable_storage_as_the_run_does(
    config: RunConfig, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with object_store() as store:
        keys = Keys()
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys.access_key)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys.secret_key)
        news = Path(config.inputs[0], "news.jsonl").read_bytes()
        store.put("news/news.jsonl", news)
        ours = replace(config, inputs=(store.uri("news", keys=None),), shard=ShardSettings(max_articles=20))
        run(replace(ours, out=tmp_path / "local"))
        place = StorageUri(store.uri("corpus", keys=None))
        with store.failing(slow_down(), every=29):
            run(replace(on_ray(ours, tmp_path, cluster.address, n_workers=2), out=place, state=tmp_path / "state"))
        found = {name: store.get(f"corpus/{name}") for name in data_bytes(tmp_path / "local")}
        assert found == data_bytes(tmp_path / "local")
        assert len([key for key in store.keys("corpus/") if key.endswith(".parquet")]) == len(found)
