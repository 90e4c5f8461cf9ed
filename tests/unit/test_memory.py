from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.decode.hypothesis import Hypothesis, KeyMaker
from pipeline.errors import StateError
from pipeline.store.memory import StoredMemory
from pipeline.store.state import open_empty_state, open_state

HYPOTHESES = [
    Hypothesis(text="Парламент принял бюджет.", score=-0.25),
    Hypothesis(text="Խորհրդարանն ընդունեց բյուջեն։", score=-1.5, is_truncated=True),
    Hypothesis(text="", score=0.0),
]


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(open_empty_state()) as connection:
        yield connection


def _key(number: int) -> bytes:
    return KeyMaker("beam:4").key(str(number))


def test_entries_come_back_as_they_were_after_a_flush(connection: sqlite3.Connection) -> None:
    memory = StoredMemory(connection)
    entries = {_key(number): hypothesis for number, hypothesis in enumerate(HYPOTHESES)}
    memory.add(entries)
    memory.flush()
    assert memory.look_up([*entries, _key(99)]) == entries
    assert memory.count() == 3


def test_nothing_is_found_before_the_flush(connection: sqlite3.Connection) -> None:
    memory = StoredMemory(connection)
    memory.add({_key(1): HYPOTHESES[0]})
    assert memory.look_up([_key(1)]) == {}


def test_discarded_entries_are_not_written(connection: sqlite3.Connection) -> None:
    memory = StoredMemory(connection)
    memory.add({_key(1): HYPOTHESES[0]})
    memory.discard()
    memory.flush()
    assert memory.count() == 0


def test_entries_of_a_transaction_that_failed_can_be_flushed_again(connection: sqlite3.Connection) -> None:
    memory = StoredMemory(connection)
    memory.add({_key(1): HYPOTHESES[0]})
    connection.execute("BEGIN")
    memory.flush()
    connection.execute("ROLLBACK")
    assert memory.look_up([_key(1)]) == {}
    memory.flush()
    assert memory.look_up([_key(1)]) == {_key(1): HYPOTHESES[0]}


@pytest.mark.parametrize("n_keys", [0, 1, 499, 500, 501, 1700])
def test_look_up_takes_any_number_of_keys(connection: sqlite3.Connection, n_keys: int) -> None:
    memory = StoredMemory(connection)
    entries = {_key(number): HYPOTHESES[number % 3] for number in range(n_keys)}
    memory.add(entries)
    memory.flush()
    assert memory.look_up(list(entries)) == entries


def test_another_setting_is_another_key() -> None:
    keys = {KeyMaker(signature).key(text) for signature in ("beam:4", "beam:5") for text in ("Yes.", "No.")}

    assert len(keys) == 4
    assert {len(key) for key in keys} == {16}


def test_key_of_a_text_does_not_depend_on_those_before_it() -> None:
    maker = KeyMaker("beam:4")
    maker.key("Another text.")

    assert maker.key("Yes.") == KeyMaker("beam:4").key("Yes.")


def test_damaged_state_is_told_as_such_and_not_as_an_articles_fault(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    with closing(open_state(path)) as connection:
        connection.execute("DROP TABLE memory")
        with pytest.raises(StateError, match=r"state\.sqlite: the state cannot be used"):
            StoredMemory(connection).look_up([_key(1)])
