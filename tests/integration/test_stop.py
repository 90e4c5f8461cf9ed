"""Runs that are to stop in the middle of a shard keep what they decoded; the next one goes on from there."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pipeline import api
from pipeline.config import DecodingSettings, RunConfig, ShardSettings
from pipeline.manifest import Manifest
from pipeline.store.state import open_state_to_read
from pipeline.store.verify import verify
from tests.factories import NOW
from tests.folders import table_rows

N_ARTICLES = 30
WORDS = ("vote", "budget", "minister", "Paris", "Monday", "people", "agency", "law", "price", "market")


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("news") / "news.jsonl"
    records = [
        {
            "url": f"https://news.example/{number}",
            "title": f"The {WORDS[number % 10]} of {number} people in Paris",
            "text": " ".join(
                f"More than {number * 10 + k} people took part in the {WORDS[k]}, the agency said." for k in range(6)
            ),
        }
        for number in range(N_ARTICLES)
    ]
    file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return file


class StopAfter:
    """Asks to stop from the n-th time on that somebody asks."""

    def __init__(self, n_asked: int) -> None:
        self._left = n_asked

    def __call__(self) -> bool:
        self._left -= 1
        return self._left < 0


def run(
    news: Path, models: Path, out: Path, *, to: tuple[str, ...] = ("ru",), memory: bool = True, **how: Any
) -> Manifest:
    is_stopped: Callable[[], bool] = how.pop("is_stopped", lambda: False)
    config = RunConfig(
        inputs=(str(news),),
        to=to,
        out=out,
        models=str(models),
        memory=memory,
        decoding=DecodingSettings(beam=2, max_batch_tokens=64, max_target_tokens=12, jobs=1),
        shard=ShardSettings(max_articles=12),
        **how,
    )
    return api.run_config(config, clock=lambda: NOW, is_stopped=is_stopped)


def count_unfinished(out: Path) -> int:
    with closing(open_state_to_read(out / ".newsmt" / "state.sqlite")) as connection:
        return int(connection.execute("SELECT COUNT(*) FROM unfinished").fetchone()[0])


def units(out: Path) -> list[dict[str, Any]]:
    rows = [{name: value for name, value in row.items() if name != "run_id"} for row in table_rows(out, "bitext")]
    return sorted(rows, key=lambda row: (row["article_id"], row["target_lang"], row["segment"]))


@pytest.mark.parametrize("memory", [pytest.param(True, id="memory"), pytest.param(False, id="no-memory")])
@pytest.mark.parametrize("to", [pytest.param(("ru",), id="one-target"), pytest.param(("ru", "hy"), id="two-targets")])
def test_stopped_again_and_again_it_ends_with_the_same_units_as_undisturbed(
    news: Path, tiny_folder: Path, tmp_path: Path, to: tuple[str, ...], *, memory: bool
) -> None:
    run(news, tiny_folder, tmp_path / "undisturbed", to=to, memory=memory)
    out = tmp_path / "out"
    stops, n_kept = 0, []
    while (
        run(news, tiny_folder, out, to=to, memory=memory, is_stopped=StopAfter(50 + 50 * stops)).stopped_by == "signal"
    ):
        stops += 1
        n_kept.append(count_unfinished(out))

    assert stops >= 2
    assert max(n_kept) > 0, "a stop in the middle of a shard keeps what was decoded"
    assert count_unfinished(out) == 0, "a run that came to its end needs them no more"
    assert units(out) == units(tmp_path / "undisturbed")
    assert verify(out).problems == ()


def test_what_was_decoded_before_a_stop_is_not_decoded_again(news: Path, tiny_folder: Path, tmp_path: Path) -> None:
    undisturbed = run(news, tiny_folder, tmp_path / "undisturbed")
    stopped = run(news, tiny_folder, tmp_path / "out", is_stopped=StopAfter(45))
    n_kept = count_unfinished(tmp_path / "out")
    rest = run(news, tiny_folder, tmp_path / "out")

    assert (stopped.counts.n_articles, rest.counts.n_articles) == (0, N_ARTICLES)
    assert n_kept > 10
    assert rest.counts.n_tokens < undisturbed.counts.n_tokens
    assert rest.counts.n_units_from_memory == undisturbed.counts.n_units_from_memory


def test_time_budget_ends_a_run_in_the_middle_of_a_shard(news: Path, tiny_folder: Path, tmp_path: Path) -> None:
    manifest = run(news, tiny_folder, tmp_path / "out", time_budget_s=1e-6)

    assert manifest.stopped_by == "time-budget"
    assert manifest.counts.n_articles == 0
    assert manifest.exit_code == 3


@pytest.mark.parametrize(
    ("n", "stopped_by", "n_left"),
    [(1, "max-articles", 29), (12, "max-articles", 18), (13, "max-articles", 17), (30, None, 0), (31, None, 0)],
)
def test_max_articles_is_exact(
    news: Path, tiny_folder: Path, tmp_path: Path, n: int, stopped_by: str | None, n_left: int
) -> None:
    manifest = run(news, tiny_folder, tmp_path / "out", max_articles=n)

    assert manifest.counts.n_articles == min(n, N_ARTICLES)
    assert manifest.stopped_by == stopped_by
    assert run(news, tiny_folder, tmp_path / "out").counts.n_articles == n_left


def test_known_articles_do_not_count_against_max_articles(news: Path, tiny_folder: Path, tmp_path: Path) -> None:
    run(news, tiny_folder, tmp_path / "out", max_articles=10)

    manifest = run(news, tiny_folder, tmp_path / "out", max_articles=10)

    assert (manifest.counts.n_known, manifest.counts.n_articles) == (10, 10)
