"""Whether the files and folders of a run stand in each other's way."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile
from pathlib import Path, PurePath

from pipeline.places import Place, StorageUri, is_uri
from pipeline.problems import Problem, same_values

STDIN = "-"

OWN_FOLDERS = ("bitext", "articles", "rejects", "runs", ".newsmt")
"""What newsmt keeps in an output folder; nothing else has a place in these."""

_DOCUMENTS = (".txt", ".md", ".markdown", ".html", ".htm", ".xhtml", ".docx", ".odt", ".eml")
_RECORDS = (".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".tab", ".parquet", ".pq")
_ARROW = (".arrow", ".arrows", ".feather", ".ipc")
_FEEDS = (".rss", ".atom", ".xml", ".newsml", ".nitf", ".warc", ".wet", ".wacz")
_ARCHIVES = (".zip", ".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".tzst")
ARTICLE_SUFFIXES = frozenset((*_DOCUMENTS, *_RECORDS, *_ARROW, *_FEEDS, *_ARCHIVES))
"""What is read as articles where it lies in a folder of inputs; each may be followed by one of the next."""

COMPRESSION_SUFFIXES = (".gz", ".bz2", ".xz", ".zst", ".zstd")


def path_problems(inputs: Iterable[str], out: Place, written: Mapping[str, Path | None]) -> Iterator[Problem]:
    """Yield what would make a run read what it writes, or write over something of its own.

    Links are followed. An output folder inside a folder of inputs is no problem: none of its files is an article.

    Args:
        inputs: files, folders, globs, URIs and `-`, as for `newsmt run`.
        out: the output folder.
        written: other files that the run writes, by the key that names them.
    """
    names = [name for name in dict.fromkeys(inputs) if name != STDIN]
    local_names = [name for name in names if not is_uri(name)]
    files = {key: path for key, path in written.items() if path is not None}
    if isinstance(out, StorageUri):
        yield from _inputs_in_remote_out(filter(is_uri, names), out)
    else:
        yield from _inputs_in_out(local_names, out)
    for key, path in files.items():
        yield from _file_problems(key, path, out)
        yield from _file_among_inputs(key, path, local_names)
    for later, earlier in same_values({key: os.path.realpath(path) for key, path in files.items()}):
        yield Problem(keys=(later, earlier), text=f"is the same file as {earlier}; name another one")


def _inputs_in_out(names: Iterable[str], out: Path) -> Iterator[Problem]:
    folder = _real(out)
    for name in names:
        place = _real(_fixed_part(name))
        if place == folder:
            yield _same(name)
        elif folder in place.parents:
            yield _inside(name, out)


def _inputs_in_remote_out(names: Iterable[str], out: StorageUri) -> Iterator[Problem]:
    for place in map(StorageUri, names):
        fixed = tuple(takewhile(lambda part: not glob.has_magic(part), place.parts))
        if fixed == out.parts:
            yield _same(str(place))
        elif fixed[: len(out.parts)] == out.parts:
            yield _inside(str(place), out)


def _same(name: str) -> Problem:
    return Problem(keys=("out", "inputs"), text=f"is the folder of the input {name!r}; name another folder")


def _inside(name: str, out: Place) -> Problem:
    text = f"{name!r} lies inside out, {str(out)!r}; articles and corpus need folders of their own"
    return Problem(keys=("inputs", "out"), text=text, is_sentence=True)


def _file_problems(key: str, path: Path, out: Place) -> Iterator[Problem]:
    place = _real(path)
    if _is_folder(path):
        yield Problem(keys=(key,), text=f"is {str(path)!r}, a folder; name a file")
    own = [out / name for name in OWN_FOLDERS] if isinstance(out, Path) else []
    for folder in map(_real, own):
        if folder == place or folder in place.parents:
            yield Problem(keys=(key, "out"), text=f"is {str(path)!r}, where the corpus is kept; name another place")


def _file_among_inputs(key: str, path: Path, names: Iterable[str]) -> Iterator[Problem]:
    place = _real(path)
    for name in names:
        input_place = _real(name)
        if place == input_place and not _is_folder(path):
            yield Problem(keys=(key, "inputs"), text=f"is {str(path)!r}, an input; name another file")
        elif input_place in place.parents and _is_article(place):
            text = f"is {str(path)!r}, which would be read as an article of {name!r}; name another place or ending"
            yield Problem(keys=(key, "inputs"), text=text)


def _is_article(path: PurePath) -> bool:
    if path.name.startswith("."):
        return False
    inner = PurePath(path.stem) if path.suffix.lower() in COMPRESSION_SUFFIXES else path
    return inner.suffix.lower() in ARTICLE_SUFFIXES


def _fixed_part(name: str) -> str:
    """Return a name without what in it is a pattern: `a/b` of `a/b/*/c.txt`."""
    if not glob.has_magic(name) or os.path.lexists(name):
        return name
    parts = PurePath(name).parts
    n_fixed = next(number for number, part in enumerate(parts) if glob.has_magic(part))
    return str(PurePath(*parts[:n_fixed]))


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _real(path: str | Path) -> Path:
    return Path(os.path.realpath(path))
