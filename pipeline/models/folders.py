"""Where packages are: newsmt's own folder, and Argos', which is only read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path


def own_folder(environment: Mapping[str, str]) -> Path:
    """Return where `newsmt models install` puts packages; nothing is created.

    `NEWSMT_PACKAGES_DIR` names it, else it is `newsmt/packages` under the folder for data of the XDG rules.
    """
    if folder := environment.get("NEWSMT_PACKAGES_DIR"):
        return Path(folder)
    return _data_home(environment) / "newsmt" / "packages"


def argos_folder(environment: Mapping[str, str]) -> Path:
    """Return where Argos keeps its packages; nothing is created.

    Source: `argostranslate/settings.py`, whose import would create folders.
    """
    if folder := environment.get("ARGOS_PACKAGES_DIR"):
        return Path(folder)
    config = Path(environment.get("XDG_CONFIG_HOME") or _home(environment) / ".config")
    if folder := _settings_entry(config / "argos-translate" / "settings.json"):
        return Path(folder)
    return _data_home(environment) / "argos-translate" / "packages"


def index_file(environment: Mapping[str, str]) -> Path:
    """Return where the index of packages is kept after it was fetched; nothing is created."""
    return _cache(environment) / "index.json"


def downloads_folder(environment: Mapping[str, str]) -> Path:
    """Return where downloads are kept until they are whole; nothing is created."""
    return _cache(environment) / "downloads"


def _cache(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("XDG_CACHE_HOME") or _home(environment) / ".cache") / "newsmt"


def _home(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("HOME") or Path.home())


def _data_home(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("XDG_DATA_HOME") or _home(environment) / ".local" / "share")


def _settings_entry(file: Path) -> str | None:
    try:
        settings = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    folder = settings.get("ARGOS_PACKAGES_DIR") if isinstance(settings, dict) else None
    return folder if isinstance(folder, str) else None
