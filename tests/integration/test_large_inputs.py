"""Inputs of gigabytes are read in little memory."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

CHILD = """
import io, json, resource, sys
from pipeline.ingest.inputs import InputFile
from pipeline.ingest.read import ArticleReader

SIZE = int(sys.argv[1])


class Records(io.RawIOBase):
    # Two thousand records, over and over, as if they came through a pipe.
    def __init__(self):
        text = "The council of Riverton met on Monday and agreed on a new road. " * 40
        rows = ({"title": f"Council {n}", "text": text, "url": f"https://news.example/{n}"} for n in range(2000))
        self.block = "".join(json.dumps(row) + "\\n" for row in rows).encode()
        self.done = 0

    def readable(self):
        return True

    def readinto(self, buffer):
        if self.done >= SIZE:
            return 0
        start = self.done % len(self.block)
        piece = self.block[start : start + len(buffer)]
        buffer[: len(piece)] = piece
        self.done += len(piece)
        return len(piece)


def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


stream = Records()
before = peak_mb()
items = ArticleReader([InputFile(name="-", path=None)], stdin=io.BufferedReader(stream))
n_items = sum(1 for _ in items)
print(json.dumps({"n_items": n_items, "n_bytes": stream.done, "grown_mb": peak_mb() - before}))
"""


@pytest.mark.slow
def test_two_gigabytes_are_read_in_little_memory() -> None:

    size = 2 << 30
    done = subprocess.run([sys.executable, "-c", CHILD, str(size)], capture_output=True, encoding="utf-8", check=True)
    found = json.loads(done.stdout)

    assert found["n_bytes"] >= size
    assert found["n_items"] > 700_000
    assert found["grown_mb"] < 40
