"""Markdown: the text without its marks, and what the front matter says of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from pipeline.errors import Reason
from pipeline.ingest.agency import blocks_of_html, first_moment, web_address
from pipeline.ingest.content import Content, ReadingOptions
from pipeline.ingest.html_metadata import label, unique
from pipeline.ingest.html_text import Block, paragraphs_of
from pipeline.ingest.paragraphs import unify_line_ends
from pipeline.ingest.whole import Text, read_text, reject
from pipeline.types import Article, Reject

MAX_LENGTH = 1 << 18
"""Code points; the time of tables and of brackets that are none of links grows faster than they do."""

MAX_FRONT_MATTER_LENGTH = 1 << 16
"""Code points; that of articles is some hundreds."""

_YAML = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_TOML = re.compile(r"\A\+\+\+[ \t]*\n(.*?)^\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_FOOTNOTE_MARK = re.compile(r"\[\^[^\[\]\s]{1,40}\](?!\()(?::[ \t]*)?")
_BETWEEN_NAMES = re.compile(r"\s*[,;]\s*")
_MAX_DEPTH = 50
# Lists count twice; what stands deeper, markdown-it leaves out.
_MAX_NESTING = 100
_CELL_SEPARATOR = " | "


class _FrontMatterError(Exception):
    """The front matter is not what it should be, or would grow when it is read."""


def read_markdown(content: Content, options: ReadingOptions) -> Iterator[Article | Reject]:
    """Yield the one article of a file, or its reject."""
    found = read_text(content, options)
    if isinstance(found, Reject):
        yield found
        return
    if len(found.text) > MAX_LENGTH:
        detail = f"{len(found.text)} characters of Markdown; at most {MAX_LENGTH} are read: split it into articles"
        yield reject(Reason.TOO_LARGE, detail, found.data, content.source_uri)
        return
    try:
        fields, text = _split_front_matter(unify_line_ends(found.text))
    except _FrontMatterError as error:
        yield reject(Reason.BAD_RECORD, str(error), found.data, content.source_uri)
        return
    article = _article_of(fields, text, source_uri=content.source_uri, found=found)
    yield (
        article
        if article.paragraphs
        else reject(Reason.EMPTY, "the file holds no text", found.data, content.source_uri)
    )


def _article_of(fields: Mapping[str, Any], text: str, *, source_uri: str, found: Text) -> Article:
    headline, blocks = _headline_and_blocks(text, title=_first(fields, "title", "headline"))
    published = first_moment(map(fields.get, ("date", "published", "publishdate", "pubdate", "created")))
    return Article(
        source_uri=source_uri,
        paragraphs=paragraphs_of(headline, blocks),
        url=next(filter(None, map(web_address, map(fields.get, ("canonicalurl", "canonical", "url", "link")))), None),
        publisher=_first(fields, "publisher", "site", "source"),
        published_at=published.value,
        claimed_language=_first(fields, "lang", "language", "locale"),
        encoding=found.encoding,
        authors=_names(fields, "authors", "author"),
        section=_first(fields, "section", "category", "categories"),
        keywords=_names(fields, "tags", "keywords"),
        updated_at=first_moment(map(fields.get, ("lastmod", "updated", "modified", "lastmodifiedat"))).value,
        licence=_first(fields, "licence", "license", "copyright"),
        notes=(*found.notes, *published.notes),
    )


def _split_front_matter(text: str) -> tuple[Mapping[str, Any], str]:
    """Return the fields of the front matter, names folded to letters alone, and the text behind it."""
    for pattern, parse in ((_YAML, _parse_yaml), (_TOML, _parse_toml)):
        if match := pattern.match(text):
            if len(match[1]) > MAX_FRONT_MATTER_LENGTH:
                raise _FrontMatterError(f"front matter of more than {MAX_FRONT_MATTER_LENGTH} characters")
            fields = parse(match[1])
            # Two rules with a line of text between them look the same.
            if isinstance(fields, dict):
                folded = {re.sub(r"[\W_]", "", str(name)).lower(): value for name, value in fields.items()}
                return folded, text[match.end() :]
    return {}, text


def _parse_yaml(text: str) -> Any:
    """Return the value of a YAML document with all scalars as strings, so that no `no` becomes False."""
    import yaml

    try:
        _refuse_bombs(yaml.scan(text, Loader=yaml.BaseLoader))
        return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - it makes strings, lists and dicts, nothing else
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" at line {mark.line + 2}, column {mark.column + 1}" if mark else ""
        detail = f"the front matter is no YAML{where}: {error.problem}; set values with a colon in quotes"
        raise _FrontMatterError(detail) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise _FrontMatterError(f"the front matter is no YAML: {error}") from error


def _refuse_bombs(tokens: Iterator[Any]) -> None:
    depth = 0
    for token in tokens:
        name = type(token).__name__
        depth += name.endswith("StartToken") - name.endswith("EndToken")
        if name == "AliasToken":
            raise _FrontMatterError("front matter with aliases, which can grow without limit: write the values out")
        if depth > _MAX_DEPTH:
            raise _FrontMatterError(f"front matter with more than {_MAX_DEPTH} lists in each other")


def _parse_toml(text: str) -> Any:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        return tomlkit.parse(text).unwrap()
    except (TOMLKitError, ValueError, RecursionError) as error:
        raise _FrontMatterError(f"the front matter is no TOML: {error}") from error


@cache
def _parser() -> Any:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"maxNesting": _MAX_NESTING}).enable(["table", "strikethrough"])


def _headline_and_blocks(text: str, *, title: str | None) -> tuple[str | None, list[Block]]:
    """Return the headline, which is `title`, else the first main heading, else a heading at the start; and the rest."""
    blocks: list[Block] = []
    headings: list[tuple[str, int]] = []
    cells: list[str] | None = None
    tokens = _parser().parse(text)
    for before, token in zip((None, *tokens), tokens, strict=False):
        if token.type == "tr_open":
            cells = []
        elif token.type == "tr_close":
            blocks.append(Block(_CELL_SEPARATOR.join(filter(None, cells or ()))))
            cells = None
        elif token.type == "inline":
            written, captions = _inline(token.children or ())
            if cells is not None:
                cells.append(written)
                continue
            if before.type == "heading_open":
                headings.append((before.tag, len(blocks)))
            blocks += [Block(written), *captions]
        elif token.type in {"fence", "code_block"}:
            blocks.append(Block(token.content.strip("\n")))
        elif token.type == "html_block":
            blocks += blocks_of_html(token.content)
    index = None if title else next((index for tag, index in headings if tag == "h1"), None)
    if index is None and not title and headings and headings[0][1] == 0:
        index = 0
    headline = title if index is None else blocks.pop(index).text
    return headline or None, [block for block in blocks if block.text.strip()]


def _inline(tokens: Sequence[Any]) -> tuple[str, list[Block]]:
    """Return the text of a paragraph without marks, and what stands for the pictures in it."""
    pieces: list[str] = []
    captions = []
    for token in tokens:
        if token.type in {"text", "code_inline"}:
            pieces.append(token.content)
        elif token.type == "softbreak":
            pieces.append(" ")
        elif token.type == "hardbreak" or token.content.lower().startswith("<br"):
            pieces.append("\n")
        elif token.type == "image" and token.content.strip():
            captions.append(Block(_FOOTNOTE_MARK.sub("", token.content).strip(), is_caption=True))
    return _FOOTNOTE_MARK.sub("", "".join(pieces)).strip(), captions


def _first(fields: Mapping[str, Any], *names: str) -> str | None:
    return next((found for name in names for found in _labels(fields.get(name))), None)


def _names(fields: Mapping[str, Any], *names: str) -> tuple[str, ...]:
    """Return the names in the first field that has any, from a list or from text with commas."""
    for name in names:
        value = fields.get(name)
        listed = _BETWEEN_NAMES.split(value) if isinstance(value, str) else value
        if found := unique(_labels(listed)):
            return found
    return ()


def _labels(value: object) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        if found := label(item.get("name") if isinstance(item, dict) else item):
            yield found
