"""Reading again where pyarrow gives up too soon."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

_Result = TypeVar("_Result")

CANNOT_TELL = "Failed to flush response stream"
"""pyarrow's words where a storage answers a request for a few bytes with an error that is longer than these."""

_PAUSES_S = (0.2, 0.5, 1.0, 2.0)


def patiently(read: Callable[[], _Result]) -> _Result:
    """Return what `read` returns; it is called again where pyarrow cannot tell what went wrong.

    Raises:
        OSError: it failed each time, or for another reason, for which pyarrow tries again itself.
    """
    for pause_s in _PAUSES_S:
        try:
            return read()
        except OSError as error:
            if CANNOT_TELL not in str(error):
                raise
        time.sleep(pause_s)
    return read()
