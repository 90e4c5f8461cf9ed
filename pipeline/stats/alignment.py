"""Word alignment by eflomal, the extra `align`: which words of a text and its translation belong together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from subprocess import CalledProcessError
from tempfile import TemporaryDirectory

from pipeline.errors import PipelineError

Link = tuple[int, int]
"""The places of a word of the source and a word of the target, from 0."""

MISSING = (
    "translations need a word aligner, eflomal, which is not installed: pip install 'newsmt[align]' "
    "(it is under the GPLv3)"
)
MAX_WORDS = 200
"""Longer texts say little about single words; the aligner takes a thousand."""

_N_SAMPLERS = 3
_NEIGHBOURS = ((-1, 0), (0, -1), (1, 0), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1))


class AlignmentError(PipelineError):
    """The word aligner failed."""


def is_installed() -> bool:
    """Return whether words can be aligned."""
    try:
        return find_spec("eflomal") is not None
    except ValueError:
        # Modules that are kept from being imported have no place to be found at.
        return False


def align(pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> Iterator[tuple[set[Link], set[Link]]]:
    """Yield the links of each pair of texts, aligned from source to target and from target to source.

    Args:
        pairs: the words of source and target, `MAX_WORDS` at most, one at least.

    Raises:
        AlignmentError: the aligner failed.
    """
    with TemporaryDirectory(prefix="newsmt-align-") as folder:
        forward, backward = Path(folder, "forward"), Path(folder, "backward")
        _run(pairs, forward, backward)
        yield from zip(_read(forward), _read(backward), strict=True)


def _run(pairs: Sequence[tuple[Sequence[str], Sequence[str]]], forward: Path, backward: Path) -> None:
    from eflomal import Aligner

    try:
        Aligner(n_samplers=_N_SAMPLERS).align(
            _numbered(source for source, _ in pairs),
            _numbered(target for _, target in pairs),
            links_filename_fwd=str(forward),
            links_filename_rev=str(backward),
            quiet=True,
        )
    except CalledProcessError as error:
        raise AlignmentError(f"eflomal ended with {error.returncode}") from error
    except OSError as error:
        raise AlignmentError(f"eflomal could not be run: {error}") from error


def symmetrised(forward: set[Link], backward: set[Link]) -> set[Link]:
    """Return the links that both directions have, and those of one that touch them and bring a word without a link.

    Source: Koehn, Och and Marcu, Statistical phrase-based translation, 2003 (grow-diag).
    """
    links, union = forward & backward, forward | backward
    to_visit = sorted(links)
    for source, target in to_visit:
        for down, right in _NEIGHBOURS:
            near = (source + down, target + right)
            if near in union and near not in links and _is_new(near, links):
                links.add(near)
                to_visit.append(near)
    return links


def _is_new(link: Link, links: set[Link]) -> bool:
    """Return whether one of its words has no link yet."""
    return all(source != link[0] for source, _ in links) or all(target != link[1] for _, target in links)


def _numbered(texts: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield lines with numbers in the place of words, which may hold what the aligner takes for blanks."""
    numbers: dict[str, int] = {}
    for words in texts:
        yield " ".join(str(numbers.setdefault(word, len(numbers))) for word in words)


def _read(path: Path) -> Iterator[set[Link]]:
    with path.open(encoding="ascii") as lines:
        for line in lines:
            yield {(int(source), int(target)) for source, _, target in (link.partition("-") for link in line.split())}
