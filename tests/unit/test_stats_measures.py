"""Measures against values worked out by hand, and distributions against sorted lists."""

from __future__ import annotations

from math import ceil, log2

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.stats.distribution import QUANTILES, distribution_of
from pipeline.stats.measures import association_sql, keyness_sql, log_dice_sql, log_ratio_sql


def computed(sql: str) -> float:
    return float(duckdb.connect().execute(f"SELECT {sql}").fetchall()[0][0])


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        # Expected are 7.5 in both: 2 (10 ln 10/7.5 + 5 ln 5/7.5).
        pytest.param(("10", "5", "1000", "1000"), 1.69899, id="same-size"),
        # Expected are 2 and 6, and nothing comes of the nought: 2 * 8 ln 4.
        pytest.param(("8", "0", "1000", "3000"), 22.18071, id="not-elsewhere"),
        pytest.param(("3", "9", "1000", "3000"), 0.0, id="as-frequent"),
    ],
)
def test_keyness_is_that_of_two_corpora(counts: tuple[str, str, str, str], expected: float) -> None:
    assert computed(keyness_sql(*counts)) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        pytest.param(("10", "5", "1000", "1000"), 1.0, id="twice"),
        pytest.param(("5", "10", "500", "4000"), 2.0, id="four-times-the-rate"),
        pytest.param(("8", "0", "1000", "3000"), log2(48), id="not-elsewhere"),
        pytest.param(("3", "9", "1000", "3000"), 0.0, id="as-frequent"),
    ],
)
def test_log_ratio_counts_doublings(counts: tuple[str, str, str, str], expected: float) -> None:
    assert computed(log_ratio_sql(*counts)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        # Cells 10, 10, 30, 50 where 8, 12, 32, 48 are expected.
        pytest.param(("10", "20", "40", "100"), 1.02633, id="four-cells"),
        pytest.param(("8", "20", "40", "100"), 0.0, id="independent"),
        # Cells 20, 0, 0, 80: all that one can know, 2 (20 ln 5 + 80 ln 1.25).
        pytest.param(("20", "20", "20", "100"), 100.08048, id="always-together"),
    ],
)
def test_association_is_that_of_four_cells(counts: tuple[str, str, str, str], expected: float) -> None:
    assert computed(association_sql(*counts)) == pytest.approx(expected, abs=1e-5)


def test_log_dice_is_14_for_companions_and_less_by_1_for_half_as_much() -> None:
    assert computed(log_dice_sql("7", "7", "7")) == 14
    assert computed(log_dice_sql("8", "16", "16")) == 13
    assert computed(log_dice_sql("1", "500", "1548")) == 4


def test_numbers_as_large_as_a_corpus_do_not_overflow() -> None:
    assert computed(association_sql("1000000000", "3000000000", "3000000000", "9000000000")) == pytest.approx(0)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 4)), min_size=1, max_size=30))
def test_distribution_is_that_of_the_sorted_values(counts: list[tuple[int, int]]) -> None:
    values = sorted(value for value, n in counts for _ in range(n))
    edges = (0, 1, 5, 10, 20)

    found = distribution_of(counts, edges)

    assert found.n == len(values)
    assert found.mean == pytest.approx(sum(values) / len(values))
    assert list(found.quantiles) == [values[max(1, ceil(q * len(values))) - 1] for q in QUANTILES]
    assert [one.n for one in found.histogram] == [
        sum(low <= value < high for value in values) for low, high in zip(edges, (*edges[1:], 99), strict=True)
    ]


def test_nothing_has_no_distribution() -> None:
    assert distribution_of([], (0, 1)).to_json() == {"n": 0, "mean": None, "quantiles": {}, "histogram": []}
