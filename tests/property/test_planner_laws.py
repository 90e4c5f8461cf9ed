from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from pipeline.decode.planner import plan_batches

TOKENS = st.lists(st.sampled_from(["▁а", "▁б", "в", "▁Ա"]), max_size=30)
SOURCES = st.lists(TOKENS, max_size=40)
LIMIT = st.integers(min_value=1, max_value=80)


@given(SOURCES, LIMIT)
def test_each_index_stands_in_one_batch(sources: list[list[str]], limit: int) -> None:
    batches = plan_batches(sources, max_tokens=limit)

    assert sorted(index for batch in batches for index in batch) == list(range(len(sources)))


@given(SOURCES, LIMIT)
def test_batch_of_several_texts_keeps_the_limit(sources: list[list[str]], limit: int) -> None:
    for batch in plan_batches(sources, max_tokens=limit):
        assert len(batch) == 1 or len(batch) * max(len(sources[index]) for index in batch) <= limit


@given(SOURCES, LIMIT)
def test_no_text_is_longer_than_one_before_it(sources: list[list[str]], limit: int) -> None:
    lengths = [len(sources[index]) for batch in plan_batches(sources, max_tokens=limit) for index in batch]

    assert lengths == sorted(lengths, reverse=True)


@given(SOURCES, LIMIT, st.randoms(use_true_random=False))
def test_order_of_the_texts_does_not_change_the_batches(sources: list[list[str]], limit: int, random: Random) -> None:
    shuffled = list(sources)
    random.shuffle(shuffled)

    one = [[sources[index] for index in batch] for batch in plan_batches(sources, max_tokens=limit)]
    other = [[shuffled[index] for index in batch] for batch in plan_batches(shuffled, max_tokens=limit)]

    assert one == other
