"""Compressed data: told by its first bytes whatever its name says, and unpacked piece by piece."""

from __future__ import annotations

import bz2
import lzma
import re
import zlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Protocol

from pipeline.ingest.stream import PIECE_BYTES, PackedError

MAX_DECODER_BYTES = 128 << 20
"""Memory that data may ask for to be unpacked: what the highest levels of `xz` and `zstd` use, `--ultra` included."""

_MAX_PACKED_BYTES = 1 << 12
_MAX_ZSTD_BYTES = 1 << 10
"""How much is unpacked at once. Zstandard can make 128 KiB of four bytes, and its decoder gives all it has."""


class Decoder(Protocol):
    """Unpacks one member, as the gzip format calls it, of compressed data; `bz2.BZ2Decompressor` is one."""

    @property
    def eof(self) -> bool:
        """Whether the end of the member was reached."""

    @property
    def unused_data(self) -> bytes:
        """What came after the end of the member."""

    @property
    def needs_input(self) -> bool:
        """Whether all that came was unpacked."""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Take in `data` and return some unpacked bytes, `max_length` at most where the format can be held to it."""


class _GzipDecoder:
    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        out = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self.needs_input = len(out) < max_length and not self._inner.unconsumed_tail
        return out


class _ZstdDecoder:
    needs_input = True

    def __init__(self) -> None:
        import zstandard

        self._inner = zstandard.ZstdDecompressor(max_window_size=MAX_DECODER_BYTES).decompressobj()

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, _max_length: int) -> bytes:
        import zstandard

        try:
            return self._inner.decompress(data)
        except zstandard.ZstdError as error:
            raise ValueError(error) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Compression:
    """A way to compress: its name, which is that of its command as well, how it begins, and what unpacks it."""

    name: str
    start: re.Pattern[bytes]
    decoder: Callable[[], Decoder]
    step_bytes: int = _MAX_PACKED_BYTES


# Source: RFC 1952; the bzip2 manual; "The .xz File Format"; RFC 8878, whose skippable frames pzstd writes first.
_COMPRESSIONS = (
    Compression(name="gzip", start=re.compile(rb"\x1f\x8b\x08"), decoder=_GzipDecoder),
    Compression(
        name="bzip2",
        start=re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"),
        decoder=bz2.BZ2Decompressor,
    ),
    Compression(
        name="xz",
        start=re.compile(rb"\xfd7zXZ\x00"),
        decoder=lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_DECODER_BYTES),
    ),
    Compression(
        name="zstd",
        start=re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"),
        decoder=_ZstdDecoder,
        step_bytes=_MAX_ZSTD_BYTES,
    ),
)


def compression_of(head: bytes) -> Compression | None:
    """Return how data that begins with `head` is compressed, None where it is not."""
    return next((one for one in _COMPRESSIONS if one.start.match(head)), None)


def unpacked(pieces: Iterator[bytes], compression: Compression) -> Iterator[bytes]:
    """Yield the bytes that one or several members unpack to; zeros after a member, as tapes have them, are skipped.

    Raises:
        PackedError: the data is damaged or cut off; what came before has been yielded, but for some kilobytes.
    """
    decoder: Decoder | None = None
    n_packed = 0
    for data in _sliced(pieces, compression.step_bytes):
        try:
            decoder = yield from _step(data, decoder, compression)
        except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
            raise _damaged(compression, n_packed, error) from error
        n_packed += len(data)
    if decoder is not None:
        raise PackedError(f"the {compression.name} data is cut off after {n_packed:,} bytes; copy or download it again")


def _step(data: bytes, decoder: Decoder | None, compression: Compression) -> Generator[bytes, None, Decoder | None]:
    """Yield what `data` unpacks to and return the decoder of the member in which it ends, None between two."""
    while data or (decoder is not None and not decoder.needs_input):
        if decoder is None:
            data = data.lstrip(b"\x00")
            if not data:
                break
            decoder = compression.decoder()
        yield from _sliced(iter([decoder.decompress(data, PIECE_BYTES)]), PIECE_BYTES)
        data = b""
        if decoder.eof:
            data, decoder = decoder.unused_data, None
    return decoder


def _sliced(pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    for piece in pieces:
        for start in range(0, len(piece), size):
            yield piece[start : start + size]


def _damaged(compression: Compression, n_packed: int, error: Exception) -> PackedError:
    name = compression.name
    return PackedError(f"damaged {name} data near byte {n_packed:,}: {error}; `{name} -t` tests a file")
