"""ninjs, the JSON of the IPTC: versions 1, 2 and 3, and the dialects of agencies that write it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.ingest.agency import authors_of, blocks_of_html, first_moment, web_address
from pipeline.ingest.html_metadata import label, unique
from pipeline.ingest.html_text import Block, paragraphs_of
from pipeline.ingest.nitf import nitf_paragraphs
from pipeline.ingest.paragraphs import split_at_blank_lines_or_lines
from pipeline.ingest.safe_xml import XmlError, parse_xml
from pipeline.types import Article, Paragraph

# Version 3 writes `versionCreated` and `bodies`, version 1 `versioncreated` and `body_text`: both are folded.
_MARKS = frozenset(("versioncreated", "bodies", "headlines", "bodytext", "bodyhtml", "bodyxhtml", "bodynitf"))
_TEXT_FORMS = ("xhtml", "html", "nitf", "text")
"""In this order: markup keeps the paragraphs that plain text may have lost."""

_PICTURE_TYPES = frozenset(("picture", "graphic", "video", "audio"))
_AUTHOR_ROLES = frozenset(("author", "creator", "writer"))

_Record = Mapping[str, Any]


def is_ninjs(record: object) -> bool:
    """Return whether a record is ninjs: it has a `uri` and fields that no other shape has."""
    if not isinstance(record, dict) or not isinstance(record.get("uri"), str):
        return False
    return not _MARKS.isdisjoint(map(_folded, record)) or _is_named(record.get("standard"))


def ninjs_article(record: _Record, *, source_uri: str, encoding: str) -> Article:
    """Return the article of a ninjs record; one without text has no paragraphs.

    What is of the wrong type counts as missing. Captions of pictures follow the text.
    """
    fields = {_folded(name): value for name, value in record.items()}
    published = first_moment(_moments(fields, "firstcreated", "contentcreated", "versioncreated"))
    holder = _text(fields, "copyrightholder")
    return Article(
        source_uri=source_uri,
        paragraphs=_paragraphs(fields),
        url=next(filter(None, map(web_address, map(fields.get, ("canonicalurl", "url", "uri")))), None),
        publisher=next(_names(fields, "infosources", "infosource"), None) or _text(fields, "source") or holder,
        published_at=published.value,
        claimed_language=_text(fields, "language"),
        encoding=encoding,
        authors=_authors(fields),
        section=next(_names(fields, "section", "service"), None),
        keywords=unique(_names(fields, "keywords", "subjects", "subject")),
        updated_at=first_moment(_moments(fields, "contentmodified", "versioncreated")).value,
        licence=_text(fields, "usageterms") or _text(fields, "copyrightnotice") or holder,
        notes=published.notes,
    )


def _folded(name: str) -> str:
    return name.replace("_", "").lower()


def _is_named(standard: object) -> bool:
    name = standard.get("name") if isinstance(standard, dict) else standard
    return isinstance(name, str) and name.lower().startswith("ninjs")


def _paragraphs(fields: _Record) -> tuple[Paragraph, ...]:
    headline = _text(fields, "headline") or _main(_listed(fields.get("headlines"))) or _text(fields, "title")
    blocks = next((blocks for form in _TEXT_FORMS if (blocks := _blocks(_written(fields, "body", form), form))), [])
    if not blocks:
        # A picture has no other text; of a text, the description is a summary.
        blocks = [Block(text, is_caption=True) for text in _descriptions(fields)]
    captions = [Block(text, is_caption=True) for text in _captions(fields.get("associations"))]
    return paragraphs_of(headline, [*blocks, *captions])


def _main(values: list[Any]) -> str | None:
    """Return the value that is called the main one, or the first."""
    found = [value for value in values if isinstance(value, dict) and label(value.get("value"))]
    main = next((value for value in found if value.get("role") in {"main", "headline"}), found[0] if found else {})
    return label(main.get("value"))


def _written(fields: _Record, name: str, form: str) -> str:
    """Return the body or description in one form: of `body_xhtml`, or of the `bodies` of that type."""
    single = fields.get(f"{name}{form}")
    if isinstance(single, str):
        return single
    plural = f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"
    values = (value for value in _listed(fields.get(plural)) if isinstance(value, dict))
    return next(
        (text for value in values if _form_of(value) == form and isinstance(text := value.get("value"), str)), ""
    )


def _form_of(value: _Record) -> str:
    kind = next((kind for key in ("contenttype", "contentType") if isinstance(kind := value.get(key), str)), "")
    kind = kind or (role if isinstance(role := value.get("role"), str) else "")
    return next((form for form in _TEXT_FORMS[:-1] if form in kind.lower()), "text")


def _blocks(text: str, form: str) -> list[Block]:
    if form == "text":
        return [Block(block) for block in split_at_blank_lines_or_lines(text)]
    if form != "nitf":
        return blocks_of_html(text) if text else []
    try:
        paragraphs = nitf_paragraphs(parse_xml(text.encode("utf-8", "replace")).root)
    except XmlError:
        return []
    return [Block(one.text, one.kind == "caption") for one in paragraphs if one.kind != "headline"]


def _descriptions(fields: _Record) -> Iterator[str]:
    for form in reversed(_TEXT_FORMS):
        if blocks := _blocks(_written(fields, "description", form), form):
            yield from (block.text for block in blocks)
            return


def _captions(associations: object) -> Iterator[str]:
    items = associations.values() if isinstance(associations, dict) else _listed(associations)
    for item in items:
        if isinstance(item, dict) and item.get("type") in _PICTURE_TYPES:
            yield from _descriptions({_folded(name): value for name, value in item.items()})


def _authors(fields: _Record) -> tuple[str, ...]:
    people = [
        person
        for name in ("people", "person")
        for person in _listed(fields.get(name))
        if isinstance(person, dict) and person.get("rel") in _AUTHOR_ROLES
    ]
    named = unique((*_names(fields, "authors"), *_names({"people": people}, "people")))
    return named or authors_of(_text(fields, "byline") or _text(fields, "by"))


def _names(fields: _Record, *keys: str) -> Iterator[str]:
    for key in keys:
        for item in _listed(fields.get(key)):
            if found := label(item.get("name") if isinstance(item, dict) else item):
                yield found


def _moments(fields: _Record, *keys: str) -> Iterator[object]:
    return map(fields.get, keys)


def _text(fields: _Record, key: str) -> str | None:
    return label(fields.get(key))


def _listed(value: object) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
