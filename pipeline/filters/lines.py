"""JSON Lines through a function: one line out for each line in, in order."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

BATCH_SIZE = 512
"""Lines that are answered together: enough for a decoder to work on, and few enough for whoever waits behind a pipe."""

Record: TypeAlias = dict[str, object]
BatchFunction: TypeAlias = Callable[[Sequence[Record]], Sequence[Record | ValueError]]
"""One answer for each record, same order; an error is the answer to a bad record, and its message says what is bad."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredBatch:
    """The lines for one batch of lines read, UTF-8 with line feeds; `n_bad` of them hold an error."""

    content: bytes
    n_bad: int


def answer_lines(
    lines: Iterable[bytes], function: BatchFunction, *, batch_size: int = BATCH_SIZE
) -> Iterator[AnsweredBatch]:
    """Yield the answers to `lines`, as soon as each batch of them is done.

    A line that holds no record, and a record that `function` refuses, become `{"error": …, "line": n}`, n from 1.
    """
    stream = iter(lines)
    n_done = 0
    while chunk := list(islice(stream, batch_size)):
        answers = _answer(list(map(parse_record, chunk)), function)
        rows = [_row(answer, number) for number, answer in enumerate(answers, n_done + 1)]
        yield AnsweredBatch(
            content=b"".join(map(_encode, rows)), n_bad=sum(isinstance(answer, ValueError) for answer in answers)
        )
        n_done += len(chunk)


def one_by_one(function: Callable[[Record], Record]) -> BatchFunction:
    """Return the batch function that answers each record with `function`, or with the `ValueError` it raises."""

    def answer(record: Record) -> Record | ValueError:
        try:
            return function(record)
        except ValueError as error:
            return error

    return lambda records: list(map(answer, records))


def parse_record(line: bytes) -> Record | ValueError:
    """Return the record in a line of UTF-8, or what is wrong with it."""
    try:
        value = json.loads(line.removeprefix(codecs.BOM_UTF8).decode(), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        return ValueError(f"not UTF-8: {error.reason} at byte {error.start}")
    except RecursionError:
        return ValueError("not JSON that can be read: too many brackets inside each other")
    except ValueError as error:
        return ValueError(f"not JSON: {error}")
    return value if isinstance(value, dict) else ValueError('not a JSON object: write {"text": "…"}')


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _answer(items: Sequence[Record | ValueError], function: BatchFunction) -> list[Record | ValueError]:
    answers = iter(function([item for item in items if not isinstance(item, ValueError)]))
    return [item if isinstance(item, ValueError) else next(answers) for item in items]


def _row(answer: Record | ValueError, number: int) -> Record:
    return {"error": str(answer), "line": number} if isinstance(answer, ValueError) else answer


def _encode(row: Record) -> bytes:
    try:
        return json.dumps(row, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:
        # Half of a surrogate pair, which JSON can escape and UTF-8 cannot hold.
        return json.dumps(row).encode() + b"\n"
