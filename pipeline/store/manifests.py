"""Reading the manifests of an output folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def read_manifest(folder: Path, run_id: str) -> dict[str, Any]:
    """Return the manifest of a run; nothing where it is lost, damaged or that of another run."""
    try:
        data = (folder / "runs" / f"{run_id}.json").read_bytes()
    except OSError:
        return {}
    return manifest_in(data, run_id)


def manifest_in(data: bytes, run_id: str) -> dict[str, Any]:
    """Return the manifest of a run that stands in a file; nothing where it is damaged or that of another run."""
    try:
        manifest = json.loads(data)
    except ValueError:
        return {}
    return manifest if isinstance(manifest, dict) and manifest.get("run_id") == run_id else {}
