"""Pages of HTML: the frame, its script and style, and the policy that lets nothing else run."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from pipeline.report.flags import MEANINGS
from pipeline.report.overview import Frame, Overview, Part
from pipeline.report.packing import packed, script_json
from pipeline.report.texts import Described

ARTICLES_A_CHUNK = 25
_SCRIPTS = ("1-dom.js", "2-data.js", "3-list.js", "4-units.js", "5-reading.js", "6-search.js", "7-app.js")


def render_report(frame: Frame, overview: Overview | None, part: Part | None, articles: Sequence[Described]) -> bytes:
    """Return a page with articles to read.

    Args:
        frame: what every page says.
        overview: the figures; None for a part, whose overview is in another file.
        part: where the page stands among others, None where it is the only one.
        articles: what can be read on it, in their order.
    """
    corpus: dict[str, Any] = {
        "title": frame.title,
        "chunk": ARTICLES_A_CHUNK,
        "flags": dict(MEANINGS),
        "part": part.number if part else None,
        "before": part.before if part else None,
        "after": part.after if part else None,
        "articles": [article.summary for article in articles],
    }
    return _render(
        "report.html.j2",
        frame,
        overview,
        script=_script(),
        part=part,
        corpus=script_json(corpus),
        chunks=_chunks(articles),
    )


def render_index(frame: Frame, overview: Overview, parts: Sequence[Part]) -> bytes:
    """Return the page with the overview, and links to the pages with articles; it has no script."""
    return _render("index.html.j2", frame, overview, script="", parts=parts)


def _chunks(articles: Sequence[Described]) -> Iterator[str]:
    for start in range(0, len(articles), ARTICLES_A_CHUNK):
        yield packed([article.texts for article in articles[start : start + ARTICLES_A_CHUNK]])


def _render(template: str, frame: Frame, overview: Overview | None, *, script: str, **values: Any) -> bytes:
    style = _style()
    page = _environment().get_template(template)
    text = page.render(
        frame=frame, overview=overview, style=style, script=script, policy=_policy(script, style), **values
    )
    return bytes(text.encode("utf-8", "replace"))


def _policy(script: str, style: str) -> str:
    """Return what a browser may do with a page: run this script, use this style, and nothing else."""
    nothing = "'none'"
    rules = (
        f"default-src {nothing}",
        f"script-src {_hash(script) if script else nothing}",
        f"style-src {_hash(style)}",
        "img-src data:",
        f"base-uri {nothing}",
        f"form-action {nothing}",
    )
    return "; ".join(rules)


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode('utf-8')).digest()).decode('ascii')}'"


@cache
def _script() -> str:
    parts = "\n".join(map(_text_of, _SCRIPTS))
    return f'"use strict";\n(() => {{\n{parts}}})();\n'


@cache
def _style() -> str:
    return _text_of("report.css")


def _text_of(name: str) -> str:
    return (files("pipeline.report") / "templates" / name).read_text("utf-8")


@cache
def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("pipeline.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalized,
    )


def _finalized(value: Any) -> Any:
    from pipeline.report.words import visible

    return visible(value) if type(value) is str else value
