"""The keys of `newsmt.toml`: which there are, what their values must be, and what people mean by other ones."""

from __future__ import annotations

import difflib
import glob
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.config import MODEL_SET_NAMES, parse_duration
from pipeline.config_paths import STDIN
from pipeline.errors import UsageError
from pipeline.places import Place, is_uri, place_of
from pipeline.types import parse_language

CONFIG_VERSION = "config_version"
KNOWN_VERSION = 1
"""Raised where a file of the new kind would be misunderstood by an older newsmt."""

ROUTES = "routes"
_MAX_SHOWN = 60


class WrongValueError(UsageError):
    """A value is not what its key is for."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A key: the field that it fills, and what makes its value of what TOML has, given the folder of the file.

    `read` raises a `UsageError`; of a list, it reads one item.
    """

    field: str
    read: Callable[[Any, Path], Any]
    is_list: bool = False


def shown(value: object) -> str:
    """Return a value about as TOML writes it, shortened."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"


def version_number(value: object) -> int:
    """Return the version of a file.

    Raises:
        WrongValueError: it is no version, known here or not.
    """
    version = _whole(value)
    if version < 1:
        raise WrongValueError(f"is {version}; versions begin with 1")
    return version


def remedy_for_unknown(section: str, key: str) -> str:
    """Return what to do about a key that is not known there: where it belongs, or what it may have been meant to be."""
    here = [*_known(section)]
    for other in _TABLES:
        if other != section and key in _known(other):
            return f"it belongs {f'in [{other}]' if other else 'at the top, before the first [table]'}"
    if close := difflib.get_close_matches(key.lower().replace("-", "_"), here, n=1):
        return f"did you mean {close[0]}?"
    elsewhere = {(f"{table}.{name}" if table else name): (table, name) for table in _TABLES for name in _known(table)}
    if close := difflib.get_close_matches(key.lower().replace("-", "_"), elsewhere, n=1):
        table, name = elsewhere[close[0]]
        return f"did you mean {name} {f'in [{table}]' if table else 'at the top'}?"
    return f"known are {', '.join(here)}"


def _known(section: str) -> list[str]:
    return [CONFIG_VERSION, *TOP, "pivot", *SECTIONS, ROUTES] if section == "" else [*SECTIONS[section]]


def _whole(value: object, _: object = None) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise WrongValueError(f"must be a whole number, found {shown(value)}")
    return value


def _number(value: object, _: object = None) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise WrongValueError(f"must be a number, found {shown(value)}")
    return float(value)


def _flag(value: object, _: Path) -> bool:
    if not isinstance(value, bool):
        raise WrongValueError(f"must be true or false, found {shown(value)}")
    return value


def _text(value: object, _: object = None) -> str:
    if not isinstance(value, str):
        raise WrongValueError(f"must be a string, found {shown(value)}")
    if not value.strip() or "\0" in value:
        raise WrongValueError(f"must be a string with something in it, found {shown(value)}")
    return value


def language_code(value: object, _: object = None) -> str:
    """Return the value as a language code."""
    return parse_language(_text(value))


def _duration(value: object, _: Path) -> float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise WrongValueError(f'must be a time, as in "50m", found {shown(value)}')
    return parse_duration(str(value))


def _path(value: object, folder: Path) -> Path:
    name = _text(value)
    return Path(name).expanduser() if name == "~" or name.startswith("~/") else folder / name


def _place(value: object, folder: Path) -> Place:
    name = _text(value)
    return place_of(name) if is_uri(name) else _path(name, folder)


def _input(value: object, folder: Path) -> str:
    name = _text(value)
    if name == STDIN or is_uri(name):
        return name
    path = _path(name, folder)
    if glob.has_magic(name) and glob.has_magic(str(folder)) and not path.exists():
        return str(Path(glob.escape(str(folder)), name))
    return str(path)


def _file_or_stdin(value: object, folder: Path) -> str:
    name = _text(value)
    return name if name == STDIN else str(_path(name, folder))


def _names(value: object, _: Path) -> Mapping[str, str]:
    if not isinstance(value, dict):
        raise WrongValueError(f'must be a table of names, as in text = "content.body", found {shown(value)}')
    return {name: _text(path) for name, path in value.items()}


def _models(value: object, folder: Path) -> str:
    name = _text(value)
    if name in MODEL_SET_NAMES:
        return name
    path = str(_path(name, folder))
    # A folder `./demo` is not the set of that name.
    return f"./{path}" if path in MODEL_SET_NAMES else path


def _index(value: object, folder: Path) -> str:
    return _text(value) if "://" in _text(value) else str(_path(value, folder))


TOP: Mapping[str, Setting] = {
    "inputs": Setting("inputs", _input, is_list=True),
    "files_from": Setting("files_from", _file_or_stdin),
    "to": Setting("to", language_code, is_list=True),
    "out": Setting("out", _place),
    "state": Setting("state", _path),
    "models": Setting("models", _models),
    "model_index": Setting("model_index", _index),
    "time_budget": Setting("time_budget_s", _duration),
    "max_articles": Setting("max_articles", _whole),
    "wait": Setting("wait_s", _duration),
    "metrics": Setting("metrics", _path),
    "max_segment_chars": Setting("max_segment_chars", _whole),
    "memory": Setting("memory", _flag),
    "skip_near_duplicates": Setting("skip_near_duplicates", _flag),
    "glossary": Setting("glossary", _path),
    "raw": Setting("raw", _flag),
    "skip_boilerplate": Setting("skip_boilerplate", _flag),
    "executor": Setting("executor", _text),
}
"""The keys above all tables, but for `config_version` and `pivot`, which are no fields of the configuration."""

SECTIONS: Mapping[str, Mapping[str, Setting]] = {
    "decoding": {
        "beam": Setting("beam", _whole),
        "max_batch_tokens": Setting("max_batch_tokens", _whole),
        "max_target_tokens": Setting("max_target_tokens", _whole),
        "device": Setting("device", _text),
        "jobs": Setting("jobs", _whole),
    },
    "shard": {"max_articles": Setting("max_articles", _whole), "max_chars": Setting("max_chars", _whole)},
    "ray": {
        "address": Setting("address", _text),
        "workers": Setting("workers", _whole),
        "worker_cpus": Setting("worker_cpus", _whole),
        "worker_gpus": Setting("worker_gpus", _number),
    },
    "input": {
        "encoding": Setting("encoding", _text),
        "fields": Setting("fields", _names),
        "max_unpacked_bytes": Setting("max_unpacked_bytes", _whole),
        "max_ratio": Setting("max_ratio", _whole),
        "max_members": Setting("max_members", _whole),
        "max_depth": Setting("max_depth", _whole),
    },
    "protect": {
        "patterns": Setting("patterns", _text, is_list=True),
        "except": Setting("exceptions", _text, is_list=True),
    },
    "log": {"file": Setting("file", _path), "format": Setting("format", _text)},
}
"""The tables and their keys, but for `routes`, whose keys are pairs."""

_TABLES = ("", *SECTIONS)
