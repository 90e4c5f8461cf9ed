"""Charts of pygal made inert: nothing but shapes and texts, whose looks the page decides."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pipeline.report.words import visible

if TYPE_CHECKING:
    from lxml.etree import _Element

_TAGS = frozenset({"g", "path", "rect", "circle", "text"})
_ATTRIBUTES = frozenset({"class", "d", "x", "y", "width", "height", "cx", "cy", "r", "transform"})
_USELESS = ("tooltip-overlay", "text-overlay", "titles", "background")
_LONG_NUMBER = re.compile(r"-?\d+\.\d+")


def inert_svg(chart: Any, *, name: str, title: str, description: str) -> str:
    """Return a chart as SVG to stand in a page: no script, style, address or anything that could be one of these.

    Only known elements with known attributes are taken over, so that nothing else can come along.

    Args:
        chart: a chart of pygal.
        name: unique in the page, for ids.
        title: what it shows, for those who do not see it.
        description: the most that it tells, in a sentence.
    """
    from lxml import etree

    drawn = chart.render_tree()
    svg = etree.Element(
        "svg",
        {
            "viewBox": drawn.get("viewBox"),
            "role": "img",
            "aria-labelledby": f"{name}-title {name}-description",
            "class": "chart",
        },
    )
    etree.SubElement(svg, "title", {"id": f"{name}-title"}).text = visible(title)
    etree.SubElement(svg, "desc", {"id": f"{name}-description"}).text = visible(description)
    for part in drawn:
        _copy(part, svg)
    return str(etree.tostring(svg, encoding="unicode"))


def _copy(found: _Element, parent: _Element) -> None:
    """Add what is known of an element, and of what is in it, to `parent`."""
    from lxml import etree

    tag = _local_name(found)
    if tag not in _TAGS or any(name in _USELESS for name in found.get("class", "").split()) or _is_nothing(found):
        return
    attributes = {name: _LONG_NUMBER.sub(_rounded, value) for name, value in found.items() if name in _ATTRIBUTES}
    if tag == "rect":
        # Its classes are for scripts.
        del attributes["class"]
    copy = etree.SubElement(parent, tag, attributes)
    if tag == "text":
        copy.text = found.text
        return
    for part in found:
        _copy(part, copy)
    if tag == "g" and not len(copy):
        parent.remove(copy)
    elif hint := _hint(found):
        etree.SubElement(copy, "title").text = hint


def _local_name(element: _Element) -> str:
    # The tag of a comment is a function.
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _is_nothing(element: _Element) -> bool:
    """Return whether nobody can see it: a bar of nothing, a mark of an axis without a label."""
    if _local_name(element) == "rect":
        return 0 in (float(element.get("width", 0)), float(element.get("height", 0)))
    return element.get("class") == "guides" and not "".join(element.itertext()).strip()


def _hint(group: _Element) -> str:
    """Return what pygal would tell of a bar or dot under the pointer."""
    told = {part.get("class"): part.text for part in group if _local_name(part) == "desc"}
    return f"{told['label']}: {told['value']}" if told.get("label") and told.get("value") else ""


def _rounded(number: re.Match[str]) -> str:
    return f"{float(number[0]):.1f}".removesuffix(".0")
