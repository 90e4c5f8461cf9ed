"""Text as it looks after somebody read it in the wrong encoding."""

from __future__ import annotations


def misread(text: str, encoding: str) -> str:
    """Return what the UTF-8 of `text` reads as in an 8-bit encoding; bytes that it lacks become control characters."""
    return "".join(bytes([byte]).decode(encoding, "ignore") or chr(byte) for byte in text.encode())
