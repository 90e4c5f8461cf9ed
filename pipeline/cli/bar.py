"""The progress bar of a run, on a terminal only."""

from __future__ import annotations

import sys
from time import monotonic
from types import TracebackType
from typing import IO, Any, cast

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from typing_extensions import Self

from pipeline.cli.output import give_up_stderr


class ProgressBar:
    """Shows how much of the input is done, the rate, and the time left.

    Within a shard the bar moves with the texts decoded, from where the last shard ended to where this one does.
    """

    def __init__(self) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("time left"),
            TimeRemainingColumn(),
            console=Console(file=cast("IO[str]", _Stderr(sys.stderr))),
            transient=True,
        )
        self._task = self._progress.add_task("reading", total=None)
        self._began = monotonic()
        self._done_bytes = self._read_bytes = 0
        self._n_expected = self._n_decoded = 0
        self._n_articles = self._n_units = 0

    def __enter__(self) -> Self:
        self._progress.start()
        # Who ends the process at once must not miss the cursor.
        self._progress.console.show_cursor()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._progress.stop()

    def run_begins(self, total_bytes: int | None) -> None:
        """Set the end of the bar."""
        self._progress.update(self._task, total=total_bytes)

    def shard_begins(self, read_bytes: int) -> None:
        """Set the end of the shard."""
        self._read_bytes = read_bytes
        self._n_expected = self._n_decoded = 0

    def expected(self, n_texts: int) -> None:
        """Set the number of steps to the end of the shard."""
        self._n_expected += n_texts

    def decoded(self, n_texts: int) -> None:
        """Move the bar within the shard."""
        self._n_decoded += n_texts
        share = self._n_decoded / max(1, self._n_expected)
        self._show(self._done_bytes + (self._read_bytes - self._done_bytes) * min(1.0, share))

    def shard_done(self, n_articles: int, n_units: int) -> None:
        """Move the bar to the end of the shard."""
        self._n_articles += n_articles
        self._n_units += n_units
        self._n_decoded = 0
        self._done_bytes = self._read_bytes
        self._show(self._done_bytes)

    def _show(self, position: float) -> None:
        n_texts = self._n_units + self._n_decoded
        rate = n_texts / max(0.001, monotonic() - self._began)
        words = f"{self._n_articles:,} articles, {n_texts:,} sentences, {rate:,.0f}/s"
        self._progress.update(self._task, completed=position, description=words)


class _Stderr:
    """The terminal; where it vanishes, the run goes on without a bar."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except OSError:
            give_up_stderr()
        except ValueError:
            # It was closed.
            pass
        return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError:
            give_up_stderr()
        except ValueError:
            pass
