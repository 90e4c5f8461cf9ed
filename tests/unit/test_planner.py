from __future__ import annotations

import pytest

from pipeline.decode.planner import padding_share, plan_batches


def tokens(*lengths: int) -> list[list[str]]:
    return [[f"{index}"] * length for index, length in enumerate(lengths)]


@pytest.mark.parametrize(
    ("lengths", "max_tokens", "expected"),
    [
        pytest.param((), 10, [], id="nothing"),
        pytest.param((3,), 10, [[0]], id="one"),
        pytest.param((2, 5, 3), 60, [[1, 2, 0]], id="longest-first"),
        pytest.param((5, 5, 5), 40, [[0, 1], [2]], id="limit-counts-padding"),
        pytest.param((2, 2, 5), 40, [[2, 0], [1]], id="short-texts-pay-for-the-longest"),
        pytest.param((30, 2), 10, [[0], [1]], id="too-long-alone"),
        pytest.param((0, 0, 0), 8, [[0, 1], [2]], id="no-tokens-count-as-one"),
        pytest.param((5,) * 8, 20, [[0, 1], [2], [3], [4], [5], [6], [7]], id="smaller-towards-the-end"),
    ],
)
def test_plan_packs_texts_by_length(lengths: tuple[int, ...], max_tokens: int, expected: list[list[int]]) -> None:
    assert plan_batches(tokens(*lengths), max_tokens=max_tokens) == expected


def test_plan_orders_texts_of_one_length_by_their_tokens() -> None:
    assert plan_batches([["▁б"], ["▁а"], ["▁Ա"]], max_tokens=40) == [[1, 0, 2]]


def test_batches_are_full_until_a_few_are_left() -> None:
    sources = [["x"]] * 10_000

    sizes = [len(batch) for batch in plan_batches(sources, max_tokens=1024)]

    assert sizes[:6] == [1024] * 6
    assert sizes[6:] == sorted(sizes[6:], reverse=True)
    assert min(sizes[:-1]) == 256
    assert len(sizes) < 10_000 / 1024 + 8


@pytest.mark.parametrize(
    ("lengths", "batches", "share"),
    [
        pytest.param((4, 4), [[0, 1]], 0.0, id="equal"),
        pytest.param((4, 2), [[0, 1]], 0.25, id="unequal"),
        pytest.param((4, 2), [[0], [1]], 0.0, id="apart"),
        pytest.param((), [], 0.0, id="nothing"),
        pytest.param((0,), [[0]], 0.0, id="no-tokens"),
    ],
)
def test_padding_is_the_share_of_tokens_that_fill_up(
    lengths: tuple[int, ...], batches: list[list[int]], share: float
) -> None:
    assert padding_share(tokens(*lengths), batches) == share
