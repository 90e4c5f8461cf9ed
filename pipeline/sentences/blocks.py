"""Where a paragraph is cut whatever its marks say: blank lines, lists, stamps, rules of asterisks, links in a row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from pipeline.sentences.rules import BlockRule, Rules


class BlockEnd(NamedTuple):
    """A cut: the offset where the next block starts, and the rule that made it."""

    offset: int
    rule: str


_ITEM = re.compile(r"(?<!\S)(?:(\d{1,2})|([A-Za-zА-Яа-яԱ-Ֆա-ֆ]))([.)]+)[ \t\u00a0]+(?=(\S))")
_FIRST_ITEM = re.compile(r"[1aаա][.)]")
_ITEM_GOES_ON = re.compile(r"(?:[,;:(–—-]|\b(?:and|or|и|или|и/или|և|ու|կամ))\s*\Z")
_LETTERS = {
    letter: n for alphabet in ("abcdefghij", "абвгдежзик", "աբգդեզէըթժ") for n, letter in enumerate(alphabet, 1)
}
_LOOK_BACK = 12


def find_block_ends(text: str, rules: Rules) -> list[BlockEnd]:
    """Return the cuts of `text` in order, each offset once."""
    found = {end.offset: end for end in _find_items(text)} if _FIRST_ITEM.search(text) else {}
    for rule in rules.blocks:
        if not _may_apply(rule, text):
            continue
        found |= {end.offset: end for end in _apply(rule, text)}
    return sorted(end for end in found.values() if 0 < end.offset < len(text))


def _apply(rule: BlockRule, text: str) -> Iterator[BlockEnd]:
    for match in rule.pattern.finditer(text):
        yield BlockEnd(match.end(), rule.name)


def _may_apply(rule: BlockRule, text: str) -> bool:
    """Return whether a text holds a guard: that is found out a hundred times as quickly as a pattern is looked for."""
    for guard in rule.guards:  # any() over a generator takes thrice the time, for each paragraph
        if guard in text:
            return True
    return not (rule.guards or text.isascii())


class _Item(NamedTuple):
    start: int
    number: int
    marks: str


def _find_items(text: str) -> Iterator[BlockEnd]:
    """Yield the starts of the second and later items of lists that run on in one line: 1) … 2) … and so on."""
    for before, item in pairwise(_runs(text)):
        if item.number == before.number + 1 and item.marks == before.marks:
            yield BlockEnd(item.start, "list-item")


def _runs(text: str) -> Iterator[_Item]:
    """Yield the items of numbered lists; one that is tied to the words before it is no item."""
    for match in _ITEM.finditer(text):
        digits, letter, marks, following = match.groups()
        number = int(digits) if digits else _LETTERS.get(letter.lower(), 0)
        # A number and a dot may be a date or an ordinal; a bracket is a sign of a list by itself.
        is_list_like = ")" in marks or following.isupper()
        is_tied = _ITEM_GOES_ON.search(text[max(0, match.start() - _LOOK_BACK) : match.start()]) is not None
        if number and is_list_like and (number == 1 or not is_tied) and (digits or not letter.isupper()):
            yield _Item(match.start(), number, marks)
