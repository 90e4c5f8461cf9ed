"""`newsmt init` and `newsmt schedule`: a configuration, and what starts it at fixed times."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import STATE
from pipeline.cli.output import say
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.schedule.job import Job

DEFAULT_FILE = Path("newsmt.toml")
_FORMATS = ("all", "crontab", "systemd")


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("init")(init)
    app.command("schedule")(schedule)


def init(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")] = DEFAULT_FILE,
    inputs: Annotated[
        list[str] | None,
        typer.Option("--input", metavar="INPUT", help="A file, folder or glob, may be given several times."),
    ] = None,
    to: Annotated[
        list[str] | None, typer.Option("--to", metavar="LANG", help="Target language, may be given several times.")
    ] = None,
    out: Annotated[str, typer.Option("--out", metavar="DIR", help="Output folder.")] = "corpus",
    state: Annotated[str | None, STATE] = None,
    models: Annotated[
        str, typer.Option("--models", metavar="SET_OR_DIR", help="installed, demo, or a folder of packages.")
    ] = "installed",
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write a configuration with every setting there is, each with its default and what it does.

    Example: newsmt init --input inbox --to ru --to hy --out corpus
    """
    from pipeline.settings_template import FirstSettings, write_template

    given = FirstSettings(inputs=inputs or ("inbox",), to=to or ("ru",), out=out, state=state, models=models)
    write_template(file, given, is_forced=force)
    name = shlex.quote(str(file))
    say(f"{file}: written. Look through it, then:")
    say(f"  newsmt run --config {name} --dry-run   # what would be translated")
    say(f"  newsmt schedule {name}   # lines for cron and units for systemd")


def schedule(
    config: Annotated[
        Path, typer.Argument(metavar="CONFIG", help="The configuration; see `newsmt init`.")
    ] = DEFAULT_FILE,
    every: Annotated[
        str, typer.Option("--every", metavar="TIME", help="hourly, daily, weekly, or for example 15m or 6h.")
    ] = "hourly",
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="TIME",
            help="Minute, time, or day and time.  [default: 17, 03:17 or mon 03:17, as --every asks]",
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="NAME", help="Name of the units, after newsmt-.  [default: file or folder]"),
    ] = None,
    memory: Annotated[str, typer.Option("--memory", metavar="SIZE", help="The most that systemd lets it take.")] = "4G",
    form: Annotated[str, typer.Option("--format", metavar="FORMAT", help="all, crontab or systemd.")] = "all",
    write: Annotated[
        Path | None, typer.Option("--write", metavar="DIR", help="Write the units into this folder, print nothing.")
    ] = None,
) -> None:
    """Print a crontab line, and a service and timer for systemd, that start runs of a configuration.

    They need nothing of your environment. Nothing is installed; docs/scheduling.md has more.

    Example: newsmt schedule newsmt.toml --every daily --at 03:17
    """
    from pipeline.schedule.interval import parse_interval
    from pipeline.schedule.job import plan_job
    from pipeline.schedule.systemd import parse_memory, units

    if form not in _FORMATS:
        raise UsageError(f"--format {form!r}: choose one of {', '.join(_FORMATS)}")
    if write and form == "crontab":
        raise UsageError("--write writes units for systemd; leave out --format crontab")
    job = plan_job(config, parse_interval(every, at), environment=os.environ, name=name)
    texts = units(job, memory_mib=parse_memory(memory))
    for warning in job.warnings():
        say(f"newsmt: warning: {warning}")
    if write:
        _write(texts, write)
    else:
        _print(job, texts, form)


def _print(job: Job, texts: Mapping[str, str], form: str) -> None:
    from pipeline.schedule.crontab import crontab_lines

    if form != "systemd":
        typer.echo("\n".join(crontab_lines(job)))
    if form != "crontab":
        for name, text in texts.items():
            typer.echo(f"\n# /etc/systemd/system/{name}\n{text}", nl=False)
    if form != "systemd":
        say("\nFor cron: crontab -e, and add the line.")
    if form != "crontab":
        say("For systemd: newsmt schedule … --write DIR writes the two units.")


def _write(texts: Mapping[str, str], folder: Path) -> None:
    from pipeline.schedule.files import write_units

    paths = write_units(texts, folder)
    for path in paths:
        say(f"{path}: written")
    timer = paths[-1].name
    say("Then, where systemd looks for it (/etc/systemd/system):")
    say(f"  sudo systemctl daemon-reload && sudo systemctl enable --now {timer}")
    say(f"  systemctl list-timers {timer}; journalctl -u {timer.removesuffix('.timer')}")
