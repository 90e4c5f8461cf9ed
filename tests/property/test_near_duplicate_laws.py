from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.near_duplicates import SIMILARITY, fingerprint, similarity

N_PAIRS = 300


def shingles(words: list[str]) -> set[tuple[str, ...]]:
    return set(zip(*(words[n:] for n in range(5)), strict=False))


def changed(words: list[str], n_changes: int, chance: random.Random) -> list[str]:
    other = list(words)
    for _ in range(n_changes):
        other[chance.randrange(len(other))] = f"x{chance.randrange(10**6)}"
    return other


@settings(max_examples=200, deadline=None)
@given(st.integers(60, 600), st.integers(0, 40), st.integers(0, 2**32))
def test_estimate_is_close_to_the_true_similarity(n_words: int, n_changes: int, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secrets
    one = [f"w{chance.randrange(20_000)}" for _ in range(n_words)]
    other = changed(one, n_changes, chance)
    true = len(shingles(one) & shingles(other)) / len(shingles(one) | shingles(other))
    signatures = [fingerprint(" ".join(words), title=None, language="en").signature for words in (one, other)]
    # Five standard deviations of 128 values.
    assert similarity(*signatures) == pytest.approx(true, abs=0.23)


def test_estimates_have_no_bias_and_keys_miss_few() -> None:
    chance = random.Random(8)  # noqa: S311 - no secrets
    errors, n_alike, n_missed = [], 0, 0
    for _ in range(N_PAIRS):
        one = [f"w{chance.randrange(20_000)}" for _ in range(300)]
        other = changed(one, chance.randrange(12), chance)
        true = len(shingles(one) & shingles(other)) / len(shingles(one) | shingles(other))
        prints = [fingerprint(" ".join(words), title=None, language="en") for words in (one, other)]
        errors.append(similarity(prints[0].signature, prints[1].signature) - true)
        if true >= SIMILARITY:
            n_alike += 1
            n_missed += not {*prints[0].keys} & {*prints[1].keys}
    assert abs(sum(errors) / N_PAIRS) < 0.01
    assert max(map(abs, errors)) < 0.15
    assert n_alike > 100
    assert n_missed <= 2


@given(st.text(), st.one_of(st.none(), st.text()))
def test_any_text_has_a_fingerprint_always_the_same(text: str, title: str | None) -> None:
    one, other = (fingerprint(text, title=title, language="ru") for _ in range(2))
    assert one == other
    assert all(-(1 << 63) <= key < 1 << 63 for key in one.keys)
