"""What a web page says of itself: JSON-LD, meta elements and links."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urljoin

from pipeline.ingest.dates import parse_date
from pipeline.packaged import read_toml
from pipeline.text import normalise

_MAX_NODES = 10_000
_ARTICLE_TYPE = re.compile(r"(?:Article|Posting|Report|Reportage)$|^(?:Backgrounder|Opinion|Review)\w*$", re.IGNORECASE)
_ZONE = re.compile(r"(?:Z|UTC|GMT|[+-]\d\d:?\d\d)\s*$", re.IGNORECASE)
_KEYWORD_ENDS = re.compile(r"[,;]")
_HTTP = re.compile(r"https?://[^\s/?#]+[^\s]*", re.IGNORECASE)
_MAX_LABEL_LENGTH = 300
_MAX_URL_LENGTH = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """What a page says of itself; what it does not say is empty.

    `has_bad_date` tells of a moment of publication that is written and cannot be read.
    """

    title: str | None = None
    url: str | None = None
    language: str | None = None
    publisher: str | None = None
    authors: tuple[str, ...] = ()
    section: str | None = None
    keywords: tuple[str, ...] = ()
    licence: str | None = None
    published_at: datetime | None = None
    updated_at: datetime | None = None
    has_bad_date: bool = False


def facts_of(tree: Any, *, url: str | None = None) -> PageFacts:
    """Return what the tree of a page says of itself.

    Args:
        tree: of lxml.
        url: where the page was found: relative links start from there, and it stands where the page names no address.
    """
    article = _article_node(tree)
    metas, names = _metas(tree), _meta_names()
    published, updated = (
        _written(article, metas, "datePublished", names["published"]),
        _written(article, metas, "dateModified", names["updated"]),
    )
    published_at = _moment(published or _times(tree))
    return PageFacts(
        title=label(article.get("headline")),
        url=_canonical(tree, metas, url),
        language=label(tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang"))
        or _first(metas, names["language"]),
        publisher=next(_names(article.get("publisher")), None) or _first(metas, names["publisher"]),
        authors=unique(_names(article.get("author"))),
        section=next(_names(article.get("articleSection")), None) or _first(metas, names["section"]),
        keywords=_keywords(article, metas),
        licence=next(_names(article.get("license")), None) or _licence_link(tree) or _first(metas, names["licence"]),
        published_at=published_at,
        updated_at=_moment(updated),
        has_bad_date=bool(published) and published_at is None,
    )


def label(value: object) -> str | None:
    """Return a value as one line that can be stored, None where it is no text or too long for a label."""
    if not isinstance(value, str):
        return None
    text = " ".join(normalise(value).split())
    return text if 0 < len(text) <= _MAX_LABEL_LENGTH else None


def unique(values: Iterable[str]) -> tuple[str, ...]:
    """Return each value once, in order; case makes no difference."""
    found: dict[str, str] = {}
    for value in values:
        found.setdefault(value.casefold(), value)
    return tuple(found.values())


@cache
def _meta_names() -> dict[str, tuple[str, ...]]:
    return {fact: tuple(names.split()) for fact, names in read_toml("pipeline.ingest", "html.toml")["meta"].items()}


def _article_node(tree: Any) -> Mapping[str, Any]:
    """Return the first JSON-LD node that is an article."""
    for script in tree.iterfind(".//script[@type='application/ld+json']"):
        try:
            data = json.loads(script.text or "", strict=False)
        except (ValueError, RecursionError):
            continue
        for node in _nodes(data):
            kinds = node.get("@type")
            if any(isinstance(kind, str) and _ARTICLE_TYPE.search(kind) for kind in _listed(kinds)):
                return node
    return {}


def _nodes(data: object) -> Iterator[dict[str, Any]]:
    waiting = [data]
    for _ in range(_MAX_NODES):
        if not waiting:
            return
        node = waiting.pop()
        if isinstance(node, list):
            waiting += reversed(node[:_MAX_NODES])
        elif isinstance(node, dict):
            yield node
            waiting += [node.get("mainEntityOfPage"), node.get("mainEntity"), node.get("@graph")]


def _metas(tree: Any) -> dict[str, list[str]]:
    """Return the contents of all meta elements by their names in lower case, and those of marked `time` elements."""
    metas: dict[str, list[str]] = {}
    for element in tree.iter("meta", "time"):
        names = [element.get(key) for key in ("property", "name", "itemprop", "http-equiv")]
        value = element.get("content") or element.get("datetime")
        for name in filter(None, names):
            if value and not value.isspace():
                metas.setdefault(name.strip().lower(), []).append(value.strip())
    return metas


def _first(metas: Mapping[str, Sequence[str]], names: Iterable[str]) -> str | None:
    return next((found for name in names for value in metas.get(name, ()) if (found := label(value))), None)


def _written(
    article: Mapping[str, Any], metas: Mapping[str, Sequence[str]], key: str, names: Iterable[str]
) -> list[str]:
    """Return all moments under one of the names; those of JSON-LD come first."""
    values = [value for value in _listed(article.get(key)) if isinstance(value, str)]
    return values + [value for name in names for value in metas.get(name, ())]


def _times(tree: Any) -> list[str]:
    return [
        value for element in tree.iter("time") if "pubdate" in element.attrib and (value := element.get("datetime"))
    ]


def _moment(values: Sequence[str]) -> datetime | None:
    """Return the first moment that has a time zone, or else the first one."""
    moments = [(value, moment) for value in values if (moment := parse_date(value))]
    zoned = (moment for value, moment in moments if _ZONE.search(value))
    return next(zoned, moments[0][1] if moments else None)


def _names(value: object) -> Iterator[str]:
    """Yield names from strings, nodes with a `name`, or lists of these."""
    for item in _listed(value):
        name = item.get("name") or item.get("@id") if isinstance(item, dict) else item
        for one in _listed(name):
            if found := label(one):
                yield found


def _keywords(article: Mapping[str, Any], metas: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    found = list(_names(article.get("keywords")))
    found = found or next((list(metas[name]) for name in _meta_names()["keywords"] if name in metas), [])
    parts = (part for value in found for part in _KEYWORD_ENDS.split(value))
    return unique(text for part in parts if (text := label(part)))


def _licence_link(tree: Any) -> str | None:
    for element in tree.iter("link", "a"):
        if "license" in (element.get("rel") or "").lower().split() and (address := label(element.get("href"))):
            return address
    return None


def _canonical(tree: Any, metas: Mapping[str, Sequence[str]], url: str | None) -> str | None:
    """Return the address that the page calls its own; the front page of a site is none of an article."""
    links = (link.get("href") for link in tree.iter("link") if "canonical" in (link.get("rel") or "").lower().split())
    for address in (*links, *metas.get("og:url", ())):
        absolute = _absolute(address, url)
        if absolute and absolute.split("//", 1)[1].partition("/")[2].strip("/"):
            return absolute
    return url


def _absolute(address: str | None, base: str | None) -> str | None:
    try:
        absolute = urljoin(base or "", (address or "").strip())
    except ValueError:
        return None
    absolute = normalise(absolute)
    return absolute if _HTTP.fullmatch(absolute) and len(absolute) <= _MAX_URL_LENGTH else None


def _listed(value: object) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
