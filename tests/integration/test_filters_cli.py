from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

NEWSMT = (sys.executable, "-c", "from pipeline.cli.app import main; main()")
TEXTS = {
    "en": "France and India signed an agreement on trade in Paris on Thursday.",
    "ru": "Франция и Индия в четверг подписали в Париже соглашение о торговле.",
    "hy": "Ֆրանսիան և Հնդկաստանը հինգշաբթի օրը Փարիզում ստորագրել են առևտրի մասին համաձայնագիր։",
}


def newsmt(
    *arguments: str, stdin: bytes = b"", environment: Mapping[str, str] = {}
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*NEWSMT, *arguments], input=stdin, capture_output=True, env={**os.environ, **environment}, check=False
    )


def lines_of(records: Sequence[Mapping[str, object]]) -> bytes:
    return b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records)


def answers_of(process: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in process.stdout.decode().splitlines()]


def test_detect_names_the_language_of_each_line() -> None:
    process = newsmt("detect", stdin=lines_of([{"text": text, "id": name} for name, text in TEXTS.items()]))

    answers = answers_of(process)

    assert process.returncode == 0
    assert [answer["lang"] for answer in answers] == [answer["id"] for answer in answers] == list(TEXTS)
    assert all(0 <= answer["lang_score"] <= 1 for answer in answers)


def test_segment_gives_spans_in_code_points() -> None:
    text = f"{TEXTS['hy']} {TEXTS['hy']}\n\n{TEXTS['en']}"

    process = newsmt("segment", stdin=lines_of([{"text": text, "lang": "hy"}]))
    segments = answers_of(process)[0]["segments"]

    assert [(text[start:end], language) for start, end, language in segments] == [
        (TEXTS["hy"], "hy"),
        (TEXTS["hy"], "hy"),
        (TEXTS["en"], "en"),
    ]


def test_segment_explains_its_decisions() -> None:
    record = {"text": "Dr. Hart left.\n\nНа ул. Речной тихо. Снег.", "id": 1}

    answer = answers_of(newsmt("segment", "--explain", stdin=lines_of([record])))[0]

    assert list(answer) == ["text", "id", "segments", "decisions"]
    assert [(part["offset"], part["end"], part["rule"], part["detail"]) for part in answer["decisions"]] == [
        (3, False, "abbreviation-never", "dr"),
        (22, False, "abbreviation-never", "ул"),
        (35, True, "mark", ""),
    ]


def test_segment_shows_a_text_to_people() -> None:
    process = newsmt("segment", "--explain", "--text", "Dr. Hart left.\nWhy? Ask him.")
    shown = process.stdout.decode().splitlines()

    assert process.returncode == 0
    assert shown[0].split() == ["1", "en", "Dr.", "Hart", "left."]
    assert "goes on abbreviation-never (dr)" in shown[4]
    assert "Hart left.│⏎Why?" in shown[5]
    assert newsmt("segment", "--text", "Мост закрыт. Ждём.", "--lang", "ru").stdout.decode().count("ru") == 2


def test_detect_flags_varieties_and_letters() -> None:
    texts = ["Ան ըսաւ, որ կու գայ վաղը։", "Privet, kak dela? Chto budet s mostom?"]

    answers = answers_of(newsmt("detect", stdin=lines_of([{"text": text} for text in texts])))

    assert [(answer["lang"], answer["lang_flags"]) for answer in answers] == [
        ("hyw", ["western-armenian"]),
        ("und", ["latin-letters"]),
    ]


def test_translate_adds_its_fields(tiny_folder: Path) -> None:
    records = [{"text": TEXTS["ru"], "source_lang": "ru", "target_lang": "hy", "id": 1}]

    process = newsmt("translate", "--models", str(tiny_folder), "--beam", "2", "--jobs", "1", stdin=lines_of(records))
    answer = answers_of(process)[0]

    assert process.returncode == 0
    assert list(answer)[4:] == ["translation", "score", "quality", "flags", "edits", "retry", "models"]
    assert answer["id"] == 1
    assert len(answer["models"]) == 2


def test_demo_models_translate_through_the_command() -> None:
    stdin = lines_of([{"text": TEXTS["en"], "lang": "en"}])

    process = newsmt("translate", "--models", "demo", "--to", "ru", stdin=stdin)

    assert "Париж" in answers_of(process)[0]["translation"]


@pytest.mark.parametrize(
    ("command", "good"),
    [
        pytest.param(("detect",), {"text": TEXTS["en"]}, id="detect"),
        pytest.param(("segment",), {"text": TEXTS["en"]}, id="segment"),
        pytest.param(("translate", "--from", "en", "--to", "ru"), {"text": TEXTS["en"]}, id="translate"),
    ],
)
def test_bad_lines_become_errors_in_their_places(
    tiny_folder: Path, command: tuple[str, ...], good: dict[str, str]
) -> None:
    models = ("--models", str(tiny_folder)) if command[0] == "translate" else ()
    stdin = lines_of([good]) + b"{broken\n" + lines_of([{"id": 1}]) + b"\n" + lines_of([good])

    process = newsmt(*command, *models, stdin=stdin)
    answers = answers_of(process)

    assert process.returncode == 3
    assert [answer.get("line") for answer in answers] == [None, 2, 3, 4, None]
    assert answers[0] == answers[4]
    assert b"3 lines could not be processed" in process.stderr


def test_pair_without_a_model_is_an_error_of_its_line(tiny_folder: Path) -> None:
    records = [{"text": TEXTS["hy"], "source_lang": "hy", "target_lang": "ru"}]

    process = newsmt("translate", "--models", str(tiny_folder), stdin=lines_of(records))

    assert process.returncode == 3
    assert "no model for hy-ru" in answers_of(process)[0]["error"]


def test_file_is_read_instead_of_stdin(tmp_path: Path) -> None:
    file = tmp_path / "news.jsonl"
    file.write_bytes(lines_of([{"text": TEXTS["ru"]}]))

    assert answers_of(newsmt("detect", str(file)))[0]["lang"] == "ru"


def test_filters_make_a_pipe(tiny_folder: Path) -> None:
    detected = newsmt("detect", stdin=lines_of([{"text": TEXTS["ru"]}, {"text": TEXTS["en"]}]))
    translated = newsmt("translate", "--to", "hy", "--models", str(tiny_folder), stdin=detected.stdout)

    assert translated.returncode == 0
    assert [len(answer["models"]) for answer in answers_of(translated)] == [2, 1]


@pytest.mark.parametrize("locale", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "latin-1"}])
def test_output_is_utf8_in_any_locale(locale: dict[str, str]) -> None:
    process = newsmt("detect", stdin=lines_of([{"text": TEXTS["hy"]}]), environment=locale)

    assert answers_of(process)[0]["text"] == TEXTS["hy"]


@pytest.mark.parametrize("command", ["detect", "segment", "translate"])
def test_no_input_is_no_error(tiny_folder: Path, command: str) -> None:
    process = newsmt(command, *(("--models", str(tiny_folder)) if command == "translate" else ()))

    assert (process.returncode, process.stdout) == (0, b"")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(("detect", "no/such/file.jsonl"), b"no/such/file.jsonl: cannot be read", id="file"),
        pytest.param(("translate", "--models", "demmo"), b"'demmo' is neither a model set", id="models"),
        pytest.param(("translate", "--models", "demo", "--beam", "0"), b"beam is 0", id="beam"),
        pytest.param(("translate", "--models", "demo", "--device", "gpu"), b"device is 'gpu'", id="device"),
        pytest.param(("translate", "--models", "demo", "--to", "russian"), b"'russian' is no language code", id="to"),
    ],
)
def test_wrong_usage_is_told_before_any_work(arguments: tuple[str, ...], message: bytes) -> None:
    process = newsmt(*arguments)

    assert process.returncode == 2
    assert message in process.stderr
    assert b"Traceback" not in process.stderr


def test_answers_come_while_the_input_is_open() -> None:
    with subprocess.Popen([*NEWSMT, "detect"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(lines_of([{"text": TEXTS["ru"]}] * 600))
        process.stdin.flush()
        first = process.stdout.readline()
        process.stdin.close()
        rest = process.stdout.read()

    assert json.loads(first)["lang"] == "ru"
    assert rest.count(b"\n") == 599


def test_reader_that_leaves_early_sees_no_traceback() -> None:
    stdin = lines_of([{"text": TEXTS["ru"]}] * 5000)
    command = f"{sys.executable} -c 'from pipeline.cli.app import main; main()' detect | head -n 1"

    process = subprocess.run(["/bin/sh", "-c", command], input=stdin, capture_output=True, check=False)

    assert process.stdout.count(b"\n") == 1
    assert b"Traceback" not in process.stderr
