"""Batches through real engines: how many are under way, in which order, and what a stop leaves."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config import DecodingSettings
from pipeline.decode.engine import Engine
from pipeline.decode.queue import DecodeQueue, Decoding, DecodingStopped, decode
from pipeline.decode.ways import Way
from pipeline.models.package import read_packages

TEXTS = [f"The prime minister of France arrived in Paris on Monday {number}." for number in range(60)]


@pytest.fixture
def engine(tiny_folder: Path) -> Engine:
    (package,) = read_packages(tiny_folder / "en_ru-1.0-1")
    return Engine(package, DecodingSettings(jobs=1, max_batch_tokens=80, max_target_tokens=12))


@pytest.fixture
def started(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the batches that were handed to the engine."""
    sizes: list[int] = []
    start = engine.start

    def counted(batch: list[list[str]], way: Way) -> list[object]:
        sizes.append(len(batch))
        return start(batch, way)

    monkeypatch.setattr(engine, "start", counted)
    return sizes


def test_few_batches_are_under_way_at_once(engine: Engine, started: list[int]) -> None:
    decoding = Decoding(engine, TEXTS, DecodeQueue(1))

    assert len(started) == 4
    assert len(decoding.hypotheses()) == len(TEXTS)
    assert sum(started) == len(TEXTS)


def test_two_jobs_in_the_queue_say_what_each_would_alone(engine: Engine) -> None:
    queue = DecodeQueue(2)
    jobs = [Decoding(engine, TEXTS[:30], queue), Decoding(engine, TEXTS[30:], queue)]

    second, first = jobs[1].hypotheses(), jobs[0].hypotheses()

    assert first == decode(engine, TEXTS[:30])
    assert second == decode(engine, TEXTS[30:])


def test_hypotheses_are_collected_once(engine: Engine) -> None:
    heard: list[int] = []
    decoding = Decoding(engine, TEXTS, DecodeQueue(1))

    assert decoding.hypotheses(heard.append) == decoding.hypotheses(heard.append)
    assert sum(heard) == len(TEXTS)


def test_settled_queue_has_decoded_what_was_under_way_and_forgotten_the_rest(
    engine: Engine, started: list[int]
) -> None:
    queue = DecodeQueue(1)
    decoding = Decoding(engine, TEXTS, queue)

    queue.settle()

    assert len(started) == 4
    assert len(decoding.decoded_so_far()) == sum(started)
    assert len(Decoding(engine, TEXTS[:3], queue).hypotheses()) == 3


def test_tokens_and_padding_are_counted(engine: Engine) -> None:
    decoding = Decoding(engine, ["Paris.", "The prime minister of France arrived."], DecodeQueue(1))
    lengths = [len(tokens) for tokens in engine.encode(["Paris.", "The prime minister of France arrived."])[0]]

    assert decoding.n_tokens == sum(lengths)
    assert 0 <= decoding.n_padding <= max(lengths) - min(lengths)


def test_no_texts_need_no_batch(engine: Engine) -> None:
    decoding = Decoding(engine, [], DecodeQueue(1))

    assert (decoding.hypotheses(), decoding.n_tokens, decoding.n_padding) == ([], 0, 0)


def test_stopped_queue_waits_for_no_batch_but_gives_those_it_has(engine: Engine) -> None:
    is_stopped = False
    queue = DecodeQueue(1, lambda: is_stopped)
    done, open_ = Decoding(engine, TEXTS[:3], queue), Decoding(engine, TEXTS[3:], queue)
    done.hypotheses()
    is_stopped = True

    assert len(done.hypotheses()) == 3
    with pytest.raises(DecodingStopped):
        open_.hypotheses()


def test_known_batch_is_not_decoded_and_half_a_batch_is(engine: Engine, started: list[int]) -> None:
    hypotheses = decode(engine, TEXTS)
    started.clear()
    known = dict(zip(TEXTS, hypotheses, strict=True))

    assert Decoding(engine, TEXTS, DecodeQueue(1), known).hypotheses() == hypotheses
    assert started == []

    known.pop(TEXTS[0])
    assert Decoding(engine, TEXTS, DecodeQueue(1), known).hypotheses() == hypotheses
    assert len(started) == 1
