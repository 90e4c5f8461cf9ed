"""The log of a run: each record is one line, as text or as JSON, with an event and its figures."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

_CONTROL = (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)
_ESCAPES = {code: f"\\u{code:04x}" for code in _CONTROL} | {ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\\t"}


def event(name: str, /, *, run_id: str | None = None, **fields: Any) -> dict[str, Any]:
    """Return what a record takes as `extra`: the name of what happened, and its figures as JSON values.

    A `run_id` is that of all records to come, too; `RunIds` sees to it.
    """
    return {"event": name, "fields": fields} | ({"run_id": run_id} if run_id else {})


class RunIds(logging.Filter):
    """Gives each record the id of the run at work: that of the last record which named one."""

    def __init__(self) -> None:
        super().__init__()
        self._run_id: str | None = None

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, with its run id."""
        self._run_id = vars(record).get("run_id") or self._run_id
        vars(record)["run_id"] = self._run_id
        return True


class TextLine(logging.Formatter):
    """Makes a line of time, level, run id and message."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; what would break it is escaped, a traceback too."""
        run_id = vars(record).get("run_id") or "-"
        text = "\n".join(filter(None, (record.getMessage(), _traceback(self, record))))
        return one_line(f"{_time(record)} {record.levelname} {run_id} {text}")


class JsonLine(logging.Formatter):
    """Makes a line of one JSON object in ASCII, which passes through any locale."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line: `time`, `level`, `run_id`, `event`, `message`, and the event's own fields."""
        attributes = vars(record)
        values = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "run_id": attributes.get("run_id"),
            "event": attributes.get("event", record.levelname.lower()),
            "message": record.getMessage(),
            **attributes.get("fields", {}),
        }
        if traceback := _traceback(self, record):
            values["traceback"] = traceback
        return json.dumps(_encodable(values), default=str)


def one_line(text: str) -> str:
    """Return `text` with everything escaped that would break a line, or that UTF-8 cannot hold."""
    return _encoded(text.translate(_ESCAPES))


def _time(record: logging.LogRecord) -> str:
    time = datetime.fromtimestamp(record.created, timezone.utc)
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _traceback(formatter: logging.Formatter, record: logging.LogRecord) -> str | None:
    return formatter.formatException(record.exc_info) if record.exc_info else None


def _encodable(value: Any) -> Any:
    """Return a JSON value in which lone surrogates, as in file names that are not UTF-8, stand as escapes."""
    if isinstance(value, str):
        return _encoded(value)
    if isinstance(value, Mapping):
        return {_encodable(key): _encodable(item) for key, item in value.items()}
    return [_encodable(item) for item in value] if isinstance(value, list | tuple) else value


def _encoded(text: str) -> str:
    return text.encode(errors="backslashreplace").decode()
