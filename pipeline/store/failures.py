"""What storages say goes wrong, as errors for people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import OutputError, PipelineError, WriteError
from pipeline.places import Place
from pipeline.storage.opening import explain


@contextmanager
def write_errors(place: Place) -> Iterator[None]:
    """Turn what goes wrong while a corpus is written into a WriteError."""
    try:
        yield
    except OSError as error:
        remedy = "mend that and run the same command again: what was committed stays"
        raise WriteError(f"{_told(error, place, 'cannot be written')}; {remedy}") from error


@contextmanager
def opening_errors(place: Place) -> Iterator[None]:
    """Turn what goes wrong before any work into an OutputError."""
    try:
        yield
    except OSError as error:
        raise OutputError(_told(error, place, "cannot be opened")) from error


@contextmanager
def read_errors(place: Place) -> Iterator[None]:
    """Turn what goes wrong while a storage is read into an error that says so: it is no damage of the corpus."""
    try:
        yield
    except OSError as error:
        raise PipelineError(_told(error, place, "cannot be read")) from error


def _told(error: OSError, place: Place, what: str) -> str:
    if isinstance(place, Path):
        return f"{error.filename or place}: {what} ({error.strerror or error})"
    return explain(error, place)
