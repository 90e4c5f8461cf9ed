"""TMX 1.4b, the exchange format of translation memories.

Source: TMX 1.4b Specification, LISA OSCAR, 2005.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

from pipeline.export.base import Material, TextFormat
from pipeline.export.columns import around, concatenated, decimals, joined, listed
from pipeline.export.xml_text import in_attributes, in_elements, possible
from pipeline.version import __version__

if TYPE_CHECKING:
    import pyarrow as pa

_COLUMNS = (
    *("unit_id", "article_id", "kind", "source_lang", "target_lang", "source_text", "target_text"),
    *("score", "quality", "flags", "models", "url", "run_id"),
)
_HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<tmx version="1.4">
  <header creationtool="newsmt" creationtoolversion="{version}" segtype="sentence" o-tmf="newsmt bitext" \
adminlang="en" srclang="{language}" datatype="plaintext" creationdate="{made_at:%Y%m%dT%H%M%SZ}"/>
  <body>
"""
_TAIL = "  </body>\n</tmx>\n"
_DATE = r"^\d{8}T\d{6}Z$"


def _write(material: Material) -> Generator[bytes, None, None]:
    languages = {pair.partition("-")[0] for pair in material.pairs()}
    language = languages.pop() if len(languages) == 1 else "*all*"
    yield _HEAD.format(version=__version__, language=language, made_at=material.made_at).encode()
    for batch in material.batches(*_COLUMNS, with_target=True):
        piece, n_replaced = possible(joined(_units(batch)))
        material.tally.n_replaced += n_replaced
        yield piece
    yield _TAIL.encode()


def _units(batch: pa.RecordBatch) -> pa.StringArray:
    source, target = (in_attributes(batch.column(name)) for name in ("source_lang", "target_lang"))
    return concatenated(
        '    <tu tuid="',
        in_attributes(batch.column("unit_id")),
        '"',
        around(' creationdate="', _dates(batch.column("run_id")), '"'),
        ' srclang="',
        source,
        '">\n',
        *_properties(batch),
        *('      <tuv xml:lang="', source, '"><seg>', in_elements(batch.column("source_text")), "</seg></tuv>\n"),
        *('      <tuv xml:lang="', target, '"><seg>', in_elements(batch.column("target_text")), "</seg></tuv>\n"),
        "    </tu>\n",
    )


def _dates(run_ids: pa.StringArray) -> pa.StringArray:
    """Return when the translations were made: the id of a run is that, as TMX writes it."""
    import pyarrow.compute as pc

    return pc.if_else(pc.match_substring_regex(run_ids, _DATE), run_ids, None)


def _properties(batch: pa.RecordBatch) -> Iterator[pa.StringArray]:
    values = {
        "article_id": in_elements(batch.column("article_id")),
        "kind": in_elements(batch.column("kind")),
        "score": decimals(batch.column("score")),
        "quality": decimals(batch.column("quality")),
        "flags": in_elements(listed(batch.column("flags"))),
        "models": in_elements(listed(batch.column("models"))),
        "url": in_elements(batch.column("url")),
    }
    for name, value in values.items():
        yield around(f'      <prop type="{name}">', value, "</prop>\n")


TMX = TextFormat(
    name="tmx",
    summary="translation memory TMX 1.4b, for OmegaT, Trados, memoQ and others",
    suffix=".tmx",
    write=_write,
)
