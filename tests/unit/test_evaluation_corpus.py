from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.errors import OutputError, UsageError
from pipeline.evaluation.corpus import COPIED, CorpusEvaluation, evaluate_corpus
from pipeline.evaluation.tally import Tally
from pipeline.evaluation.worst import DoubtfulUnit, WorstUnits
from pipeline.store.dataset import open_dataset
from pipeline.store.rows import ShardContents
from pipeline.types import TranslationUnit, parse_pair
from tests.factories import NOW, Story, make_contents, make_story
from tests.folders import COUNTS, write_run

MODEL = "en_ru@1.9#0123456789ab"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def changed(story: Story, change: Callable[[TranslationUnit], TranslationUnit]) -> Story:
    """Return a story with other units."""
    articles = tuple(replace(one, units=tuple(map(change, one.units))) for one in story.translated)
    return replace(story, translated=articles)


def with_values(story: Story, **columns: Sequence[Any]) -> Story:
    """Return a story whose units have these values, one for each segment."""
    return changed(
        story, lambda unit: unit._replace(**{name: values[unit.segment] for name, values in columns.items()})
    )


def write_later(out: Path, contents: ShardContents, *, hours: int) -> None:
    """Commit a run that began some hours after the first one."""
    start = NOW + timedelta(hours=hours)
    with open_dataset(out) as dataset:
        run = dataset.ledger.begin_run(f"command {hours}", start)
        dataset.commit(contents, run_id=run.run_id, shard=0, counts=COUNTS)
        dataset.finish_run({"run_id": run.run_id, "counts": COUNTS}, run_id=run.run_id, now=start)


def totals(found: CorpusEvaluation) -> dict[str, tuple[int, int]]:
    return {one.pair: (one.total.n_articles, one.total.n_units) for one in found.pairs}


def test_figures_of_a_pair_and_its_models(out: Path) -> None:
    story = with_values(
        make_story(),
        score=[-0.5, None, -0.1, -0.3],
        quality=[0.6, 1.0, 0.9, 0.7],
        models=[(MODEL,), (), (MODEL,), ("en_hy@1#a", "hy_ru@1#b")],
        flags=[("numbers", "quotes"), (), ("numbers",), ()],
        retry=["beam", None, "kept-first", "beam"],
        from_memory=[True, False, False, False],
    )
    write_run(out, make_contents(story))

    [one] = evaluate_corpus(out).pairs

    assert one.pair == "en-ru"
    assert one.total.to_json() == {
        "n_units": 4,
        "n_articles": 1,
        "n_copied": 1,
        "n_from_memory": 1,
        "mean_score": -0.3,
        "mean_quality": 0.8,
        "median_quality": 0.7,
        "retries": {"beam": 2, "kept-first": 1},
        "flags_per_thousand": {"numbers": 500.0, "quotes": 250.0},
    }
    assert {model: (tally.n_articles, tally.n_units) for model, tally in one.by_model.items()} == {
        MODEL: (1, 2),
        COPIED: (1, 1),
        "en_hy@1#a+hy_ru@1#b": (1, 1),
    }
    assert [group["model"] for group in one.to_json()["models"]] == [None, "en_hy@1#a+hy_ru@1#b", MODEL]


def test_units_of_the_latest_run_count(out: Path) -> None:
    write_run(out, make_contents(make_story("a", targets=("ru", "hy")), make_story("b")))
    better = changed(make_story("a"), lambda unit: unit._replace(quality=1.0))
    write_later(out, make_contents(better), hours=1)

    found = evaluate_corpus(out)

    assert totals(found) == {"en-hy": (1, 4), "en-ru": (2, 8)}
    [russian] = [one for one in found.pairs if one.pair == "en-ru"]
    assert russian.total.mean_quality == pytest.approx((1.0 + 0.7788) / 2)


def test_latest_revision_counts(out: Path) -> None:
    write_run(out, make_contents(make_story("a")), make_contents(make_story("a", revision=2, extra=("42 : 3",))))

    assert totals(evaluate_corpus(out)) == {"en-ru": (1, 5)}


def test_article_that_a_later_run_found_in_another_language_is_of_that_pair_alone(out: Path) -> None:
    first, second = make_story("a", language="en"), make_story("a", language="hy")
    write_run(out, make_contents(first))
    write_later(out, make_contents(second), hours=1)

    assert totals(evaluate_corpus(out)) == {"hy-ru": (1, 4)}
    assert totals(evaluate_corpus(out, pair=parse_pair("en-ru"))) == {}


def test_pair_leaves_out_the_others(out: Path) -> None:
    write_run(out, make_contents(make_story("a", targets=("ru", "hy"))))

    assert totals(evaluate_corpus(out, pair=parse_pair("en-hy"))) == {"en-hy": (1, 4)}
    with pytest.raises(UsageError, match="no units of hy-en, only of en-hy, en-ru"):
        evaluate_corpus(out, pair=parse_pair("hy-en"))


def test_worst_units_are_named_with_texts_and_flags(out: Path) -> None:
    story = with_values(make_story(), quality=[0.6, 0.2, None, 0.4], flags=[(), ("empty",), ("numbers",), ("quotes",)])
    write_run(out, make_contents(story, make_story("b", targets=("hy",))))

    worst = evaluate_corpus(out, n_worst=2).worst

    assert [(unit.quality, unit.pair, unit.flags) for unit in worst] == [
        (0.2, "en-ru", ("empty",)),
        (0.4, "en-ru", ("quotes",)),
    ]
    assert worst[0].source_text == "Parliament adopted the budget on Friday."
    assert worst[0].target_text == "В пятницу парламент принял бюджет."
    assert evaluate_corpus(out).worst == ()


def test_copy_without_its_ledger_is_read(out: Path, tmp_path: Path) -> None:
    write_run(out, make_contents(make_story("a")))
    shutil.copytree(out / "bitext", tmp_path / "copy" / "bitext")

    assert totals(evaluate_corpus(tmp_path / "copy")) == {"en-ru": (1, 4)}


def test_folder_without_units_yet_is_empty(out: Path) -> None:
    write_run(out)

    assert evaluate_corpus(out, n_worst=3).to_json() == {"pairs": [], "worst": []}
    assert evaluate_corpus(out, pair=parse_pair("en-ru")).pairs == ()


def test_folder_of_something_else_is_told(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(OutputError, match="no output of newsmt here; run `newsmt run` first"):
            evaluate_corpus(folder)


def test_columns_that_an_older_version_did_not_write_are_left_out(out: Path) -> None:
    write_run(out, make_contents(make_story("a")))
    [file] = (out / "bitext").rglob("*.parquet")
    table = pq.read_table(file, partitioning=None)
    pq.write_table(table.drop_columns(["quality", "retry", "flags", "from_memory", "target_text"]), file)

    [one] = evaluate_corpus(out, n_worst=2).pairs

    assert (one.total.n_units, one.total.mean_score, one.total.mean_quality) == (4, -0.25, None)
    assert one.total.median_quality is None
    assert one.total.flags_per_thousand == {}


def test_file_that_cannot_be_read_is_named_and_the_rest_counts(out: Path) -> None:
    write_run(out, make_contents(make_story("a", targets=("ru", "hy"))))
    [file] = (out / "bitext").rglob("pair=en-ru/**/*.parquet")
    file.write_bytes(file.read_bytes()[:500])

    found = evaluate_corpus(out)

    assert totals(found) == {"en-hy": (1, 4)}
    assert [one.path for one in found.damaged] == [file]


def tally_of(*qualities: float | None) -> Tally:
    tally = Tally()
    for quality in qualities:
        tally.add(score=-0.5, quality=quality, flags=(), retry=None, from_memory=False)
    return tally


@pytest.mark.parametrize(
    ("qualities", "median"),
    [
        pytest.param((), None, id="none"),
        pytest.param((None, None), None, id="unknown"),
        pytest.param((0.3,), 0.3, id="one"),
        pytest.param((0.9, 0.1), 0.1, id="the-lower-of-two"),
        pytest.param((0.9, None, 0.1, 0.5), 0.5, id="three"),
        pytest.param((0.7, 0.7, 0.1, 0.7), 0.7, id="equal-ones"),
    ],
)
def test_median_is_exact(qualities: tuple[float | None, ...], median: float | None) -> None:
    assert tally_of(*qualities).median_quality == median


def unit_of(number: int, quality: float, *, text: str = "") -> DoubtfulUnit:
    return DoubtfulUnit(
        quality=quality,
        unit_id=f"{number:03d}",
        pair="en-ru",
        flags=(),
        source_text=text or f"Section {number}.",
        target_text="Раздел.",
    )


def test_worst_units_do_not_depend_on_the_order() -> None:
    units = [unit_of(number, (number * 37 % 100) // 10 / 10) for number in range(100)]
    for order in (units, units[::-1], sorted(units)):
        worst = WorstUnits(7)
        for unit in order:
            if worst.is_wanted(unit.quality):
                worst.add(unit)
        assert worst.sorted() == sorted(units)[:7]


def test_equal_texts_are_shown_once() -> None:
    worst = WorstUnits(2)
    for number in (3, 1, 2):
        worst.add(unit_of(number, 0.1, text="Read also:"))
    worst.add(unit_of(9, 0.5))

    assert [unit.unit_id for unit in worst.sorted()] == ["001", "009"]
