"""Files of a corpus that cannot be read, and folders of any name."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.corpus.corpus import Corpus
from pipeline.corpus.files import DamagedFile, partition_of
from pipeline.corpus.selection import Selection
from pipeline.corpus.sql import literal
from pipeline.errors import OutputError, StateError
from tests.corpora import article, unit, write_articles, write_units
from tests.folders import without_override

N_FILES = 5


def write_corpus(folder: Path) -> list[Path]:
    """Write five files of ten units each, and one of their articles; return the former."""
    write_articles(folder, [article(f"article {place}") for place in range(N_FILES)])
    return [
        write_units(
            folder,
            [unit(f"article {place}", segment=n, target_text=f"Закон {place} {n} " + "яю" * 50) for n in range(10)],
            name=f"2020111{place}T060000Z-00000",
        )
        for place in range(N_FILES)
    ]


def cut_footer(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-6])


def cut_half(file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2])


def empty(file: Path) -> None:
    file.write_bytes(b"")


def spoil_page(file: Path) -> None:
    """Change bytes inside the data of a column; the footer stays sound."""
    column = pq.ParquetFile(file).metadata.row_group(0).column(9)
    assert column.path_in_schema == "target_text"
    data = bytearray(file.read_bytes())
    start = column.dictionary_page_offset or column.data_page_offset
    for place in range(start + 30, start + 60):
        data[place] ^= 0xFF
    file.write_bytes(data)


def be_text(file: Path) -> None:
    file.write_text("a letter from home\n" * 10)


def be_foreign(file: Path) -> None:
    pq.write_table(pa.table({"city": ["Gyumri"], "revision": [1]}), file)


def be_of_other_types(file: Path) -> None:
    table = pq.read_table(file)
    place = table.schema.get_field_index("revision")
    pq.write_table(table.set_column(place, "revision", pa.array(["first"] * len(table))), file)


DAMAGES = (cut_footer, cut_half, empty, spoil_page, be_text, be_foreign, be_of_other_types)
DETAILS: dict[Callable[[Path], None], str] = {
    be_foreign: "it has no column article_id",
    empty: "too small to be a Parquet file",
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("place", [0, 2, N_FILES - 1])
def test_damaged_file_is_named_once_and_the_rest_is_read(
    tmp_path: Path, damage: Callable[[Path], None], place: int, caplog: pytest.LogCaptureFixture
) -> None:
    file = write_corpus(tmp_path)[place]
    damage(file)

    with Corpus(tmp_path) as corpus:
        found = corpus.query("SELECT article_id, count(target_text), max(hash(target_text)) FROM bitext GROUP BY ALL")
        again = corpus.query("SELECT count(*) FROM bitext")

    assert sorted(row[:2] for row in found) == [(f"article {n}", 10) for n in range(N_FILES) if n != place]
    assert again == [(10 * (N_FILES - 1),)]
    assert [damaged.path for damaged in corpus.damaged] == [file]
    assert DETAILS.get(damage, "") in corpus.damaged[0].detail
    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert [record.getMessage() for record in warnings] == [str(corpus.damaged[0])]
    assert str(warnings[0].getMessage()).startswith(f"{file}: cannot be read (")
    assert "`newsmt check` lists all damage" in warnings[0].getMessage()
    assert "\n" not in warnings[0].getMessage()


def test_many_damaged_files_are_all_named(tmp_path: Path) -> None:
    files = write_corpus(tmp_path)
    for file, damage in zip(files, (cut_footer, empty, spoil_page, be_foreign), strict=False):
        damage(file)
    empty(tmp_path / "articles" / "date=2020-11-13" / "20201114T060000Z-00000.parquet")

    with Corpus(tmp_path) as corpus:
        assert corpus.query("SELECT count(target_text), max(hash(target_text)) IS NULL FROM bitext") == [(10, False)]
        assert corpus.query("SELECT count(*) FROM articles") == [(0,)]
        assert len(corpus.damaged) == 5
        assert {damaged.path for damaged in corpus.damaged} >= set(files[:4])


def test_corpus_of_nothing_but_damage_is_empty(tmp_path: Path) -> None:
    for file in write_corpus(tmp_path):
        empty(file)

    with Corpus(tmp_path) as corpus:
        assert corpus.query("SELECT * FROM bitext") == []
        assert len(corpus.damaged) == N_FILES


def test_superseding_rows_of_a_damaged_file_do_not_count(tmp_path: Path) -> None:
    write_units(tmp_path, [unit(run_id="20201114T060000Z")], name="20201114T060000Z-00000")
    cut_footer(write_units(tmp_path, [unit(run_id="20201115T060000Z")], name="20201115T060000Z-00000"))

    with Corpus(tmp_path) as corpus:
        assert corpus.query(corpus.sql("bitext", Selection(), "run_id")) == [("20201114T060000Z",)]


def test_numbers_of_another_width_are_read(tmp_path: Path) -> None:
    file = write_corpus(tmp_path)[1]
    table = pq.read_table(file)
    place = table.schema.get_field_index("revision")
    pq.write_table(table.set_column(place, "revision", pa.array([12] * len(table), pa.int64())), file)

    with Corpus(tmp_path) as corpus:
        assert corpus.query("SELECT max(revision), count(*) FROM bitext") == [(12, 50)]
        assert corpus.query("SELECT typeof(revision) FROM bitext LIMIT 1") == [("INTEGER",)]
        assert corpus.damaged == []


def test_file_without_permission_is_left_out(tmp_path: Path) -> None:
    file = write_corpus(tmp_path)[0]
    file.chmod(0)

    with without_override(), Corpus(tmp_path) as corpus:
        with pytest.raises(PermissionError):
            file.read_bytes()
        assert corpus.query("SELECT count(*) FROM bitext") == [(40,)]
    assert [damaged.path for damaged in corpus.damaged] == [file]
    assert "ermission denied" in corpus.damaged[0].detail


@pytest.mark.parametrize(
    "name",
    [
        "o'clock",
        'the "news"',
        "a*b?",
        "[abc]",
        "{a,b}",
        "line\nbreak",
        "back\\slash",
        "~home",
        "50%",
        "new=s",
        "s3:",
        "#1",
        "ёլ",
        "pair=zz",
        "date=1999-01-01",
        "pair=zz/date=1999-01-01",
        " ",
    ],
)
def test_folders_of_any_name_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    write_corpus(tmp_path / name)
    monkeypatch.chdir(tmp_path)

    for folder in (tmp_path / name, Path(name)):
        with Corpus(folder) as corpus:
            assert corpus.query("SELECT DISTINCT pair, date FROM bitext") == [("en-ru", "2020-11-13")]
            assert corpus.query("SELECT DISTINCT date FROM articles") == [("2020-11-13",)]
            assert corpus.query("SELECT count(*) FROM bitext") == [(50,)]
            chosen = Selection(pairs=("en-ru",))
            assert len(corpus.query(corpus.files_sql("bitext", corpus.files("bitext")[:1], chosen, "pair, date"))) == 10
            assert corpus.damaged == []


def test_folder_whose_name_is_no_text_is_told(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"\xff")
    write_corpus(tmp_path / "corpus")
    (tmp_path / "corpus").rename(folder)

    with pytest.raises(OutputError, match="its name is not UTF-8, no file in it can be read; rename it"):
        Corpus(folder)


def test_folders_without_a_corpus_are_told(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("news")

    for folder in (tmp_path / "nothing", tmp_path, file):
        with pytest.raises(OutputError, match="no output of newsmt here; run `newsmt run` first"):
            Corpus(folder)


def test_files_beside_the_partitions_are_no_rows(tmp_path: Path) -> None:
    file = write_corpus(tmp_path)[0]
    for stranger in (
        tmp_path / "bitext" / "x.parquet",
        file.parent / "notes.txt",
        tmp_path / "bitext" / "a" / "b" / "x.parquet",
    ):
        stranger.parent.mkdir(parents=True, exist_ok=True)
        stranger.write_text("nothing")

    with Corpus(tmp_path) as corpus:
        assert corpus.query("SELECT count(*) FROM bitext") == [(50,)]
        assert corpus.damaged == []


def test_file_that_went_away_is_no_damage(tmp_path: Path) -> None:
    files = write_corpus(tmp_path)

    with Corpus(tmp_path) as corpus:
        files[0].unlink()
        assert corpus.query("SELECT count(*) FROM bitext") == [(40,)]
        assert corpus.damaged == []


def test_files_that_are_merged_meanwhile_are_read_once(tmp_path: Path) -> None:
    files = write_corpus(tmp_path)

    with Corpus(tmp_path) as corpus:
        pq.write_table(
            pa.concat_tables(pq.read_table(file) for file in files[:3]), files[0].with_name("merged-1.parquet")
        )
        for file in files[:3]:
            file.unlink()
        assert corpus.query("SELECT count(*), count(DISTINCT unit_id) FROM bitext") == [(50, 50)]


def test_files_that_go_away_again_and_again_are_told(tmp_path: Path) -> None:
    files = write_corpus(tmp_path)

    def read(cursor: duckdb.DuckDBPyConnection) -> object:
        files.pop().unlink()
        return cursor.execute("SELECT sum(length(target_text)) FROM bitext").fetchall()

    with Corpus(tmp_path) as corpus, pytest.raises(StateError, match="files went away while they were read, again and"):
        corpus.reading(read)


def test_wrong_queries_are_errors_of_their_own(tmp_path: Path) -> None:
    write_corpus(tmp_path)

    with Corpus(tmp_path) as corpus:
        for sql in (
            "SELECT",
            "SELECT 1 FROM nothing",
            "SELECT nothing FROM bitext",
            "SELECT CAST(unit_id AS INT) FROM bitext",
        ):
            with pytest.raises(duckdb.Error):
                corpus.query(sql)
        assert corpus.damaged == []


def test_closed_corpus_is_told(tmp_path: Path) -> None:
    write_corpus(tmp_path)
    with Corpus(tmp_path) as corpus:
        pass

    with pytest.raises(StateError, match="was closed; open the corpus again"):
        corpus.query("SELECT 1")
    assert corpus.damaged == []


def test_queries_cannot_load_extensions(tmp_path: Path) -> None:
    write_corpus(tmp_path)

    with Corpus(tmp_path) as corpus, pytest.raises(duckdb.Error, match=r"(?i)httpfs|extension|protocol"):
        corpus.query("SELECT * FROM read_parquet('https://localhost:1/x.parquet')")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("O'Neill", "O'Neill"),
        ("'; DROP TABLE bitext; --", "'; DROP TABLE bitext; --"),
        ("back\\n", "back\\n"),
        ("line\nbreak", "line\nbreak"),
        ("", ""),
        ("א\u202eб😀", "א\u202eб😀"),
        ("nil\0", "nil\ufffd"),
        ("half \ud83d", "half \ufffd"),
        (0.1, 0.1),
        (-5, -5),
        (1e-300, 1e-300),
        (date(2020, 11, 13), date(2020, 11, 13)),
    ],
    ids=repr,
)
def test_literals_come_back_as_they_are(value: str | float | date, expected: object) -> None:
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT {literal(value)}").fetchall()

    assert [float(row[0]) if isinstance(expected, float) else row[0] for row in found] == [expected]


def test_partitions_are_read_off_paths() -> None:
    file = Path("pair=zz/date=1999-01-01/bitext/pair=en-ru/date=2020-11-13/x.parquet")

    assert partition_of(file) == ("en-ru", date(2020, 11, 13))
    assert partition_of(Path("bitext/pair=en-ru/date=unknown/x.parquet")) == ("en-ru", None)


def test_damage_is_told_in_a_line() -> None:
    told = str(DamagedFile(Path("out/bitext/x.parquet"), "no magic bytes"))

    assert told == (
        "out/bitext/x.parquet: cannot be read (no magic bytes); `newsmt check` lists all damage, `--repair` mends it"
    )
