"""Whole translated articles, a file each: as plain text, or as Markdown with a header."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

from pipeline.export.base import FolderFormat, Material
from pipeline.export.documents import Document, documents, safe_name
from pipeline.export.markdown_text import escaped, front_matter
from pipeline.text import assemble

if TYPE_CHECKING:
    from pipeline.types import TranslationUnit


def _write(material: Material, folder: Path, suffix: str, made: Callable[[Document], str]) -> None:
    for document in documents(material):
        path = folder / safe_name(document.first.pair) / f"{_name_of(document, material)}{suffix}"
        path.parent.mkdir(exist_ok=True)
        # Line ends are those of the text, on every system.
        path.write_text(made(document), encoding="utf-8", newline="")


def _name_of(document: Document, material: Material) -> str:
    """Return the name of a file, of ids and dates only; there is one revision of an article unless all were chosen."""
    first = document.first
    name = safe_name(first.date, first.article_id)
    if not material.selection.all_revisions:
        return name
    return f"{name}-r{first.revision}-{safe_name(first.run_id)}"


def _plain(document: Document) -> str:
    # What is asked of units here, rows of the corpus have.
    return assemble(cast("Iterable[TranslationUnit]", document.units)) + "\n"


def _markdown(document: Document) -> str:
    return f"{_header(document)}\n" + "\n\n".join(_blocks(document)) + "\n"


def _header(document: Document) -> str:
    first = document.first
    source, target = document.languages
    return front_matter(
        {
            "title": document.target_title,
            "source_title": document.title,
            "url": first.url,
            "published_at": document.published_at,
            "publisher": document.publisher,
            "lang": target,
            "source_lang": source,
            "article_id": first.article_id,
            "revision": first.revision,
            "run_id": first.run_id,
            "models": document.models,
        }
    )


def _blocks(document: Document) -> Iterator[str]:
    """Yield the paragraphs as Markdown: a headline as heading, a caption as quotation; empty ones are left out."""
    for units in document.paragraphs():
        if text := escaped(" ".join(unit.target_text for unit in units if unit.target_text)):
            yield {"headline": "# ", "caption": "> "}.get(units[0].kind, "") + text


TEXT = FolderFormat(
    name="text",
    summary="whole translated articles, a text file each",
    write=lambda material, folder: _write(material, folder, ".txt", _plain),
)
MARKDOWN = FolderFormat(
    name="markdown",
    summary="whole translated articles, a Markdown file each, with a header",
    write=lambda material, folder: _write(material, folder, ".md", _markdown),
)
