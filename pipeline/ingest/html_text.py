"""From a tree of HTML, or of what trafilatura made of it, to blocks of text: paragraphs, headings, items, captions."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import accumulate, takewhile
from typing import Any, NamedTuple

from pipeline.ingest.paragraphs import MAX_CAPTION_LENGTH, with_kinds
from pipeline.packaged import read_toml
from pipeline.text import ends_sentence
from pipeline.types import Paragraph

_CELL_TAGS = frozenset(("td", "th", "cell"))
_ROW_TAGS = frozenset(("tr", "row"))
_LINE_BREAKS = frozenset(("br", "lb"))
_ASIDE_TAGS = frozenset(("aside", "nav", "footer", "form"))
_CELL_SEPARATOR = " | "
_NEAR_BLOCKS = 8
_MIN_UNMISTAKABLE = 40
_MAX_ATTRIBUTES = 200
_FLAT_TAGS = frozenset(
    ("html", "head", "body", "title", "meta", "link", "script", "style", "br", "p", "h1", "h2", "h3")
)
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)[^<>]*>")
_LONG_TAG = re.compile(r"<([A-Za-z][A-Za-z0-9]*)[^<>]{1000,}>")
_ATTRIBUTE = re.compile(r"\s[^\s=<>\"'/]+(?==|\s)")
_NOT_OF_XML = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Block(NamedTuple):
    """A stretch of text with its own line on the page: whether it is the caption of a figure, or stands aside."""

    text: str
    is_caption: bool = False
    is_aside: bool = False


class _Tags(NamedTuple):
    block: frozenset[str]
    unread: frozenset[str]


def parse_html(text: str) -> Any | None:
    """Return the `html` element of a page or a fragment as lxml reads it, None where there is none.

    Broken pages are mended. Where elements are nested deeper than libxml2 allows, the page is read without nesting.
    """
    text = drop_excessive_attributes(_NOT_OF_XML.sub("", text))
    root, is_whole = _parse(text)
    return root if is_whole else _parse(_TAG.sub(_flat, text))[0]


def drop_excessive_attributes(text: str) -> str:
    """Return markup without the attributes of tags that have hundreds: parsers compare each with all others."""
    return _LONG_TAG.sub(_without_attributes, text)


def _parse(text: str) -> tuple[Any | None, bool]:
    """Return the root, and whether all was read."""
    from lxml.etree import LxmlError
    from lxml.html import HTMLParser, document_fromstring

    parser = HTMLParser(
        encoding="utf-8", collect_ids=False, default_doctype=False, remove_comments=True, remove_pis=True
    )
    try:
        root = document_fromstring(text.encode(), parser=parser) if text.strip() else None
    except (LxmlError, ValueError):
        root = None
    return root, not any("depth" in error.message for error in parser.error_log)


def _flat(tag: re.Match[str]) -> str:
    name = tag[1].lower()
    if name in _FLAT_TAGS:
        return tag[0]
    return "<p>" if name in _tags().block else " "


def _without_attributes(tag: re.Match[str]) -> str:
    return f"<{tag[1]}>" if len(_ATTRIBUTE.findall(tag[0])) > _MAX_ATTRIBUTES else tag[0]


def blocks_of(root: Any) -> list[Block]:
    """Return the blocks below an element of lxml, in order, blanks collapsed; no block is empty.

    A line break ends a block behind a sentence-final mark or another line break, else it stays a line feed. The cells
    of a plain row are one block.
    """
    from lxml.etree import iterwalk

    tags = _tags()
    blocks = _Blocks(tags.block)
    walk = iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        if event != "start":
            blocks.close(element.tag if event == "end" else None)
            if element is not root:
                blocks.add(element.tail)
        elif element.tag in tags.unread:
            walk.skip_subtree()
        elif element.tag in _ROW_TAGS and (cells := _plain_cells(element, tags.block)) is not None:
            blocks.add_row(cells)
            walk.skip_subtree()
        else:
            blocks.open(element)
            blocks.add(element.text)
    return blocks.finish()


def restore_structure(texts: Sequence[str], page: Sequence[Block], *, headline: str | None = None) -> list[Block]:
    """Return the blocks of an extraction as they stand on its page, with the captions between them.

    What was run together is parted where the page parts it, without menus; else nothing is left out. Captions that
    were left out come back where they stand between the headline, or else the first block, and the last one, or right
    behind that.

    Args:
        texts: what was extracted, in order.
        page: all blocks of the page.
        headline: of the article.
    """
    places = _Places(page)
    restored: list[Block] = []
    last = places.index_of(headline) if headline else None
    for text in texts:
        span = places.find(text, after=-1 if last is None else last)
        if span is None:
            restored.append(Block(text))
            continue
        if last is not None:
            restored += [block for block in page[last + 1 : span.start] if block.is_caption and not block.is_aside]
        restored += places.parted(text, span)
        last = max(span.stop - 1, -1 if last is None else last)
    behind = page[last + 1 :] if restored and last is not None else ()
    return [*restored, *takewhile(lambda block: block.is_caption and not block.is_aside, behind)]


def paragraphs_of(headline: str | None, blocks: Sequence[Block]) -> tuple[Paragraph, ...]:
    """Return the paragraphs of an article, the headline first and only once."""
    if headline and len(blocks) > 1 and blocks[0].text == headline:
        blocks = blocks[1:]
    paragraphs = with_kinds(headline, [block.text for block in blocks])
    n_before = len(paragraphs) - len(blocks)
    told = (
        replace(paragraph, kind="caption") if block.is_caption else paragraph
        for paragraph, block in zip(paragraphs[n_before:], blocks, strict=True)
    )
    return (*paragraphs[:n_before], *told)


class _Blocks:
    """Takes the texts between tags and makes blocks of them."""

    def __init__(self, block_tags: frozenset[str]) -> None:
        self._block_tags = block_tags
        self._done: list[Block] = []
        self._lines: list[list[str]] = [[]]
        self._n_captions = 0
        self._n_aside = 0

    def add(self, text: str | None) -> None:
        if text:
            self._lines[-1].append(text)

    def add_row(self, cells: Sequence[str]) -> None:
        self.finish()
        self.add(_CELL_SEPARATOR.join(filter(None, cells)))
        self.finish()

    def open(self, element: Any) -> None:
        tag = element.tag
        if tag in _LINE_BREAKS:
            self._lines.append([])
        elif tag in self._block_tags:
            self.finish()
            self._n_aside += tag in _ASIDE_TAGS
            self._n_captions += tag == "figcaption"

    def close(self, tag: str | None) -> None:
        if tag in self._block_tags:
            self.finish()
            self._n_aside -= tag in _ASIDE_TAGS
            self._n_captions -= tag == "figcaption"

    def finish(self) -> list[Block]:
        """End the block at hand and return all blocks so far."""
        if self._lines != [[]]:
            is_caption, is_aside = self._n_captions > 0, self._n_aside > 0
            lines = [" ".join("".join(pieces).split()) for pieces in self._lines]
            self._done += (Block(text, is_caption, is_aside) for text in _joined(lines))
            self._lines = [[]]
        return self._done


class _Places:
    """Where texts stand on a page: its blocks as one string without blanks, in which they are looked for."""

    def __init__(self, page: Sequence[Block]) -> None:
        self._page = page
        self._solid = [_without_blanks(block.text) for block in page]
        self._text = "".join(self._solid)
        self._starts = [0, *accumulate(map(len, self._solid))]

    def index_of(self, text: str) -> int | None:
        """Return which block reads `text` and nothing else, the first one."""
        solid = _without_blanks(text)
        return next((index for index, block in enumerate(self._solid) if block == solid), None)

    def find(self, text: str, *, after: int) -> range | None:
        """Return the blocks that `text` is made of or is a part of, those behind block `after` before others.

        A short text may stand anywhere: it is looked for close by, and as a whole block.
        """
        solid = _without_blanks(text)
        near = range(after + 1, min(after + 1 + _NEAR_BLOCKS, len(self._solid)))
        found = next((index for index in near if self._solid[index] == solid), None)
        if found is not None:
            return range(found, found + 1)
        if len(solid) < _MIN_UNMISTAKABLE:
            return None
        start = self._text.find(solid, self._starts[after + 1])
        if start < 0:
            start = self._text.find(solid)
        if start < 0:
            return None
        return range(bisect_right(self._starts, start) - 1, bisect_left(self._starts, start + len(solid)))

    def parted(self, text: str, span: range) -> list[Block]:
        """Return `text` in the parts that the blocks of `span` make of it."""
        solid = _without_blanks(text)
        if len(span) == 1:
            block = self._page[span.start]
            return [Block(text, block.is_caption and self._solid[span.start] == solid)]
        start = self._text.find(solid, self._starts[span.start])
        parts = []
        for index in span:
            n_chars = self._starts[index + 1] - max(start, self._starts[index])
            part, text = _split_behind(text, n_chars)
            parts.append(self._page[index]._replace(text=part))
        return [part for part in parts if not part.is_aside] or parts


@cache
def _tags() -> _Tags:
    tags = read_toml("pipeline.ingest", "html.toml")["tags"]
    return _Tags(block=frozenset(tags["block"].split()), unread=frozenset(tags["unread"].split()))


def _joined(lines: Sequence[str]) -> Iterator[str]:
    paragraph: list[str] = []
    for line in lines:
        if line:
            paragraph.append(line)
        if paragraph and (not line or ends_sentence(line)):
            yield "\n".join(paragraph)
            paragraph = []
    if paragraph:
        yield "\n".join(paragraph)


def _plain_cells(row: Any, block_tags: frozenset[str]) -> list[str] | None:
    """Return the texts of the cells of a row, None where one holds blocks or running text."""
    if any(element.tag in block_tags and element.tag not in _CELL_TAGS for element in row.iterdescendants()):
        return None
    cells = [" ".join("".join(cell.itertext()).split()) for cell in row]
    return cells if all(len(cell) <= MAX_CAPTION_LENGTH for cell in cells) else None


def _without_blanks(text: str) -> str:
    return "".join(text.split())


def _split_behind(text: str, n_chars: int) -> tuple[str, str]:
    """Return the beginning of `text` that has `n_chars` characters which are no blanks, and the rest."""
    for index, char in enumerate(text):
        n_chars -= not char.isspace()
        if not n_chars:
            return text[: index + 1].strip(), text[index + 1 :].strip()
    return text, ""
