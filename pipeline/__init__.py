"""newsmt: offline batch translation of news into an aligned parallel corpus."""

from typing import TYPE_CHECKING, Any

from pipeline.version import __version__

if TYPE_CHECKING:
    from pipeline.api import dry_run, run
    from pipeline.config_executors import RaySettings
    from pipeline.corpus.reading import OpenCorpus as open  # noqa: A004, N813 - for `pipeline.open`

__all__ = ["RaySettings", "__version__", "dry_run", "open", "run"]


def __getattr__(name: str) -> Any:
    """Import the API when it is first used: the command line shows its help without it."""
    if name == "open":
        from pipeline.corpus.reading import OpenCorpus

        return OpenCorpus
    if name == "RaySettings":
        from pipeline.config_executors import RaySettings

        return RaySettings
    if name in ("dry_run", "run"):
        from pipeline import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
