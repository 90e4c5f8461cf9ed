from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.places import StorageUri, is_uri, masked, place_of


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("s3://bucket/a/b.txt", "s3://bucket/a/b.txt"),
        ("s3://KEY:secret@bucket/a?region=eu-west-1&scheme=http", "s3://bucket/a"),
        ("s3://KEY:se%2Fcret@bucket", "s3://bucket"),
        ("s3://KEY:se/cr+et@bucket/a", "s3://bucket/a"),
        ("s3://bucket/a@b.txt", "s3://bucket/a@b.txt"),
        ("s3://bucket/day-?.jsonl", "s3://bucket/day-?.jsonl"),
        ("s3://bucket/day-?.jsonl?region=eu-west-1", "s3://bucket/day-?.jsonl"),
        ("hdfs://reader@namenode:8020/a@b", "hdfs://namenode:8020/a@b"),
        ("abfs://container@account.dfs.core.windows.net/a", "abfs://container@account.dfs.core.windows.net/a"),
        ("abfss://container:secret@account.dfs.core.windows.net/a", "abfss://container@account.dfs.core.windows.net/a"),
    ],
)
def test_places_are_shown_without_secrets_and_options(uri: str, shown: str) -> None:
    place = StorageUri(uri)

    assert str(place) == shown
    assert repr(place) == f"StorageUri({shown!r})"


def test_secrets_are_masked_inside_messages() -> None:
    text = "cannot open ftp://user:secret@host/x, nor s3://KEY:secret@bucket/a"

    assert masked(text) == "cannot open ftp://host/x, nor s3://bucket/a"


def test_places_below_keep_keys_and_options() -> None:
    place = StorageUri("s3://KEY:secret@bucket/corpus/?region=eu-west-1") / "bitext" / "a.parquet"

    assert place.uri == "s3://KEY:secret@bucket/corpus/bitext/a.parquet?region=eu-west-1"
    assert (place.name, place.path) == ("a.parquet", "corpus/bitext/a.parquet")
    assert place.root.uri == "s3://KEY:secret@bucket?region=eu-west-1"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("s3://bucket/a/", "s3://bucket/a"),
        ("S3://bucket/a", "s3://KEY:secret@bucket//a?region=eu-west-1"),
        ("gcs://bucket/a", "gs://bucket/a"),
        ("abfss://c@account.dfs.core.windows.net/a", "abfs://c@account.dfs.core.windows.net/a"),
    ],
)
def test_parts_are_the_same_however_a_place_is_written(one: str, other: str) -> None:
    assert StorageUri(one).parts == StorageUri(other).parts


@pytest.mark.parametrize("name", ["out", "/srv/out", "a:b", "s3:/bucket", "./s3://x", "-"])
def test_names_of_files_are_no_uris(name: str) -> None:
    assert not is_uri(name)
    assert place_of(name) == Path(name)


def test_uri_is_a_place_in_a_storage() -> None:
    assert place_of("s3://bucket/a") == StorageUri("s3://bucket/a")
