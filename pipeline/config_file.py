"""Reading `newsmt.toml`: all that is wrong in it is found at once, and named with its line."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.config import (
    DIRECT,
    DecodingSettings,
    LogSettings,
    RouteRules,
    RunConfig,
    ShardSettings,
)
from pipeline.config_executors import RaySettings
from pipeline.config_inputs import InputSettings, ProtectSettings
from pipeline.config_keys import (
    CONFIG_VERSION,
    KNOWN_VERSION,
    ROUTES,
    SECTIONS,
    TOP,
    Setting,
    WrongValueError,
    language_code,
    remedy_for_unknown,
    shown,
    version_number,
)
from pipeline.errors import ConfigError, UsageError
from pipeline.toml_lines import KeyLines, KeyPath, dotted, find_key_lines
from pipeline.types import LanguagePair, parse_pair

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_KINDS = {
    "decoding": DecodingSettings,
    "shard": ShardSettings,
    "ray": RaySettings,
    "input": InputSettings,
    "protect": ProtectSettings,
    "log": LogSettings,
}
_PLACE = re.compile(r"(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)", re.DOTALL)


def read_config(path: Path) -> RunConfig:
    """Return the settings in a TOML file; paths in it are relative to that file, `~/` is the user's home.

    Raises:
        ConfigError: the file cannot be read, is not TOML or is for a newer newsmt; or it has unknown keys, wrong types,
            values that cannot be or that contradict each other: all of these, one a line, each with file and line.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); newsmt init writes a new one") from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: not valid TOML: not in UTF-8; save it in that encoding") from error
    return parse_config(text, path)


def parse_config(text: str, path: Path) -> RunConfig:
    """Return the settings in the text of a file at `path`.

    Raises:
        ConfigError: as in `read_config`.
    """
    table = _parse_toml(text, path)
    reading = _Reading(path, find_key_lines(text))
    reading.check_version(table.pop(CONFIG_VERSION, 1))
    config = reading.config(table)
    reading.add_problems(config)
    reading.raise_if_wrong()
    return config


def _parse_toml(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ConfigError(f"{path}: not valid TOML: nested too deeply") from error
    except ValueError as error:
        raise ConfigError(f"{path}:{_syntax_problem(text, str(error))}") from error


def _syntax_problem(text: str, message: str) -> str:
    """Return line and words of a mistake; a key that is there twice gets its name, which parsers do not tell."""
    found = _PLACE.fullmatch(message)
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    line = int((found and found["line"]) or len(lines))
    column = int((found and found["column"]) or len(lines[-1]) + 1)
    if "verwrite" in message or "twice" in message or "uplicate" in message:
        before = "\n".join([*lines[: line - 1], lines[line - 1][: column - 1]])
        if twice := find_key_lines(before).last_twice():
            key, first, second = twice
            return f"{second}: {dotted(key)}: is there twice, first in line {first}; keep one of them"
    return f"{line}: not valid TOML: {found['what'] if found else message} (column {column})"


class _Reading:
    """Takes values out of tables one after another and notes what is wrong instead of stopping there."""

    def __init__(self, path: Path, lines: KeyLines) -> None:
        self._path = path
        self._lines = lines
        self._problems: dict[str, int] = {}
        self._keys: set[str] = set()

    def check_version(self, version: object) -> None:
        """Stop at once where the file is for a newer newsmt: its other keys cannot be judged.

        Raises:
            ConfigError: it is.
        """
        found = KNOWN_VERSION
        with self._noting((CONFIG_VERSION,)):
            found = version_number(version)
        if found > KNOWN_VERSION:
            what = f"written for a newer newsmt (config version {found}, this one knows {KNOWN_VERSION})"
            self._note((CONFIG_VERSION,), f"{what}; upgrade newsmt")
            self.raise_if_wrong()

    def config(self, table: dict[str, Any]) -> RunConfig:
        """Return the settings; the defaults stand for what is wrong."""
        pivot = self._pivot(table.pop("pivot", None))
        rules = self._routes(table.pop(ROUTES, {}))
        sections = {name: kind(**self._section(name, table.pop(name, {}))) for name, kind in _KINDS.items()}
        return RunConfig(**self._values((), table, TOP), **sections, routes=RouteRules(pivot=pivot, by_pair=rules))

    def add_problems(self, config: RunConfig) -> None:
        """Note what cannot be; what concerns settings outside this file is for the command to judge."""
        for problem in config.problems():
            if self._keys.issuperset(problem.keys):
                self._note(tuple(problem.keys[0].split(".")), problem.text)
        for key, file in {"log.file": config.log.file, "metrics": config.metrics}.items():
            if file and os.path.realpath(file) == os.path.realpath(self._path):
                self._note(tuple(key.split(".")), "is this configuration itself; name another file")

    def raise_if_wrong(self) -> None:
        """Raise a `ConfigError` with all that was noted, in the order of lines."""
        if self._problems:
            raise ConfigError("\n".join(sorted(self._problems, key=lambda message: self._problems[message])))

    def _note(self, where: KeyPath, text: str) -> None:
        line = self._lines.line(where)
        self._problems.setdefault(f"{self._path}:{line}: {dotted(where)}: {text}", line)

    @contextmanager
    def _noting(self, where: KeyPath) -> Iterator[None]:
        try:
            yield
        except UsageError as error:
            self._note(where, str(error))

    def _section(self, name: str, table: object) -> dict[str, Any]:
        if isinstance(table, dict):
            return self._values((name,), table, SECTIONS[name])
        meant = "; did you mean inputs?" if name == "input" and not isinstance(table, dict) else ""
        self._note((name,), f"must be a table, [{name}], found {shown(table)}{meant}")
        return {}

    def _values(self, where: KeyPath, table: Mapping[str, Any], known: Mapping[str, Setting]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, value in table.items():
            path = (*where, key)
            if key not in known:
                self._note(path, f"unknown key; {remedy_for_unknown(dotted(where), key)}")
                continue
            self._keys.add(dotted(path))
            with self._noting(path):
                values[known[key].field] = self._value(path, value, known[key])
        return values

    def _value(self, path: KeyPath, value: Any, setting: Setting) -> Any:
        if not setting.is_list:
            return setting.read(value, self._path.parent)
        if not isinstance(value, list):
            raise WrongValueError(f'must be a list of strings, as in {path[-1]} = ["…"], found {shown(value)}')
        items = []
        for number, item in enumerate(value):
            with self._noting((*path, number)):
                items.append(setting.read(item, self._path.parent))
        return tuple(items)

    def _pivot(self, value: object) -> str | None:
        if value is None:
            return None
        with self._noting(("pivot",)):
            return language_code(value)
        return None

    def _routes(self, table: object) -> dict[str, str]:
        if not isinstance(table, dict):
            self._note((ROUTES,), f'must be a table of pairs and strings, as in hy-ru = "en", found {shown(table)}')
            return {}
        rules: dict[str, str] = {}
        for name, rule in table.items():
            with self._noting((ROUTES, name)):
                pair = parse_pair(name)
                if str(pair) in rules:
                    raise WrongValueError(f"the pair {pair} has a rule already; keep one of them")
                rules[str(pair)] = _route_rule(pair, rule)
        return rules


def _route_rule(pair: LanguagePair, rule: object) -> str:
    if not isinstance(rule, str) or not rule:
        raise WrongValueError(f'must be "{DIRECT}", a language or a package, found {shown(rule)}')
    if rule in pair:
        raise WrongValueError(f'{shown(rule)} leads nowhere: name a language between the two, or "{DIRECT}"')
    return rule
