"""Telling binary data from text."""

from __future__ import annotations

MAX_CONTROL_SHARE = 0.05
"""Random bytes have a tenth of control characters, compressed data as well; text has next to none."""

_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\v\f\r\x1b"))
_SAMPLE_BYTES = 1 << 16

# Source: Wikipedia, "List of file signatures".
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"%PDF-", "a PDF document"),
    (b"{\\rtf", "an RTF document"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an office document"),
    (b"\x1f\x8b\x08", "gzip data"),
    (b"BZh91AY&SY", "bzip2 data"),
    (b"\xfd7zXZ\x00", "xz data"),
    (b"\x28\xb5\x2f\xfd", "Zstandard data"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"PAR1\x15", "a Parquet file"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\xff\xfe\x00\x00", "text in UTF-32: convert it to UTF-8"),
    (b"\x00\x00\xfe\xff", "text in UTF-32: convert it to UTF-8"),
)


def signature_of(data: bytes) -> str | None:
    """Return what kind of binary file begins like `data`, or None."""
    return next((kind for signature, kind in _SIGNATURES if data.startswith(signature)), None)


def has_many_controls(data: bytes) -> bool:
    """Return whether more than `MAX_CONTROL_SHARE` of the first bytes are control characters, NUL among them."""
    sample = data[:_SAMPLE_BYTES]
    n_controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return n_controls > MAX_CONTROL_SHARE * len(sample)
