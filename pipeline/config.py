"""Settings of a run: from `newsmt.toml` and the command line to frozen dataclasses."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

from pipeline.errors import ConfigError, UsageError
from pipeline.types import LanguagePair, is_language, parse_language, parse_pair

INSTALLED, DEMO = MODEL_SET_NAMES = ("installed", "demo")
"""Names that `models` may have; anything else is the path of a folder."""

DIRECT = "direct"
"""The rule for a pair that is never to be translated through another language."""

Device = Literal["cpu", "cuda", "auto"]
LogFormat = Literal["text", "json"]
_COMPUTE_TYPES: dict[str, str] = {"cpu": "default", "cuda": "float16"}
_BATCH_TOKENS: dict[str, int] = {"cpu": 1024, "cuda": 8192}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h)?")
_READ_APART = {"time_budget_s": "time_budget", "decoding": "decoding", "shard": "shard", "routes": "routes"}
"""Settings that are written otherwise than as a single value, and their names in the file."""
_KINDS: dict[str, tuple[type, str]] = {"int": (int, "a whole number"), "bool": (bool, "true or false")}
_SECONDS = {"s": 1, "m": 60, "h": 3600, None: 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodingSettings:
    """How to decode; `jobs` batches at once, each on one core (0: as many as there are cores).

    `max_batch_tokens` counts source tokens, padding included; 0: what suits the device.
    """

    beam: int = 4
    max_batch_tokens: int = 0
    max_target_tokens: int = 256
    device: Device = "cpu"
    jobs: int = 0

    @property
    def compute_type(self) -> str:
        """The number type CTranslate2 computes in; `default` is the one the model was saved in."""
        return _COMPUTE_TYPES.get(self.device, "default")

    @property
    def batch_tokens(self) -> int:
        """The size of a batch. Smaller ones than these are slower, larger ones take more memory and are no faster."""
        return self.max_batch_tokens or _BATCH_TOKENS.get(self.device, _BATCH_TOKENS["cpu"])

    @property
    def signature(self) -> str:
        """What can change a translation; the number of jobs cannot."""
        limits = f"batch:{self.batch_tokens}|max:{self.max_target_tokens}"
        return f"beam:{self.beam}|{limits}|{self.device}:{self.compute_type}"

    def checked(self) -> DecodingSettings:
        """Return the settings, `auto` replaced by the device it stands for on this machine.

        Raises:
            UsageError: a value is out of range, or there is no such device.
        """
        _check_numbers(
            ("beam", self.beam, 1, 100),
            ("max_batch_tokens", self.max_batch_tokens, 0, 1_000_000),
            ("max_target_tokens", self.max_target_tokens, 1, 1_000),
            ("jobs", self.jobs, 0, 10_000),
        )
        if self.device not in get_args(Device):
            raise UsageError(f"device is {self.device!r}; choose one of {', '.join(get_args(Device))}")
        return self if self.device == "cpu" else replace(self, device=_gpu_or_cpu(self.device))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardSettings:
    """When a shard is full: whichever comes first."""

    max_articles: int = 256
    max_chars: int = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """Where a run tells what happens, and how; `file` None: on stderr only."""

    file: Path | None = None
    format: LogFormat = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteRules:
    """Which packages are to translate, where that is not left to newsmt.

    `pivot` is the language in the middle of all routes that are not direct. `by_pair` says for a pair, `hy-ru`:
    `direct`, a language (always through it), or which package: the beginning of its label, `en_ru@1.9`, or its family,
    `opus-mt`.
    """

    pivot: str | None = None
    by_pair: Mapping[str, str] = field(default_factory=dict)

    def is_direct(self, pair: LanguagePair) -> bool:
        """Return whether nothing but a direct route may be taken."""
        return self.by_pair.get(str(pair)) == DIRECT

    def pivot_choice(self, pair: LanguagePair) -> str | None:
        """Return the language that the way must lead through even where there is a direct one."""
        rule = self.by_pair.get(str(pair))
        return rule if rule and is_language(rule) else None

    def package_choice(self, pair: LanguagePair) -> str | None:
        """Return which package is wanted for `pair`, None where that is open."""
        rule = self.by_pair.get(str(pair))
        return None if rule is None or rule == DIRECT or is_language(rule) else rule


@dataclass(frozen=True, slots=True, kw_only=True)
class RunConfig:
    """All settings of `newsmt run`; paths are relative to the working directory.

    `max_articles` new or changed articles are processed at most; `wait_s` is how long to wait for another run on the
    same folder; `metrics` is a file for the textfile collector of Prometheus. `memory` tells whether translations of
    earlier shards and runs are used again, and kept. `model_index` is the index that `newsmt models` asks, None for
    that of Argos; a run asks none.
    """

    inputs: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    out: Path = Path("out")
    models: str = INSTALLED
    time_budget_s: float | None = None
    max_articles: int | None = None
    wait_s: float | None = None
    metrics: Path | None = None
    max_segment_chars: int = 400
    memory: bool = True
    model_index: str | None = None
    decoding: DecodingSettings = field(default_factory=DecodingSettings)
    shard: ShardSettings = field(default_factory=ShardSettings)
    log: LogSettings = field(default_factory=LogSettings)
    routes: RouteRules = field(default_factory=RouteRules)

    def checked(self, *, needs_inputs: bool = True) -> RunConfig:
        """Return the configuration, languages in lower case and each once.

        Args:
            needs_inputs: False where the output folder may have articles that wait for a model.

        Raises:
            UsageError: something needed is missing, or a value is out of range.
        """
        if needs_inputs and not self.inputs:
            raise UsageError("no input: name files, folders or globs, or - for standard input")
        if not self.to:
            raise UsageError("no target language: add for example --to ru")
        _check_numbers(
            ("max_articles", self.shard.max_articles, 1, 1_000_000),
            ("max_chars", self.shard.max_chars, 1, 1_000_000_000),
            ("max_segment_chars", self.max_segment_chars, 40, 10_000),
        )
        return replace(self, decoding=self.decoding.checked(), to=tuple(dict.fromkeys(map(parse_language, self.to))))


def _gpu_or_cpu(device: Literal["cuda", "auto"]) -> Device:
    import ctranslate2

    if ctranslate2.get_cuda_device_count():
        return "cuda"
    if device == "cuda":
        raise UsageError("device is 'cuda', but CTranslate2 sees no CUDA device on this machine; use cpu or auto")
    return "cpu"


def _check_numbers(*numbers: tuple[str, int, int, int]) -> None:
    """Raise a `UsageError` for the first of `(name, value, least, most)` that is out of range."""
    for name, value, least, most in numbers:
        if not least <= value <= most:
            raise UsageError(f"{name} is {value:,}; it must be from {least:,} to {most:,}")


def parse_duration(text: str) -> float:
    """Return seconds from `50m`, `1.5h`, `90s` or `90`.

    Raises:
        UsageError: `text` is none of these.
    """
    match = _DURATION.fullmatch(text.strip())
    if not match:
        raise UsageError(f"{text!r} is no duration: write for example 90s, 50m or 1.5h")
    return float(match[1]) * _SECONDS[match[2]]


def read_config(path: Path) -> RunConfig:
    """Return the settings in a TOML file; paths in it are relative to that file.

    Raises:
        ConfigError: the file cannot be read, is not TOML, or has an unknown key or a wrong type.
    """
    table = _read_toml(path)
    sections = {name: _section(path, table.pop(name, {}), name) for name in ("decoding", "shard")}
    budget_s = _time_budget(path, table.pop("time_budget")) if "time_budget" in table else None
    routes = _routes(path, table.pop("pivot", None), table.pop("routes", {}))
    values = _checked_values(path, table, RunConfig, prefix="")
    base = path.parent
    if "inputs" in values:
        values["inputs"] = tuple(name if name == "-" else str(base / name) for name in values["inputs"])
    if "out" in values:
        values["out"] = base / values["out"]
    if "model_index" in values and "://" not in values["model_index"]:
        values["model_index"] = str(base / values["model_index"])
    if values.get("models", INSTALLED) not in MODEL_SET_NAMES:
        values["models"] = str(base / values["models"])
    return RunConfig(**values, **sections, time_budget_s=budget_s, routes=routes)


def _read_toml(path: Path) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error


def _section(path: Path, table: object, name: str) -> Any:
    kind = {"decoding": DecodingSettings, "shard": ShardSettings}[name]
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: {name} must be a table, [{name}]")
    return kind(**_checked_values(path, table, kind, prefix=f"{name}."))


def _routes(path: Path, pivot: object, table: object) -> RouteRules:
    if not isinstance(table, dict) or not all(isinstance(rule, str) and rule for rule in table.values()):
        raise ConfigError(f'{path}: routes must be a table of pairs and strings, as in hy-ru = "en"')
    if pivot is not None and not isinstance(pivot, str):
        raise ConfigError(f"{path}: pivot must be a string, found {pivot!r}")
    try:
        rules = dict(_route_rule(parse_pair(name), rule) for name, rule in table.items())
        return RouteRules(pivot=parse_language(pivot) if pivot else None, by_pair=rules)
    except UsageError as error:
        raise ConfigError(f"{path}: routes: {error}") from error


def _route_rule(pair: LanguagePair, rule: str) -> tuple[str, str]:
    if rule in (pair.source, pair.target):
        raise UsageError(f'{pair} = {rule!r} leads nowhere: name a language between the two, or "{DIRECT}"')
    return str(pair), rule


def _time_budget(path: Path, value: object) -> float:
    try:
        return parse_duration(str(value))
    except UsageError as error:
        raise ConfigError(f"{path}: time_budget: {error}") from error


def _checked_values(path: Path, table: Mapping[str, Any], kind: type, *, prefix: str) -> dict[str, Any]:
    annotations = {f.name: str(f.type) for f in fields(kind) if f.name not in _READ_APART}
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in annotations:
            known = [_READ_APART.get(f.name, f.name) for f in fields(kind)] + (["pivot"] if kind is RunConfig else [])
            raise ConfigError(f"{path}: unknown key {prefix}{key}{_nearest(key, known)}")
        values[key] = _checked_value(path, f"{prefix}{key}", value, annotations[key])
    return values


def _checked_value(path: Path, key: str, value: object, annotation: str) -> object:
    if annotation == "tuple[str, ...]":
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        raise ConfigError(f'{path}: {key} must be a list of strings, as in {key} = ["…"]')
    wanted, words = _KINDS.get(annotation, (str, "a string"))
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        raise ConfigError(f"{path}: {key} must be {words}, found {value!r}")
    return value


def _nearest(key: str, known: list[str]) -> str:
    close = difflib.get_close_matches(key, known, n=1)
    return f"; did you mean {close[0]}?" if close else f"; known are {', '.join(known)}"
