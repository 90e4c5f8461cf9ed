"""Text files: the first line is the headline, blank lines separate paragraphs."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.errors import Reason
from pipeline.ingest.encoding import decode, detect_encoding, find_binary
from pipeline.ingest.paragraphs import split_at_blank_lines, unify_line_ends, with_kinds
from pipeline.ingest.payload import MAX_ARTICLE_BYTES, StreamedPayload
from pipeline.types import Article, Paragraph, Reject


def read_plain(_head: bytes, pieces: Iterator[bytes], *, source_uri: str) -> Iterator[Article | Reject]:
    """Yield the one article of a text file, or its reject.

    Raises:
        OSError, EOFError, zlib.error: `pieces` cannot be read to their end.
    """
    payload = StreamedPayload()
    data = bytearray()
    for piece in pieces:
        payload.add(piece)
        if payload.n_bytes <= MAX_ARTICLE_BYTES:
            data += piece
        else:
            data.clear()
    if payload.n_bytes > MAX_ARTICLE_BYTES:
        detail = (
            f"{payload.n_bytes} bytes in one text file; at most {MAX_ARTICLE_BYTES} are read: split it into articles"
        )
        yield payload.reject(Reason.TOO_LARGE, detail=detail, source_uri=source_uri)
    else:
        yield parse_plain(bytes(data), source_uri=source_uri)


def parse_plain(data: bytes, *, source_uri: str) -> Article | Reject:
    """Return the article of a text file's bytes.

    Rejects: binary data, an encoding that is damaged or unknown, a file of blanks.
    """
    if binary := find_binary(data, is_nul_allowed=False):
        return _reject(Reason.BINARY, binary, data, source_uri)
    encoding = detect_encoding(data)
    if encoding is None:
        return _reject(Reason.ENCODING, "no known encoding fits; convert the file to UTF-8", data, source_uri)
    try:
        text = decode(data, encoding)
    except UnicodeDecodeError as error:
        detail = f"not {encoding.name} at byte {error.start}: {error.reason}; mend the file or convert it to UTF-8"
        return _reject(Reason.ENCODING, detail, data, source_uri)
    paragraphs = split_article(text)
    if not paragraphs:
        return _reject(Reason.EMPTY, "the file holds no text", data, source_uri)
    return Article(source_uri=source_uri, paragraphs=paragraphs, encoding=encoding.name)


def split_article(text: str) -> tuple[Paragraph, ...]:
    """Return the paragraphs of a text: its first line is the headline, unless it is all there is."""
    first, _, rest = unify_line_ends(text).strip().partition("\n")
    if not first:
        return ()
    blocks = split_at_blank_lines(rest)
    return with_kinds(first.rstrip(), blocks) if blocks else with_kinds(None, [first])


def _reject(reason: Reason, detail: str, data: bytes, source_uri: str) -> Reject:
    return Reject.from_payload(reason, detail=detail, source_uri=source_uri, payload=data)
