from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config import DecodingSettings, RouteRules, RunConfig, ShardSettings, parse_duration, read_config
from pipeline.errors import ConfigError, UsageError

FULL = """
inputs = ["inbox", "-", "/data/news.jsonl"]
to = ["ru", "hy"]
out = "corpus"
models = "demo"
time_budget = "50m"
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

[routes]
hy-ru = "en"
en_RU = "en_ru@1.9"
ru-hy = "direct"
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "newsmt.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_all_settings_are_read(tmp_path: Path) -> None:
    assert read_config(write(tmp_path, FULL)) == RunConfig(
        inputs=(str(tmp_path / "inbox"), "-", "/data/news.jsonl"),
        to=("ru", "hy"),
        out=tmp_path / "corpus",
        models="demo",
        time_budget_s=3000,
        max_segment_chars=300,
        memory=False,
        model_index=str(tmp_path / "mirror" / "index.json"),
        decoding=DecodingSettings(beam=2, max_batch_tokens=512, max_target_tokens=100, device="auto", jobs=3),
        shard=ShardSettings(max_articles=10, max_chars=1000),
        routes=RouteRules(pivot="en", by_pair={"hy-ru": "en", "en-ru": "en_ru@1.9", "ru-hy": "direct"}),
    )


def test_address_of_the_index_is_no_path(tmp_path: Path) -> None:
    address = "https://a.example/index.json"

    assert read_config(write(tmp_path, f'model_index = "{address}"')).model_index == address


def test_empty_file_leaves_the_defaults(tmp_path: Path) -> None:
    assert read_config(write(tmp_path, "")) == RunConfig()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("input = []", "unknown key input; did you mean inputs", id="near-key"),
        pytest.param("colour = 1", "unknown key colour; known are inputs, to, out", id="far-key"),
        pytest.param("[decoding]\nbeem = 2", r"unknown key decoding\.beem; did you mean beam", id="key-of-a-table"),
        pytest.param("memory = 1", "memory must be true or false, found 1", id="number-as-flag"),
        pytest.param("memory = 'no'", "memory must be true or false", id="text-as-flag"),
        pytest.param("[decoding]\nbeam = true", r"decoding\.beam must be a whole number", id="flag-as-number"),
        pytest.param("pivott = 'en'", "unknown key pivott; did you mean pivot", id="near-pivot"),
        pytest.param("pivot = 5", "pivot must be a string, found 5", id="number-as-pivot"),
        pytest.param("pivot = 'english'", "routes: 'english'", id="no-language-as-pivot"),
        pytest.param("routes = 5", "routes must be a table of pairs and strings", id="no-table-of-routes"),
        pytest.param("[routes]\nhy-ru = 5", "routes must be a table of pairs and strings", id="number-as-route"),
        pytest.param("[routes]\nhy-ru = 'hy'", "routes: hy-ru = 'hy' leads nowhere", id="route-over-its-end"),
        pytest.param("[routes]\nhyru = 'en'", "routes: 'hyru' is no pair of languages", id="no-pair"),
        pytest.param("[shards]", "unknown key shards; did you mean shard", id="unknown-table"),
        pytest.param("decoding = 4", r"decoding must be a table, \[decoding\]", id="no-table"),
        pytest.param('to = "ru"', "to must be a list of strings", id="string-for-a-list"),
        pytest.param("to = [1]", "to must be a list of strings", id="list-of-numbers"),
        pytest.param("models = 1", "models must be a string, found 1", id="number-for-a-string"),
        pytest.param("out = true", "out must be a string, found True", id="boolean-for-a-path"),
        pytest.param('[decoding]\nbeam = "4"', "decoding.beam must be a whole number, found '4'", id="string-for-int"),
        pytest.param("[decoding]\nbeam = true", "decoding.beam must be a whole number", id="boolean-for-int"),
        pytest.param("[decoding]\nbeam = 1.5", "decoding.beam must be a whole number", id="float-for-int"),
        pytest.param('time_budget = "soon"', "time_budget: 'soon' is no duration", id="bad-duration"),
        pytest.param("time_budget_s = 50", "unknown key time_budget_s; did you mean time_budget", id="inner-name"),
        pytest.param("to = [", "not valid TOML", id="not-toml"),
    ],
)
def test_mistake_is_named_with_its_file(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        read_config(write(tmp_path, text))

    assert str(tmp_path / "newsmt.toml") in str(caught.value)


def test_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_config(tmp_path / "newsmt.toml")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        pytest.param("90s", 90, id="seconds"),
        pytest.param("50m", 3000, id="minutes"),
        pytest.param("1.5h", 5400, id="hours"),
        pytest.param("90", 90, id="bare"),
        pytest.param(" 2 h ", 7200, id="blanks"),
    ],
)
def test_duration_is_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "-5m", "1h30m", "5 days", "nan"])
def test_other_text_is_no_duration(text: str) -> None:
    with pytest.raises(UsageError, match="is no duration"):
        parse_duration(text)


def test_number_is_a_duration_in_seconds(tmp_path: Path) -> None:
    assert read_config(write(tmp_path, "time_budget = 90")).time_budget_s == 90


def test_languages_are_lower_case_and_once() -> None:
    assert RunConfig(inputs=("-",), to=("RU", " hy", "ru")).checked().to == ("ru", "hy")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        pytest.param(RunConfig(to=("ru",)), "no input", id="no-input"),
        pytest.param(RunConfig(inputs=("-",)), "no target language", id="no-target"),
        pytest.param(RunConfig(inputs=("-",), to=("russian",)), "'russian' is no language code", id="no-code"),
        pytest.param(
            RunConfig(inputs=("-",), to=("ru",), decoding=DecodingSettings(beam=0)),
            "beam is 0; it must be from 1 to 100",
            id="beam",
        ),
        pytest.param(
            RunConfig(inputs=("-",), to=("ru",), decoding=DecodingSettings(jobs=-1)),
            "jobs is -1; it must be from 0 to 10,000",
            id="jobs",
        ),
        pytest.param(
            RunConfig(inputs=("-",), to=("ru",), decoding=DecodingSettings(device="gpu")),  # type: ignore[arg-type]
            "device is 'gpu'; choose one of cpu, cuda, auto",
            id="device",
        ),
        pytest.param(
            RunConfig(inputs=("-",), to=("ru",), shard=ShardSettings(max_articles=0)), "max_articles is 0", id="shard"
        ),
        pytest.param(
            RunConfig(inputs=("-",), to=("ru",), max_segment_chars=10),
            "max_segment_chars is 10; it must be from 40 to 10,000",
            id="segment",
        ),
    ],
)
def test_settings_that_cannot_be_are_errors(config: RunConfig, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        config.checked()


@pytest.mark.parametrize(
    ("one", "other", "is_equal"),
    [
        pytest.param(DecodingSettings(jobs=1), DecodingSettings(jobs=8), True, id="jobs"),
        pytest.param(DecodingSettings(beam=1), DecodingSettings(beam=4), False, id="beam"),
        pytest.param(DecodingSettings(max_batch_tokens=1), DecodingSettings(), False, id="batch"),
        pytest.param(DecodingSettings(max_target_tokens=1), DecodingSettings(), False, id="limit"),
        pytest.param(DecodingSettings(device="cuda"), DecodingSettings(), False, id="device"),
    ],
)
def test_signature_holds_what_can_change_a_translation(
    one: DecodingSettings,
    other: DecodingSettings,
    is_equal: bool,  # noqa: FBT001 - a column of the table
) -> None:
    assert (one.signature == other.signature) is is_equal


@pytest.mark.parametrize(("device", "compute_type"), [("cpu", "default"), ("cuda", "float16"), ("auto", "default")])
def test_compute_type_follows_the_device(device: str, compute_type: str) -> None:
    assert DecodingSettings(device=device).compute_type == compute_type  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "tokens"),
    [
        pytest.param(DecodingSettings(), 1024, id="cpu"),
        pytest.param(DecodingSettings(device="cuda"), 8192, id="cuda"),
        pytest.param(DecodingSettings(device="cuda", max_batch_tokens=512), 512, id="as-wanted"),
    ],
)
def test_batches_suit_the_device(settings: DecodingSettings, tokens: int) -> None:
    assert settings.batch_tokens == tokens
    assert f"batch:{tokens}|" in settings.signature
