"""`newsmt models available`: the catalogue and the index."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.options import INDEX, JSON, MODEL_CONFIG, chosen_index
from pipeline.cli.output import print_json
from pipeline.cli.tables import Listing, decimal, make_listing, show

if TYPE_CHECKING:
    from pipeline.install.index import Index
    from pipeline.models.catalog import Catalog, CatalogEntry, Recommendation
    from pipeline.types import LanguagePair


def register(group: typer.Typer) -> None:
    """Add the command to the group."""
    group.command("available")(available)


def available(
    pairs: Annotated[list[str] | None, typer.Argument(metavar="PAIR", help="Show only these, as en-ru.")] = None,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Fetch the index of packages; without this, no network is touched.")
    ] = False,
    index: Annotated[str | None, INDEX] = None,
    config: Annotated[Path | None, MODEL_CONFIG] = None,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Show which models are known, how good they are, which to take, and the commands that get them.

    Example: newsmt models available hy-en
    """
    from pipeline.install.index import fetch_index, read_fetched_index
    from pipeline.models.catalog import read_catalog
    from pipeline.types import parse_pair

    wanted = [parse_pair(pair) for pair in pairs or ()]
    catalog = read_catalog()
    found = fetch_index(chosen_index(index, config)) if refresh else read_fetched_index()
    if as_json:
        print_json(_to_json(wanted, catalog, found))
        return
    for pair in wanted:
        _show_pair(pair, catalog)
    if not wanted:
        show(_catalog_listing(catalog.entries, catalog))
        show(f"* recommended; scores on {catalog.test_set}; commands: newsmt models available PAIR")
    show(_index_line(found, wanted))


def _to_json(wanted: list[LanguagePair], catalog: Catalog, index: Index | None) -> dict[str, Any]:
    entries = [entry for entry in catalog.entries if not wanted or entry.pair in wanted]
    packages = [entry for entry in index.entries if not wanted or entry.pair in wanted] if index else []
    return {
        "test_set": catalog.test_set,
        "catalog": [
            entry.to_json() | {"is_recommended": _is_recommended(entry, catalog.recommended.get(entry.pair))}
            for entry in entries
        ],
        "index": index.url if index else None,
        "packages": [{"pair": str(p.pair), "version": p.version, "links": list(p.links)} for p in packages],
    }


def _show_pair(pair: LanguagePair, catalog: Catalog) -> None:
    entries, recommended = catalog.of_pair(pair), catalog.recommended.get(pair)
    if not entries:
        show(f"{pair}: not in the catalogue")
        return
    show(_catalog_listing(entries, catalog))
    show(f"scores on {catalog.test_set}")
    if recommended:
        show(f"* {recommended.family}: {recommended.why}")
    if recommended and recommended.otherwise:
        show(f"  {recommended.otherwise}: {recommended.otherwise_why}")
    for entry in sorted(entries, key=lambda entry: not _is_recommended(entry, recommended)):
        show(f"{entry.family:<10}{entry.home}\n{'':<10}{entry.get}")


def _catalog_listing(entries: tuple[CatalogEntry, ...] | list[CatalogEntry], catalog: Catalog) -> Listing:
    listing = make_listing("", "pair", "family", "model2", "MB>", "BLEU>", "COMET1>", "licence")
    for entry in entries:
        listing.add(
            "*" if _is_recommended(entry, catalog.recommended.get(entry.pair)) else "",
            str(entry.pair),
            entry.family,
            entry.title,
            decimal(entry.size_mb, 0),
            decimal(entry.bleu, 1),
            decimal(entry.comet, 3),
            entry.licence,
        )
    return listing


def _is_recommended(entry: CatalogEntry, recommended: Recommendation | None) -> bool:
    return recommended is not None and entry.family == recommended.family


def _index_line(index: Index | None, wanted: list[LanguagePair]) -> str:
    if index is None:
        return "index: not fetched yet; newsmt models available --refresh"
    entries = [entry for entry in index.entries if not wanted or entry.pair in wanted]
    names = ", ".join(f"{entry.pair} {entry.version}" for entry in entries) or "none of these"
    return f"index {index.url}: {names}"
