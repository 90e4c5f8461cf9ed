"""A line for `crontab -e`."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from pipeline.errors import UsageError
from pipeline.schedule.job import Job

MAX_COMMAND = 990
"""cron refuses longer ones: its limit is 1000 characters."""


def crontab_lines(job: Job) -> list[str]:
    """Return comment lines and the line itself, which needs neither PATH nor LANG nor a working directory.

    Raises:
        UsageError: its paths are too long for cron.
    """
    command = cron_command(job)
    if len(command.encode()) > MAX_COMMAND:
        raise UsageError(
            f"the paths are too long for cron, whose commands end at {MAX_COMMAND} bytes; use --format systemd"
        )
    return [f"# newsmt: {job.config}", *_comments(job), f"{job.interval.cron} {command}"]


def cron_command(job: Job) -> str:
    """Return the command as it stands in a crontab.

    With a log file, mail comes of failures only, 1 and 2, as the rest is in the file: nothing that a program prints
    goes into that file from here, since it may be JSON.
    """
    places = [f"{name}={_quoted(value)}" for name, value in job.environment.items()]
    run = " ".join([*places, *map(_quoted, job.command)])
    if not job.settings.log.file:
        return run
    return f'said=$({run} 2>&1) || case $? in 3|75) ;; *) echo "$said"; exit 1 ;; esac'


def _quoted(word: str) -> str:
    r"""Return a word for the shell that cron starts; cron itself makes a line break of `%`, but not of `\%`."""
    pieces = [shlex.quote(piece) if piece else "" for piece in word.split("%")]
    return r"\%".join(pieces) or "''"


def _comments(job: Job) -> Iterator[str]:
    if job.settings.wait_s:
        yield f"# Where another run is at work, it waits {job.settings.wait_s:g} s at most, then ends with code 75."
    else:
        yield '# Where another run is at work, it ends at once with code 75; `wait = "10m"` lets it wait.'
    if job.settings.log.file:
        yield f"# What it does is in {job.settings.log.file}; cron mails failures only, exit codes 1 and 2."
    else:
        yield "# cron mails what it says. With `file` under [log] that is in the file, and failures only are mailed."
