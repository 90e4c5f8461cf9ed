"""What the files beside a model say of its licence and its origin."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.convert.checkpoint import Checkpoint
from pipeline.models.layout import NOTICE

README_FILE = "README.md"
_FRONT_MATTER = re.compile(r"\A\ufeff?---\s*\n(.*?)\n---\s*(?:\n|\Z)", re.DOTALL)
_HUB_NAME = re.compile(r"[A-Za-z0-9][\w-]*/[A-Za-z0-9][\w.-]*")
_SPDX: Mapping[str, str] = {"apache-2.0": "Apache-2.0", "mit": "MIT", "openrail": "OpenRAIL"}
_FIRST_LINES = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), licence)
    for pattern, licence in (
        (r"\A\s*(the )?mit license", "MIT"),
        (r"\A\s*apache license\s+version 2\.0", "Apache-2.0"),
        (r"\A\s*(creative commons )?(legal code\s+)?cc0 1\.0", "CC0-1.0"),
        (r"\A\s*(creative commons )?attribution[- ]noncommercial[- ]sharealike 4\.0", "CC-BY-NC-SA-4.0"),
        (r"\A\s*(creative commons )?attribution[- ]noncommercial 4\.0", "CC-BY-NC-4.0"),
        (r"\A\s*(creative commons )?attribution[- ]sharealike 4\.0", "CC-BY-SA-4.0"),
        (r"\A\s*(creative commons )?attribution 4\.0", "CC-BY-4.0"),
        (r"\A\s*gnu affero general public license\s+version 3", "AGPL-3.0"),
        (r"\A\s*gnu general public license\s+version 3", "GPL-3.0"),
        (r"\A\s*bsd 3-clause", "BSD-3-Clause"),
    )
)
MAX_NOTICE_BYTES = 1 << 20


def find_notices(folder: Path) -> tuple[Path, ...]:
    """Return the files in `folder` that a package must carry along: licence, notices, README; by name."""
    files = (file for file in folder.iterdir() if NOTICE.fullmatch(file.name) and file.is_file())
    return tuple(sorted(file for file in files if file.stat().st_size <= MAX_NOTICE_BYTES))


def read_licence(folder: Path) -> str | None:
    """Return the licence that README.md names in its front matter, or that the file with its text begins with."""
    return _readme_licence(folder / README_FILE) or next(_file_licences(folder), None)


def read_origin(checkpoint: Checkpoint) -> str:
    """Return the name that the model has on the Hugging Face Hub, else that of its folder."""
    name = checkpoint.config.get("_name_or_path")
    is_hub_name = isinstance(name, str) and _HUB_NAME.fullmatch(name) and not Path(name).exists()
    return str(name) if is_hub_name else checkpoint.folder.resolve().name


def _readme_licence(file: Path) -> str | None:
    values = _front_matter(file)
    named, name = _first_text(values.get("license")), _first_text(values.get("license_name"))
    if named is None or named.lower() in {"other", "unknown"}:
        return name
    return _SPDX.get(named.lower(), named.upper() if named.lower().startswith("cc") else named)


def _front_matter(file: Path) -> Mapping[str, Any]:
    import yaml

    match = _FRONT_MATTER.match(_read_head(file))
    try:
        values = yaml.safe_load(match[1]) if match else None
    except yaml.YAMLError:
        return {}
    return values if isinstance(values, dict) else {}


def _first_text(value: object) -> str | None:
    first = value[0] if isinstance(value, list) and value else value
    return first.strip() or None if isinstance(first, str) else None


def _file_licences(folder: Path) -> Iterator[str]:
    for file in find_notices(folder):
        head = "" if file.name == README_FILE else _read_head(file)
        yield from (licence for pattern, licence in _FIRST_LINES if pattern.search(head))


def _read_head(file: Path) -> str:
    try:
        with file.open(encoding="utf-8", errors="replace") as stream:
            return stream.read(MAX_NOTICE_BYTES)
    except OSError:
        return ""
