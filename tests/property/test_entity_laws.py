"""Of any text: entities are in order, apart and exact, and hostile text costs no more than other text."""

from __future__ import annotations

import re
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.entities import KINDS, EntityFinder, find_entities, without_entities

MARKS = ("։", "@", "#", "`", "{", "}", "%", "(s)", "<b", ">", "&", "amp;", " ", "\n", "1")
EMOJI = ("\U0001f468", "\u200d", "\ufe0f", "\u20e3", "\U0001f1e6")
PIECES = st.sampled_from(
    ["https://", "www.", "example", ".am", ".com", "/a(b)", "-ի", "d", "слово", "բառ", *MARKS, *EMOJI]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=30).map("".join))
ANY_ENTITY = re.compile("|".join(KINDS.values()))

HOSTILE = {
    "domains": "a." * 50_000,
    "long labels": ("a" * 62 + ".") * 1_600,
    "hyphens": "a-" * 50_000 + ".com",
    "links": "www." * 25_000,
    "schemes": "http://" * 15_000,
    "closing brackets": "http://a" + ")" * 100_000,
    "mixed brackets": "http://a" + "[(" * 1_000 + ")]" * 45_000,
    "marks behind a link": "http://a" + "." * 100_000,
    "links of 8 kB": ("https://example.am/" + "a/b?c=d&" * 1_000 + " ") * 12,
    "at signs": "@" * 100_000,
    "addresses without end": "a@" * 50_000,
    "addresses of dots": "a.a" * 33_000 + "@",
    "addresses of labels": ("a" * 60 + "@" + ("b" * 62 + ".") * 8) * 180,
    "handles": "@aa@bb." * 14_000,
    "hashes": "#" * 100_000,
    "digits behind a hash": ("#" + "1" * 200) * 500,
    "per cent": "%" * 100_000,
    "zeros": "%" + "0" * 100_000,
    "many zeros": ("%" + "0" * 100 + "." + "0" * 100) * 500,
    "names without end": ("%(" + "a" * 60) * 1_600,
    "braces": "{" * 100_000,
    "open braces": ("{" + " " * 60) * 1_600,
    "tags": "<a" * 50_000,
    "tags without end": ("<a " + "b" * 60 + "=" * 200) * 380,
    "ampersands": "&aaaaaaaa" * 11_000,
    "backticks": "`" * 100_001,
    "code without end": ("`" + "a" * 201) * 500,
    "joined emoji": "\U0001f468\u200d" * 50_000,
    "variation selectors": "\u2764" + "\ufe0f" * 100_000,
    "flags": "\U0001f1e6" * 100_001,
    "placeholders": "{name} " * 500,
}


@given(TEXTS)
def test_entities_are_in_order_apart_and_exact(text: str) -> None:
    found = find_entities(text)

    ends = [0, *(entity.end for entity in found)]
    assert all(end <= entity.start < entity.end for end, entity in zip(ends, found, strict=False))
    assert all(text[entity.start : entity.end] == entity.text and entity.kind in KINDS for entity in found)


@given(TEXTS)
def test_the_quick_look_misses_nothing(text: str) -> None:
    assert bool(find_entities(text)) == bool(ANY_ENTITY.search(text))


@given(TEXTS, st.lists(st.sampled_from([r"\w+", r"a*", r"\.(am)", r"[{}]", r"$"]), max_size=3))
def test_with_patterns_of_the_user_too(text: str, patterns: list[str]) -> None:
    found = EntityFinder(patterns).find(text)

    assert all(one.end <= other.start for one, other in pairwise(found))
    assert all(entity.text and text[entity.start : entity.end] == entity.text for entity in found)


@given(TEXTS)
def test_what_is_cut_out_leaves_all_else(text: str) -> None:
    n_cut = sum(len(entity.text) - 1 for entity in find_entities(text))

    assert len(without_entities(text)) == len(text) - n_cut


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_takes_time_by_its_length_only(text: str) -> None:
    started_s = time.process_time()
    find_entities(text)
    assert time.process_time() - started_s < 2, "a tenth of a second is usual, backtracking takes minutes"
