"""Text files: the first line is the headline, blank lines separate paragraphs."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.errors import Reason
from pipeline.ingest.paragraphs import split_at_blank_lines, unify_line_ends, with_kinds
from pipeline.ingest.whole import decode_whole, gather, reject
from pipeline.types import Article, Paragraph, Reject


def read_plain(
    _head: bytes, pieces: Iterator[bytes], *, source_uri: str, encoding: str | None = None
) -> Iterator[Article | Reject]:
    """Yield the one article of a text file, or its reject.

    Args:
        pieces: all bytes of the file.
        source_uri: how the article is named.
        encoding: of text that nothing is found out about.

    Raises:
        OSError, EOFError, zlib.error: `pieces` cannot be read to their end.
    """
    data = gather(pieces, source_uri=source_uri)
    yield data if isinstance(data, Reject) else parse_plain(data, source_uri=source_uri, encoding=encoding)


def parse_plain(data: bytes, *, source_uri: str, encoding: str | None = None) -> Article | Reject:
    """Return the article of a text file's bytes.

    Rejects: binary data, an encoding that is damaged or unknown, a file of blanks.
    """
    decoded = decode_whole(data, source_uri=source_uri, encoding=encoding)
    if isinstance(decoded, Reject):
        return decoded
    paragraphs = split_article(decoded.text)
    if not paragraphs:
        return reject(Reason.EMPTY, "the file holds no text", data, source_uri)
    return Article(source_uri=source_uri, paragraphs=paragraphs, encoding=decoded.encoding, notes=decoded.notes)


def split_article(text: str) -> tuple[Paragraph, ...]:
    """Return the paragraphs of a text: its first line is the headline, unless it is all there is."""
    first, _, rest = unify_line_ends(text).strip().partition("\n")
    if not first:
        return ()
    blocks = split_at_blank_lines(rest)
    return with_kinds(first.rstrip(), blocks) if blocks else with_kinds(None, [first])
