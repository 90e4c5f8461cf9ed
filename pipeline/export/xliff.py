"""XLIFF 2.1, a document for each pair: what translators' tools open for correction.

Source: XLIFF Version 2.1, OASIS Standard, 2018; its module "Metadata".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from pipeline.export.base import FolderFormat, Material
from pipeline.export.documents import languages_of, safe_name
from pipeline.export.xml_text import as_code_points, attribute_text, element_text, possible
from pipeline.version import __version__

_HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" xmlns:mda="urn:oasis:names:tc:xliff:metadata:2.0" version="2.1" \
srcLang="{source}" trgLang="{target}">
"""
_TAIL = "</xliff>\n"
_UNITS_AT_ONCE = 1000


class _Unit(NamedTuple):
    pair: str
    article_id: str
    revision: int
    run_id: str
    unit_id: str
    kind: str
    source_lang: str
    target_lang: str
    source_text: str
    target_text: str
    score: float | None
    quality: float | None
    flags: Sequence[str] | None
    models: Sequence[str] | None
    url: str | None


_OF_ARTICLE = attrgetter("article_id", "revision", "run_id")


def _write(material: Material, folder: Path) -> None:
    units = map(_Unit._make, material.units(*_Unit._fields))
    for pair, of_pair in groupby(units, key=attrgetter("pair")):
        with (folder / f"{safe_name(pair)}.xlf").open("wb") as file:
            for text in _document(pair, of_pair):
                piece, n_replaced = possible(text.encode())
                material.tally.n_replaced += n_replaced
                file.write(piece)


def _document(pair: str, units: Iterable[_Unit]) -> Iterator[str]:
    source, target = map(attribute_text, languages_of(pair))
    yield _HEAD.format(source=source, target=target)
    for _, of_article in groupby(units, key=_OF_ARTICLE):
        yield from _file(pair, list(of_article))
    yield _TAIL


def _file(pair: str, units: Sequence[_Unit]) -> Iterator[str]:
    """Yield an article; its id tells revisions and runs apart, as there may be several of both."""
    first = units[0]
    name = safe_name(first.article_id, f"r{first.revision}", first.run_id)
    original = f' original="{attribute_text(first.url)}"' if first.url else ""
    yield f'  <file id="f-{name}"{original} xml:space="preserve">\n'
    facts = {"article_id": first.article_id, "revision": str(first.revision), "run_id": first.run_id}
    yield _metadata({**facts, "exported_by": f"newsmt {__version__}"}, indent="    ")
    for start in range(0, len(units), _UNITS_AT_ONCE):
        yield "".join([_unit(unit, pair) for unit in units[start : start + _UNITS_AT_ONCE]])
    yield "  </file>\n"


def _unit(unit: _Unit, pair: str) -> str:
    """Return a unit; without a translation it is still to be done."""
    state = "translated" if unit.target_text else "initial"
    target = f"\n        <target>{_text(unit.target_text)}</target>" if unit.target_text else ""
    return (
        f'    <unit id="u-{safe_name(unit.unit_id)}" name="{attribute_text(unit.unit_id)}">\n'
        f"{_metadata(_facts(unit, pair), indent='      ')}"
        f'      <segment state="{state}">\n'
        f"        <source>{_text(unit.source_text)}</source>{target}\n"
        "      </segment>\n"
        "    </unit>\n"
    )


def _facts(unit: _Unit, pair: str) -> dict[str, str]:
    """Return what is known of a unit; its language where it is not that of the document, which XLIFF asks of all."""
    source, target = languages_of(pair)
    return {
        "kind": unit.kind,
        "score": "" if unit.score is None else f"{unit.score:.4f}",
        "quality": "" if unit.quality is None else f"{unit.quality:.4f}",
        "flags": " ".join(unit.flags or ()),
        "models": " ".join(unit.models or ()),
        "source_lang": "" if unit.source_lang == source else unit.source_lang,
        "target_lang": "" if unit.target_lang == target else unit.target_lang,
    }


def _metadata(facts: dict[str, str], *, indent: str) -> str:
    known = "".join(
        f'{indent}    <mda:meta type="{name}">{element_text(value)}</mda:meta>\n'
        for name, value in facts.items()
        if value
    )
    group = f'{indent}  <mda:metaGroup category="newsmt">\n{known}{indent}  </mda:metaGroup>\n'
    return f"{indent}<mda:metadata>\n{group}{indent}</mda:metadata>\n"


def _text(text: str) -> str:
    return as_code_points(element_text(text))


XLIFF = FolderFormat(
    name="xliff",
    summary="XLIFF 2.1, a document for each pair with a file for each article, for translators' tools",
    write=_write,
)
