from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from pipeline.store.sightings import KEPT_DAYS, Sightings
from pipeline.store.state import open_empty_state

FIRST, SAME_DAY, LATER = "20260101T000000Z", "20260101T230000Z", "20260220T000000Z"
LONG_AFTER = "20260601T000000Z"


@pytest.fixture
def sightings() -> Iterator[Sightings]:
    with closing(open_empty_state()) as connection:
        yield Sightings(connection)


def test_articles_are_counted_by_key(sightings: Sightings) -> None:
    sightings.record([7, -(2**63), 7], run_id=FIRST)
    sightings.record([7], run_id=SAME_DAY)
    assert sightings.counts([7, -(2**63), 1], run_id=SAME_DAY) == {7: 3, -(2**63): 1}


def test_many_keys_can_be_asked_for(sightings: Sightings) -> None:
    sightings.record(range(2000), run_id=FIRST)
    assert sightings.counts(list(range(2000)), run_id=FIRST) == dict.fromkeys(range(2000), 1)


def test_what_was_not_seen_for_long_is_neither_told_nor_kept(sightings: Sightings) -> None:
    sightings.record([1, 2], run_id=FIRST)
    sightings.record([2], run_id=LATER)
    assert KEPT_DAYS == 90
    assert sightings.counts([1, 2], run_id=LATER) == {1: 1, 2: 2}
    assert sightings.counts([1, 2], run_id="20260501T000000Z") == {2: 2}
    sightings.forget_old(run_id="20260501T000000Z")
    assert sightings.counts([1, 2], run_id=FIRST) == {2: 2}
    sightings.forget_old(run_id=LONG_AFTER)
    assert sightings.counts([1, 2], run_id=FIRST) == {}
