"""Reading of the data files that are installed with the package."""

from __future__ import annotations

import sys
from importlib.resources import files
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def read_toml(package: str, name: str) -> dict[str, Any]:
    """Return the content of a TOML file that lies beside the modules of `package`."""
    return tomllib.loads((files(package) / name).read_text("utf-8"))
