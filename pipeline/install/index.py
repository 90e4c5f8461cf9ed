"""The index of packages that can be installed, in the form of Argos: a JSON list of metadata with links.

An index of one's own may add the `sha256` of each archive. Links are relative to the index, which may be a file.

Source: https://github.com/argosopentech/argospm-index, `index.json`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from pipeline.disk import replace_synced
from pipeline.errors import ModelError, UsageError
from pipeline.install.download import fetch_bytes, is_remote, local_file
from pipeline.models.catalog import read_catalog
from pipeline.models.folders import index_file
from pipeline.models.metadata import TRANSLATE, is_version, version_key
from pipeline.types import LanguagePair, parse_pair

ARGOS_INDEX = "https://raw.githubusercontent.com/argosopentech/argospm-index/main/index.json"
INDEX_VARIABLE = "NEWSMT_MODEL_INDEX"
INDEX_FILE = "index.json"
MAX_BYTES = 32 << 20
_N_NEAR = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexEntry:
    """A package that can be had from any of `links`; `sha256` is that of its archive, where the index tells it."""

    pair: LanguagePair
    version: str
    links: tuple[str, ...]
    sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """The newest package of each pair that is at `url`, sorted by pair."""

    url: str
    entries: tuple[IndexEntry, ...]

    def entry_for(self, pair: LanguagePair) -> IndexEntry:
        """Return the entry of a pair.

        Raises:
            ModelError: there is none; the message names what comes near, and another way to a model.
        """
        for entry in self.entries:
            if entry.pair == pair:
                return entry
        pairs = [entry.pair for entry in self.entries]
        near = [str(found) for found in pairs if found.source == pair.source or found.target == pair.target]
        there = f"it has {', '.join(near[:_N_NEAR])}" if near else f"it has {len(pairs)} other pairs"
        others = f"; `newsmt models available {pair}` shows other models" if read_catalog().of_pair(pair) else ""
        raise ModelError(f"{self.url}: no package for {pair} that can be downloaded; {there}{others}")


def index_url(given: str | None, configured: str | None, environment: Mapping[str, str]) -> str:
    """Return which index to ask: the one given, else that of the environment, the configuration, or Argos."""
    return given or environment.get(INDEX_VARIABLE) or configured or ARGOS_INDEX


def fetch_index(url: str) -> Index:
    """Fetch the index at an address, in a file or in a folder, and keep it for `newsmt models available`.

    Raises:
        ModelError: it cannot be had, or is no index.
    """
    if (file := local_file(url)) is not None:
        # Links are relative to it, and the lock file keeps them for who knows which folder of work.
        url = str((file / INDEX_FILE if file.is_dir() else file).absolute())
    content = fetch_bytes(url, max_bytes=MAX_BYTES)
    index = parse_index(content, url)
    _keep(content, url)
    return index


def read_fetched_index() -> Index | None:
    """Return the index that was fetched last, None where none was, or what was kept is damaged."""
    try:
        kept = json.loads(index_file(os.environ).read_bytes())
        return parse_index(json.dumps(kept["packages"]).encode(), kept["url"])
    except (OSError, ValueError, KeyError, TypeError, ModelError):
        return None


def parse_index(content: bytes, url: str) -> Index:
    """Return the packages that translate and can be downloaded.

    Raises:
        ModelError: `content` is no index.
    """
    try:
        values = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{url}: no index of packages, since it is no JSON ({error}); check the address") from error
    if not isinstance(values, list):
        found = type(values).__name__
        raise ModelError(f"{url}: no index of packages: expected a list, found {found}; check the address")
    newest: dict[LanguagePair, IndexEntry] = {}
    for entry in filter(None, (_entry(value, url) for value in values)):
        rival = newest.get(entry.pair)
        if rival is None or version_key(entry.version) > version_key(rival.version):
            newest[entry.pair] = entry
    return Index(url=url, entries=tuple(newest[pair] for pair in sorted(newest)))


def _keep(content: bytes, url: str) -> None:
    # A folder for caches that cannot be written is no reason not to install.
    with suppress(OSError):
        replace_synced(index_file(os.environ), json.dumps({"url": url, "packages": json.loads(content)}).encode())


def _entry(value: Any, url: str) -> IndexEntry | None:
    """Return an entry, None for what is of no use here: another type, no links, an unknown form."""
    if not isinstance(value, dict) or value.get("type", TRANSLATE) != TRANSLATE:
        return None
    version = str(value.get("package_version", "0"))
    links = _links(value.get("links"), url)
    digest = value.get("sha256")
    try:
        pair = parse_pair(f"{value.get('from_code')}-{value.get('to_code')}")
    except UsageError:
        return None
    if not links or not is_version(version):
        return None
    return IndexEntry(pair=pair, version=version, links=links, sha256=digest if isinstance(digest, str) else None)


def _links(values: Any, url: str) -> tuple[str, ...]:
    """Return addresses of known kinds; an index on the network names no files of this machine."""
    texts = [value for value in values if isinstance(value, str) and value] if isinstance(values, list) else []
    found = (urljoin(url, text) for text in texts)
    return tuple(link for link in found if is_remote(link) or (not is_remote(url) and local_file(link) is not None))
