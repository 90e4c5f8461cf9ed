"""Translations of a test set as files, for other measures than ours."""

from __future__ import annotations

from pathlib import Path

from pipeline.disk import make_folder, replace_synced
from pipeline.errors import OutputError
from pipeline.evaluation.translation import ModelEvaluation
from pipeline.text import remove_surrogates


def prepare_hypotheses(folder: Path) -> None:
    """Create the folder, before hours of work are done for it.

    Raises:
        OutputError: that cannot be.
    """
    try:
        make_folder(folder)
    except OSError as error:
        raise _unwritable(folder, error) from error


def write_hypotheses(folder: Path, found: ModelEvaluation, *, target: str) -> Path:
    """Write one hypothesis a line, same order as the source, and return the file.

    Raises:
        OutputError: it cannot be written.
    """
    file = folder / f"{found.name}.{target}.txt"
    lines = "".join(f"{' '.join(text.splitlines())}\n" for text in found.hypotheses)
    try:
        replace_synced(file, remove_surrogates(lines).encode())
    except OSError as error:
        raise _unwritable(file, error) from error
    return file


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(f"{path}: cannot be written ({error.strerror}); choose another --output-hypotheses")
