"""A new `newsmt.toml` with every setting there is, each with its default and a word on what it does."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from pipeline.config import INSTALLED, MODEL_SET_NAMES, RunConfig
from pipeline.config_paths import STDIN
from pipeline.disk import replace_synced
from pipeline.errors import ConfigError, UsageError
from pipeline.places import is_uri, place_of
from pipeline.toml_lines import toml_string
from pipeline.types import parse_language

TEMPLATE = "settings_template.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSettings:
    """What a new configuration begins with; paths are relative to the working directory, as on a command line."""

    inputs: Sequence[str] = ("inbox",)
    to: Sequence[str] = ("ru",)
    out: str = "corpus"
    state: str | None = None
    models: str = INSTALLED

    def below(self, folder: Path) -> FirstSettings:
        """Return the same settings for a file in `folder`.

        Raises:
            UsageError: they cannot be, or contradict each other.
        """
        state = Path(self.state) if self.state else None
        RunConfig(inputs=tuple(self.inputs), to=tuple(self.to), out=place_of(self.out), state=state).checked()
        return FirstSettings(
            inputs=[name if name == STDIN or is_uri(name) else _moved(name, folder) for name in self.inputs],
            to=list(dict.fromkeys(map(parse_language, self.to))),
            out=self.out if is_uri(self.out) else _moved(self.out, folder),
            state=_moved(self.state, folder) if self.state else None,
            models=self.models if self.models in MODEL_SET_NAMES else _moved(self.models, folder),
        )


def template_text(settings: FirstSettings) -> str:
    """Return the text of a configuration that begins with `settings`, which are relative to its folder.

    Raises:
        UsageError: a path has bytes that are no UTF-8, which TOML cannot hold.
    """
    values = {
        "inputs": _array(settings.inputs),
        "to": _array(settings.to),
        "out": _string(settings.out),
        "models": _string(settings.models),
    }
    if settings.state:
        values["# state"] = _string(settings.state)
    lines = (files("pipeline") / TEMPLATE).read_text("utf-8").splitlines()
    keys = [line.partition(" = ")[0] for line in lines]
    filled = [
        f"{key.removeprefix('# ')} = {values[key]}" if key in values else line
        for key, line in zip(keys, lines, strict=True)
    ]
    return "\n".join(filled) + "\n"


def write_template(path: Path, settings: FirstSettings, *, is_forced: bool = False) -> None:
    """Write a configuration that begins with `settings`, given relative to the working directory.

    Args:
        path: the file to write; its folder must be there.
        settings: what it begins with.
        is_forced: whether to put it into the place of a file that is there.

    Raises:
        UsageError: the file is there, cannot be written, or the settings cannot be.
    """
    if path.is_dir():
        raise UsageError(f"{path}: is a folder; name a file in it: {path / 'newsmt.toml'}")
    if os.path.lexists(path) and not is_forced:
        raise UsageError(f"{path}: is there already and was left alone; name another file, or replace it with --force")
    if not path.parent.is_dir():
        raise UsageError(f"{path}: cannot be written, since its folder is not there")
    text = template_text(settings.below(path.parent))
    try:
        # The target of a link is replaced, not the link.
        replace_synced(path.resolve(), text.encode())
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror})") from error


def _moved(name: str, folder: Path) -> str:
    """Return a path from the command line as a file in `folder` must write it; `~/` would mean the home there."""
    if not name:
        raise UsageError("a path is empty; leave the option out, or name a file or folder")
    is_here = os.path.realpath(folder) == os.path.realpath(".")
    return name if is_here and not name.startswith("~") else str(Path.cwd() / name)


def _array(names: Sequence[str]) -> str:
    return f"[{', '.join(map(_string, names))}]"


def _string(text: str) -> str:
    try:
        return toml_string(text)
    except UnicodeEncodeError as error:
        raise UsageError(f"{os.fsencode(text)!r}: its bytes are no UTF-8, which TOML cannot hold; rename it") from error
