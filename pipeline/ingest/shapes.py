"""The shapes that records of articles come in: by which fields each is known, and where it keeps what.

Paths lead into nested objects: `metadata.url`. Of several paths the first one that holds something is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

BODY_FIELDS = ("title", "text", "paragraphs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A shape: all `marks` are there, the rarest one first; `title`, `text` and `metadata` tell where each may be.

    `is_html` tells that the text is markup.
    """

    name: str
    marks: tuple[str, ...]
    text: str
    metadata: Mapping[str, tuple[str, ...]]
    title: tuple[str, ...] = ("title",)
    is_html: bool = False


_JSON_FEED: Mapping[str, tuple[str, ...]] = {
    "url": ("url", "external_url"),
    "published_at": ("date_published",),
    "updated_at": ("date_modified",),
    "language": ("language",),
    "authors": ("authors", "author"),
    "keywords": ("tags",),
}

CORPUS = Shape(
    name="newsmt corpus",
    marks=("article_id", "content_sha256", "text"),
    text="text",
    metadata={
        "url": ("url",),
        "publisher": ("publisher",),
        "published_at": ("published_at",),
        "updated_at": ("updated_at",),
        "language": ("claimed_language",),
        "authors": ("authors",),
        "section": ("section",),
        "keywords": ("keywords",),
        "licence": ("licence",),
        "notes": ("notes",),
    },
)
"""Rows of `articles`, as they are or exported: their text begins with the title."""

PLAIN = Shape(
    name="title and text",
    marks=(),
    title=("title", "headline"),
    text="text",
    metadata={
        "url": ("url", "link"),
        "publisher": ("publisher", "domain"),
        "published_at": ("published_at", "published", "date_published", "pub_date", "date"),
        "updated_at": ("updated_at", "updated", "date_modified", "modified"),
        "language": ("language", "lang"),
        "authors": ("authors", "author"),
        "section": ("section", "category"),
        "keywords": ("keywords", "tags"),
        "licence": ("licence", "license"),
    },
)
"""newsmt's own shape, and that of most rows with a title and a text."""

SHAPES = (
    CORPUS,
    Shape(
        name="news-please",
        marks=("maintext",),
        title=("title", "title_page"),
        text="maintext",
        metadata={
            "url": ("url",),
            "publisher": ("source_domain",),
            "published_at": ("date_publish",),
            "updated_at": ("date_modify",),
            "language": ("language",),
            "authors": ("authors",),
        },
    ),
    Shape(
        name="trafilatura",
        marks=("hostname", "text"),
        text="text",
        metadata={
            "url": ("source", "url"),
            "publisher": ("source-hostname", "sitename", "hostname"),
            "published_at": ("date",),
            "language": ("language",),
            "authors": ("author",),
            "section": ("categories",),
            "keywords": ("tags",),
            "licence": ("license",),
        },
    ),
    Shape(
        name="fundus",
        marks=("publishing_date", "body"),
        text="body",
        metadata={
            "url": ("url", "html.responded_url", "html.requested_url"),
            "publisher": ("publisher", "html.source_info.publisher"),
            "published_at": ("publishing_date",),
            "language": ("lang",),
            "authors": ("authors",),
            "keywords": ("topics",),
        },
    ),
    # Its `source_url` is the address of the whole site: it would make one article of all.
    Shape(
        name="newspaper4k",
        marks=("publish_date", "text"),
        text="text",
        metadata={
            "url": ("canonical_link", "url", "original_url"),
            "publisher": ("meta_site_name", "source_url"),
            "published_at": ("publish_date",),
            "language": ("meta_lang", "language"),
            "authors": ("authors",),
            "keywords": ("meta_keywords", "keywords"),
        },
    ),
    Shape(
        name="schema.org",
        marks=("articleBody",),
        title=("headline", "name"),
        text="articleBody",
        metadata={
            "url": ("url", "mainEntityOfPage.@id", "@id"),
            "publisher": ("publisher",),
            "published_at": ("datePublished",),
            "updated_at": ("dateModified",),
            "language": ("inLanguage",),
            "authors": ("author",),
            "section": ("articleSection",),
            "keywords": ("keywords",),
            "licence": ("license",),
        },
    ),
    Shape(
        name="JSON Feed",
        marks=("content_text",),
        text="content_text",
        metadata=_JSON_FEED,
    ),
    Shape(
        name="JSON Feed",
        marks=("content_html",),
        text="content_html",
        is_html=True,
        metadata=_JSON_FEED,
    ),
    # Crawls of the whole web: their `date` is that of the crawl.
    Shape(
        name="FineWeb",
        marks=("dump", "text"),
        text="text",
        title=(),
        metadata={"url": ("url",), "language": ("language",)},
    ),
    Shape(
        name="FineWeb",
        marks=("metadata", "metadata.dump", "text"),
        text="text",
        title=(),
        metadata={"url": ("metadata.url",), "language": ("metadata.language",)},
    ),
    Shape(
        name="datatrove or Dolma",
        marks=("metadata", "text"),
        title=("metadata.title", "title"),
        text="text",
        metadata={
            "url": ("metadata.url", "url"),
            "publisher": ("metadata.publisher", "metadata.domain", "metadata.hostname"),
            "published_at": ("metadata.published_at", "metadata.date", "created"),
            "updated_at": ("metadata.updated_at",),
            "language": ("metadata.language", "metadata.lang"),
            "authors": ("metadata.authors", "metadata.author"),
            "section": ("metadata.section", "metadata.category"),
            "keywords": ("metadata.keywords", "metadata.tags"),
            "licence": ("metadata.license", "metadata.licence"),
        },
    ),
    PLAIN,
)
"""In the order in which they are asked; the last one takes what no other knows."""


_FIRST_MARKS = frozenset(mark for shape in SHAPES for mark in shape.marks[:1])


def recognise(record: Mapping[str, Any]) -> Shape:
    """Return the first shape whose marks are all there."""
    if _FIRST_MARKS.isdisjoint(record):
        return PLAIN
    for shape in SHAPES:
        for mark in shape.marks:
            if mark not in record and ("." not in mark or find(record, mark) is None):
                break
        else:
            return shape
    return PLAIN


def find(record: Mapping[str, Any], path: str) -> Any:
    """Return what a path leads to, None where it leads nowhere.

    A field whose name holds dots goes before the nested one; of a list, the path leads on from each of its items, or
    from the one whose number it names.
    """
    value = record.get(path)
    return _walk(record, path.split(".")) if value is None and "." in path else value


def needed_names(fields: Mapping[str, str]) -> frozenset[str]:
    """Return the names of all fields of records that any shape, or the user's `fields`, looks at."""
    paths = [path for shape in SHAPES for some in shape.metadata.values() for path in some]
    paths += [path for shape in SHAPES for path in (*shape.title, shape.text, *shape.marks)]
    return _with_roots([*paths, "paragraphs", *fields.values()])


def body_names(shape: Shape, fields: Mapping[str, str]) -> frozenset[str]:
    """Return the names of the fields of which a record of a shape must have one to be an article."""
    mapped = [fields[name] for name in BODY_FIELDS if name in fields]
    own = ["paragraphs"] if shape is PLAIN else []
    return _with_roots([*mapped, *own, *shape.title, shape.text])


def _with_roots(paths: Iterable[str]) -> frozenset[str]:
    return frozenset(name for path in paths for name in (path, path.split(".")[0]))


def _walk(value: Any, names: list[str]) -> Any:
    for depth, name in enumerate(names):
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isdecimal():
            value = value[int(name)] if int(name) < len(value) else None
        elif isinstance(value, list):
            return [found for item in value if (found := _walk(item, names[depth:])) is not None] or None
        else:
            return None
    return value
