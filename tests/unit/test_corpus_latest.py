"""Which rows of a corpus count where revisions, later runs and older files stand beside each other."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from pipeline.corpus.corpus import Corpus
from pipeline.corpus.selection import Selection
from pipeline.store.schema import COLUMNS, MEASURE_COLUMNS
from tests.corpora import article, unit, write_articles, write_units

FIRST, SECOND, THIRD = "20201114T060000Z", "20201115T060000Z", "20210101T060000Z"


def latest(folder: Path, columns: str, *, all_revisions: bool = False) -> list[tuple[object, ...]]:
    with Corpus(folder) as corpus:
        return sorted(corpus.query(corpus.sql("bitext", Selection(all_revisions=all_revisions), columns)))


def test_later_run_supersedes_the_units_of_an_article(tmp_path: Path) -> None:
    write_units(tmp_path, [unit(segment=number, run_id=FIRST) for number in range(3)], name=f"{FIRST}-00000")
    # Cut in another way, the article has fewer units: none of the earlier ones counts.
    write_units(tmp_path, [unit(segment=number, run_id=SECOND) for number in range(2)], name=f"{SECOND}-00000")

    assert latest(tmp_path, "segment, run_id") == [(0, SECOND), (1, SECOND)]
    assert len(latest(tmp_path, "segment", all_revisions=True)) == 5


def test_higher_revision_counts_even_of_an_earlier_run(tmp_path: Path) -> None:
    write_units(tmp_path, [unit(revision=2, run_id=FIRST), unit(revision=1, run_id=SECOND)])

    assert latest(tmp_path, "revision, run_id") == [(2, FIRST)]


def test_revisions_are_numbers(tmp_path: Path) -> None:
    write_units(tmp_path, [unit(revision=revision) for revision in (2, 9, 10)])

    assert latest(tmp_path, "revision") == [(10,)]


def test_each_target_has_its_own_latest_translation(tmp_path: Path) -> None:
    write_units(tmp_path, [unit(run_id=FIRST), unit(revision=2, run_id=SECOND)])
    write_units(tmp_path, [unit(pair="en-hy", run_id=FIRST)], pair="en-hy")

    # The new revision still waits for a model of en-hy.
    assert latest(tmp_path, "target_lang, revision") == [("hy", 1), ("ru", 2)]


def test_article_of_another_pair_after_its_language_was_found_anew(tmp_path: Path) -> None:
    write_units(tmp_path, [unit(run_id=FIRST)], pair="en-ru")
    write_units(tmp_path, [unit(pair="hy-ru", run_id=SECOND)], pair="hy-ru", name=f"{SECOND}-00000")
    write_articles(tmp_path, [article(source_lang="en", run_id=FIRST), article(source_lang="hy", run_id=SECOND)])

    assert latest(tmp_path, "pair, run_id") == [("hy-ru", SECOND)]
    with Corpus(tmp_path) as corpus:
        assert corpus.query(corpus.sql("articles", Selection(), "source_lang")) == [("hy",)]
        # A filter must not make that count again which was superseded by what it leaves out.
        assert corpus.query(corpus.sql("bitext", Selection(pairs=("en-ru",)))) == []


@pytest.mark.parametrize("order", list(permutations([(1, FIRST), (1, SECOND), (2, THIRD)])), ids=str)
def test_order_and_place_of_files_do_not_matter(tmp_path: Path, order: tuple[tuple[int, str], ...]) -> None:
    for place, (revision, run_id) in enumerate(order):
        row = unit(revision=revision, run_id=run_id)
        write_units(tmp_path, [row], day=f"2020-11-{13 + place % 2}", name=f"{place}-00000")

    assert latest(tmp_path, "revision, run_id") == [(2, THIRD)]


def test_publisher_is_that_of_the_latest_article(tmp_path: Path) -> None:
    write_units(tmp_path, [unit("a"), unit("b"), unit("without article")])
    write_articles(
        tmp_path,
        [
            article("a", publisher="Old name", run_id=FIRST),
            article("a", publisher="New name", run_id=SECOND),
            article("b", publisher="New name", revision=1, run_id=SECOND),
            article("b", publisher="Old name", revision=2, run_id=FIRST),
        ],
    )

    with Corpus(tmp_path) as corpus:
        found = {
            name: corpus.query(corpus.sql("bitext", Selection(publishers=(name,)), "article_id"))
            for name in ("Old name", "New name")
        }
    assert found == {"Old name": [("b",)], "New name": [("a",)]}


def test_articles_that_wait_for_a_translation_are_there(tmp_path: Path) -> None:
    write_articles(tmp_path, [article("a"), article("a", revision=2), article("b")])

    with Corpus(tmp_path) as corpus:
        assert sorted(corpus.query(corpus.sql("articles", Selection(), "article_id, revision"))) == [("a", 2), ("b", 1)]
        assert corpus.query("SELECT count(*) FROM bitext") == [(0,)]


@pytest.mark.parametrize("older", [(), (0,), (0, 1), (0, 1, 2)], ids=str)
def test_files_of_version_1_lack_columns(tmp_path: Path, older: tuple[int, ...]) -> None:
    for place in range(3):
        row = unit(f"article {place}", check_copied=0.5, edits=["marks"])
        write_units(tmp_path, [row], name=f"2020111{place}T060000Z-00000", version=1 if place in older else 2)
        write_articles(tmp_path, [article(f"article {place}", licence="CC0")], name=str(place), version=1)

    with Corpus(tmp_path) as corpus:
        columns = [row[0] for row in corpus.query("DESCRIBE bitext")]
        found = corpus.query("SELECT article_id, check_copied, edits, check_names FROM bitext ORDER BY ALL")
        licences = corpus.query("SELECT DISTINCT licence, similarity FROM articles")
    assert columns == [*COLUMNS["bitext"], "pair", "date"]
    assert {*MEASURE_COLUMNS, "edits"} < set(columns)
    assert found == [
        (f"article {place}", None, None, None) if place in older else (f"article {place}", 0.5, ["marks"], None)
        for place in range(3)
    ]
    assert licences == [(None, None)]


def test_merged_files_of_version_1_do_not_hide_the_columns_of_later_ones(tmp_path: Path) -> None:
    # By their names, both the first and the last file are of version 1.
    for name, version in ((f"{FIRST}-00000", 1), (f"{THIRD}-00000", 2), (f"merged-{SECOND}-00000", 1)):
        write_units(tmp_path, [unit(name, check_copied=0.25)], name=name, version=version)

    with Corpus(tmp_path) as corpus:
        found = corpus.query("SELECT article_id FROM bitext WHERE check_copied = 0.25")
    assert found == [(f"{THIRD}-00000",)]


def test_columns_of_later_versions_are_left_out(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = write_units(tmp_path, [unit()])
    table = pq.read_table(file)
    pq.write_table(table.append_column("mood", pa.array(["glad"])), file)

    with Corpus(tmp_path) as corpus:
        assert [row[0] for row in corpus.query("DESCRIBE bitext")] == [*COLUMNS["bitext"], "pair", "date"]
        assert corpus.query("SELECT article_id FROM bitext") == [("a",)]
