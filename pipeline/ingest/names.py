"""What the names of files say: whether they hold articles, how they are packed, and how they are shown."""

from __future__ import annotations

import os
from pathlib import PurePath

from pipeline.config_paths import COMPRESSION_SUFFIXES
from pipeline.ingest.formats import FORMATS

_PACKED_TAR_SUFFIXES = (".tgz", ".tbz", ".tbz2", ".txz", ".tzst")
ARCHIVE_SUFFIXES = (".zip", ".tar", *_PACKED_TAR_SUFFIXES)

FORMAT_SUFFIXES = tuple(suffix for one in FORMATS for suffix in one.suffixes)

KNOWN_SUFFIXES = (*FORMAT_SUFFIXES, *ARCHIVE_SUFFIXES)
"""What is read where it lies in a folder; each may be followed by one of `COMPRESSION_SUFFIXES`."""


_ABOUT_FOLDERS = frozenset(("readme", "license", "licence", "changelog", "contributing"))
"""Files that tell of the others; whoever means them names them."""


def is_article_name(name: str) -> bool:
    """Return whether a file of this name is read in a folder: its suffix is known, or compression is all it tells."""
    inner = unpacked_name(name)
    if PurePath(inner).stem.lower() in _ABOUT_FOLDERS:
        return False
    suffix = PurePath(inner).suffix.lower()
    return suffix in KNOWN_SUFFIXES or (not suffix and inner != name)


def is_member_name(name: str) -> bool:
    """Return whether a member of an archive is read: as in a folder, or it has no suffix; hidden ones are not."""
    if any(part.startswith(".") and part not in {".", ".."} for part in name.split("/")):
        return False
    return is_article_name(name) or not PurePath(name).suffix


def unpacked_name(name: str) -> str:
    """Return the name that a compressed file has when it is unpacked: `a.jsonl` of `a.jsonl.gz`, `b.tar` of `b.tgz`."""
    path = PurePath(name)
    suffix = path.suffix.lower()
    if suffix in COMPRESSION_SUFFIXES:
        return path.stem
    return f"{path.stem}.tar" if suffix in _PACKED_TAR_SUFFIXES else name


def display_name(name: str) -> str:
    r"""Return a file name as text that can be stored: bytes that are no UTF-8 are written `\xff`."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
