"""The card of a dataset: a header for programs, and what people have to know before they use it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.export.base import Material
from pipeline.export.documents import languages_of, safe_name
from pipeline.export.licences import licence_entries
from pipeline.export.markdown_text import escaped, front_matter
from pipeline.export.provenance import PairFigures, Provenance, read_provenance
from pipeline.store.schema import COLUMNS
from pipeline.version import __version__

_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
)
_LARGEST = "100M<n<1B"
_N_NAMED = 20
DATA_COLUMNS = {
    "id": "unit_id",
    "article_id": "article_id",
    "revision": "revision",
    "segment": "segment",
    "kind": "kind",
    "score": "score",
    "quality": "quality",
    "flags": "flags",
    "date": "date",
    "url": "url",
    "models": "models",
}
"""Columns beside `translation`, and what they are called in `bitext`."""

_COLUMNS = """\
| column | |
|---|---|
| `translation` | source and target, under the codes of their languages; the first language of the pair is the source |
| `id` | of the unit: article, revision, target language, segment |
| `article_id`, `revision` | the article; changed text under the same address is a new revision |
| `segment`, `kind` | place in the article, from 0; `headline`, `caption` or `body` |
| `score` | mean log-probability per target token; null where nothing was decoded |
| `quality` | 0 to 1, lowered by each flag; a program's estimate; null where nothing was translated |
| `flags` | doubts of automatic checks; having none proves nothing |
| `date` | day of publication in UTC, or of reading where the article has none |
| `url`, `models` | where the article comes from; the packages that translated it |
"""
_LIMITS = """\
**These are machine translations.** No person has read them. They hold errors of meaning, names and numbers that no
check has noticed, and they carry the habits of the models that made them. They are no reference translations: a score
against them tells how much a system is like these models. A system that is trained on them learns their errors.

Articles belong to their publishers. That a text is here says nothing about what may be done with it.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What was written of a pair: rows, their size in memory and in files."""

    pair: str
    n_rows: int
    size_bytes: int
    stored_bytes: int


def dataset_card(material: Material, parts: Sequence[Part]) -> str:
    """Return the card of a dataset that consists of `parts`; without any it has no configurations."""
    found = read_provenance(material)
    return f"{front_matter(_header(parts, found))}\n" + "\n".join(_body(material, parts, found))


def _header(parts: Sequence[Part], found: Provenance) -> dict[str, Any]:
    n_rows = sum(part.n_rows for part in parts)
    header = {
        "pretty_name": "Machine-translated news",
        "language": sorted({language for part in parts for language in languages_of(part.pair)}),
        "language_creators": ["machine-generated"],
        "multilinguality": ["translation"],
        "task_categories": ["translation"],
        "size_categories": [next((name for limit, name in _SIZES if n_rows < limit), _LARGEST)],
        **licence_entries(found.licences),
    }
    if parts:
        header["configs"] = [_config(part) for part in parts]
        header["dataset_info"] = [_info(part) for part in parts]
    return header


def _config(part: Part) -> dict[str, Any]:
    path = f"data/{safe_name(part.pair)}/train-*.parquet"
    return {"config_name": part.pair, "data_files": [{"split": "train", "path": path}]}


def _info(part: Part) -> dict[str, Any]:
    return {
        "config_name": part.pair,
        "features": list(_features(part.pair)),
        "splits": [{"name": "train", "num_bytes": part.size_bytes, "num_examples": part.n_rows}],
        "download_size": part.stored_bytes,
        "dataset_size": part.size_bytes,
    }


def _features(pair: str) -> Iterator[dict[str, Any]]:
    yield {"name": "translation", "dtype": {"translation": {"languages": sorted(languages_of(pair))}}}
    for name, original in DATA_COLUMNS.items():
        kind = "string" if original == "date" else COLUMNS["bitext"][original]
        yield {"name": name, "list": "string"} if kind == "list<string>" else {"name": name, "dtype": kind}


def _body(material: Material, parts: Sequence[Part], found: Provenance) -> Iterator[str]:
    """Yield the lines of the card below its header."""
    yield "# Machine-translated news\n"
    n_rows = sum(part.n_rows for part in parts)
    yield f"{n_rows:,} units (sentences, headlines, captions) of {found.n_articles:,} articles."
    yield f"Made on {material.made_at:%Y-%m-%d} with newsmt {__version__}.\n"
    yield from _pairs(parts, found)
    yield "## Limits\n"
    yield _LIMITS
    yield "## Columns\n"
    yield _COLUMNS
    yield "## How it was made\n"
    yield from _making(material, found)
    yield "## Publishers and licences\n"
    yield from _counts("publisher", [(name or "not known", n) for name, n in found.publishers])
    yield from _counts("licence", [(name or "not given", n) for name, n in found.licences])


def _pairs(parts: Sequence[Part], found: Provenance) -> Iterator[str]:
    if not parts:
        yield "There are no units: nothing was chosen, or the corpus is empty. `load_dataset` finds no data here.\n"
        return
    yield "| pair | units | articles | from | to | mean quality |\n|---|---|---|---|---|---|"
    for part in parts:
        yield _row((part.pair, f"{part.n_rows:,}", *_figures(found.pairs.get(part.pair))))
    pair = parts[0].pair
    yield f'\n```python\nfrom datasets import load_dataset\n\nload_dataset("FOLDER", "{safe_name(pair)}")\n```\n'


def _figures(of_pair: PairFigures | None) -> Sequence[str]:
    # A file that turned out to be damaged half-way has left rows, and is no part of any figure.
    if of_pair is None:
        return ("", "", "", "")
    quality = "" if of_pair.quality is None else f"{of_pair.quality:.3f}"
    return (f"{of_pair.n_articles:,}", of_pair.first or "", of_pair.last or "", quality)


def _making(material: Material, found: Provenance) -> Iterator[str]:
    yield "newsmt read articles, found their language, cut them into sentences, translated and checked these.\n"
    yield f"**Chosen:** {escaped(found.filters)}. Units without a translation are left out.\n"
    if material.corpus.damaged:
        names = ", ".join(escaped(file.path.name) for file in material.corpus.damaged)
        yield f"**Left out:** files of the corpus that cannot be read: {names}\n"
    if found.models:
        yield "| model | units | SHA-256 | licence |\n|---|---|---|---|"
        for model in found.models:
            yield _row((model.label, f"{model.n_units:,}", model.sha256 or "", model.licence or "not known"))
        yield ""
    yield from _counts("run", found.runs, unit="units")
    yield from _counts("flag", found.flags, unit="units")


def _counts(name: str, counts: Sequence[tuple[str, int]], *, unit: str = "articles") -> Iterator[str]:
    """Yield a table of what is most frequent, with the rest in one row."""
    if not counts:
        return
    yield f"| {name} | {unit} |\n|---|---|"
    for entry, n in counts[:_N_NAMED]:
        yield _row((entry, f"{n:,}"))
    if rest := counts[_N_NAMED:]:
        yield _row((f"{len(rest):,} others", f"{sum(n for _, n in rest):,}"))
    yield ""


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(escaped, cells))} |"
