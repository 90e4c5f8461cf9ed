"""Settings of a run, whether from `newsmt.toml`, the command line or Python: what there is, and what cannot be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, get_args

from pipeline.config_executors import ExecutorName, RaySettings
from pipeline.config_inputs import InputSettings, ProtectSettings
from pipeline.config_paths import STDIN, path_problems
from pipeline.errors import UsageError
from pipeline.places import Place, StorageUri
from pipeline.problems import Problem, all_of, no_choice, out_of_range
from pipeline.types import LanguagePair, is_language, parse_language

INSTALLED, DEMO = MODEL_SET_NAMES = ("installed", "demo")
"""Names that `models` may have; anything else is the path of a folder."""

DIRECT = "direct"
"""The rule for a pair that is never to be translated through another language."""

Device = Literal["cpu", "cuda", "auto"]
LogFormat = Literal["text", "json"]
_COMPUTE_TYPES: dict[str, str] = {"cpu": "default", "cuda": "float16"}
_BATCH_TOKENS: dict[str, int] = {"cpu": 1024, "cuda": 8192}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d)?")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, None: 1}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMG])?i?B?", re.IGNORECASE)
_BYTES = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "": 1}


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
            UsageError: values are out of range, all of them named, or there is no such device.
        """
        if problems := tuple(self.problems()):
            raise UsageError(all_of(problems))
        return self if self.device == "cpu" else replace(self, device=_gpu_or_cpu(self.device))

    def problems(self) -> Iterator[Problem]:
        """Yield what cannot be, on whichever machine."""
        yield from out_of_range(
            (
                ("beam", self.beam, 1, 100),
                ("max_batch_tokens", self.max_batch_tokens, 0, 1_000_000),
                ("max_target_tokens", self.max_target_tokens, 1, 1_000),
                ("jobs", self.jobs, 0, 10_000),
            )
        )
        yield from no_choice("device", self.device, get_args(Device))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardSettings:
    """When a shard is full: whichever comes first."""

    max_articles: int = 256
    max_chars: int = 100_000

    def problems(self) -> Iterator[Problem]:
        """Yield what cannot be."""
        numbers = (("max_articles", self.max_articles, 1, 1_000_000), ("max_chars", self.max_chars, 1, 1_000_000_000))
        yield from out_of_range(numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """Where a run tells what happens, and how; `file` None: on stderr only."""

    file: Path | None = None
    format: LogFormat = "text"

    def problems(self) -> Iterator[Problem]:
        """Yield what cannot be."""
        yield from no_choice("format", self.format, get_args(LogFormat))


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


_Section = DecodingSettings | ShardSettings | RaySettings | LogSettings | InputSettings | ProtectSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class RunConfig:
    """All settings of `newsmt run`; paths are relative to the working directory.

    `files_from` is a file that lists further inputs, one a line, `-` for standard input. `out` is the corpus, `state`
    the folder of its state and lock, None for `.newsmt` in the corpus.
    `max_articles` new or changed articles are processed at most; `wait_s` is how long to wait for another run on the
    same folder; `metrics` is a file for the textfile collector of Prometheus. `memory` tells whether translations of
    earlier shards and runs are used again, and kept; `skip_near_duplicates` whether articles that are nearly
    those of others stay out of the corpus. `glossary` is a file of terms. `raw` takes from models what they
    say: no second tries, nothing protected, mended or replaced. `skip_boilerplate` leaves out of translation what is
    flagged so. `model_index` is the index that `newsmt models` asks,
    None for that of Argos; a run asks none. `executor` tells where shards are worked on: in this process, or on a Ray
    cluster.
    """

    inputs: tuple[str, ...] = ()
    files_from: str | None = None
    to: tuple[str, ...] = ()
    out: Place = Path("out")
    state: Path | None = None
    models: str = INSTALLED
    time_budget_s: float | None = None
    max_articles: int | None = None
    wait_s: float | None = None
    metrics: Path | None = None
    max_segment_chars: int = 400
    memory: bool = True
    skip_near_duplicates: bool = False
    glossary: Path | None = None
    raw: bool = False
    skip_boilerplate: bool = False
    model_index: str | None = None
    executor: ExecutorName = "local"
    decoding: DecodingSettings = field(default_factory=DecodingSettings)
    shard: ShardSettings = field(default_factory=ShardSettings)
    ray: RaySettings = field(default_factory=RaySettings)
    log: LogSettings = field(default_factory=LogSettings)
    input: InputSettings = field(default_factory=InputSettings)
    protect: ProtectSettings = field(default_factory=ProtectSettings)
    routes: RouteRules = field(default_factory=RouteRules)

    def checked(self, *, needs_inputs: bool = True) -> RunConfig:
        """Return the configuration, languages in lower case and each once.

        Args:
            needs_inputs: False where the output folder may have articles that wait for a model.

        Raises:
            UsageError: something needed is missing, or cannot be; all such things, one a line.
        """
        missing = self._missing(needs_inputs=needs_inputs)
        if problems := (*missing, *self.problems()):
            raise UsageError(all_of(problems))
        return replace(self, decoding=self.decoding.checked(), to=tuple(dict.fromkeys(map(parse_language, self.to))))

    def problems(self) -> Iterator[Problem]:
        """Yield what cannot be: values out of range, and settings that contradict each other."""
        yield from filter(None, map(_language_problem, self.to))
        numbers = [("max_segment_chars", self.max_segment_chars, 40, 10_000)]
        if self.max_articles is not None:
            numbers.append(("max_articles", self.max_articles, 1, 1_000_000_000))
        yield from out_of_range(numbers)
        if self.time_budget_s is not None and not self.time_budget_s > 0:
            yield Problem(keys=("time_budget",), text="is no time at all; a run needs some, for example 50m")
        if self.wait_s is not None and not self.wait_s >= 0:
            yield Problem(keys=("wait",), text="is less than no time; write for example 10m")
        for name in ("decoding", "shard", "ray", "log", "input", "protect"):
            section: _Section = getattr(self, name)
            yield from (problem.inside(name) for problem in section.problems())
        yield from no_choice("executor", self.executor, get_args(ExecutorName))
        if self.raw and self.protect.patterns:
            text = "are there, but raw = true protects nothing; leave out one of the two"
            yield Problem(keys=("protect.patterns", "raw"), text=text)
        if self.files_from == STDIN and STDIN in self.inputs:
            text = "is standard input, and so is an input; only one of them can be"
            yield Problem(keys=("files_from", "inputs"), text=text)
        if isinstance(self.out, StorageUri) and self.state is None:
            yield Problem(keys=("out", "state"), text=needs_state(self.out), is_sentence=True)
        yield from path_problems(self.inputs, self.out, {"log.file": self.log.file, "metrics": self.metrics})

    def _missing(self, *, needs_inputs: bool) -> Iterator[Problem]:
        if needs_inputs and not self.inputs and self.files_from is None:
            text = "no input: name files, folders or globs, or - for standard input"
            yield Problem(keys=("inputs",), text=text, is_sentence=True)
        if not self.to:
            text = 'no target language: add for example --to ru, or to = ["ru"] in the configuration'
            yield Problem(keys=("to",), text=text, is_sentence=True)


def needs_state(out: Place) -> str:
    """Return what to say where an output is in a storage, and no folder is named for its state."""
    return f"{out}: its state is kept on a disk of this machine; name a folder for it, for example --state corpus-state"


def _language_problem(code: str) -> Problem | None:
    try:
        parse_language(code)
    except UsageError as error:
        return Problem(keys=("to",), text=str(error), is_sentence=True)
    return None


def _gpu_or_cpu(device: Literal["cuda", "auto"]) -> Device:
    import ctranslate2

    if ctranslate2.get_cuda_device_count():
        return "cuda"
    if device == "cuda":
        raise UsageError("device is 'cuda', but CTranslate2 sees no CUDA device on this machine; use cpu or auto")
    return "cpu"


def parse_duration(text: str) -> float:
    """Return seconds from `50m`, `1.5h`, `90s` or `90`.

    Raises:
        UsageError: `text` is none of these.
    """
    match = _DURATION.fullmatch(text.strip())
    if not match:
        raise UsageError(f"{text!r} is no duration: write for example 90s, 50m or 1.5h")
    return float(match[1]) * _SECONDS[match[2]]


def parse_size(text: str) -> int:
    """Return bytes from `64M`, `1.5G` or `4096`; K, M and G are powers of 1,024.

    Raises:
        UsageError: `text` is none of these, or no size at all.
    """
    match = _SIZE.fullmatch(text.strip())
    size = int(float(match[1]) * _BYTES[(match[2] or "").upper()]) if match else 0
    if not size:
        raise UsageError(f"{text!r} is no size: write for example 64M or 1G")
    return size
