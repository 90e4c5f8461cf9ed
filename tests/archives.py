"""Package archives as they come, and as attackers make them."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

DEMO = Path(__file__).parents[1] / "pipeline" / "models" / "demo"


def demo_package(pair: str) -> Path:
    """Return the folder of a demo model."""
    source, target = pair.split("-")
    return DEMO / f"translate-{source}_{target}-1_0"


def demo_files(pair: str) -> dict[str, bytes]:
    """Return the files of a demo model by their path below a folder, as Argos packs them."""
    folder = demo_package(pair)
    files = (file for file in sorted(folder.rglob("*")) if file.is_file())
    return {file.relative_to(folder.parent).as_posix(): file.read_bytes() for file in files}


def demo_archive(pair: str, *, extra: Mapping[str, bytes] | None = None, **metadata: object) -> bytes:
    """Return the archive of a demo model, with more files and other metadata where wanted."""
    files = demo_files(pair)
    name = f"{demo_package(pair).name}/metadata.json"
    files[name] = json.dumps(json.loads(files[name]) | metadata).encode()
    return zip_bytes({**files, **(extra or {})})


def zip_bytes(files: Mapping[str, bytes]) -> bytes:
    """Return a zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def zip_special(files: Mapping[str, bytes], name: str, kind: int, content: bytes = b"/etc/passwd") -> bytes:
    """Return a zip archive with one member that is a link, a device or a pipe: `kind` as in `stat`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for other, data in files.items():
            archive.writestr(other, data)
        member = zipfile.ZipInfo(name)
        member.create_system = 3
        member.external_attr = (kind | stat.S_IRWXU) << 16
        archive.writestr(member, content)
    return buffer.getvalue()


def index_of(*pairs: str, links: Mapping[str, list[str]] | None = None, **values: Any) -> bytes:
    """Return an index with a package for each pair; links are relative to it where none are given."""
    entries = []
    for pair in pairs:
        source, target = pair.split("-")
        default = [f"translate-{source}_{target}-1_0.argosmodel"]
        entries.append(
            {
                "type": "translate",
                "package_version": "1.0",
                "from_code": source,
                "to_code": target,
                "links": (links or {}).get(pair, default),
                **values,
            }
        )
    return json.dumps(entries).encode()
