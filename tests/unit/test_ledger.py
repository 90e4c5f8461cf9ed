from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.errors import Reason
from pipeline.store.ledger import KnownRevision, Ledger, new_run_id, reject_key
from pipeline.store.state import open_empty_state
from tests.factories import NOW, make_reject

KNOWN = KnownRevision(
    revision=1,
    content_sha256="ab" * 32,
    source_lang="en",
    signature="reading|1",
    ingested_at=NOW,
    is_stored=True,
)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with closing(open_empty_state()) as connection:
        yield Ledger(connection)


def _connection(ledger: Ledger) -> sqlite3.Connection:
    return ledger._connection


def test_revisions_come_back_oldest_first_with_their_work(ledger: Ledger) -> None:
    later = replace(KNOWN, revision=2, content_sha256="cd" * 32, is_stored=False)
    ledger.record_articles([("a", later), ("a", KNOWN), ("b", KNOWN)])
    ledger.record_work([("a", 1, "ru", "sig"), ("a", 1, "hy", None), ("b", 1, "ru", "sig")], run_id="r")
    assert ledger.known_revisions(["a", "none"]) == {
        "a": [replace(KNOWN, work={"ru": "sig", "hy": None}), later],
    }


@pytest.mark.parametrize("n_articles", [0, 1, 500, 501, 1200])
def test_any_number_of_ids_can_be_asked_for(ledger: Ledger, n_articles: int) -> None:
    ids = [f"{number:04x}" for number in range(n_articles)]
    ledger.record_articles((article_id, KNOWN) for article_id in ids)
    assert list(ledger.known_revisions(ids)) == ids


def test_article_is_replaced_by_what_is_known_later(ledger: Ledger) -> None:
    ledger.record_articles([("a", replace(KNOWN, source_lang="und", is_stored=False))])
    ledger.record_articles([("a", KNOWN)])
    assert ledger.known_revisions(["a"]) == {"a": [KNOWN]}


def test_article_with_a_row_keeps_it_when_it_is_turned_away_later(ledger: Ledger) -> None:
    turned_away = replace(KNOWN, source_lang="und", signature="reading|2", is_stored=False)
    ledger.record_articles([("a", KNOWN)])
    ledger.record_articles([("a", turned_away)])
    assert ledger.known_revisions(["a"]) == {"a": [replace(turned_away, is_stored=True)]}
    assert list(ledger.stored_articles()) == [("a", 1, KNOWN.content_sha256)]


@pytest.mark.parametrize(
    ("signatures", "expected"),
    [
        ([None], None),
        ([None, "one"], "one"),
        (["one", "two"], "two"),
        (["one", None], "one"),
    ],
    ids=["waits", "waited", "made anew", "model taken away"],
)
def test_work_goes_forward_only(ledger: Ledger, signatures: list[str | None], expected: str | None) -> None:
    ledger.record_articles([("a", KNOWN)])
    for number, signature in enumerate(signatures):
        ledger.record_work([("a", 1, "ru", signature)], run_id=f"run-{number}")
    assert ledger.known_revisions(["a"])["a"][0].work == {"ru": expected}


def test_done_work_names_the_run_of_its_units(ledger: Ledger) -> None:
    ledger.record_work([("a", 1, "ru", "one"), ("a", 1, "hy", None)], run_id="first")
    ledger.record_work([("a", 1, "ru", "two")], run_id="second")
    assert list(ledger.done_work()) == [("a", 1, "ru", "second")]


def test_rejects_are_known_afterwards_and_counted_once(ledger: Ledger) -> None:
    rejects = [make_reject("a.txt"), make_reject("b.txt"), make_reject("c.bin", reason=Reason.BINARY)]
    ledger.record_rejects([*rejects, rejects[0]], run_id="r")
    keys = [reject_key(reject) for reject in rejects]
    assert ledger.known_rejects([*keys, "none"]) == set(keys)
    assert ledger.count_rejects() == {"binary": 1, "empty": 2}


@pytest.mark.parametrize(
    "other",
    [
        make_reject("b.txt"),
        make_reject("a.txt", reason=Reason.BINARY),
        make_reject("a.txt", payload=b"\t"),
    ],
    ids=["place", "reason", "payload"],
)
def test_reject_of_another_kind_has_another_key(other: object) -> None:
    assert reject_key(make_reject("a.txt")) != reject_key(other)  # type: ignore[arg-type]


def test_waiting_articles_are_counted_by_pair_in_their_latest_revision(ledger: Ledger) -> None:
    ledger.record_articles([("a", KNOWN), ("a", replace(KNOWN, revision=2)), ("b", replace(KNOWN, source_lang="ru"))])
    rows = [("a", 1, "hy", None), ("a", 2, "hy", None), ("a", 2, "ru", "sig"), ("b", 1, "hy", None)]
    ledger.record_work(rows, run_id="r")
    assert ledger.count_waiting() == {"en-hy": 1, "ru-hy": 1}


def test_run_that_was_cut_off_goes_on_under_its_id(ledger: Ledger) -> None:
    run = ledger.begin_run("command", NOW)
    assert run.run_id == "20201114T060000Z"
    assert ledger.begin_run("command", NOW + timedelta(hours=1)) == run


@pytest.mark.parametrize(
    ("signature", "is_finished"),
    [("another command", False), ("command", True)],
    ids=["another command", "finished"],
)
def test_otherwise_a_new_run_begins(ledger: Ledger, signature: str, *, is_finished: bool) -> None:
    run = ledger.begin_run("command", NOW)
    if is_finished:
        ledger.finish_run(run.run_id, NOW)
    later = NOW + timedelta(hours=1)
    assert ledger.begin_run(signature, later).run_id == "20201114T070000Z"
    assert [entry.finished_at for entry in ledger.runs()] == [NOW if is_finished else None, None]


@pytest.mark.parametrize("back", [timedelta(0), timedelta(hours=3)], ids=["same-second", "clock-put-back"])
def test_ids_are_in_the_order_of_the_runs(ledger: Ledger, back: timedelta) -> None:
    ids = [ledger.begin_run(f"command {number}", NOW - back * number).run_id for number in range(3)]
    assert ids == ["20201114T060000Z", "20201114T060001Z", "20201114T060002Z"]
    assert [run.run_id for run in ledger.runs()] == ids


def test_run_is_continued_where_the_clock_was_put_back_meanwhile(ledger: Ledger) -> None:
    ledger.finish_run(ledger.begin_run("command", NOW).run_id, NOW)
    run = ledger.begin_run("command", NOW - timedelta(days=1))
    assert ledger.begin_run("command", NOW - timedelta(days=2)) == run


def test_id_follows_one_of_an_earlier_version() -> None:
    assert new_run_id("20201114T060000Z-2", NOW) == "20201114T060001Z"


def test_run_id_is_in_utc(ledger: Ledger) -> None:
    from datetime import timezone

    yerevan = timezone(timedelta(hours=4))
    assert ledger.begin_run("command", NOW.astimezone(yerevan)).run_id == "20201114T060000Z"


def test_shard_counts_come_back_in_order(ledger: Ledger) -> None:
    for shard in (1, 0, 10, 2):
        ledger.record_shard("r", shard, {"n_units": shard})
    ledger.record_shard("other", 0, {"n_units": 99})
    assert ledger.shard_counts("r") == [{"n_units": shard} for shard in (0, 1, 2, 10)]


def test_shard_is_recorded_once(ledger: Ledger) -> None:
    ledger.record_shard("r", 0, {})
    with pytest.raises(sqlite3.IntegrityError):
        ledger.record_shard("r", 0, {})
    assert _connection(ledger).execute("SELECT COUNT(*) FROM shards").fetchone() == (1,)
