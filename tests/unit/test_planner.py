from __future__ import annotations

import pytest

from pipeline.decode.planner import plan_batches


def tokens(*lengths: int) -> list[list[str]]:
    return [[f"{index}"] * length for index, length in enumerate(lengths)]


@pytest.mark.parametrize(
    ("lengths", "max_tokens", "expected"),
    [
        pytest.param((), 10, [], id="nothing"),
        pytest.param((3,), 10, [[0]], id="one"),
        pytest.param((2, 5, 3), 15, [[1, 2, 0]], id="longest-first"),
        pytest.param((5, 5, 5), 10, [[0, 1], [2]], id="limit-counts-padding"),
        pytest.param((2, 2, 5), 10, [[2, 0], [1]], id="short-texts-pay-for-the-longest"),
        pytest.param((30, 2), 10, [[0], [1]], id="too-long-alone"),
        pytest.param((0, 0, 0), 2, [[0, 1], [2]], id="no-tokens-count-as-one"),
    ],
)
def test_plan_packs_texts_by_length(lengths: tuple[int, ...], max_tokens: int, expected: list[list[int]]) -> None:
    assert plan_batches(tokens(*lengths), max_tokens=max_tokens) == expected


def test_plan_orders_texts_of_one_length_by_their_tokens() -> None:
    assert plan_batches([["▁б"], ["▁а"], ["▁Ա"]], max_tokens=10) == [[1, 0, 2]]
