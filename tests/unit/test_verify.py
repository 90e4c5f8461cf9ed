from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.errors import OutputError, StateError
from pipeline.lock import writer_lock
from pipeline.store.alignment import check_alignment
from pipeline.store.dataset import open_dataset
from pipeline.store.verify import verify
from pipeline.types import TranslationUnit
from tests.factories import RUN_ID, Story, make_contents, make_entry, make_reject, make_story
from tests.folders import change_state, without_override, write_run

ARTICLE = make_story().article
NAME = f"{ARTICLE.article_id}.1"
BITEXT = f"bitext/pair=en-ru/date=2020-11-13/{RUN_ID}-00000.parquet"
ARTICLES = f"articles/date=2020-11-13/{RUN_ID}-00000.parquet"
REJECTS = f"rejects/{RUN_ID}-00000.parquet"
MANIFEST = f"runs/{RUN_ID}.json"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    write_run(folder, make_contents(make_story(), make_story("b", language="hy"), rejects=[make_reject()]))
    return folder


def _found(out: Path) -> list[tuple[str, str]]:
    return [(problem.kind, problem.where) for problem in verify(out).problems]


def _rewrite(out: Path, path: str, change: Callable[[list[dict[str, Any]]], object]) -> None:
    """Change the rows of a file as if they had been committed so."""
    schema = pq.read_schema(out / path)
    rows = pq.ParquetFile(out / path).read().to_pylist()
    change(rows)
    _replace(out, path, pa.Table.from_pylist(rows, schema=schema))


def _replace(out: Path, path: str, table: pa.Table) -> None:
    from hashlib import sha256

    pq.write_table(table, out / path)
    data = (out / path).read_bytes()
    values = (table.num_rows, len(data), sha256(data).hexdigest(), path)
    change_state(out, "UPDATE files SET n_rows = ?, size_bytes = ?, sha256 = ? WHERE path = ?", values)


def test_sound_folder_has_no_problems(out: Path) -> None:
    found = verify(out)
    assert found.problems == ()
    assert found.is_sound
    assert (found.n_files, found.n_articles, found.n_units, found.n_rejects, found.n_runs) == (4, 2, 8, 1, 1)
    assert found.size_bytes == sum(path.stat().st_size for path in out.rglob("*.parquet"))
    assert not found.is_busy


def test_finding_is_json(out: Path) -> None:
    (out / REJECTS).unlink()
    values = json.loads(json.dumps(verify(out).to_json()))
    assert values["is_sound"] is False
    assert values["problems"] == [
        {"kind": "missing", "where": REJECTS, "detail": "the file is gone; restore it from a backup"}
    ]
    assert values["n_files"] == 3


def test_later_runs_revisions_and_targets_are_sound(out: Path) -> None:
    story = make_story()
    redone = Story(entry=make_entry(story.translated[0].task.source, has_row=False), translated=story.translated)
    write_run(out, make_contents(redone, signature="work|2"))
    write_run(out, make_contents(make_story(revision=2, extra=("42",)), make_story("c", published_at=None)))
    assert verify(out).problems == ()


def test_article_whose_language_was_found_out_anew_is_sound(out: Path) -> None:
    source = make_story().translated[0].task.source
    entry = replace(make_entry(source), language="hy")
    write_run(out, make_contents(Story(entry=entry, translated=())))
    assert verify(out).problems == ()


def test_run_that_was_cut_off_between_shards_is_sound(out: Path) -> None:
    write_run(out, make_contents(make_story("c")), is_finished=False)
    assert verify(out).problems == ()


def test_checking_changes_nothing_and_works_on_a_read_only_folder(out: Path) -> None:
    folders = [out, *(path for path in out.rglob("*") if path.is_dir())]
    before = sorted(out.rglob("*"))
    for folder in folders:
        folder.chmod(0o555)
    try:
        with without_override():
            assert verify(out).is_sound
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert sorted(out.rglob("*")) == before


def test_folder_without_state_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no output of newsmt here"):
        verify(tmp_path)


@pytest.mark.parametrize("start", [0, 4096], ids=["header", "behind the header"])
def test_damaged_state_is_a_state_error(out: Path, start: int) -> None:
    state = out / ".newsmt" / "state.sqlite"
    data = bytearray(state.read_bytes())
    data[start:] = b"\xa5" * (len(data) - start)
    state.write_bytes(data)
    with pytest.raises(StateError, match="the state is damaged"):
        verify(out)


@pytest.mark.parametrize("path", [BITEXT, ARTICLES, REJECTS])
def test_lost_file_is_reported_once_without_what_follows_from_it(out: Path, path: str) -> None:
    (out / path).unlink()
    assert _found(out) == [("missing", path)]


@pytest.mark.parametrize("path", [BITEXT, ARTICLES, REJECTS])
def test_file_that_is_no_parquet_is_a_problem_and_no_exception(out: Path, path: str) -> None:
    (out / path).write_bytes(b"not parquet")
    assert _found(out) == [("size", path), ("unreadable", path)]


@pytest.mark.parametrize("path", [BITEXT, ARTICLES, REJECTS])
def test_file_broken_inside_is_a_problem_and_no_exception(out: Path, path: str) -> None:
    data = bytearray((out / path).read_bytes())
    data[4:200] = b"\xff" * 196
    (out / path).write_bytes(data)
    assert _found(out) == [("sha256", path), ("unreadable", path)]


def test_file_without_read_permission_is_a_problem(out: Path) -> None:
    (out / BITEXT).chmod(0)
    with without_override():
        assert _found(out) == [("unreadable", BITEXT)]


def test_truncated_file_is_a_problem(out: Path) -> None:
    (out / BITEXT).write_bytes((out / BITEXT).read_bytes()[:-10])
    assert _found(out) == [("size", BITEXT), ("unreadable", BITEXT)]


def test_file_written_anew_with_the_same_rows_is_not_the_committed_one(out: Path) -> None:
    pq.write_table(pq.ParquetFile(out / REJECTS).read(), out / REJECTS, compression="none")
    assert _found(out) == [("size", REJECTS)]


def test_missing_rows_are_a_problem(out: Path) -> None:
    change_state(out, "UPDATE files SET n_rows = n_rows + 1 WHERE path = ?", (REJECTS,))
    assert _found(out) == [("rows", REJECTS)]


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.drop_columns(["score"]),
        lambda table: table.append_column("extra", [["x"] * table.num_rows]),
        lambda table: table.set_column(2, "revision", table["revision"].cast("int64")),
        lambda table: table.select(list(reversed(table.column_names))),
        lambda table: table.replace_schema_metadata({}),
        lambda table: table.replace_schema_metadata({"newsmt.schema_version": "99"}),
    ],
    ids=["column lost", "column added", "other type", "other order", "no version", "other version"],
)
def test_other_schema_is_a_problem(out: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    _replace(out, BITEXT, change(pq.ParquetFile(out / BITEXT).read()))
    assert _found(out) == [("schema", BITEXT)]


def test_empty_value_where_there_must_be_one_is_a_problem(out: Path) -> None:
    _rewrite(out, BITEXT, lambda rows: rows[1].update(source_text=None))
    assert _found(out) == [("unreadable", BITEXT)]
    assert "the column source_text has empty values" in verify(out).problems[0].detail


def test_file_unknown_to_the_ledger_is_an_orphan(out: Path) -> None:
    strays = ["bitext/pair=en-ru/date=2020-11-13/mine.parquet", "runs/20190101T000000Z.json"]
    for path in strays:
        (out / path).write_bytes(b"")
    (out / "bitext" / "_SUCCESS").touch()
    assert _found(out) == [("orphan", path) for path in strays]


def test_leftovers_in_staging_are_named_with_what_becomes_of_them(out: Path) -> None:
    staging = out / ".newsmt" / "staging"
    (staging / BITEXT).parent.mkdir(parents=True, exist_ok=True)
    (out / BITEXT).rename(staging / BITEXT)
    change_state(out, "UPDATE files SET is_placed = 0 WHERE path = ?", (BITEXT,))
    (staging / "stray.parquet").touch()
    assert _found(out) == [
        ("unplaced", f".newsmt/staging/{BITEXT}"),
        ("leftover", ".newsmt/staging/stray.parquet"),
    ]
    with open_dataset(out):
        pass
    assert verify(out).is_sound


def test_many_leftovers_are_one_problem(out: Path) -> None:
    for number in range(3):
        (out / ".newsmt" / "staging" / f"{number}.parquet").touch()
    (problem,) = verify(out).problems
    assert (problem.kind, problem.where) == ("leftover", ".newsmt/staging/0.parquet")
    assert "and 2 more like it" in problem.detail


def test_staging_of_a_run_at_work_is_no_problem(out: Path) -> None:
    (out / ".newsmt" / "staging" / "shard.parquet").touch()
    with writer_lock(out / ".newsmt" / "lock"):
        found = verify(out)
    assert found.is_busy
    assert found.problems == ()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (None, "missing"),
        ("{", "unreadable"),
        ("\xff", "unreadable"),
        ("[]", "manifest"),
        ('{"run_id": "other"}', "manifest"),
    ],
    ids=["gone", "cut off", "no UTF-8", "no object", "of another run"],
)
def test_finished_run_needs_its_manifest(out: Path, content: str | None, kind: str) -> None:
    (out / MANIFEST).unlink()
    if content is not None:
        (out / MANIFEST).write_bytes(content.encode("latin-1"))
    assert _found(out) == [(kind, MANIFEST)]


def test_article_of_the_ledger_without_a_row_is_a_problem(out: Path) -> None:
    change_state(out, "INSERT INTO articles VALUES ('ffff', 1, 'x', 'en', 's', '2020-11-14T06:00:00+00:00', 1)")
    assert _found(out) == [("no-article", "ffff.1")]


def test_article_with_other_contents_than_in_the_ledger_is_a_problem(out: Path) -> None:
    change_state(out, "UPDATE articles SET content_sha256 = 'x' WHERE article_id = ?", (ARTICLE.article_id,))
    assert _found(out) == [("content", NAME)]


def test_work_without_units_is_a_problem(out: Path) -> None:
    change_state(out, "INSERT INTO work VALUES (?, 1, 'hy', 'sig', ?)", (ARTICLE.article_id, RUN_ID))
    assert _found(out) == [("no-units", NAME)]


def test_content_of_a_waiting_article_is_checked(out: Path) -> None:
    write_run(out, make_contents(make_story("c"), waiting=[(make_story("c").article.article_id, 1, "hy")]))
    assert verify(out).is_sound
    change_state(out, "UPDATE waiting SET content = x'00'")
    assert _found(out) == [("waiting", f"{make_story('c').article.article_id}.1")]


def test_waiting_work_needs_no_units(out: Path) -> None:
    change_state(out, "INSERT INTO work VALUES (?, 1, 'hy', NULL, ?)", (ARTICLE.article_id, RUN_ID))
    assert _found(out) == []


def test_units_without_an_article_are_a_problem(out: Path) -> None:
    _rewrite(out, BITEXT, lambda rows: [row.update(article_id="f" * 16) for row in rows])
    assert _found(out) == [("no-article", f"{'f' * 16}.1:ru"), ("no-units", NAME)]


def _change_text(rows: list[dict[str, Any]]) -> None:
    rows[0]["text"] = rows[0]["text"].replace("Friday", "Monday")


def test_changed_text_is_a_problem_of_the_article_and_of_its_units(out: Path) -> None:
    _rewrite(out, ARTICLES, _change_text)
    unit = make_story().translated[0].units[1]
    assert _found(out) == [("content", NAME), ("source-span", unit.unit_id)]


@pytest.mark.parametrize("path", [ARTICLES, BITEXT])
def test_rows_in_the_partition_of_another_day_are_a_problem(out: Path, path: str) -> None:
    from tests.factories import NOW

    _rewrite(out, path, lambda rows: [row.update(published_at=NOW) for row in rows])
    names = [NAME, f"{make_story('b').article.article_id}.1"] if path == ARTICLES else [f"{NAME}:ru"]
    assert _found(out) == [("partition", name) for name in names]


@pytest.mark.parametrize("change", [{"target_lang": "hy"}, {"published_at": None}], ids=["pair", "date"])
def test_units_in_another_partition_are_a_problem(out: Path, change: dict[str, Any]) -> None:
    _rewrite(out, BITEXT, lambda rows: [row.update(change) for row in rows])
    assert ("partition", f"{NAME}:{change.get('target_lang', 'ru')}") in _found(out)


def test_article_that_stands_twice_in_a_file_is_a_problem(out: Path) -> None:
    _rewrite(out, ARTICLES, lambda rows: rows.append(rows[0]))
    assert _found(out) == [("duplicate", NAME)]


def test_unit_id_that_stands_twice_in_a_run_is_a_problem(out: Path) -> None:
    _rewrite(out, BITEXT, lambda rows: rows[1].update(unit_id=rows[0]["unit_id"]))
    assert _found(out) == [("duplicate", make_story().translated[0].units[0].unit_id)]


def test_translation_that_stands_twice_in_a_run_is_a_problem(tmp_path: Path) -> None:
    story = make_story()
    again = Story(entry=make_entry(story.translated[0].task.source, has_row=False), translated=story.translated)
    write_run(tmp_path / "out", make_contents(story), make_contents(again))
    found = _found(tmp_path / "out")
    assert found[0] == ("duplicate", f"{NAME}:ru")
    assert found[1:] == [("duplicate", unit.unit_id) for unit in story.translated[0].units]


def test_articles_file_that_breaks_in_the_middle_still_serves_the_units_of_others(out: Path) -> None:
    _rewrite(out, ARTICLES, lambda rows: rows[1].update(text=None))
    write_run(out, make_contents(make_story("c")))
    assert _found(out) == [("unreadable", ARTICLES)]


def test_text_is_taken_from_another_file_where_the_first_is_lost(out: Path) -> None:
    source = make_story().translated[0].task.source
    write_run(out, make_contents(Story(entry=make_entry(source), translated=make_story(targets=("hy",)).translated)))
    (out / ARTICLES).unlink()
    assert _found(out) == [("missing", ARTICLES)]


UNITS = make_story().translated[0].units


def _with(number: int, **changes: Any) -> list[TranslationUnit]:
    units = list(UNITS)
    units[number] = units[number]._replace(**changes)
    return units


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        (UNITS, []),
        (_with(1, source_text="Something else."), [("source-span", 1)]),
        (_with(1, source_end=10_000), [("overlap", 2), ("source-span", 1)]),
        (_with(0, source_start=-1), [("source-span", 0)]),
        (_with(1, source_start=UNITS[1].source_start + 4), [("source-span", 1), ("uncovered", 0)]),
        (UNITS[1:], [("uncovered", 1), ("target-span", 1), ("target-span", 2), ("target-span", 3)]),
        (UNITS[:-1], [("uncovered", 0)]),
        (_with(2, target_text="Иначе."), [("target-span", 2), ("target-span", 3)]),
        (_with(2, target_end=0), [("target-span", 2)]),
        (_with(0, target_start=-5), [("target-span", 0)]),
        (_with(2, paragraph=2), [("target-span", 2)]),
        (_with(2, segment=1), [("order", 2)]),
        (_with(1, paragraph=7), [("order", 2), ("target-span", 2), ("target-span", 3)]),
    ],
    ids=[
        "sound",
        "other source",
        "span beyond the text",
        "span before the text",
        "span too short",
        "first one lost",
        "last one lost",
        "other target",
        "target span backwards",
        "target span before the translation",
        "other paragraph",
        "segment twice",
        "paragraphs out of order",
    ],
)
def test_alignment_laws(units: Sequence[TranslationUnit], expected: list[tuple[str, int]]) -> None:
    numbers = {unit.unit_id: number for number, unit in enumerate(UNITS)}
    found = [(problem.kind, numbers[problem.where]) for problem in check_alignment(units, ARTICLE.text)]
    assert found == expected


def test_problem_is_a_sentence_for_people() -> None:
    problem = next(check_alignment(_with(1, source_text="Something else."), ARTICLE.text))
    assert str(problem) == (
        f"source-span  {UNITS[1].unit_id}: the article's text in the source span is not `source_text` "
        f"({NAME}:ru, segment 1)"
    )
