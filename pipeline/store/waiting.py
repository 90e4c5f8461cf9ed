"""The text of articles that wait for a model: when one arrives, their input may be long gone."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from typing import Any

from pipeline.errors import StateError
from pipeline.store.ledger import LATEST_WAITING, KnownRevision, Ledger
from pipeline.store.state import path_of
from pipeline.types import IdentifiedArticle, ParagraphSpan

_IDS_PER_QUERY = 256
_MOMENTS = ("published_at", "updated_at")
_LISTS = ("authors", "keywords", "notes")
# Lone surrogates, which JSON can bring into a URL, must survive.
_ON_SURROGATES = "surrogatepass"


class WaitingArticles:
    """Latest revisions that wait for at least one target, whole; the caller holds the transactions."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._ledger = Ledger(connection)

    def record(self, contents: Iterable[tuple[str, int, bytes]], read: Iterable[str]) -> None:
        """Keep what waits from this shard on, and forget what no longer does; the ledger must know the shard already.

        An article that failed, or whose language is in doubt under new rules, is kept until it is translated.

        Args:
            contents: article id, revision and content (see `pack`) of those that wait.
            read: the ids of all articles of the shard.
        """
        self._connection.executemany("INSERT OR IGNORE INTO waiting VALUES (?, ?, ?)", contents)
        self._connection.executemany(
            "DELETE FROM waiting WHERE article_id = ?1 AND revision NOT IN "  # noqa: S608 - a constant, values are bound
            f"(SELECT revision {LATEST_WAITING} AND work.article_id = ?1)",
            ((article_id,) for article_id in read),
        )

    def articles(self, is_due: Callable[[KnownRevision], bool]) -> Iterator[IdentifiedArticle]:
        """Yield the articles of which `is_due` holds, ordered by id; shards may be committed meanwhile.

        Raises:
            StateError: the content of an article is damaged.
        """
        last = ""
        while keys := self._keys_after(last):
            known = self._ledger.known_revisions([article_id for article_id, _ in keys])
            for article_id, revision in keys:
                found = next((item for item in known.get(article_id, []) if item.revision == revision), None)
                if found and is_due(found) and (content := self._content(article_id, revision)):
                    yield self._unpacked(article_id, found, content)
            last = keys[-1][0]

    def damaged(self) -> Iterator[tuple[str, int, str]]:
        """Yield article id, revision and finding of each content that is not what the ledger knows."""
        for article_id, revision, content, content_sha256 in self._connection.execute(
            "SELECT article_id, revision, content, content_sha256 FROM waiting LEFT JOIN articles "
            "USING (article_id, revision) ORDER BY article_id, revision"
        ):
            if finding := _finding(content, content_sha256):
                yield article_id, revision, finding

    def _keys_after(self, article_id: str) -> list[tuple[str, int]]:
        """Return the next ids with their revision: there is one of each article, the latest."""
        query = "SELECT article_id, revision FROM waiting WHERE article_id > ? ORDER BY article_id, revision LIMIT ?"
        return self._connection.execute(query, (article_id, _IDS_PER_QUERY)).fetchall()

    def _content(self, article_id: str, revision: int) -> bytes | None:
        """Return a content, None where a run that a mere reader does not wait for has dealt with it meanwhile."""
        query = "SELECT content FROM waiting WHERE article_id = ? AND revision = ?"
        row = self._connection.execute(query, (article_id, revision)).fetchone()
        return row[0] if row else None

    def _unpacked(self, article_id: str, known: KnownRevision, content: bytes) -> IdentifiedArticle:
        try:
            return _unpack_checked(content, known.content_sha256)
        except ValueError as error:
            where = f"{path_of(self._connection)}: waiting article {article_id}.{known.revision}"
            raise StateError(f"{where}: {error}; restore the state from a backup") from error


def pack(article: IdentifiedArticle) -> bytes:
    """Return an article as compressed JSON."""
    values = asdict(article)
    for name in _MOMENTS:
        values[name] = values[name] and values[name].isoformat()
    return zlib.compress(json.dumps(values, ensure_ascii=False).encode(errors=_ON_SURROGATES))


def unpack(content: bytes) -> IdentifiedArticle:
    """Return the article that was packed.

    Raises:
        ValueError: the content is damaged.
    """
    try:
        values: dict[str, Any] = json.loads(zlib.decompress(content).decode(errors=_ON_SURROGATES))
        values["paragraphs"] = tuple(ParagraphSpan(**span) for span in values["paragraphs"])
        # Contents of earlier versions lack what came later.
        moments = {name: values.get(name) and datetime.fromisoformat(values[name]) for name in _MOMENTS}
        lists = {name: tuple(values.get(name, ())) for name in _LISTS}
        return IdentifiedArticle(**(values | moments | lists))
    except (zlib.error, ValueError, TypeError, KeyError) as error:
        raise ValueError(f"its stored content is damaged ({error})") from error


def _unpack_checked(content: bytes, content_sha256: str | None) -> IdentifiedArticle:
    article = unpack(content)
    if not article.content_sha256 == content_sha256 == sha256(article.text.encode(errors=_ON_SURROGATES)).hexdigest():
        raise ValueError("its stored content is not what the ledger knows")
    return article


def _finding(content: bytes, content_sha256: str | None) -> str | None:
    try:
        _unpack_checked(content, content_sha256)
    except ValueError as error:
        return str(error)
    return None
