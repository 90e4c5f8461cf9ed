from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import UsageError
from pipeline.log_file import LogFile, open_log_file
from pipeline.logs import JsonLine, RunIds, TextLine, event, one_line


def make_record(message: str = "all is well", *arguments: object, level: int = logging.INFO, **extra: Any) -> Any:
    record = logging.LogRecord("pipeline.test", level, __file__, 1, message, arguments, None)
    record.created = 1_605_333_600.25
    vars(record).update(extra)
    return record


def failed(message: str) -> Any:
    record = make_record("it failed", level=logging.ERROR)
    try:
        raise ValueError(message)  # noqa: TRY301 - it is the traceback that is wanted
    except ValueError:
        record.exc_info = sys.exc_info()
    return record


def parsed(record: logging.LogRecord) -> dict[str, Any]:
    line = JsonLine().format(record)
    assert line.isascii()
    assert len(line.splitlines()) == 1
    values: dict[str, Any] = json.loads(line)
    return values


def test_text_line_holds_time_level_run_and_message() -> None:
    record = make_record("shard %d committed", 3, run_id="20201114T060000Z")

    assert TextLine().format(record) == "2020-11-14T06:00:00.250Z INFO 20201114T060000Z shard 3 committed"


def test_text_line_before_the_run_has_begun_has_a_dash_for_its_id() -> None:
    assert TextLine().format(make_record(level=logging.WARNING)).endswith(" WARNING - all is well")


def test_time_can_be_read_again() -> None:
    time = datetime.fromisoformat(TextLine().format(make_record()).split()[0].replace("Z", "+00:00"))

    assert time.timestamp() == 1_605_333_600.25


def test_traceback_stays_on_the_line_of_its_record() -> None:
    line = TextLine().format(failed("first\nsecond"))

    assert len(line.splitlines()) == 1
    assert r"it failed\nTraceback (most recent call last):\n" in line
    assert line.endswith(r"ValueError: first\nsecond")


def test_json_line_holds_the_fields_of_the_event() -> None:
    extra = event("reject", source_uri="հոդված.txt", reason="empty", n=3)

    assert parsed(make_record("%s: rejected", "հոդված.txt", run_id="r", **extra)) == {
        "time": "2020-11-14T06:00:00.250Z",
        "level": "info",
        "run_id": "r",
        "event": "reject",
        "message": "հոդված.txt: rejected",
        "source_uri": "հոդված.txt",
        "reason": "empty",
        "n": 3,
    }


@pytest.mark.parametrize(("level", "name"), [(logging.WARNING, "warning"), (logging.ERROR, "error")])
def test_record_without_an_event_is_named_after_its_level(level: int, name: str) -> None:
    values = parsed(make_record(level=level))

    assert (values["event"], values["run_id"]) == (name, None)


def test_json_line_holds_the_traceback_as_a_string() -> None:
    assert parsed(failed("first\nsecond"))["traceback"].endswith("ValueError: first\nsecond")


def test_values_that_json_does_not_know_are_told_as_words() -> None:
    assert parsed(make_record(**event("x", file=Path("a/b"))))["file"] == "a/b"


NASTY = {
    "newline": ("a\nb", r"a\nb"),
    "carriage return": ("a\r\nb", r"a\r\nb"),
    "tab": ("a\tb", r"a\tb"),
    "escape sequence of a terminal": ("\x1b[2J", r"\u001b[2J"),
    "next line": ("a\x85b", r"a\u0085b"),
    "line separator": ("a\u2028b\u2029c", r"a\u2028b\u2029c"),
    "lone surrogate": ("\udccf.txt", r"\udccf.txt"),
    "letters": ("Ереван, Երևան 🗞", "Ереван, Երևան 🗞"),
}


@pytest.mark.parametrize("case", NASTY)
def test_nothing_breaks_a_line(case: str) -> None:
    text, expected = NASTY[case]

    assert one_line(text) == expected
    assert len(TextLine().format(make_record("%s", text)).splitlines()) == 1


def test_lone_surrogate_is_escaped_in_each_value_and_key_of_json() -> None:
    name = "\udccf"
    values = parsed(make_record("%s", name, **event("x", one=name, many=[name, (name,)], table={name: name})))

    escaped = r"\udccf"
    assert (values["message"], values["one"], values["many"]) == (escaped, escaped, [escaped, [escaped]])
    assert values["table"] == {escaped: escaped}


def test_records_after_that_of_the_beginning_carry_the_run_id() -> None:
    run_ids = RunIds()
    records = [make_record(), make_record(**event("run_begins", run_id="one")), make_record()]
    records += [make_record(**event("run_begins", run_id="two")), make_record()]

    assert all(run_ids.filter(record) for record in records)
    assert [record.run_id for record in records] == [None, "one", "one", "two", "two"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "logs").mkdir()
    return tmp_path / "logs" / "newsmt.log"


@pytest.fixture
def log_file(file: Path) -> Iterator[LogFile]:
    handler = open_log_file(file)
    handler.setFormatter(logging.Formatter("%(message)s"))
    yield handler
    handler.close()


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture, log_file: LogFile) -> Iterator[pytest.LogCaptureFixture]:
    """What is logged while the file is a handler of the pipeline's log."""
    logger = logging.getLogger("pipeline")
    before = logger.handlers, logger.propagate
    logger.handlers, logger.propagate = [log_file], True
    yield caplog
    logger.handlers, logger.propagate = before


def test_log_file_is_added_to(file: Path, log_file: LogFile) -> None:
    log_file.handle(make_record("новость"))
    again = open_log_file(file)
    again.setFormatter(log_file.formatter)
    again.handle(make_record("\udccf"))
    again.close()

    assert file.read_text(encoding="utf-8") == "новость\n\\udccf\n"


def test_log_file_that_was_rotated_is_opened_anew(file: Path, log_file: LogFile) -> None:
    log_file.handle(make_record("one"))
    file.rename(f"{file}.1")
    log_file.handle(make_record("two"))

    assert (Path(f"{file}.1").read_text(), file.read_text()) == ("one\n", "two\n")


def test_lost_folder_is_told_once_and_ends_nothing(
    file: Path, log_file: LogFile, told: pytest.LogCaptureFixture
) -> None:
    elsewhere = file.parent.rename(file.parent.with_name("moved"))
    for _ in range(3):
        log_file.handle(make_record("lost"))

    assert [record.message for record in told.records] == [
        f"{file}: cannot be written (No such file or directory); the run goes on without it"
    ]
    elsewhere.rename(file.parent)
    log_file.handle(make_record("found"))
    assert file.read_text() == "found\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a system without /dev/full")
def test_full_disk_is_told_once_and_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    handler = LogFile(Path("/dev/full"))
    for _ in range(3):
        handler.handle(make_record("lost"))

    assert [record.message for record in caplog.records] == [
        "/dev/full: cannot be written (No space left on device); the run goes on without it"
    ]
    with pytest.raises(OSError, match="No space"):
        handler.close()


def test_wrong_record_is_shown_as_logging_does(log_file: LogFile, capsys: pytest.CaptureFixture[str]) -> None:
    log_file.handle(make_record("%d", "no number"))

    assert "Logging error" in capsys.readouterr().err


def test_missing_folder_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"newsmt.log: there is no folder .*/logs; make it"):
        open_log_file(tmp_path / "logs" / "newsmt.log")


def test_folder_as_log_file_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot be written \(Is a directory\)"):
        open_log_file(tmp_path)
