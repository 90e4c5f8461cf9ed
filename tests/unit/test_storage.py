from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyarrow.fs import LocalFileSystem

from pipeline.places import StorageUri
from pipeline.storage.base import Storage
from pipeline.storage.local import LocalStorage
from pipeline.storage.opening import explain, open_storage
from pipeline.storage.remote import RenamingStorage
from tests.object_storage import Keys, ObjectStore, emptied, object_store
from tests.unreliable_proxy import (
    Exchange,
    Fault,
    answer,
    cut_off,
    dropped,
    first,
    other_region,
    reads,
    skewed_clock,
    slow_down,
    writes,
)

_SAID = "AWS Error|Cannot delete"
"""How pyarrow begins."""

BIG = b"0123456789abcdef" * (1 << 20)
"""Enough for an upload in two parts."""


@pytest.fixture(scope="module")
def shared() -> Iterator[ObjectStore]:
    with object_store() as store:
        yield store


@pytest.fixture
def store(shared: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    """The same for all tests of the module, emptied."""
    return emptied(shared, monkeypatch)


@pytest.fixture(params=["local", "renaming", "objects", "bucket"])
def storage(request: pytest.FixtureRequest, tmp_path: Path, store: ObjectStore) -> Storage:
    places: dict[str, Callable[[], Storage]] = {
        "local": lambda: open_storage(tmp_path),
        "renaming": lambda: RenamingStorage(LocalFileSystem(), str(tmp_path)),
        "objects": lambda: open_storage(StorageUri(store.uri("some/corpus/"))),
        "bucket": lambda: open_storage(StorageUri(store.uri())),
    }
    return places[request.param]()


def remote(store: ObjectStore, folder: str = "corpus") -> Storage:
    return open_storage(StorageUri(store.uri(folder)))


def test_what_was_written_is_there(storage: Storage) -> None:
    storage.write({"a/b.txt": b"one", "a/c/d.txt": b"", "e.txt": BIG})

    assert storage.files("") == ["a/b.txt", "a/c/d.txt", "e.txt"]
    assert storage.files("a") == ["a/b.txt", "a/c/d.txt"]
    assert [storage.read(path) for path in storage.files("")] == [b"one", b"", BIG]
    assert storage.exists("a/b.txt")


def test_what_was_not_written_is_not_there(storage: Storage) -> None:
    storage.write({"a/b.txt": b"one"})

    assert storage.files("nowhere") == []
    assert not storage.exists("a/none.txt")
    with pytest.raises(FileNotFoundError):
        storage.read("a/none.txt")


def test_writing_again_replaces(storage: Storage) -> None:
    storage.write({"a.txt": b"long before"})

    storage.write({"a.txt": b"new"})

    assert storage.read("a.txt") == b"new"


def test_moves_may_be_repeated(storage: Storage) -> None:
    storage.write({f"staging/{number}": bytes([number]) for number in range(20)})
    moves = [(f"staging/{number}", f"date=2026-01-{number:02}/x") for number in range(20)]
    storage.move(moves[:5])

    storage.move(moves)
    storage.move(moves)

    assert storage.files("staging") == []
    assert [storage.read(path) for path in storage.files("")] == [bytes([number]) for number in range(20)]


def test_move_replaces(storage: Storage) -> None:
    storage.write({"a": b"new", "b": b"old"})

    storage.move([("a", "b")])

    assert storage.files("") == ["b"]
    assert storage.read("b") == b"new"


def test_moving_what_is_nowhere_is_an_error(storage: Storage) -> None:
    storage.write({"a": b"1"})

    with pytest.raises(OSError, match="gone"):
        storage.move([("a", "b"), ("gone", "there")])


def test_deleting_may_be_repeated(storage: Storage) -> None:
    storage.write({"a/b": b"1", "a/c": b"2"})

    storage.delete(["a/b"])
    storage.delete(["a/b", "a/none"])

    assert storage.files("") == ["a/c"]


def test_move_goes_on_after_a_copy_without_its_deletion(store: ObjectStore) -> None:
    storage = remote(store)
    storage.write({"staging/a": b"1"})
    with (
        store.failing(dropped(), when=lambda exchange: exchange.method == "DELETE"),
        pytest.raises(OSError, match=_SAID),
    ):
        storage.move([("staging/a", "final/a")])
    assert storage.files("") == ["final/a", "staging/a"]

    storage.move([("staging/a", "final/a")])

    assert storage.files("") == ["final/a"]


@pytest.mark.parametrize("where", ["partNumber=1", "partNumber=2", "uploadId"])
@pytest.mark.parametrize("fault", [dropped(), answer(403, "AccessDenied")], ids=["dropped", "denied"])
def test_failed_upload_leaves_no_object(store: ObjectStore, fault: Fault, where: str) -> None:
    storage = remote(store)

    def is_it(exchange: Exchange) -> bool:
        return writes(exchange) and (where in exchange.path if "part" in where else exchange.method == "POST")

    with store.failing(fault, when=is_it), pytest.raises(OSError, match=_SAID):
        storage.write({"big": BIG})

    assert store.keys() == []


def test_failed_upload_leaves_what_was_there(store: ObjectStore) -> None:
    storage = remote(store)
    storage.write({"a": b"before"})

    with store.failing(answer(403, "AccessDenied"), when=writes), pytest.raises(OSError, match=_SAID):
        storage.write({"a": BIG})

    assert storage.read("a") == b"before"


@pytest.mark.parametrize("fault", [slow_down(), dropped(), answer(500, "InternalError")], ids=["503", "dropped", "500"])
def test_requests_that_fail_now_and_then_are_repeated(
    store: ObjectStore, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "5")
    storage = remote(store)

    with store.failing(fault, every=5) as failing:
        storage.write({str(number): b"1" for number in range(6)})
        storage.move([(str(number), f"to/{number}") for number in range(6)])

    assert failing.n_met > 36
    assert len(store.keys("corpus/to/")) == 6


def test_content_that_breaks_off_is_asked_for_again(store: ObjectStore) -> None:
    store.put("corpus/a", BIG)

    with store.failing(cut_off(1000), when=reads, every=2) as failing:
        contents = [remote(store).read("a") for _ in range(2)]

    assert failing.n_met == 3
    assert contents == [BIG, BIG]


@pytest.mark.parametrize("size", [1, 40, 400])
def test_few_bytes_are_asked_for_again_too(store: ObjectStore, size: int) -> None:
    store.put("corpus/a", BIG[:size])

    with store.failing(slow_down(), every=2, when=reads) as failing:
        contents = [remote(store).read("a") for _ in range(2)]

    assert failing.n_met == 3
    assert contents == [BIG[:size]] * 2


def test_folder_of_hdfs_shows_no_file_that_is_being_written(tmp_path: Path) -> None:
    """Readers there see files from their first byte; Hadoop's own jobs leave out names that begin with a dot."""
    storage = RenamingStorage(LocalFileSystem(), str(tmp_path))
    (tmp_path / "a" / "b").mkdir(parents=True)  # no file can take its place

    with pytest.raises(OSError, match=_SAID):
        storage.write({"a": b"1"})

    assert sorted(path.name for path in tmp_path.iterdir()) == [".a.new", "a"]


def explained(uri: str, act: Callable[[Storage], object] = lambda storage: storage.files("")) -> str:
    place = StorageUri(uri)
    with pytest.raises(OSError, match=r"\S") as caught:
        act(open_storage(place))
    return explain(caught.value, place)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        pytest.param(skewed_clock(), "the clock of this machine is wrong.*set the clock", id="clock"),
        pytest.param(slow_down(), "overloaded.*try again later", id="busy"),
        pytest.param(dropped(), r"127\.0\.0\.1:\d+ cannot be reached.*check the address", id="dropped"),
        pytest.param(other_region("us-west-2"), r"another region.*set AWS_REGION", id="region"),
        pytest.param(answer(400, "ExpiredToken"), "session token has expired", id="expired"),
        pytest.param(answer(403, "AccessDenied"), "access is denied; check AWS_ACCESS_KEY_ID", id="denied"),
    ],
)
@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda storage: storage.files(""), id="list"),
        pytest.param(lambda storage: storage.read("a"), id="read"),
        pytest.param(lambda storage: storage.write({"a": b"1"}), id="write"),
        pytest.param(lambda storage: storage.move([("a", "b")]), id="move"),
    ],
)
def test_trouble_is_explained(store: ObjectStore, fault: Fault, words: str, act: Callable[[Storage], object]) -> None:
    store.put("corpus/a", b"1")

    with store.failing(fault):
        text = explained(store.uri("corpus"), act)

    assert re.match(f"s3://news/corpus: .*{words}", text), text
    assert Keys().secret_key not in text


def test_region_of_a_bucket_is_told(store: ObjectStore) -> None:
    with store.failing(other_region("us-west-2")):
        text = explained(store.uri("corpus"), lambda storage: storage.exists("a"))

    assert "in another region" in text


@pytest.mark.parametrize(
    "act", [pytest.param(lambda s: s.files(""), id="list"), pytest.param(lambda s: s.read("a"), id="read")]
)
def test_wrong_keys_are_told_apart(store: ObjectStore, act: Callable[[Storage], object]) -> None:
    with store.guarded() as keys:
        wrong_secret = explained(store.uri("x", keys=Keys(keys.access_key, "none")), act)
        wrong_key = explained(store.uri("x", keys=Keys("AKIDOFNOBODY", "none")), act)
        open_storage(StorageUri(store.uri("x", keys=keys))).write({"a": b"1"})

    assert "the secret key does not belong to the access key" in wrong_secret
    assert "does not know the access key" in wrong_key
    assert store.get("x/a") == b"1"


def test_lack_of_a_permission_is_told(store: ObjectStore) -> None:
    with store.guarded("s3:GetObject", "s3:ListBucket") as keys:
        text = explained(store.uri("x", keys=keys), lambda storage: storage.write({"a": b"1"}))

    assert "access is denied" in text


@pytest.mark.parametrize(
    "act", [pytest.param(lambda s: s.files(""), id="list"), pytest.param(lambda s: s.write({"a": b""}), id="write")]
)
def test_missing_bucket_is_told(store: ObjectStore, act: Callable[[Storage], object]) -> None:
    text = explained(store.uri("x", bucket="none"), act)

    assert text.startswith("s3://none/x: there is no such bucket")


def test_server_that_is_not_there_is_told(store: ObjectStore) -> None:
    text = explained(store.uri("x", endpoint_override="127.0.0.1:1"))

    assert text.startswith("s3://news/x: 127.0.0.1:1 cannot be reached after several attempts (Could not connect")


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("ftp://user:pass@host/x", "ftp://host/x: unknown kind of storage; these are known: s3://, gs://"),
        ("s3:///x", "s3:///x: no bucket; write for example s3://bucket/folder"),
        ("s3://bucket/a//b", "s3://bucket/a//b: there is an empty name between two slashes"),
        ("s3://bucket/a?colour=red&region=x", "s3://bucket/a: unknown option colour; these are known: anonymous, "),
        ("s3://KEY:a/b+c@bucket/a?region=x", "s3://bucket/a: what stands before the bucket is no `key:secret@`"),
        ("gs://user:pass@bucket/a", "gs://bucket/a: GCS URIs do not accept username"),
        ("abfs://folder", "abfs://folder: AzureOptions doesn't contain a valid account name"),
    ],
)
def test_wrong_uri_is_told(uri: str, words: str) -> None:
    place = StorageUri(uri)

    with pytest.raises(OSError, match=r"\S") as caught:
        open_storage(place)

    assert explain(caught.value, place).startswith(words)


def test_hdfs_without_hadoop_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    place = StorageUri("hdfs://namenode:8020/corpus")
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    monkeypatch.setenv("HADOOP_HOME", "/nowhere")

    with pytest.raises(OSError, match=r"\S") as caught:
        open_storage(place)

    assert explain(caught.value, place).startswith("hdfs://namenode:8020/corpus: HDFS needs Java and Hadoop's client")


def test_number_of_attempts_must_be_one(store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "many")

    with pytest.raises(OSError, match="AWS_MAX_ATTEMPTS is 'many'"):
        remote(store)


def test_endpoint_region_and_keys_may_come_from_the_environment(
    store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.guarded() as keys:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{store.address}/")
        monkeypatch.setenv("AWS_REGION", "eu-west-1")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys.access_key)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys.secret_key)

        open_storage(StorageUri("s3://news/corpus")).write({"a": b"1"})

    assert store.get("corpus/a") == b"1"


def test_local_folder_is_a_storage_too(tmp_path: Path) -> None:
    assert isinstance(open_storage(tmp_path), LocalStorage)


def test_object_replaced_by_another_writer_is_the_new_one(store: ObjectStore) -> None:
    store.put("corpus/a", b"old")

    with store.failing(first(lambda: store.put("corpus/a", b"new")), when=reads):
        content = remote(store).read("a")

    assert content == b"new"
