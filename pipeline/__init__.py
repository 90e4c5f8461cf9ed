"""newsmt: offline batch translation of news into an aligned parallel corpus."""

from pipeline.api import dry_run, run
from pipeline.version import __version__

__all__ = ["__version__", "dry_run", "run"]
