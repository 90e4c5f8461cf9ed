"""What is to be started, where it may write, and which limits it has: all that cron and systemd must be told."""

from __future__ import annotations

import os
import pwd
import re
import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from glob import has_magic
from pathlib import Path, PurePath
from shutil import which

from pipeline.config import INSTALLED, MODEL_SET_NAMES, RunConfig
from pipeline.config_file import read_config
from pipeline.config_paths import STDIN
from pipeline.errors import ConfigError, UsageError
from pipeline.places import is_uri
from pipeline.schedule.interval import Interval

COMMAND = "newsmt"
_PLACES_OF_MODELS = ("NEWSMT_PACKAGES_DIR", "ARGOS_PACKAGES_DIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME")
_TEMPORARY = (Path("/tmp"), Path("/var/tmp"))  # noqa: S108 - compared with, not written to
_MAX_NAME = 100
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_.]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A run that is to start at fixed times; all paths are absolute.

    `environment` is what the installed models are found by, where this process was told by its own; nothing else of it
    is needed. `read` are paths that the run must see, `folders` those that it writes to.
    """

    name: str
    executable: Path
    config: Path
    settings: RunConfig
    interval: Interval
    user: str
    environment: Mapping[str, str]
    read: tuple[Path, ...]
    folders: tuple[Path, ...]

    @property
    def command(self) -> tuple[str, ...]:
        """The command line."""
        return (str(self.executable), "run", "--config", str(self.config))

    @property
    def uses_temporary_folders(self) -> bool:
        """Whether something of it lies where systemd gives each service a place of its own."""
        paths = (self.executable, self.config, *self.read, *self.folders)
        return any(folder in _real(path).parents or folder == path for path in paths for folder in _TEMPORARY)

    @property
    def uses_network(self) -> bool:
        """Whether it reads or writes in a storage, or works on a cluster."""
        settings = self.settings
        is_remote = not isinstance(settings.out, Path) or any(map(is_uri, settings.inputs))
        return is_remote or settings.executor != "local"

    def warnings(self) -> Iterator[str]:
        """Yield what keeps the run from starting, or from finding something to do, as it is now."""
        missing = [folder for folder in self.folders if not folder.is_dir()]
        if missing:
            yield f"make first, as {self.user}, what the run writes to: mkdir -p {quoted(map(str, missing))}"
        for name in self.settings.inputs:
            if not _may_be_there(name):
                yield f"input {name}: not there yet; a run ends with exit code 2 until it is"
        wait_s = self.settings.wait_s or 0
        if wait_s >= self.interval.seconds:
            yield "wait is not shorter than the time from one start to the next: runs that wait would pile up"


def plan_job(config: Path, interval: Interval, *, environment: Mapping[str, str], name: str | None = None) -> Job:
    """Return what to start for a configuration.

    Args:
        config: a `newsmt.toml`.
        interval: when.
        environment: of this process.
        name: what the job is called; None for a name made of that of the file, or of its folder.

    Raises:
        UsageError: the configuration is not valid or not complete, or cannot run without somebody at the keyboard.
    """
    path = Path(os.path.abspath(config))  # noqa: PTH100 - `resolve` would follow links such as `current`
    settings = read_config(path)
    _check(config, settings)
    places = {key: environment[key] for key in _PLACES_OF_MODELS if environment.get(key)}
    models = () if settings.models in MODEL_SET_NAMES else (Path(settings.models),)
    job = Job(
        name=_unit_name(name) if name else _name_of(path),
        executable=find_executable(sys.argv[0], sys.prefix),
        config=path,
        settings=settings,
        interval=interval,
        user=_user(),
        environment=places if settings.models == INSTALLED else {},
        read=(*(Path(name) for name in settings.inputs if not is_uri(name)), *models),
        folders=tuple(_folders(settings)),
    )
    _check_paths((*job.command, *map(str, job.read), *map(str, job.folders), *job.environment.values()))
    return job


def find_executable(called: str, prefix: str) -> Path:
    """Return the command `newsmt` that this process was started by, else that of its environment, else of `PATH`.

    Raises:
        UsageError: there is none.
    """
    here = Path(called) if "/" in called else Path(which(called) or called)
    elsewhere = Path(which(COMMAND) or COMMAND)
    for path in (here, Path(prefix, "bin", COMMAND), elsewhere):
        if path.name == COMMAND and path.is_file() and os.access(path, os.X_OK):
            return Path(os.path.abspath(path))  # noqa: PTH100 - links stay as they are
    raise UsageError("no command newsmt in this environment or on PATH; install it, for example with pip")


def quoted(words: Iterable[str]) -> str:
    """Return words as a shell reads them."""
    return shlex.join(words)


def _check(config: Path, settings: RunConfig) -> None:
    """Tell everything that is wrong with a configuration for a run that nobody watches."""
    problems = []
    if STDIN in settings.inputs:
        problems.append("inputs: - is standard input, which a scheduled run does not have; name files or folders")
    if isinstance(settings.out, Path) and not settings.out.is_absolute():
        # The default is below the working directory, and cron and systemd start runs elsewhere.
        problems.append('no output folder: write for example out = "corpus"')
    try:
        settings.checked()
    except UsageError as error:
        problems += str(error).splitlines()
    if problems:
        raise ConfigError("\n".join(f"{config}: {problem}" for problem in problems))


def _check_paths(texts: Iterable[str]) -> None:
    for text in texts:
        if not text.isprintable():
            raise UsageError(f"{text!r}: has characters that neither crontab nor units can hold; rename it")


def _folders(settings: RunConfig) -> Iterator[Path]:
    """Yield the folders that a run writes to, without those inside others."""
    files = [path.parent for path in (settings.log.file, settings.metrics) if path]
    corpus = [path for path in (settings.out, settings.state) if isinstance(path, Path)]
    wanted = dict.fromkeys([*corpus, *files])
    yield from (folder for folder in wanted if not any(other in folder.parents for other in wanted))


def _name_of(config: Path) -> str:
    stem = config.stem if config.stem != COMMAND else config.parent.name
    return _unit_name(stem if _NOT_IN_NAMES.sub("", stem).strip("-.") else "run")


def _unit_name(text: str) -> str:
    plain = _NOT_IN_NAMES.sub("-", text).strip("-.")[:_MAX_NAME]
    if not plain:
        raise UsageError(f"--name {text!r}: write letters, digits, - and _")
    return plain if plain.startswith(f"{COMMAND}-") else f"{COMMAND}-{plain}"


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def _may_be_there(name: str) -> bool:
    return is_uri(name) or has_magic(name) or os.path.lexists(name)


def _real(path: PurePath) -> Path:
    return Path(os.path.realpath(path))
