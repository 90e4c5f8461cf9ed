"""Changing single values in `newsmt.toml`; comments, order and line ends stay."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pipeline.disk import replace_synced
from pipeline.errors import ConfigError

_BOM = "\ufeff"


def write_decoding(path: Path, values: Mapping[str, int]) -> None:
    """Set keys of the section `[decoding]` of a configuration, which is created where it is missing.

    Raises:
        ConfigError: the file is not TOML, has something else of that name, or cannot be written.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    if not path.parent.is_dir():
        raise ConfigError(f"{path}: cannot be written, since its folder is not there")
    try:
        text = path.read_bytes().decode() if path.exists() else ""
        document = tomlkit.parse(text.removeprefix(_BOM))
        section = document.setdefault("decoding", tomlkit.table())
        if not isinstance(section, dict):
            raise ConfigError(f"{path}: decoding must be a table, [decoding]")
        section.update(values)
        replace_synced(path.resolve(), _written_like(text, tomlkit.dumps(document)).encode())
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror})") from error


def _written_like(before: str, after: str) -> str:
    """Return `after` with the line ends of `before`, and its mark at the beginning where it has one."""
    if "\r\n" in before:
        after = after.replace("\r\n", "\n").replace("\n", "\r\n")
    return _BOM + after if before.startswith(_BOM) else after
