"""`pipeline.open`: the rows of a corpus in people's own programs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import pipeline
from pipeline.errors import OutputError, PipelineError, StateError, UsageError
from pipeline.store.compaction import compact
from pipeline.store.dataset import open_dataset
from pipeline.store.schema import COLUMNS, arrow_schema
from tests.bench.large_corpus import CorpusWriter, Size
from tests.corpora import article, unit, write_articles, write_units
from tests.factories import NOW, make_contents, make_story
from tests.folders import write_run

SAID = "Ասաց՝ «Ո՞վ է», and left — שלום \u202eעולם\u202c 😀 \x01 \ufffd"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four months of a dozen publishers, in the files of shards; some articles have two revisions or translations."""
    folder = tmp_path_factory.mktemp("generated")
    CorpusWriter(folder, Size(n_articles=240, n_months=4), is_compacted=False).write()
    return folder


@pytest.fixture
def corpus(generated: Path) -> Iterator[pipeline.open]:
    with pipeline.open(generated) as corpus:
        yield corpus


FILTERS: list[dict[str, Any]] = [
    {},
    {"pair": "en-ru"},
    {"pair": ["en-ru", "hy-en"], "min_quality": 0.8},
    {"date": "2025-01", "publisher": "Новости у моря"},
    {"flag": ["numbers", "truncated"], "without_flag": "final-mark", "columns": ["unit_id", "flags", "date"]},
    {"all_revisions": True, "columns": ["run_id", "unit_id"]},
    {"min_quality": 1.0, "pair": "hy-ru", "date": "2025-02-28"},
]


@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_all_ways_give_the_same_rows(corpus: pipeline.open, filters: dict[str, Any]) -> None:
    units = corpus.units(**filters)
    columns = tuple(filters.get("columns", (*COLUMNS["bitext"], "pair", "date")))
    rows = [tuple(unit) for unit in units]

    assert units.columns == columns
    assert len(units) == len(rows)
    assert [tuple(row.values()) for row in units.arrow().to_pylist()] == rows
    assert [tuple(row.values()) for batch in units.batches(100) for row in batch.to_pylist()] == rows
    assert tuple(units.relation().columns) == columns
    frame = units.pandas()
    assert (tuple(frame.columns), len(frame)) == (columns, len(rows))
    assert list(frame["unit_id"]) == [row[columns.index("unit_id")] for row in rows]
    assert Counter(units.relation().to_arrow_table()["unit_id"].to_pylist()) == Counter(frame["unit_id"])


def test_filters_leave_something_and_leave_something_out(corpus: pipeline.open) -> None:
    n_units = [len(corpus.units(**filters)) for filters in FILTERS]

    assert all(0 < n < n_units[0] for n in n_units[1:5])
    assert n_units[5] > n_units[0]


def test_types_are_those_of_the_schema(corpus: pipeline.open) -> None:
    for table, rows in (("bitext", corpus.units()), ("articles", corpus.articles())):
        found = rows.arrow().schema
        expected = arrow_schema(table)
        for field in expected:
            other = found.field(field.name)
            if pa.types.is_list(field.type):
                assert pa.types.is_list(other.type)
                assert other.type.value_type == field.type.value_type
            else:
                assert other.type == field.type, field.name
        assert found.field("date").type == pa.string()


def test_texts_come_back_as_they_are(tmp_path: Path) -> None:
    texts = [SAID, "", " ", "ա" * 20_000, "a\u2028b\r\n\tc", "'; DROP TABLE bitext; --"]
    write_units(tmp_path, [unit(segment=n, source_text=t, target_text=t[::-1]) for n, t in enumerate(texts)])

    with pipeline.open(tmp_path) as corpus:
        found = [(unit.source_text, unit.target_text) for unit in corpus.units()]
        assert found == [(text, text[::-1]) for text in texts]
        assert list(corpus.units().pandas()["source_text"]) == texts


def test_batches_are_bounded_and_of_one_pair(corpus: pipeline.open) -> None:
    batches = list(corpus.units(columns=["pair"]).batches(64))

    assert max(batch.num_rows for batch in batches) <= 64
    assert {len(set(batch.column(0).to_pylist())) for batch in batches if batch.num_rows} == {1}


@pytest.fixture(scope="module")
def uneven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Many small files, and one with more rows than the database handles at once."""
    folder = tmp_path_factory.mktemp("uneven")
    CorpusWriter(folder, Size(n_articles=240, n_months=4)).write()
    files = sorted((folder / "bitext" / "pair=en-ru").rglob("*.parquet"))
    table = pa.concat_tables([pq.ParquetFile(file).read() for file in files] * 4)
    names = [f"{name} {place}" for place, name in enumerate(table["unit_id"].to_pylist())]
    pq.write_table(table.set_column(0, "unit_id", pa.array(names)), files[-1])
    return folder


@pytest.mark.parametrize(
    "filters", [{}, {"publisher": ["Harbour Times", "Вечерний обзор"]}, {"min_quality": 0.7}], ids=str
)
def test_rows_are_in_the_order_of_the_files(uneven: Path, filters: dict[str, Any]) -> None:
    stored = [
        (row["unit_id"], row["run_id"])
        for file in sorted((uneven / "bitext").rglob("*.parquet"))
        for row in pq.ParquetFile(file).read(columns=["unit_id", "run_id"]).to_pylist()
    ]

    with pipeline.open(uneven) as corpus:
        units = corpus.units(columns=["unit_id", "run_id"], **filters)
        found = [tuple(unit) for unit in units]
        table = units.arrow()

    chosen = set(found)
    assert 100 < len(found) < len(stored)
    assert found == [row for row in stored if row in chosen]
    assert list(zip(*(column.to_pylist() for column in table.columns), strict=True)) == found


def test_rows_can_be_read_again_and_beside_each_other(corpus: pipeline.open) -> None:
    units = corpus.units(pair="en-ru", columns=["unit_id"])
    both = list(zip(units, units, corpus.units(pair="en-ru"), strict=True))

    assert len(both) == len(units)
    assert all(one.unit_id == other.unit_id == third.unit_id for one, other, third in both)


def test_relations_are_queried_on(corpus: pipeline.open) -> None:
    relation = corpus.units(pair="en-ru").relation()
    found = relation.aggregate("count(*) AS n, min(quality) AS least").fetchall()

    qualities = [unit.quality for unit in corpus.units(pair="en-ru") if unit.quality is not None]
    assert found == [(len(corpus.units(pair="en-ru")), min(qualities))]


def test_articles_are_the_latest_ones(corpus: pipeline.open) -> None:
    last: dict[str, tuple[int, str]] = {}
    for row in corpus.articles(all_revisions=True):
        last[row.article_id] = max(last.get(row.article_id, (0, "")), (row.revision, row.run_id))
    found = {row.article_id: (row.revision, row.run_id) for row in corpus.articles()}

    assert found == last
    assert len(corpus.articles(all_revisions=True)) > len(corpus.articles()) == 240


def test_spans_of_units_hold_in_their_articles(corpus: pipeline.open) -> None:
    texts = {(row.article_id, row.revision): row.text for row in corpus.articles(all_revisions=True)}

    assert all(
        texts[unit.article_id, unit.revision][unit.source_start : unit.source_end] == unit.source_text
        for unit in corpus.units()
    )


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda corpus: corpus.units(columns=["text"]), "text: no column of bitext; there are unit_id, "),
        (lambda corpus: corpus.articles(columns=["pair"]), "pair: no column of articles; there are article_id, "),
        (lambda corpus: corpus.units(columns=[]), "name at least one, and each once"),
        (lambda corpus: corpus.units(columns=["pair", "pair"]), "name at least one, and each once"),
        (lambda corpus: corpus.units(pair="english"), "no pair of languages"),
        (lambda corpus: corpus.units(date="last week"), "'last week' is no date"),
        (lambda corpus: corpus.units(flag="bad"), "bad: no flag; there are "),
        (lambda corpus: corpus.units(min_quality=2), "quality is between 0 and 1"),
    ],
)
def test_wrong_use_is_told_before_anything_is_read(
    corpus: pipeline.open, use: Callable[[pipeline.open], object], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        use(corpus)


def test_one_column_may_be_named_alone(corpus: pipeline.open) -> None:
    assert corpus.units(columns="unit_id").columns == ("unit_id",)


def test_what_is_no_corpus_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no output of newsmt here"):
        pipeline.open(tmp_path)


@pytest.mark.parametrize(
    "parts", [("bitext",), ("articles",), ("bitext", "articles"), ("bitext/pair=en-ru/date=2020-11-13",)]
)
def test_empty_corpus_has_no_rows(tmp_path: Path, parts: tuple[str, ...]) -> None:
    for part in parts:
        (tmp_path / part).mkdir(parents=True)

    with pipeline.open(str(tmp_path)) as corpus:
        for rows in (corpus.units(), corpus.articles(), corpus.units(publisher="Courier", flag="numbers", date="2020")):
            assert (len(rows), list(rows), rows.arrow().num_rows, len(rows.pandas())) == (0, [], 0, 0)
        assert corpus.units().arrow().schema.names == [*COLUMNS["bitext"], "pair", "date"]
        assert corpus.damaged == ()


def test_file_without_rows_is_read(tmp_path: Path) -> None:
    write_units(tmp_path, [])
    write_units(tmp_path, [unit()], day="2020-11-14")

    with pipeline.open(tmp_path) as corpus:
        assert [unit.date for unit in corpus.units()] == ["2020-11-14"]


def write_parts(folder: Path) -> list[Path]:
    """Write two pairs, three files each, with 3,000 units in a file."""
    write_articles(folder, [article(name, publisher="Courier") for name in "012"])
    return [
        write_units(
            folder,
            [unit(str(place), pair=pair, segment=n, target_text=f"{pair} {place} {n} " * 9) for n in range(3000)],
            pair=pair,
            name=f"2020111{place}T060000Z-00000",
        )
        for pair in ("en-hy", "en-ru")
        for place in range(3)
    ]


def spoil_last_page(file: Path) -> None:
    """Change bytes in the data of a column, the first rows of which stay sound."""
    table = pq.read_table(file)
    pq.write_table(table, file, compression="zstd", row_group_size=1000)
    column = pq.ParquetFile(file).metadata.row_group(2).column(9)
    data = bytearray(file.read_bytes())
    start = column.dictionary_page_offset or column.data_page_offset
    for place in range(start + 30, start + 60):
        data[place] ^= 0xFF
    file.write_bytes(data)


@pytest.mark.parametrize("place", range(6))
def test_damaged_file_is_left_out_while_iterating(tmp_path: Path, place: int) -> None:
    files = write_parts(tmp_path)
    spoil_last_page(files[place])

    with pipeline.open(tmp_path) as corpus:
        found = [unit.unit_id for unit in corpus.units()]
        damaged = corpus.damaged
        again = [unit.unit_id for unit in corpus.units()]
        n_units = len(corpus.units())

    assert [file.path for file in damaged] == [files[place]]
    assert len(set(found)) == len(found)
    # What stood before the damage may be among them; from then on, it is not.
    assert set(again) <= set(found)
    assert len(again) == n_units == 15_000
    pair = "en-hy" if place < 3 else "en-ru"
    assert not any(name.startswith(f"{place % 3}:1:{pair[-2:]}:") for name in again)


def test_damaged_file_that_is_not_wanted_is_not_told(tmp_path: Path) -> None:
    spoil_last_page(write_parts(tmp_path)[0])

    with pipeline.open(tmp_path) as corpus:
        assert sum(1 for _ in corpus.units(pair="en-ru")) == 9000
        assert sum(1 for _ in corpus.units(date="2021")) == 0
        assert corpus.damaged == ()


def test_compaction_while_iterating_is_told(tmp_path: Path) -> None:
    for number in range(3):
        stories = (make_story(f"story {number} {n}", targets=["ru", "hy"]) for n in range(20))
        write_run(tmp_path, make_contents(*stories), signature=f"run|{number}")

    with pipeline.open(tmp_path) as corpus:
        expected = sorted(unit.unit_id for unit in corpus.units())
        units = iter(corpus.units())
        next(units)
        with open_dataset(tmp_path) as dataset:
            compact(dataset, file_bytes=1 << 20, now=NOW + timedelta(days=1))
        with pytest.raises(StateError, match="went away while the corpus was read, as when it is compacted; try again"):
            list(units)
        # Whoever asks for all at once gets them all at once.
        assert sorted(corpus.units().arrow()["unit_id"].to_pylist()) == expected
        assert sorted(unit.unit_id for unit in corpus.units()) == expected
        assert corpus.damaged == ()


def test_file_that_vanished_between_listing_and_reading(tmp_path: Path) -> None:
    files = write_parts(tmp_path)

    with pipeline.open(tmp_path) as corpus:
        files[1].unlink()
        with pytest.raises(StateError, match=f"{files[1].name}: went away while the corpus was read"):
            for _ in corpus.units():
                pass
        assert len(corpus.units()) == 15_000
        assert corpus.damaged == ()


def test_rows_that_a_run_adds_meanwhile_are_seen_when_opened_anew(tmp_path: Path) -> None:
    write_units(tmp_path, [unit("a")])

    with pipeline.open(tmp_path) as corpus:
        write_units(tmp_path, [unit("b")], name="20201115T060000Z-00000")
        assert [unit.article_id for unit in corpus.units()] == ["a"]
    with pipeline.open(tmp_path) as corpus:
        assert sorted(unit.article_id for unit in corpus.units()) == ["a", "b"]


def test_closed_corpus_gives_no_rows(tmp_path: Path) -> None:
    write_units(tmp_path, [unit()])
    corpus = pipeline.open(tmp_path)
    units = corpus.units()
    relation = units.relation()
    corpus.close()
    corpus.close()

    for use in (list, len, lambda units: units.arrow(), lambda units: units.pandas(), lambda units: units.relation()):
        with pytest.raises(StateError, match="was closed; open the corpus again to read more of it"):
            use(units)
    with pytest.raises(duckdb.Error):
        relation.fetchall()
    assert corpus.damaged == ()


def test_errors_are_those_of_the_pipeline() -> None:
    assert issubclass(OutputError, PipelineError)
    assert issubclass(StateError, PipelineError)


_IN_ZONE = """
import sys, pipeline
with pipeline.open(sys.argv[1]) as corpus:
    print(len(corpus.units(date="2020-11-13")), len(corpus.units(date="2020-11-14")))
    for row in corpus.units(columns=["published_at", "date"]):
        print(row.published_at.isoformat(), row.date)
    print(corpus.units(columns=["published_at"]).arrow().schema)
    print(corpus.units().relation().aggregate("min(CAST(published_at AS VARCHAR))").fetchall())
    print(corpus.units().pandas()["published_at"].iloc[0].isoformat())
"""


def test_time_zone_of_the_machine_does_not_matter(tmp_path: Path) -> None:
    late = datetime(2020, 11, 13, 23, 30, tzinfo=timezone.utc)
    write_units(tmp_path, [unit(published_at=late), unit("b", published_at=late.replace(hour=0))])

    told = {
        zone: subprocess.run(
            [sys.executable, "-c", _IN_ZONE, tmp_path],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "TZ": zone},
        ).stdout
        for zone in ("UTC", "Asia/Yerevan", "America/Los_Angeles")
    }

    assert told["UTC"].startswith("2 0\n2020-11-13T23:30:00+00:00 2020-11-13\n")
    assert set(told.values()) == {told["UTC"]}


_PEAK = """
import resource, sys, pipeline
with pipeline.open(sys.argv[1]) as corpus:
    n_characters = sum(len(unit.target_text) for unit in corpus.units())
print(n_characters, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def peak_mb(folder: Path) -> int:
    done = subprocess.run([sys.executable, "-c", _PEAK, folder], capture_output=True, text=True, check=True)
    n_characters, peak = map(int, done.stdout.split())
    assert n_characters > 1_000_000
    return peak


@pytest.mark.slow
def test_memory_is_bounded_while_iterating(tmp_path: Path) -> None:
    for name, n_units in (("small", 20_000), ("large", 300_000)):
        CorpusWriter(tmp_path / name, Size(n_units=n_units, n_months=6)).write()
    # All rows in one file, as a large partition has them.
    files = sorted((tmp_path / "large" / "bitext" / "pair=en-ru").rglob("*.parquet"))
    rows = pa.concat_tables([pq.ParquetFile(file).read() for file in files] * 3)
    one = tmp_path / "one" / "bitext" / "pair=en-ru" / "date=2024-11-01" / "0.parquet"
    one.parent.mkdir(parents=True)
    pq.write_table(rows, one, compression="zstd", row_group_size=65_536)

    small = peak_mb(tmp_path / "small")

    # As Python's objects, 300,000 units take more than 1,000 MB.
    assert peak_mb(tmp_path / "large") < small + 200
    assert peak_mb(tmp_path / "one") < small + 300
