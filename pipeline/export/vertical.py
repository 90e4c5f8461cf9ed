"""Vertical files with alignment for NoSketch Engine (Manatee) and CQP (the IMS Open Corpus Workbench)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import TextIO

from pipeline.export.base import FolderFormat, Material
from pipeline.export.documents import Document, Unit, documents, languages_of, safe_name
from pipeline.export.markdown_text import one_line
from pipeline.export.tokens import entities, lines_of
from pipeline.export.vertical_setup import corpus_name, write_setup

# The index of CQP keeps 4,095 bytes of a value.
_LONGEST_VALUE = 1000
_PLAIN = re.compile(r"[0-9A-Za-z.|-]{0,100}")


@dataclass(slots=True, kw_only=True)
class _Side:
    """One language of a pair: its vertical file, and how many sentences and tokens are in it so far.

    Sentences and paragraphs without a token are not written: neither program can point at them.
    """

    language: str
    is_source: bool
    file: TextIO
    n_sentences: int = 0
    n_tokens: int = 0
    _open_tags: list[str] = field(default_factory=list)

    def text_of(self, unit: Unit) -> str:
        return unit.source_text if self.is_source else unit.target_text

    def start(self, tag: str, **attributes: object) -> None:
        """Open a structure; it is written with the first token in it."""
        values = "".join(f' {name}="{_value(value)}"' for name, value in attributes.items())
        self._open_tags.append(f"<{tag}{values}>\n")

    def end(self, tag: str) -> None:
        """Close the innermost structure; where no token came, it is taken back."""
        if self._open_tags:
            self._open_tags.pop()
        else:
            self.file.write(f"</{tag}>\n")

    def add(self, unit: Unit) -> _Place | None:
        """Write a sentence and return where it stands; None where it has no token."""
        lines, n_tokens = lines_of(self.text_of(unit))
        if not n_tokens:
            return None
        quality = "" if unit.quality is None else f"{unit.quality:.2f}"
        self.start("s", id=unit.unit_id, quality=quality, flags="|".join(unit.flags or ()))
        self.file.write("".join(self._open_tags))
        self._open_tags.clear()
        self.file.write(lines + "</s>\n")
        place = _Place(number=self.n_sentences, start=self.n_tokens, end=self.n_tokens + n_tokens - 1)
        self.n_sentences += 1
        self.n_tokens += n_tokens
        return place


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Which sentence of a file, and from which token to which one; all from 0."""

    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Alignment:
    """The alignment of one file with the other one, for both programs."""

    numbers: TextIO
    positions: TextIO

    def add(self, here: _Place | None, there: _Place | None) -> None:
        """Write a pair of sentences; CQP knows no sentence without a partner."""
        if here or there:
            self.numbers.write(f"{here.number if here else -1}\t{there.number if there else -1}\n")
        if here and there:
            self.positions.write(f"{here.start}\t{here.end}\t{there.start}\t{there.end}\t1:1\n")


def _write(material: Material, folder: Path) -> None:
    pairs = []
    for pair, articles in groupby(documents(material), key=lambda document: document.first.pair):
        _write_pair(folder, pair, articles)
        pairs.append(pair)
    write_setup(folder, pairs)


def _write_pair(folder: Path, pair: str, articles: Iterable[Document]) -> None:
    with ExitStack() as files:

        def opened(name: str) -> TextIO:
            return files.enter_context((folder / name).open("w", encoding="utf-8", newline="\n"))

        languages = languages_of(pair)
        stem = safe_name(pair)
        sides = [
            _Side(language=language, is_source=not number, file=opened(f"{stem}.{safe_name(language)}.vert"))
            for number, language in enumerate(languages)
        ]
        alignments = [
            _Alignment(numbers=opened(f"{stem}.{name}.map"), positions=opened(f"{stem}.{name}.align"))
            for name in map(safe_name, languages)
        ]
        names = [corpus_name(pair, language).upper() for language in languages]
        for alignment, here, there in zip(alignments, names, reversed(names), strict=True):
            alignment.positions.write(f"{here}\ts\t{there}\ts\n")
        for document in articles:
            _add(document, sides, alignments)


def _add(document: Document, sides: Sequence[_Side], alignments: Sequence[_Alignment]) -> None:
    for side in sides:
        side.start("doc", **_attributes(document, side))
    for units in document.paragraphs():
        for side in sides:
            side.start("p", kind=units[0].kind)
        for unit in units:
            source, target = (side.add(unit) for side in sides)
            alignments[0].add(source, target)
            alignments[1].add(target, source)
        for side in sides:
            side.end("p")
    for side in sides:
        side.end("doc")


def _attributes(document: Document, side: _Side) -> dict[str, object]:
    first = document.first
    return {
        "id": first.article_id,
        "revision": first.revision,
        "url": first.url,
        "date": first.date,
        "publisher": document.publisher,
        "title": document.title if side.is_source else document.target_title,
    }


def _value(value: object) -> str:
    text = "" if value is None else str(value)
    # Most values are ids and figures; they need no second look.
    return text if _PLAIN.fullmatch(text) else entities(one_line(text)[:_LONGEST_VALUE])


VERTICAL = FolderFormat(
    name="vertical",
    summary="vertical files with alignment, for NoSketch Engine and CQP",
    write=_write,
)
