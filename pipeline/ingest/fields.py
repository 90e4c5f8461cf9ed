"""From a record to an article: title, text and metadata, wherever the record keeps them.

Metadata of the wrong type never cost an article: they are left out. The shape of newsmt itself is stricter about the
fields that it has always had.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.errors import Note, Reason
from pipeline.ingest.dates import is_bad_date, parse_date
from pipeline.ingest.paragraphs import (
    split_at_blank_lines,
    split_at_blank_lines_or_lines,
    unify_line_ends,
    with_kinds,
)
from pipeline.ingest.shapes import CORPUS, PLAIN, Shape, body_names, find, recognise
from pipeline.text import normalise
from pipeline.types import Article

_MAX_NAMES_LISTED = 12
_NAME_SEPARATOR = re.compile(r"[,;|\n]")
# What JSON and Python write around a list that became the text of a cell.
_AROUND_NAMES = " \t\r'\"[]"
_NAME_KEYS = ("name", "title", "label", "value")
_TEXT_KEYS = ("summary", "headline", "text", "content", "paragraphs", "sections")
_STRICT_FIELDS = ("title", "text", "url", "publisher", "language")
_NOTES = frozenset(note.value for note in Note)


class RecordError(Exception):
    """A record has no text, or lacks what makes an article, or has it in the wrong type; or a whole file does."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def article_of(record: object, *, source_uri: str, encoding: str, fields: Mapping[str, str]) -> Article:
    """Return the article of a record, whose values are those that JSON can hold, or dates.

    Args:
        record: what should be an object with the fields of a known shape, or those that the user named.
        source_uri: of the record.
        encoding: that it was read in.
        fields: the user's names of fields, paths such as `content.body`; they go before those of the shape.

    Raises:
        RecordError: it is no object, has no text, or keeps its text in the wrong type.
    """
    if not isinstance(record, dict):
        raise RecordError(Reason.BAD_RECORD, f"a {_type_name(record)}; expected a JSON object with `title` and `text`")
    article = None if fields else _ninjs_article(record, source_uri, encoding)
    if article is None:
        article = _article(record, source_uri, encoding, fields)
    if not article.paragraphs:
        raise RecordError(Reason.EMPTY, "the record holds no text")
    return article


def shape_of(record: object, fields: Mapping[str, str]) -> str:
    """Return what people call the shape of a record, `unknown` where it is none."""
    if not isinstance(record, dict):
        return "unknown"
    if fields:
        return "[input.fields]"
    if _is_ninjs(record):
        return "ninjs"
    shape = recognise(record)
    is_known = shape is not PLAIN or any(name in record for name in ("title", "text", "paragraphs"))
    return shape.name if is_known else "unknown"


def missing_fields(record: Mapping[str, Any], fields: Mapping[str, str]) -> tuple[str, ...]:
    """Return the user's paths that lead nowhere in a record."""
    return tuple(path for path in fields.values() if find(record, path) is None)


def why_no_article(record: Mapping[str, Any], fields: Mapping[str, str]) -> str | None:
    """Return why a record, or rows with such columns, can be no article whatever the values are; None where it can."""
    if not body_names(recognise(record), fields).isdisjoint(record):
        return None
    texts = record.get("translation")
    if isinstance(texts, dict) and texts:
        languages = " and ".join(sorted(map(str, texts)))
        detail = f"`translation` holds {languages}, and nothing tells which is the source"
        example = f"translation.{min(map(str, texts))}"
    else:
        detail = f"none of `title`, `text` and `paragraphs` is there; found: {_listed(record)}"
        example = "body"
    return f'{detail}; name the field of the text under [input.fields], as in text = "{example}"'


def _listed(record: Mapping[str, Any]) -> str:
    names = list(map(str, record))
    more = ", …" if len(names) > _MAX_NAMES_LISTED else ""
    return ", ".join(names[:_MAX_NAMES_LISTED]) + more or "nothing"


def _ninjs_article(record: dict[str, Any], source_uri: str, encoding: str) -> Article | None:
    if not _is_ninjs(record):
        return None
    from pipeline.ingest.ninjs import ninjs_article

    return ninjs_article(record, source_uri=source_uri, encoding=encoding)


def _is_ninjs(record: dict[str, Any]) -> bool:
    if "uri" not in record:
        return False
    from pipeline.ingest.ninjs import is_ninjs

    return is_ninjs(record)


def _article(record: dict[str, Any], source_uri: str, encoding: str, fields: Mapping[str, str]) -> Article:
    shape = recognise(record)
    headline, blocks = _body(record, shape, fields)
    metadata = _metadata(record, shape, fields)
    published_at, updated_at = metadata.get("published_at"), metadata.get("updated_at")
    published, updated = parse_date(published_at), parse_date(updated_at)
    has_bad_date = (not published and is_bad_date(published_at)) or (not updated and is_bad_date(updated_at))
    return Article(
        source_uri=source_uri,
        paragraphs=with_kinds(headline or None, blocks),
        url=_label(metadata.get("url")),
        publisher=_label(metadata.get("publisher")),
        published_at=published,
        claimed_language=_label(metadata.get("language")),
        encoding=encoding,
        authors=_names(metadata.get("authors")),
        section=_label(metadata.get("section")),
        keywords=_names(metadata.get("keywords")),
        updated_at=updated,
        licence=_label(metadata.get("licence")),
        notes=_notes(metadata.get("notes"), has_bad_date=has_bad_date),
    )


def _body(record: dict[str, Any], shape: Shape, fields: Mapping[str, str]) -> tuple[str, list[str]]:
    """Return the headline, empty where there is none, and the paragraphs."""
    name = "paragraphs" if "paragraphs" in fields else "text"
    path = fields.get(name, shape.text)
    if path == shape.text and shape is PLAIN:
        return _plain_body(record, fields)
    value = find(record, path)
    if name in fields and value is None:
        detail = f"`{path}`, the `{name}` of [input.fields], is not there; found: {_listed(record)}"
        raise RecordError(Reason.BAD_RECORD, detail)
    headline = _title(record, shape, fields)
    # A paragraph of a corpus may be of several lines, also where it is the only one.
    is_corpus = shape is CORPUS and isinstance(value, str)
    if shape.is_html and path == shape.text and isinstance(value, str):
        blocks = _blocks_of_markup(value)
    else:
        blocks = split_at_blank_lines(value) if is_corpus else _blocks(value, path)
    return headline, blocks[1:] if blocks and blocks[0] == headline else blocks


def _title(record: dict[str, Any], shape: Shape, fields: Mapping[str, str]) -> str:
    paths = (fields["title"],) if "title" in fields else shape.title
    value = None
    for path in paths:
        if value := find(record, path):
            break
    if isinstance(value, list):
        value = " ".join(item for item in value if isinstance(item, str))
    return unify_line_ends(value).strip() if isinstance(value, str) else ""


def _plain_body(record: dict[str, Any], fields: Mapping[str, str]) -> tuple[str, list[str]]:
    for name in _STRICT_FIELDS:
        value = record.get(name)
        if value is not None and not isinstance(value, str) and name not in fields:
            raise RecordError(Reason.BAD_RECORD, f"`{name}` is a {_type_name(value)}; expected a string")
    text, paragraphs = record.get("text"), record.get("paragraphs")
    headline = _title(record, PLAIN, fields)
    if paragraphs is None:
        if text is None and not headline and (detail := why_no_article(record, fields)):
            raise RecordError(Reason.BAD_RECORD, detail)
        return headline, split_at_blank_lines_or_lines(text or "")
    if not isinstance(paragraphs, list) or not all(isinstance(value, str) for value in paragraphs):
        raise RecordError(Reason.BAD_RECORD, "`paragraphs` is no list of strings")
    return headline, [block for value in paragraphs if (block := unify_line_ends(value).strip())]


def _blocks(value: object, path: str) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        return split_at_blank_lines_or_lines(value)
    if isinstance(value, list | dict):
        return [block for text in _texts(value) if (block := unify_line_ends(text).strip())]
    raise RecordError(Reason.BAD_RECORD, f"`{path}` is a {_type_name(value)}; expected a string")


def _blocks_of_markup(markup: str) -> list[str]:
    from pipeline.ingest.agency import blocks_of_html

    return [block.text for block in blocks_of_html(markup)]


def _texts(value: object) -> Iterator[str]:
    """Yield the strings of nested lists and of objects that hold text, in reading order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for key in _TEXT_KEYS:
            yield from _texts(value.get(key))


def _metadata(record: dict[str, Any], shape: Shape, fields: Mapping[str, str]) -> dict[str, Any]:
    """Return what the record holds of each field that it holds something of."""
    found = {}
    for name, paths in shape.metadata.items():
        for path in paths:
            if value := record[path] if path in record else "." in path and find(record, path):
                found[name] = value
                break
    for name, path in fields.items():
        found[name] = find(record, path)
    return found


def _notes(noted: object, *, has_bad_date: bool) -> tuple[str, ...]:
    notes = [note for note in _names(noted) if note in _NOTES]
    return tuple(dict.fromkeys([*notes, Note.BAD_DATE.value])) if has_bad_date else tuple(notes)


def _label(value: object) -> str | None:
    """Return a text that is stored as it is, so it must be one that can be encoded; of a list the first one."""
    if isinstance(value, str):
        is_clean = value.isascii() and value.isprintable()
        return (value if is_clean else normalise(value)).strip() or None
    if isinstance(value, dict):
        return next((label for key in _NAME_KEYS if (label := _label(value.get(key)))), None)
    if isinstance(value, list):
        return _label(value[0]) if value else None
    return None


def _names(value: object) -> tuple[str, ...]:
    """Return the names in a list, or in a string that lists them; each once."""
    if not value:
        return ()
    if isinstance(value, str):
        found = [normalise(name).strip(_AROUND_NAMES) for name in _NAME_SEPARATOR.split(value)]
    elif isinstance(value, list):
        found = [name for item in value if isinstance(item, str | dict) and (name := _label(item))]
    else:
        found = [_label(value) or ""]
    return tuple(dict.fromkeys(filter(None, found)))


def _type_name(value: object) -> str:
    names = {bool: "boolean", int: "number", float: "number", str: "string", list: "list", dict: "JSON object"}
    return names.get(type(value), "null" if value is None else type(value).__name__)
