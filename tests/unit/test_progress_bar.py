from __future__ import annotations

import pytest
from rich.progress import Task

from pipeline.cli.bar import ProgressBar


def shown(bar: ProgressBar) -> Task:
    return bar._progress.tasks[0]


@pytest.fixture
def bar() -> ProgressBar:
    """A bar over 1000 bytes, the first shard of which ends at byte 400 and holds ten texts."""
    bar = ProgressBar()
    bar.run_begins(1000)
    bar.shard_begins(400)
    bar.expected(10)
    return bar


def test_bar_moves_with_the_texts_of_a_shard(bar: ProgressBar) -> None:
    bar.decoded(5)

    assert shown(bar).completed == 200


def test_bar_stands_at_the_end_of_a_finished_shard(bar: ProgressBar) -> None:
    bar.decoded(10)
    bar.shard_done(n_articles=2, n_units=9)

    assert shown(bar).completed == 400
    assert "2 articles, 9 sentences" in shown(bar).description


def test_second_shard_begins_where_the_first_one_ended(bar: ProgressBar) -> None:
    bar.shard_done(n_articles=2, n_units=9)
    bar.shard_begins(1000)
    bar.expected(4)
    bar.decoded(1)

    assert shown(bar).completed == 550
    assert "2 articles, 10 sentences" in shown(bar).description


def test_bar_never_passes_the_end_of_the_shard(bar: ProgressBar) -> None:
    bar.decoded(30)

    assert shown(bar).completed == 400


def test_texts_that_nobody_announced_do_no_harm() -> None:
    bar = ProgressBar()
    bar.shard_begins(100)
    bar.decoded(0)

    assert shown(bar).completed == 0


@pytest.mark.parametrize("total", [pytest.param(None, id="standard-input"), pytest.param(2000, id="files")])
def test_end_of_the_bar_is_the_size_of_the_inputs(total: int | None) -> None:
    bar = ProgressBar()
    bar.run_begins(total)

    assert shown(bar).total == total


def test_bar_writes_to_stderr_and_stops_with_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    bar = ProgressBar()
    with pytest.raises(KeyboardInterrupt), bar:
        raise KeyboardInterrupt

    assert bar._progress.finished or not bar._progress.live.is_started
    assert not capsys.readouterr().out
