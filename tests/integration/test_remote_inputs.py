"""Runs over inputs in a real object store on localhost, sound and failing."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from pipeline import api
from pipeline.errors import ExitCode, InputError, PipelineError
from pipeline.ingest.inputs import find_inputs
from pipeline.ingest.read import ArticleReader
from pipeline.manifest import Manifest
from pipeline.types import Article, Reject
from tests.commands import newsmt
from tests.object_storage import BUCKET, Keys, ObjectStore, emptied, object_store
from tests.unreliable_proxy import Fault, answer, cut_off, dropped, first, reads, slow_down

N_LINES = 40
LONG = "The lake opened to boats on Friday. " * 40


_OF_PLACE_AND_TIME = ("source_uri", "ingested_at", "run_id")


def records(day: int, n_records: int = 3, text: str = "The lake opened to boats on Friday.") -> list[dict[str, str]]:
    """Articles with addresses, so that their ids do not depend on where their file lies."""
    return [
        {"title": f"Lake opens {n}", "text": text, "url": f"https://news.example/{day}/{n}"} for n in range(n_records)
    ]


def lines(items: list[dict[str, str]]) -> bytes:
    return b"".join(json.dumps(item).encode() + b"\n" for item in items)


def zipped(name: str, data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return buffer.getvalue()


def parquet(items: list[dict[str, str]]) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(items), buffer, row_group_size=10, compression="none")
    return buffer.getvalue()


ARCHIVE = {
    "archive/2026-11-01/a.jsonl": lines(records(1)),
    "archive/2026-11-01/b.jsonl.gz": gzip.compress(lines(records(2))),
    "archive/2026-11-02/c.zip": zipped("x/day.jsonl", lines(records(3))),
    "archive/2026-11-02/d.parquet": parquet(records(4)),
    "archive/ночь 100%20.txt": b"Bridge closed\n\nThe bridge was closed on Friday.\n",
}
NO_ARTICLES = (
    *("archive/.hidden.jsonl", "archive/.old/a.jsonl", "archive/picture.png", "archive/README.md"),
    *("archive/out/.newsmt/owner.json", "archive/out/articles/x.parquet", "archive/out/runs/1.json"),
    *("archiver/a.jsonl", "other.jsonl"),
)


@pytest.fixture(scope="module")
def shared() -> Iterator[ObjectStore]:
    with object_store() as store:
        yield store


@pytest.fixture
def store(shared: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    """The archive, and what is none of it."""
    emptied(shared, monkeypatch)
    for key, data in ARCHIVE.items():
        shared.put(key, data)
    for key in NO_ARTICLES:
        shared.put(key, b"{}\n")
    shared.requests.clear()
    return shared


def names_of(*uris: str) -> list[str]:
    return [item.name for item in find_inputs(uris).files]


def read(*uris: str) -> list[Article | Reject]:
    return list(ArticleReader(find_inputs(uris).files))


def run(store_uri: str, out: Path, models: Path) -> Manifest:
    return api.run(store_uri, to="ru", out=out, models=str(models))


def rows(out: Path) -> list[dict[str, Any]]:
    """All rows of both tables, without where their articles lay and when they were read."""
    tables = (ds.dataset(out / table, partitioning="hive").to_table() for table in ("articles", "bitext"))
    kept = (table.drop_columns([name for name in _OF_PLACE_AND_TIME if name in table.column_names]) for table in tables)
    return [row for table in kept for row in table.to_pylist()]


def test_folder_is_searched_like_a_local_one(store: ObjectStore) -> None:
    assert names_of(store.uri("archive/")) == [f"s3://{BUCKET}/{key}" for key in sorted(ARCHIVE)]
    assert names_of(store.uri("archive")) == names_of(store.uri("archive/"))


def test_whole_bucket_can_be_searched(store: ObjectStore) -> None:
    expected = sorted([*ARCHIVE, "archiver/a.jsonl", "other.jsonl"])

    assert names_of(store.uri()) == [f"s3://{BUCKET}/{key}" for key in expected]


@pytest.mark.parametrize(
    ("pattern", "keys"),
    [
        ("archive/2026-*/*.jsonl", ["archive/2026-11-01/a.jsonl"]),
        ("archive/2026-11-0?/[bc].*", ["archive/2026-11-01/b.jsonl.gz", "archive/2026-11-02/c.zip"]),
        ("archive/*-02", ["archive/2026-11-02/c.zip", "archive/2026-11-02/d.parquet"]),
        ("**/a.jsonl", ["archive/2026-11-01/a.jsonl", "archiver/a.jsonl"]),
        ("archive/*.png", ["archive/picture.png"]),
        ("archive/.*.jsonl", ["archive/.hidden.jsonl"]),
        ("none/*.jsonl", []),
    ],
)
def test_globs_match_as_local_ones_do(store: ObjectStore, tmp_path: Path, pattern: str, keys: list[str]) -> None:
    for key in (*ARCHIVE, *NO_ARTICLES):
        (tmp_path / key).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / key).write_bytes(b"")

    assert names_of(store.uri(pattern)) == [f"s3://{BUCKET}/{key}" for key in keys]
    assert names_of(f"{tmp_path}/{pattern}") == [f"{tmp_path}/{key}" for key in keys]


def test_glob_lists_only_folders_that_match(store: ObjectStore) -> None:
    names_of(store.uri("archive/2026-*/*.jsonl"))

    listed = [request for request in store.requests if "list-type" in request]
    assert not [request for request in listed if "prefix=archive/out/" in request]


def test_object_that_several_names_mean_is_there_once(store: ObjectStore) -> None:
    name = "archive/2026-11-01/a.jsonl"

    assert names_of(store.uri(name), store.uri("archive/2026-11-01/*.jsonl")) == [f"s3://{BUCKET}/{name}"]


def test_articles_are_those_of_local_copies(store: ObjectStore, tmp_path: Path, tiny_folder: Path) -> None:
    for key, data in ARCHIVE.items():
        if key.startswith("archive/2026"):
            (tmp_path / key).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / key).write_bytes(data)

    here = run(str(tmp_path / "archive"), tmp_path / "here", tiny_folder)
    there = run(store.uri("archive/2026-*"), tmp_path / "there", tiny_folder)

    assert here.counts.n_articles == there.counts.n_articles == 12
    assert rows(tmp_path / "here") == rows(tmp_path / "there")
    uris = ds.dataset(tmp_path / "there" / "articles").to_table().column("source_uri").to_pylist()
    assert f"s3://{BUCKET}/archive/2026-11-02/c.zip!/x/day.jsonl#2" in uris


def test_second_run_knows_the_articles(store: ObjectStore, tmp_path: Path, tiny_folder: Path) -> None:
    first_run = run(store.uri("archive"), tmp_path / "out", tiny_folder)
    second_run = run(store.uri("archive/", keys=Keys("AKIDOFANOTHER", "x")), tmp_path / "out", tiny_folder)

    assert first_run.counts.n_articles == 13
    assert second_run.counts.n_articles == 0


def test_no_secret_is_written_anywhere(store: ObjectStore, tmp_path: Path, tiny_folder: Path) -> None:
    """What the settings of a run show of inputs is the affair of the run; the corpus itself has none."""
    run(store.uri("archive"), tmp_path / "out", tiny_folder)

    for file in (tmp_path / "out").glob("*/**/*.parquet"):
        assert Keys().secret_key.encode() not in file.read_bytes()


def test_progress_knows_the_size(store: ObjectStore) -> None:
    reader = ArticleReader(find_inputs([store.uri("archive")]).files)

    assert reader.total_bytes == sum(map(len, ARCHIVE.values()))
    assert len(list(reader)) == 13
    assert reader.read_bytes == reader.total_bytes


def test_large_object_is_read_piece_by_piece(store: ObjectStore) -> None:
    store.put("large.jsonl", lines(records(1, 8000, LONG)))

    articles = iter(ArticleReader(find_inputs([store.uri("large.jsonl")]).files))
    next(articles)

    assert len([request for request in store.requests if request == f"GET /{BUCKET}/large.jsonl"]) == 1
    assert sum(1 for _ in articles) == 7999


def test_what_is_not_there_is_told_at_once(store: ObjectStore, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        find_inputs([str(tmp_path / "gone"), store.uri("nothing/"), store.uri("none.jsonl"), store.uri("archive")])

    expected = f"no such file or folder: {tmp_path}/gone, s3://{BUCKET}/nothing/, s3://{BUCKET}/none.jsonl; name"
    assert str(caught.value).startswith(expected)


def test_folder_without_articles_is_a_warning(store: ObjectStore) -> None:
    found = find_inputs([store.uri("archive/out")])

    assert found.files == ()
    assert found.warnings[0].startswith(f"s3://{BUCKET}/archive/out: nothing to read here")


@pytest.mark.parametrize(
    ("bucket", "fault", "words"),
    [
        ("none", None, "there is no such bucket"),
        (BUCKET, dropped(), "cannot be reached"),
        (BUCKET, answer(403, "AccessDenied"), "access is denied"),
    ],
)
@pytest.mark.parametrize("key", ["archive/", "archive/*.jsonl", "a.jsonl"])
def test_storage_that_cannot_be_searched_ends_before_any_work(
    store: ObjectStore, tmp_path: Path, bucket: str, fault: Fault | None, words: str, key: str
) -> None:
    uri = store.uri(key, bucket=bucket)

    with store.failing(fault or slow_down(), when=lambda _: fault is not None), pytest.raises(InputError, match=words):
        newsmt("run", uri, "--to", "ru", "--models", "demo", "--out", tmp_path / "out")

    assert not (tmp_path / "out").exists()


def test_unknown_kind_of_storage_is_told() -> None:
    with pytest.raises(InputError, match="ftp://host/x: unknown kind of storage; these are known: s3://"):
        find_inputs(["ftp://user:secret@host/x"])


def test_reading_goes_on_through_failures_that_pass(store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "4")

    with store.failing(slow_down(), every=5), store.failing(cut_off(20), every=4, when=reads) as failing:
        found = read(store.uri("archive"))

    assert failing.n_met > 5
    assert [type(item) for item in found] == [Article] * 13


@pytest.mark.parametrize("fault", [dropped(), slow_down(), cut_off(5), answer(403, "AccessDenied")])
@pytest.mark.parametrize("key", [key for key in ARCHIVE if "2026" in key])
def test_storage_that_breaks_for_good_is_no_fault_of_an_input(store: ObjectStore, key: str, fault: Fault) -> None:
    found = find_inputs([store.uri(key)])

    with store.failing(fault, when=reads), pytest.raises(PipelineError, match=f"s3://{BUCKET}/{key}: ") as caught:
        list(ArticleReader(found.files))

    assert caught.value.exit_code == ExitCode.FAILED


def test_run_goes_on_after_a_storage_broke(store: ObjectStore, tmp_path: Path, tiny_folder: Path) -> None:
    out = tmp_path / "out"
    with (
        store.failing(dropped(), when=lambda exchange: "c.zip" in exchange.path and reads(exchange)),
        pytest.raises(PipelineError, match="cannot be reached"),
    ):
        run(store.uri("archive"), out, tiny_folder)

    manifest = run(store.uri("archive"), out, tiny_folder)

    assert manifest.counts.n_articles == 13
    assert manifest.counts.n_rejected == 0


def test_object_that_is_replaced_while_it_is_read_is_a_reject(store: ObjectStore) -> None:
    key = "archive/2026-11-01/a.jsonl"
    found = find_inputs([store.uri(key)])

    with store.failing(first(lambda: store.put(key, lines(records(9)))), when=reads):
        [*_, last] = ArticleReader(found.files)

    assert isinstance(last, Reject)
    assert last.detail.startswith("the object was replaced while it was read")


@pytest.mark.parametrize("n_records", [3, 8000])
def test_object_that_is_deleted_while_it_is_read_is_a_reject(store: ObjectStore, n_records: int) -> None:
    store.put("large.jsonl", lines(records(1, n_records, LONG)))
    articles = iter(ArticleReader(find_inputs([store.uri("large.jsonl")]).files))
    next(articles)
    store.delete("large.jsonl")

    [*_, last] = articles

    assert isinstance(last, Reject)
    assert last.detail.startswith("the object was deleted while it was read")


def test_object_that_is_gone_before_it_is_read_is_a_reject(store: ObjectStore) -> None:
    found = find_inputs([store.uri("archive/2026-11-01")])
    store.delete("archive/2026-11-01/a.jsonl")

    items = list(ArticleReader(found.files))

    assert [type(item) for item in items] == [Reject, Article, Article, Article]
    assert isinstance(items[0], Reject)
    assert "is gone" in items[0].detail


def test_inspect_and_lists_take_uris(store: ObjectStore, tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    names.write_text(store.uri("archive/2026-11-01/a.jsonl") + "\n" + store.uri("archive/2026-11-02") + "\n")

    done = newsmt("inspect", "--files-from", names, "--json")

    inputs = json.loads(done.stdout.splitlines()[-1])["inputs"]
    assert [(one["name"].rpartition("/")[2], one["formats"]) for one in inputs] == [
        ("a.jsonl", {"JSON Lines": 1}),
        ("c.zip", {"JSON Lines": 1}),
        ("d.parquet", {"Parquet": 1}),
    ]
