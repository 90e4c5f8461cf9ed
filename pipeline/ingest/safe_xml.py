"""The one way XML is parsed: entities are never resolved, nothing outside is read, sizes and depths are bounded.

lxml, because it names line and column, reads every encoding that has a name, leaves an entity where it stands, and
has limits in C: 256 levels, 10 MB in one text. `defusedxml` refuses the same, on the slow parser of Python, and fails
at names that HTML knows (`&nbsp;`), which agencies write under a document type that lies elsewhere.
"""

from __future__ import annotations

import codecs
from contextlib import suppress
from html.entities import html5
from typing import Any, NamedTuple

from pipeline.ingest.encoding import assumed_encoding, detect_encoding
from pipeline.ingest.payload import MAX_ARTICLE_BYTES

_SNIFFED_BYTES = 1 << 13
_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class XmlError(Exception):
    """The data is no XML that may be read; the message says why, and where."""


class Document(NamedTuple):
    """The root element, names without namespaces and prefixes, the encoding of the bytes, and doubts about it."""

    root: Any
    encoding: str
    notes: tuple[str, ...] = ()


def parse_xml(data: bytes, *, encoding: str | None = None, max_bytes: int = MAX_ARTICLE_BYTES) -> Document:
    """Return what `data` holds; elements and attributes have local names, comments and instructions are out.

    A document type is taken where it declares no entities; what it names is not read. Names of characters that HTML
    knows are those characters. Text that is not in the encoding it declares is read in the one that is found out.

    Args:
        data: all of a file.
        encoding: of text that is not in the declared encoding, where none is found out.
        max_bytes: size limit of `data`.

    Raises:
        XmlError: `data` is no XML, declares entities, or is larger than `max_bytes`.
    """
    if len(data) > max_bytes:
        raise XmlError(f"{len(data)} bytes of XML; at most {max_bytes} are read")
    document = _parse(data, encoding)
    _refuse_declared_entities(document.root)
    _write_out_names(document.root)
    _drop_namespaces(document.root)
    return document


def root_tag(head: bytes) -> str | None:
    """Return the tag of the first element, `{namespace}name` or `name`; None where `head` does not begin like XML."""
    start = head[:_SNIFFED_BYTES]
    if not start.lstrip().startswith((b"<", codecs.BOM_UTF8, *_UTF_16_MARKS)):
        return None
    from lxml import etree

    parser = etree.XMLPullParser(events=("start",), **_options())
    with suppress(etree.XMLSyntaxError):
        parser.feed(start)
    return next((str(element.tag) for _, element in parser.read_events()), None)


def _options() -> dict[str, bool]:
    return {
        "resolve_entities": False,
        "no_network": True,
        "load_dtd": False,
        "huge_tree": False,
        "remove_comments": True,
        "remove_pis": True,
    }


def _parse(data: bytes, assumed: str | None) -> Document:
    from lxml import etree

    try:
        root = etree.fromstring(data, etree.XMLParser(**_options()))
        is_utf_16 = data.startswith(_UTF_16_MARKS)
        return Document(root, "utf-16" if is_utf_16 else root.getroottree().docinfo.encoding.lower())
    except etree.XMLSyntaxError as error:
        first = error
    found = detect_encoding(data) or (assumed_encoding(assumed) if assumed else None)
    try:
        if found:
            codec = found.codec if found.name == "utf-16" else found.name
            root = etree.fromstring(data, etree.XMLParser(encoding=codec, **_options()))
            return Document(root, found.name, found.notes)
    except (etree.XMLSyntaxError, LookupError):
        pass
    raise XmlError(_message(first)) from first


def _message(error: Any) -> str:
    line, column = error.position
    reason = (error.msg or "no element").partition(", line ")[0]
    return f"no XML at line {line}, column {column}: {reason}"


def _refuse_declared_entities(root: Any) -> None:
    declared = root.getroottree().docinfo.internalDTD
    entity = next(declared.iterentities(), None) if declared is not None else None
    if entity is not None:
        raise XmlError(f"the document type declares the entity `{entity.name}`; entities are not resolved: remove them")


def _write_out_names(root: Any) -> None:
    from lxml import etree

    for entity in list(root.iter(etree.Entity)):
        text = html5.get(f"{entity.name};")
        if text is None:
            raise XmlError(f"no XML at line {entity.sourceline}: the entity `{entity.name}` is not declared")
        previous, parent = entity.getprevious(), entity.getparent()
        text += entity.tail or ""
        if previous is None:
            parent.text = (parent.text or "") + text
        else:
            previous.tail = (previous.tail or "") + text
        parent.remove(entity)


def _drop_namespaces(root: Any) -> None:
    from lxml import etree

    for element in root.iter(etree.Element):
        element.tag = etree.QName(element).localname
        for name, value in element.attrib.items():
            if name.startswith("{") and (local := etree.QName(name).localname) not in element.attrib:
                element.set(local, value)
