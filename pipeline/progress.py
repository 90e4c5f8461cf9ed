"""What a run tells of its progress while it is at work."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """A listener."""

    def run_begins(self, total_bytes: int | None) -> None:
        """The inputs hold so many bytes, None where standard input is among them."""

    def shard_begins(self, read_bytes: int) -> None:
        """The inputs were read up to here, and a shard of them goes into the stages."""

    def expected(self, n_texts: int) -> None:
        """So many texts of this shard are to be translated; over a pivot each counts twice."""

    def decoded(self, n_texts: int) -> None:
        """So many more of them are done."""

    def shard_done(self, n_articles: int, n_units: int) -> None:
        """The shard is committed, with so many articles and units."""


class Silence:
    """The listener that says nothing."""

    def run_begins(self, total_bytes: int | None) -> None:
        """Say nothing."""

    def shard_begins(self, read_bytes: int) -> None:
        """Say nothing."""

    def expected(self, n_texts: int) -> None:
        """Say nothing."""

    def decoded(self, n_texts: int) -> None:
        """Say nothing."""

    def shard_done(self, n_articles: int, n_units: int) -> None:
        """Say nothing."""
