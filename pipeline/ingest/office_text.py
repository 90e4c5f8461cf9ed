"""The paragraphs of office documents, from trees of XML with local names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

from pipeline.ingest.html_text import Block
from pipeline.ingest.paragraphs import MAX_CAPTION_LENGTH

Style = Literal["title", "heading", "caption", "body"]
"""`heading` is one of the first level."""

StyledBlock = tuple[Block, Style]

_CELL_SEPARATOR = " | "
_BLANKS = re.compile(r"[ \t\r\n]+")
# Source: ECMA-376, part 1, section 17; the fallback says again what stands beside it, moved and deleted text is gone.
_DOCX_UNREAD = frozenset(("pPr", "rPr", "Fallback", "del", "moveFrom", "sectPr"))
_DOCX_MARKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011"}
# Source: OpenDocument 1.3, part 3, sections 5 to 9.
_ODT_UNREAD = frozenset(
    ("note", "annotation", "tracked-changes", "title", "desc", "table-of-content", "alphabetical-index", "ruby-text")
)
_ODT_MARKS = {"tab": "\t", "line-break": "\n"}
_STYLES: tuple[tuple[re.Pattern[str], Style], ...] = (
    (re.compile(r"title", re.IGNORECASE), "title"),
    (re.compile(r"heading[ _]?1", re.IGNORECASE), "heading"),
    (re.compile(r"caption|illustration|figure|drawing", re.IGNORECASE), "caption"),
)

_Text = Callable[[Any], str]
_StyleOf = Callable[[Any], Style]


def document_blocks(root: Any, styles: Mapping[str, str]) -> list[StyledBlock]:
    """Return the blocks of the main part of a DOCX.

    Args:
        root: its element `document`.
        styles: English names of the styles by their ids.
    """

    def style_of(paragraph: Any) -> Style:
        style = paragraph.find("pPr/pStyle")
        key = style.get("val", "") if style is not None else ""
        return _style(styles.get(key, key))

    return list(_walk(root, _docx_text, style_of, _DOCX_UNREAD, ("tr", "tc")))


def text_document_blocks(root: Any) -> list[StyledBlock]:
    """Return the blocks of the `content.xml` of an ODT."""
    parents = {style.get("name", ""): style.get("parent-style-name", "") for style in root.iter("style")}

    def style_of(paragraph: Any) -> Style:
        name = paragraph.get("style-name", "")
        style = _style((parents.get(name) or name).replace("_20_", " "))
        return "heading" if style == "body" and paragraph.get("outline-level") == "1" else style

    body = root.find("body/text")
    return [] if body is None else list(_walk(body, _odt_text, style_of, _ODT_UNREAD, ("table-row", "table-cell")))


def _style(name: str) -> Style:
    return next((style for pattern, style in _STYLES if pattern.fullmatch(name)), "body")


def _walk(
    element: Any, text_in: _Text, style_of: _StyleOf, unread: frozenset[str], table: tuple[str, str]
) -> Iterator[StyledBlock]:
    """Yield the blocks below an element in order; a row of short cells is one, text boxes follow their paragraph."""
    row, cell = table
    for child in element:
        if child.tag in unread:
            continue
        if child.tag in {"p", "h"} and (text := text_in(child).strip()):
            style = style_of(child)
            yield Block(text, is_caption=style == "caption"), style
        found = _walk(child, text_in, style_of, unread, table)
        if child.tag == row:
            found = _row([_cell(one, text_in, style_of, unread, table) for one in child.iterchildren(cell)])
        yield from found


def _cell(*arguments: Any) -> list[StyledBlock]:
    return list(_walk(*arguments))


def _row(cells: list[list[StyledBlock]]) -> Iterator[StyledBlock]:
    filled = [cell for cell in cells if cell]
    if all(len(cell) == 1 and len(cell[0][0].text) <= MAX_CAPTION_LENGTH for cell in filled):
        if filled:
            yield Block(_CELL_SEPARATOR.join(" ".join(cell[0][0].text.split()) for cell in filled)), "body"
    else:
        yield from (block for cell in filled for block in cell)


def _docx_text(paragraph: Any) -> str:
    return "".join(_docx_pieces(paragraph))


def _docx_pieces(element: Any) -> Iterator[str]:
    for child in element:
        if child.tag == "t":
            yield child.text or ""
        elif child.tag in _DOCX_MARKS:
            yield _DOCX_MARKS[child.tag]
        elif child.tag not in _DOCX_UNREAD and child.tag != "p":
            yield from _docx_pieces(child)


def _odt_text(paragraph: Any) -> str:
    return "".join(_odt_pieces(paragraph))


def _odt_pieces(element: Any) -> Iterator[str]:
    yield _BLANKS.sub(" ", element.text or "")
    for child in element:
        if child.tag == "s":
            yield " "
        elif child.tag in _ODT_MARKS:
            yield _ODT_MARKS[child.tag]
        elif child.tag not in _ODT_UNREAD and child.tag not in {"p", "h", "frame"}:
            yield from _odt_pieces(child)
        yield _BLANKS.sub(" ", child.tail or "")
