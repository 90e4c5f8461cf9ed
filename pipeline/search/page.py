"""Hits as one self-contained page, for a browser."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from importlib.resources import files

from pipeline.search.hits import Hit
from pipeline.visible import visible


def page(hits: Iterable[Hit], *, pattern: str, about: str, offset: int, summary: Callable[[], str]) -> Iterator[str]:
    """Yield a page of hits. It runs no script and loads nothing; what texts hold is shown as text.

    Args:
        hits: what is shown.
        pattern: what was looked for.
        about: the options it was looked for with.
        offset: how many hits come before the first one.
        summary: asked at the end what there was in all.
    """
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters |= {"visible": visible, "is_web": _is_web}
    style = _read("page.css")
    yield from environment.from_string(_read("page.html")).generate(
        hits=hits,
        pattern=pattern,
        about=about,
        offset=offset,
        summary=summary,
        style=style,
        style_hash=f"sha256-{b64encode(sha256(style.encode()).digest()).decode()}",
    )


def _read(name: str) -> str:
    return (files(__package__ or "") / name).read_text("utf-8")


def _is_web(url: str | None) -> bool:
    """Return whether an address can be a link: not one that runs something."""
    return url is not None and url.startswith(("https://", "http://"))
