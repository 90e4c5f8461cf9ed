"""newsmt: offline batch translation of news into an aligned parallel corpus."""

from typing import TYPE_CHECKING, Any

from pipeline.version import __version__

if TYPE_CHECKING:
    from pipeline.api import dry_run, run

__all__ = ["__version__", "dry_run", "run"]


def __getattr__(name: str) -> Any:
    """Import the API when it is first used: the command line shows its help without it."""
    if name not in ("dry_run", "run"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pipeline import api

    return getattr(api, name)
