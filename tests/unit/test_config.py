from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config import DecodingSettings, LogSettings, RunConfig, ShardSettings, parse_duration, parse_size
from pipeline.errors import UsageError


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
            RunConfig(inputs=("-",), to=("ru",), shard=ShardSettings(max_articles=0)),
            r"shard\.max_articles is 0",
            id="shard",
        ),
        pytest.param(
            RunConfig(inputs=("-",), to=("ru",), log=LogSettings(format="xml")),  # type: ignore[arg-type]
            "log.format is 'xml'; choose one of text, json",
            id="log-format",
        ),
        pytest.param(RunConfig(inputs=("-",), to=("ru",), max_articles=0), "^max_articles is 0", id="articles"),
        pytest.param(RunConfig(inputs=("-",), to=("ru",), time_budget_s=0), "time_budget is no time", id="budget"),
        pytest.param(RunConfig(inputs=("-",), to=("ru",), wait_s=-1), "wait is less than no time", id="wait"),
        pytest.param(RunConfig(inputs=("a/",), to=("ru",), out=Path("a")), "out is the folder of the input", id="out"),
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


def test_all_that_is_wrong_is_told_at_once() -> None:
    config = RunConfig(
        to=("russian", "armenian"), max_articles=-1, time_budget_s=0, decoding=DecodingSettings(beam=0, jobs=-1)
    )

    with pytest.raises(UsageError) as caught:
        config.checked()

    told = str(caught.value).splitlines()
    assert [line.split()[0] for line in told] == [
        "no",
        "'russian'",
        "'armenian'",
        "max_articles",
        "time_budget",
        "decoding.beam",
        "decoding.jobs",
    ]


def test_waiting_articles_need_no_inputs() -> None:
    assert RunConfig(to=("ru",), wait_s=0).checked(needs_inputs=False).to == ("ru",)


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


@pytest.mark.parametrize(
    ("text", "n_bytes"),
    [("64M", 64 << 20), ("1.5G", 3 << 29), ("4096", 4096), ("2k", 2048), ("64MiB", 64 << 20), ("10 MB", 10 << 20)],
)
def test_sizes(text: str, n_bytes: int) -> None:
    assert parse_size(text) == n_bytes


@pytest.mark.parametrize("text", ["", "large", "-1M", "0", "64T"])
def test_what_is_no_size_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="is no size: write for example 64M"):
        parse_size(text)


def test_duration_in_days() -> None:
    assert parse_duration("1.5d") == 129_600
