from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config import DecodingSettings, LogSettings, RouteRules, RunConfig, ShardSettings
from pipeline.config_file import read_config
from pipeline.errors import ConfigError
from pipeline.places import StorageUri

FULL = """
config_version = 1
inputs = ["inbox", "-", "/data/news.jsonl"]
to = ["ru", "hy"]
out = "corpus"
models = "demo"
time_budget = "50m"
max_articles = 5000
wait = "10m"
metrics = "metrics/newsmt.prom"
max_segment_chars = 300
memory = false
model_index = "mirror/index.json"
pivot = "EN"

[decoding]
beam = 2
max_batch_tokens = 512
max_target_tokens = 100
device = "auto"
jobs = 3

[shard]
max_articles = 10
max_chars = 1000

[log]
file = "/var/log/newsmt.log"
format = "json"

[routes]
hy-ru = "en"
en_RU = "en_ru@1.9"
ru-hy = "direct"
"""


def write(folder: Path, text: str | bytes) -> Path:
    file = folder / "newsmt.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def mistakes(folder: Path, text: str | bytes) -> list[str]:
    """Return what is wrong, without the path of the file, which is checked."""
    file = write(folder, text)
    with pytest.raises(ConfigError) as caught:
        read_config(file)
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{file}:") for line in lines), lines
    return [line.removeprefix(f"{file}:") for line in lines]


def test_all_settings_are_read(tmp_path: Path) -> None:
    assert read_config(write(tmp_path, FULL)) == RunConfig(
        inputs=(str(tmp_path / "inbox"), "-", "/data/news.jsonl"),
        to=("ru", "hy"),
        out=tmp_path / "corpus",
        models="demo",
        time_budget_s=3000,
        max_articles=5000,
        wait_s=600,
        metrics=tmp_path / "metrics" / "newsmt.prom",
        max_segment_chars=300,
        memory=False,
        model_index=str(tmp_path / "mirror" / "index.json"),
        decoding=DecodingSettings(beam=2, max_batch_tokens=512, max_target_tokens=100, device="auto", jobs=3),
        shard=ShardSettings(max_articles=10, max_chars=1000),
        log=LogSettings(file=Path("/var/log/newsmt.log"), format="json"),
        routes=RouteRules(pivot="en", by_pair={"hy-ru": "en", "en-ru": "en_ru@1.9", "ru-hy": "direct"}),
    )


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xef\xbb\xbf", id="only-a-mark"),
        pytest.param(b"# nothing\r\n\r\n[log]\r\n", id="windows"),
        pytest.param(b"config_version = 1\ndecoding = {}", id="version"),
    ],
)
def test_what_is_not_there_has_its_default(tmp_path: Path, content: bytes) -> None:
    assert read_config(write(tmp_path, content)) == RunConfig()


def test_mark_at_the_beginning_and_windows_line_ends_are_no_mistake(tmp_path: Path) -> None:
    assert read_config(write(tmp_path, b'\xef\xbb\xbfto = ["ru"]\r\nwait = "1m"\r\n')).to == ("ru",)


def test_address_of_the_index_is_no_path(tmp_path: Path) -> None:
    address = "https://a.example/index.json"

    assert read_config(write(tmp_path, f'model_index = "{address}"')).model_index == address


def test_output_in_a_storage_is_no_path_and_its_state_may_be_named_later(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, 'out = "s3://bucket/corpus"'))
    assert (config.out, config.state) == (StorageUri("s3://bucket/corpus"), None)
    assert read_config(write(tmp_path, 'out = "s3://bucket/corpus"\nstate = "state"')).state == tmp_path / "state"


def test_home_is_written_as_in_a_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/reader")

    config = read_config(write(tmp_path, 'out = "~/corpus"\ninputs = ["~/in", "~in"]\nmodels = "~"'))

    assert (config.out, config.inputs) == (Path("/home/reader/corpus"), ("/home/reader/in", str(tmp_path / "~in")))
    assert config.models == "/home/reader"


def test_folder_may_be_named_as_a_set_of_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, 'models = "./demo"')
    monkeypatch.chdir(tmp_path)

    assert read_config(Path("newsmt.toml")).models == "./demo"


def test_marks_in_the_folder_of_the_file_are_no_pattern(tmp_path: Path) -> None:
    folder = tmp_path / "news [1]"
    folder.mkdir()
    (folder / "a[b].txt").write_text("")

    config = read_config(write(folder, 'inputs = ["in/*.txt", "a[b].txt", "in"]'))

    assert config.inputs == (f"{tmp_path}/news [[]1]/in/*.txt", str(folder / "a[b].txt"), str(folder / "in"))


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        pytest.param("input = []", "1: input: must be a table, [input], found []; did you mean inputs?", id="near-key"),
        pytest.param(
            "a = 1", "1: a: unknown key; known are config_version, inputs, files_from, to, out, ", id="far-key"
        ),
        pytest.param("Time-Budget = 1", "1: Time-Budget: unknown key; did you mean time_budget?", id="hyphen"),
        pytest.param("pivott = 'en'", "1: pivott: unknown key; did you mean pivot?", id="near-pivot"),
        pytest.param("time_budget_s = 5", "1: time_budget_s: unknown key; did you mean time_budget?", id="inner-name"),
        pytest.param("[shards]", "1: shards: unknown key; did you mean shard?", id="unknown-table"),
        pytest.param("[a.b]\nc = 1", "1: a: unknown key; known are config_version", id="table-in-a-table"),
        pytest.param("'' = 1", '1: "": unknown key; known are', id="empty-key"),
        pytest.param(
            "[decoding]\nbeem = 2", "2: decoding.beem: unknown key; did you mean beam?", id="near-key-of-a-table"
        ),
        pytest.param("beam = 3", "1: beam: unknown key; it belongs in [decoding]", id="key-without-its-table"),
        pytest.param(
            "[log]\nout = 'x'",
            "2: log.out: unknown key; it belongs at the top, before the first [table]",
            id="key-in-a-table",
        ),
        pytest.param("[shard]\nbeam = 3", "2: shard.beam: unknown key; it belongs in [decoding]", id="wrong-table"),
        pytest.param("log_file = 'x'", "1: log_file: unknown key; did you mean file in [log]?", id="as-the-option"),
        pytest.param(
            "[log]\nwait_s = 1", "2: log.wait_s: unknown key; did you mean wait at the top?", id="near-the-top"
        ),
        pytest.param("[log]\nqqq = 1", "2: log.qqq: unknown key; known are file, format", id="far-key-of-a-table"),
        pytest.param("memory = 1", "1: memory: must be true or false, found 1", id="number-as-flag"),
        pytest.param("memory = 'no'", '1: memory: must be true or false, found "no"', id="text-as-flag"),
        pytest.param(
            "[decoding]\nbeam = true", "2: decoding.beam: must be a whole number, found true", id="flag-as-int"
        ),
        pytest.param('decoding.beam = "4"', '1: decoding.beam: must be a whole number, found "4"', id="string-as-int"),
        pytest.param(
            "decoding = {beam = 1.5}", "1: decoding.beam: must be a whole number, found 1.5", id="float-as-int"
        ),
        pytest.param("max_articles = 1e3", "1: max_articles: must be a whole number, found 1000.0", id="exponent"),
        pytest.param("models = 1", "1: models: must be a string, found 1", id="int-as-string"),
        pytest.param("out = true", "1: out: must be a string, found true", id="flag-as-path"),
        pytest.param("out = 1979-05-27", '1: out: must be a string, found "1979-05-27"', id="date-as-path"),
        pytest.param("out = ' '", '1: out: must be a string with something in it, found " "', id="blank-path"),
        pytest.param('out = "a\\u0000"', "1: out: must be a string with something in it", id="null-in-path"),
        pytest.param("pivot = 5", "1: pivot: must be a string, found 5", id="int-as-pivot"),
        pytest.param("pivot = 'english'", "1: pivot: 'english' is no language code", id="no-language-as-pivot"),
        pytest.param(
            'to = "ru"', '1: to: must be a list of strings, as in to = ["…"], found "ru"', id="string-as-list"
        ),
        pytest.param("to = [1]", "1: to: must be a string, found 1", id="list-of-numbers"),
        pytest.param('to = [\n"ru",\n"ruu1"]', "3: to: 'ruu1' is no language code", id="no-language"),
        pytest.param(
            f"to = '{'x' * 99}'", f'1: to: must be a list of strings, as in to = ["…"], found "{"x" * 59}…', id="long"
        ),
        pytest.param('time_budget = "soon"', "1: time_budget: 'soon' is no duration", id="no-duration"),
        pytest.param("wait = true", '1: wait: must be a time, as in "50m", found true', id="flag-as-duration"),
        pytest.param("wait = inf", "1: wait: 'inf' is no duration", id="endless"),
        pytest.param("time_budget = 0", "1: time_budget: is no time at all; a run needs some", id="no-time"),
        pytest.param("max_articles = 0", "1: max_articles: is 0; it must be from 1 to 1,000,000,000", id="no-articles"),
        pytest.param("decoding.jobs = -1", "1: decoding.jobs: is -1; it must be from 0 to 10,000", id="out-of-range"),
        pytest.param("[log]\nformat = 'xml'", "2: log.format: is 'xml'; choose one of text, json", id="no-choice"),
        pytest.param("decoding = 4", "1: decoding: must be a table, [decoding], found 4", id="no-table"),
        pytest.param("[[log]]", "1: log: must be a table, [log], found [{}]", id="array-of-tables"),
        pytest.param("routes = 5", "1: routes: must be a table of pairs and strings", id="no-table-of-routes"),
        pytest.param(
            "[routes]\nhy-ru = 5", '2: routes.hy-ru: must be "direct", a language or a package', id="int-as-route"
        ),
        pytest.param("[routes]\nhy-ru = 'hy'", '2: routes.hy-ru: "hy" leads nowhere', id="route-over-its-end"),
        pytest.param("[routes]\nhyru = 'en'", "2: routes.hyru: 'hyru' is no pair of languages", id="no-pair"),
        pytest.param("[routes]\nru-ru = 'en'", "2: routes.ru-ru: 'ru-ru': source and target are the same", id="same"),
        pytest.param(
            "[routes]\nen-ru = 'hy'\nen_ru = 'direct'",
            "3: routes.en_ru: the pair en-ru has a rule already; keep one of them",
            id="pair-twice",
        ),
        pytest.param("config_version = 0", "1: config_version: is 0; versions begin with 1", id="version-0"),
        pytest.param("config_version = '1'", '1: config_version: must be a whole number, found "1"', id="version-text"),
        pytest.param("inputs = ['a']\nout = 'a'", "2: out: is the folder of the input", id="out-is-input"),
        pytest.param("out = 'a'\ninputs = [\n'a/b']", "2: inputs: '{folder}/a/b' lies inside out", id="input-in-out"),
        pytest.param("log.file = 'a'\nmetrics = 'a'", "2: metrics: is the same file as log.file", id="same-file"),
        pytest.param("metrics = 'newsmt.toml'", "1: metrics: is this configuration itself", id="metrics-over-itself"),
        pytest.param("[log]\nfile = 'newsmt.toml'", "2: log.file: is this configuration itself", id="log-in-itself"),
        pytest.param("to = [", "1: not valid TOML: Invalid value (column 7)", id="no-end"),
        pytest.param("a = 1\r\nb = \r\nc = 1", "2: not valid TOML: Invalid value (column 5)", id="no-value"),
        pytest.param("a = 1\n\nto = [\n\n", "3: not valid TOML: Invalid value (column 7)", id="blank-end"),
        pytest.param("to = 1\nto = 2", "2: to: is there twice, first in line 1; keep one of them", id="key-twice"),
        pytest.param("[log]\n[log]\na = [", "2: log: is there twice, first in line 1", id="table-twice"),
        pytest.param('log = {"file" = 1, file = 2}', "1: log.file: is there twice", id="key-twice-in-a-line"),
        pytest.param("log.file = 'x'\n[log]", "2: not valid TOML: Cannot declare ('log',) twice", id="table-again"),
        pytest.param(b"to = ['ru']\nout = '\xcf'", "2: not valid TOML: not in UTF-8; save it in that", id="encoding"),
    ],
)
def test_mistake_is_named_with_its_line(tmp_path: Path, text: str, mistake: str) -> None:
    (told,) = mistakes(tmp_path, text)

    assert told.startswith(mistake.replace("{folder}", str(tmp_path)))


def test_all_mistakes_are_told_in_the_order_of_lines(tmp_path: Path) -> None:
    text = """
[decoding]
jobs = "2"
beam = 0

[colours]
red = 1

[routes]
hyru = "en"
en-ru = ""

[log]
format = "xml"
"""
    told = mistakes(tmp_path, 'to = ["russian",\n  5]\ninput = []' + text)

    assert [line.split(": ")[:2] for line in told] == [
        ["1", "to"],
        ["2", "to"],
        ["3", "input"],
        ["5", "decoding.jobs"],
        ["6", "decoding.beam"],
        ["8", "colours"],
        ["12", "routes.hyru"],
        ["13", "routes.en-ru"],
        ["16", "log.format"],
    ]


def test_of_a_newer_file_nothing_else_is_told(tmp_path: Path) -> None:
    (told,) = mistakes(tmp_path, "beam = 3\nconfig_version = 2\n[new]\n")

    assert told == (
        "2: config_version: written for a newer newsmt (config version 2, this one knows 1); upgrade newsmt"
    )


def test_what_the_command_line_may_change_is_left_to_the_command(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, "inputs = ['corpus']"))

    assert config.inputs == (str(tmp_path / "corpus"),)


def test_number_is_a_duration_in_seconds(tmp_path: Path) -> None:
    assert read_config(write(tmp_path, "time_budget = 90\nwait = 1.5")).time_budget_s == 90


def test_deep_nesting_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"newsmt\.toml:?.*: not valid TOML"):
        read_config(write(tmp_path, "a = " + "[" * 100_000))


def test_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read \(No such .*\); newsmt init writes a new one"):
        read_config(tmp_path / "newsmt.toml")


def test_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read \(Is a directory\)$"):
        read_config(tmp_path)
