"""Corpora in an object store: the bytes of those on a disk, whole through kills and failures, their state elsewhere."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from pipeline import api
from pipeline.config import DecodingSettings, RunConfig, ShardSettings
from pipeline.config_file import read_config
from pipeline.errors import ExitCode, OutputError, PipelineError, UsageError, WriteError
from pipeline.manifest import Manifest
from pipeline.places import StorageUri
from pipeline.store.dataset import Dataset, open_dataset
from pipeline.store.files import FileList
from pipeline.store.repair import repair
from pipeline.store.rows import ShardContents
from pipeline.store.state import open_state_to_read
from pipeline.store.status import read_status
from pipeline.store.verify import verify
from tests.commands import newsmt
from tests.factories import NOW, make_contents, make_reject, make_story
from tests.folders import COUNTS, data_bytes, write_run
from tests.object_storage import Keys, ObjectStore, object_store
from tests.processes import NEWSMT
from tests.unreliable_proxy import Exchange, answer, first

DATA = ("bitext/", "articles/", "rejects/")
SENTENCE = "More than {} people took part in the vote in Paris on Monday, the agency said."


@dataclass(frozen=True)
class Desk:
    """A corpus in a storage, its state on the disk, and the settings of its runs."""

    store: ObjectStore
    prefix: str
    state: Path
    config: RunConfig

    @property
    def place(self) -> StorageUri:
        return StorageUri(self.store.uri(self.prefix))

    def run(self) -> Manifest:
        return api.run_config(self.config, clock=lambda: NOW)

    def data(self) -> dict[str, bytes]:
        """Return what readers of the Parquet files find."""
        return objects(self.store, self.prefix, *DATA)

    def staged(self) -> list[str]:
        return self.store.keys(f"{self.prefix}/.newsmt/staging/")


def objects(store: ObjectStore, prefix: str, *folders: str) -> dict[str, bytes]:
    keys = [key for folder in folders for key in store.keys(f"{prefix}/{folder}")]
    return {key.removeprefix(f"{prefix}/"): store.get(key) for key in keys}


def configure(news: Path, models: Path, out: Path | StorageUri, state: Path | None = None) -> RunConfig:
    return RunConfig(
        inputs=(str(news),),
        to=("ru", "hy"),
        out=out,
        state=state,
        models=str(models),
        decoding=DecodingSettings(beam=1, max_target_tokens=8, jobs=1),
        shard=ShardSettings(max_articles=2),
    )


@pytest.fixture(scope="module")
def store() -> Iterator[ObjectStore]:
    with object_store() as store:
        yield store


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    records: list[dict[str, Any]] = [
        {
            "url": f"https://news.example/{number}",
            "title": f"Vote {number}",
            "text": SENTENCE.format(number),
            "published_at": "2026-11-13",
        }
        for number in range(10, 16)
    ]
    file = tmp_path_factory.mktemp("news") / "news.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in [*records, {"text": ""}]), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def on_a_disk(news: Path, tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus of the same run with its output on a disk."""
    out = tmp_path_factory.mktemp("disk") / "out"
    api.run_config(configure(news, tiny_folder, out), clock=lambda: NOW)
    return out


@pytest.fixture
def desk(store: ObjectStore, news: Path, tiny_folder: Path, tmp_path: Path) -> Desk:
    prefix, state = f"corpora/{tmp_path.name}", tmp_path / "state"
    place = StorageUri(store.uri(prefix))
    return Desk(store, prefix, state, configure(news, tiny_folder, place, state))


def test_corpus_in_a_storage_has_the_bytes_of_one_on_a_disk(desk: Desk, on_a_disk: Path) -> None:
    manifest = desk.run()

    assert desk.data() == data_bytes(on_a_disk)
    assert desk.staged() == []
    assert sorted(path.name for path in desk.state.iterdir()) == ["lock", "state.sqlite"]
    (stored,) = objects(desk.store, desk.prefix, "runs/").values()
    assert json.loads(stored) == json.loads(json.dumps(manifest.to_json()))
    assert (manifest.out, manifest.exit_code) == (f"s3://news/{desk.prefix}", ExitCode.LEFT_OVER)
    assert verify(desk.place, state=desk.state).problems == ()


def test_second_run_knows_what_the_first_one_did(desk: Desk) -> None:
    desk.run()
    before = desk.data()
    manifest = desk.run()
    assert (manifest.counts.n_articles, manifest.counts.n_known) == (0, 7)
    assert desk.data() == before


def command(desk: Desk, *options: str) -> list[str]:
    config = desk.config
    written = desk.state.with_name("newsmt.toml")
    written.write_text(
        f'inputs = ["{config.inputs[0]}"]\nto = ["ru", "hy"]\nout = "{desk.place.uri}"\nstate = "state"\n'
        f'models = "{config.models}"\n[decoding]\nbeam = 1\nmax_target_tokens = 8\njobs = 1\n'
        "[shard]\nmax_articles = 2\n",
        encoding="utf-8",
    )
    return ["run", "--config", str(written), *options]


def test_settings_in_a_file_name_place_and_state(desk: Desk) -> None:
    command(desk)
    found = read_config(desk.state.with_name("newsmt.toml"))
    assert (found.out, found.state) == (desk.place, desk.state)


def test_commands_show_a_corpus_in_a_storage_and_never_its_secret(desk: Desk) -> None:
    written = command(desk, "--json", "--metrics", str(desk.state.with_name("corpus.prom")))
    told = [newsmt(*written), newsmt("run", *written[1:], "--dry-run")]
    told += [newsmt(name, desk.place.uri, "--state", desk.state) for name in ("status", "check")]
    texts = [*(result.output for result in told), desk.state.with_name("corpus.prom").read_text(encoding="utf-8")]
    texts += [data.decode() for data in objects(desk.store, desk.prefix, "runs/", ".newsmt/").values()]
    assert [result.exit_code for result in told] == [3, 0, 0, 0]
    assert f'newsmt_corpus_files{{out="s3://news/{desk.prefix}",table="bitext"}} 6.0' in texts[4]
    assert "sound" in texts[3]
    secrets = [
        part for secret in (Keys().secret_key, Keys().access_key) for part in (secret, secret.replace("/", "%2F"))
    ]
    assert not [text for text in texts for secret in secrets if secret in text]


def test_check_finds_objects_that_are_gone_changed_or_unknown(desk: Desk) -> None:
    desk.run()
    units = [path for path in sorted(desk.data()) if path.startswith("bitext/pair=en-ru")]
    gone, changed = (f"{desk.prefix}/{path}" for path in units[:2])
    desk.store.delete(gone)
    desk.store.put(changed, desk.store.get(changed)[:-1] + b"?")
    desk.store.put(f"{desk.prefix}/rejects/stray.parquet", b"?")
    desk.store.put(f"{desk.prefix}/.newsmt/staging/bitext/stray.parquet", b"?")
    found = {(problem.kind, problem.where) for problem in verify(desk.place, state=desk.state).problems}
    own = {key: key.removeprefix(f"{desk.prefix}/") for key in (gone, changed)}
    assert {
        ("missing", own[gone]),
        ("sha256", own[changed]),
        ("orphan", "rejects/stray.parquet"),
        ("leftover", ".newsmt/staging/bitext/stray.parquet"),
    } <= found
    assert read_status(desk.place, state=desk.state).space.n_staged == 1


# Kills


def is_staged(exchange: Exchange) -> bool:
    return exchange.method == "PUT" and "/.newsmt/staging/bitext" in exchange.path


def is_placed(exchange: Exchange) -> bool:
    return exchange.method == "PUT" and "/bitext/" in exchange.path and "/.newsmt/" not in exchange.path


def is_cleared(exchange: Exchange) -> bool:
    return exchange.method in {"DELETE", "POST"} and not is_staged(exchange)


def is_account(exchange: Exchange) -> bool:
    return exchange.method == "PUT" and "/runs/" in exchange.path and "/.newsmt/" not in exchange.path


@pytest.mark.parametrize("when", [is_staged, is_placed, is_cleared, is_account])
def test_killed_run_goes_on_to_the_same_bytes(desk: Desk, on_a_disk: Path, when: Any) -> None:
    """The clock is that of the machine: what is compared is the rows of the corpus, not the names of its files."""
    process: subprocess.Popen[bytes]

    def kill() -> None:
        process.kill()
        process.wait()

    # A few shards are committed before.
    with desk.store.failing(first(kill), every=1 if when is is_account else 3, when=when):
        process = subprocess.Popen([*NEWSMT, *command(desk)], stderr=subprocess.DEVNULL)
        process.wait(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert_whole_and_known(desk)
    result = newsmt(*command(desk))

    assert result.exit_code == ExitCode.LEFT_OVER
    assert without_times(desk.data()) == without_times(data_bytes(on_a_disk))
    assert desk.staged() == []
    assert verify(desk.place, state=desk.state).problems == ()
    assert len(read_status(desk.place, state=desk.state).runs) == 1


def assert_whole_and_known(desk: Desk) -> None:
    """What readers see at once, before anything was mended."""
    with closing(open_state_to_read(desk.state / "state.sqlite")) as connection:
        known = {entry.path: entry.sha256 for entry in FileList(connection)}
    for path, data in desk.data().items():
        assert sha256(data).hexdigest() == known[path]


def without_times(data: dict[str, bytes]) -> dict[str, int]:
    """Return partition and shard of each file and how many rows it has: run ids are times."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    def name(path: str) -> str:
        return f"{path.rpartition('/')[0]}/{path.rpartition('-')[2]}"

    return {name(path): pq.read_metadata(pa.BufferReader(content)).num_rows for path, content in data.items()}


# Failures


SHARDS = [
    make_contents(make_story("a", targets=("ru",))),
    make_contents(rejects=[make_reject("b.txt")]),
]


def refused() -> Any:
    """Answer with what no client tries again."""
    return answer(403, "AccessDenied", "said by a test")


class Later:
    """The requests from the n-th one on, or only that one."""

    def __init__(self, n: int, *, only: bool = False) -> None:
        self._n = n
        self._only = only
        self.n_met = 0

    def __call__(self, _: Exchange) -> bool:
        self.n_met += 1
        return self.n_met == self._n if self._only else self.n_met >= self._n


def go_on(dataset: Dataset, shards: list[ShardContents]) -> None:
    """Go on with the run where it was left, as the runner does."""
    run = dataset.ledger.begin_run("command", NOW)
    for number in range(len(dataset.ledger.shard_counts(run.run_id)), len(shards)):
        dataset.commit(shards[number], run_id=run.run_id, shard=number, counts=COUNTS)
    manifest = {"run_id": run.run_id, "stopped_by": None, "counts": COUNTS}
    dataset.finish_run(manifest, run_id=run.run_id, now=NOW)


def attempt(desk: Desk, requests: Later) -> PipelineError | None:
    """Write until the storage fails, and return what that ended with."""
    try:
        with desk.store.failing(refused(), when=requests), open_dataset(desk.place, state=desk.state) as dataset:
            go_on(dataset, SHARDS)
    except PipelineError as error:
        return error
    return None


def finish(desk: Desk) -> None:
    with open_dataset(desk.place, state=desk.state) as dataset:
        go_on(dataset, SHARDS)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of the same shards, committed to a disk without any trouble."""
    out = tmp_path_factory.mktemp("calm") / "out"
    write_run(out, *SHARDS, signature="command")
    return data_bytes(out) | {path.relative_to(out).as_posix(): path.read_bytes() for path in out.glob("runs/*.json")}


def all_of(desk: Desk) -> dict[str, bytes]:
    return desk.data() | objects(desk.store, desk.prefix, "runs/")


@pytest.mark.parametrize("only", [False, True], ids=["for good", "once"])
def test_failure_at_every_single_request_loses_and_doubles_nothing(
    desk: Desk, tmp_path: Path, undisturbed: dict[str, bytes], *, only: bool
) -> None:
    endings = []
    for number in range(1, 1000):
        here = Desk(desk.store, f"{desk.prefix}/{number}", tmp_path / str(number), desk.config)
        error = attempt(here, Later(number, only=only))
        if error is None:
            break
        endings.append(error)
        assert set(here.data().items()) <= set(undisturbed.items()), "whole objects only"
        finish(here)
        assert all_of(here) == undisturbed, f"after request {number}"
        assert here.staged() == []
    assert verify(here.place, state=here.state).problems == ()
    assert len(endings) > 20
    kinds = [type(error) for error in endings]
    n_before_work = kinds.index(WriteError)
    assert kinds == [OutputError] * n_before_work + [WriteError] * (len(kinds) - n_before_work)
    assert all("what was committed stays" in str(error) for error in endings[n_before_work:])


def test_failure_while_a_failure_is_mended_is_mended_as_well(
    desk: Desk, tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    for number in range(1, 1000):
        here = Desk(desk.store, f"{desk.prefix}/{number}", tmp_path / str(number), desk.config)
        # The first copy to a final place.
        with desk.store.failing(refused(), when=is_placed), suppress(WriteError):
            finish(here)
        assert not [path for path in here.data() if path.startswith("bitext")]
        if attempt(here, Later(number)) is None:
            break
        finish(here)
        assert all_of(here) == undisturbed, f"after request {number}"
    assert number > 20


def test_run_that_fails_midway_says_so_and_the_same_command_goes_on(desk: Desk, on_a_disk: Path) -> None:
    with (
        desk.store.failing(refused(), every=2, when=is_placed),
        pytest.raises(WriteError, match="what was committed stays") as caught,
    ):
        desk.run()
    assert caught.value.exit_code == ExitCode.FAILED
    assert str(caught.value).startswith(f"s3://news/{desk.prefix}")
    desk.run()
    assert desk.data() == data_bytes(on_a_disk)


def test_storage_that_cannot_be_used_is_told_before_any_work(desk: Desk) -> None:
    place = desk.store.uri("corpus", bucket="nowhere")
    run = command(desk, "--out", place)
    for arguments in (run, [*run, "--dry-run"], ["status", place, "--state", str(desk.state)]):
        with pytest.raises(OutputError, match=r"^s3://nowhere/corpus: there is no such bucket") as caught:
            newsmt(*arguments)
        assert caught.value.exit_code == ExitCode.USAGE
    assert desk.store.keys(desk.prefix) == []


def test_keys_that_are_not_enough_are_told_before_any_work(desk: Desk) -> None:
    with desk.store.guarded("s3:ListBucket", "s3:GetObject") as keys:
        place = StorageUri(desk.store.uri(desk.prefix, keys=keys))
        with pytest.raises(OutputError, match=f"s3://news/{desk.prefix}"):
            api.run_config(configure(Path(desk.config.inputs[0]), Path(desk.config.models), place, desk.state))
    assert desk.store.keys(desk.prefix) == []


# Owners


def test_second_coordinator_on_the_same_prefix_is_refused(desk: Desk, tmp_path: Path) -> None:
    desk.run()
    before = all_of(desk)
    other = configure(Path(desk.config.inputs[0]), Path(desk.config.models), desk.place, tmp_path / "other")
    for use in (api.run_config, api.dry_run):
        with pytest.raises(OutputError, match=f"belongs to the state in {desk.state} on .*--state {desk.state}"):
            use(other)
    assert all_of(desk) == before


def test_coordinator_whose_claim_was_overwritten_at_once_is_refused(desk: Desk) -> None:
    mark = f"{desk.prefix}/.newsmt/owner.json"
    other = json.dumps({"id": "other", "host": "elsewhere", "state": "/srv/state"}).encode()

    def is_read_after_the_claim(exchange: Exchange) -> bool:
        return exchange.method in {"GET", "HEAD"} and mark in exchange.path and desk.store.keys(mark) == [mark]

    with (
        desk.store.failing(first(lambda: desk.store.put(mark, other)), when=is_read_after_the_claim),
        pytest.raises(OutputError, match="belongs to the state in /srv/state on elsewhere"),
    ):
        finish(desk)
    assert desk.store.keys(desk.prefix) == [mark]


def test_coordinator_whose_claim_is_overwritten_later_commits_no_more(desk: Desk, tmp_path: Path) -> None:
    with open_dataset(desk.place, state=tmp_path / "other") as dataset:
        run = dataset.ledger.begin_run("command", NOW)
        desk.store.delete(f"{desk.prefix}/.newsmt/owner.json")
        finish(desk)
        with pytest.raises(WriteError, match="was removed or replaced"):
            dataset.commit(SHARDS[0], run_id=run.run_id, shard=0, counts=COUNTS)
    assert verify(desk.place, state=desk.state).n_units > 0


def test_mark_that_was_lost_is_made_anew_and_files_that_were_lost_are_told(desk: Desk) -> None:
    finish(desk)
    desk.store.delete(f"{desk.prefix}/.newsmt/owner.json")
    finish(desk)
    assert desk.store.get(f"{desk.prefix}/.newsmt/owner.json")
    for key in desk.store.keys(desk.prefix):
        desk.store.delete(key)
    with pytest.raises(OutputError, match="is not the corpus of the state"):
        finish(desk)


def test_prefix_that_is_removed_under_a_run_ends_it(desk: Desk) -> None:
    with open_dataset(desk.place, state=desk.state) as dataset:
        run = dataset.ledger.begin_run("command", NOW)
        dataset.commit(SHARDS[0], run_id=run.run_id, shard=0, counts=COUNTS)
        for key in desk.store.keys(desk.prefix):
            desk.store.delete(key)
        with pytest.raises(WriteError, match="was removed or replaced"):
            dataset.commit(SHARDS[1], run_id=run.run_id, shard=1, counts=COUNTS)
    assert desk.data() == {}


def test_lost_state_is_made_anew_from_a_copy(desk: Desk, tmp_path: Path) -> None:
    desk.run()
    shutil.rmtree(desk.state)
    with pytest.raises(OutputError, match=r"belongs to the state in .*docs/storage.md"):
        desk.run()
    copy = tmp_path / "copy"
    for path, data in objects(desk.store, desk.prefix, "").items():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        (copy / path).write_bytes(data)
    with pytest.raises(OutputError, match="its state is in"):
        repair(copy, now=NOW)
    (copy / ".newsmt" / "owner.json").unlink()
    desk.store.delete(f"{desk.prefix}/.newsmt/owner.json")

    repair(copy, now=NOW)
    shutil.rmtree(desk.state)
    (copy / ".newsmt").rename(desk.state)

    manifest = desk.run()
    assert (manifest.counts.n_articles, manifest.counts.n_known) == (0, 7)
    assert verify(desk.place, state=desk.state).problems == ()


# Other commands


@pytest.mark.parametrize(
    "arguments",
    [
        ("compact",),
        ("gc",),
        ("check", "--repair"),
        ("search", "vote"),
        ("stats",),
        ("report",),
        ("export", "--format", "tmx"),
        ("eval",),
    ],
    ids=lambda arguments: arguments[0],
)
def test_commands_that_need_a_disk_say_so(desk: Desk, arguments: tuple[str, ...]) -> None:
    name, *rest = arguments
    state = ["--state", str(desk.state)] if name == "check" else []
    with pytest.raises(UsageError, match=r"^s3://news/corpora/.*: is in a storage, .*copy it there") as caught:
        newsmt(name, desk.place.uri, *rest, *state)
    assert Keys().secret_key not in str(caught.value)


def test_opening_a_corpus_in_a_storage_says_that_it_needs_a_disk(desk: Desk) -> None:
    import pipeline

    with pytest.raises(UsageError, match="is in a storage"):
        pipeline.open(desk.place.uri)
