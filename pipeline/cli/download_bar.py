"""The progress bar of downloads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pipeline.cli.output import say
from pipeline.cli.tables import megabytes


@contextmanager
def download_bar(*, is_shown: bool) -> Iterator[Callable[[int, int | None], None]]:
    """Yield what is to hear of bytes done and of the size; on a terminal it shows them, with rate and time left.

    Elsewhere a line at the start of each download must do.
    """
    if not is_shown:
        yield _Lines().hear
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress("downloading", *columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None, visible=False)

        def show(done: int, size: int | None) -> None:
            # A bar that moves no more must be gone before anything is said after it.
            is_whole = done == size
            progress.update(task, completed=done, total=size, visible=not is_whole, refresh=is_whole)

        yield show


class _Lines:
    """Says when a download begins."""

    def __init__(self) -> None:
        self._done = 0

    def hear(self, done: int, size: int | None) -> None:
        if done <= self._done or not self._done:
            say("downloading" if size is None else f"downloading {megabytes(size)}")
        self._done = 0 if done == size else done
