"""Whose fault an error is."""

from __future__ import annotations

from pipeline.decode.queue import DecodingStopped
from pipeline.errors import PipelineError
from pipeline.memory_limits import is_out_of_memory

_NOT_THE_ARTICLE = (PipelineError, OSError, DecodingStopped)
"""Errors of the machine, the models or the state, and stops: they end the run, and the next one goes on from there."""


def is_no_fault_of_an_article(error: Exception) -> bool:
    """Return whether an error would meet other articles as well, so that nobody's article is rejected for it."""
    return isinstance(error, _NOT_THE_ARTICLE) or is_out_of_memory(error)
