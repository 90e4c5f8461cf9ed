"""Settings of how inputs are read, and of what in them is protected: the tables `input` and `protect`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pipeline.problems import Problem, out_of_range
from pipeline.protected_patterns import pattern_problems

INPUT_FIELDS = (
    "title",
    "text",
    "paragraphs",
    "url",
    "publisher",
    "published_at",
    "updated_at",
    "language",
    "authors",
    "section",
    "keywords",
    "licence",
)
"""What fields of records may hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSettings:
    """How inputs are read.

    `encoding` is that of text which declares none, None: it is found out. `fields` names fields of records, paths such
    as `content.body`, by what they hold (`INPUT_FIELDS`). The limits are for what is packed: bytes of one unpacked file
    or member, bytes unpacked for each byte read, members of an archive, layers of packing.
    """

    encoding: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    max_unpacked_bytes: int = 32 << 30
    max_ratio: int = 1000
    max_members: int = 1_000_000
    max_depth: int = 6

    def problems(self) -> Iterator[Problem]:
        """Yield what cannot be."""
        if self.encoding is not None and not _is_encoding(self.encoding):
            text = f"is {self.encoding!r}, which is no encoding of text; write for example utf-8, cp1251 or koi8-r"
            yield Problem(keys=("encoding",), text=text)
        for name in self.fields:
            if name not in INPUT_FIELDS:
                text = f"has {name!r}; what a field may hold is one of {', '.join(INPUT_FIELDS)}"
                yield Problem(keys=("fields",), text=text)
        yield from out_of_range(
            (
                ("max_unpacked_bytes", self.max_unpacked_bytes, 1, 1 << 50),
                ("max_ratio", self.max_ratio, 1, 1_000_000),
                ("max_members", self.max_members, 1, 1_000_000_000),
                ("max_depth", self.max_depth, 0, 100),
            )
        )


def _is_encoding(name: str) -> bool:
    try:
        return "a".encode(name).decode(name) == "a"
    except (LookupError, ValueError):
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectSettings:
    """What goes into a translation as it is: beside links, addresses and the like, what the user's patterns match.

    `patterns` are regular expressions; `exceptions` are kinds (see `pipeline.entities.KINDS`) that are translated.
    """

    patterns: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()

    def problems(self) -> Iterator[Problem]:
        """Return what cannot be, or contradicts itself."""
        return pattern_problems(self.patterns, self.exceptions)
