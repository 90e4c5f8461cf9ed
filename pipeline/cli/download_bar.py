"""The progress bar of downloads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def download_bar(*, is_shown: bool) -> Iterator[Callable[[int, int | None], None]]:
    """Yield what is to hear of bytes done and of the size; on a terminal it shows them, with rate and time left."""
    if not is_shown:
        yield lambda _done, _size: None
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
