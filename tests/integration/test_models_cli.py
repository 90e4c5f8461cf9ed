"""`newsmt models available` and `bench`, `--pivot`, and what a run says of missing models."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pipeline import speed
from pipeline.config import read_config
from pipeline.errors import InputError, ModelError, UsageError
from pipeline.speed import BATCH_TOKENS, N_ROUNDS, layouts, measure, own_texts
from tests.archives import demo_package, index_of
from tests.commands import newsmt
from tests.tiny_package import TinyPackage

ENGLISH = "Vote\n\nParliament adopted the budget on Friday. The law takes effect in January.\n"


def test_available_shows_all_pairs_and_what_is_recommended() -> None:
    lines = newsmt("models", "available").stdout.splitlines()

    starred = [line.split()[1:3] for line in lines if line.startswith("* ") and "recommended" not in line]
    assert starred == [
        ["en-hy", "nllb-200"],
        ["en-ru", "argos"],
        ["hy-en", "nllb-200"],
        ["hy-ru", "nllb-200"],
        ["ru-en", "argos"],
        ["ru-hy", "nllb-200"],
    ]
    assert lines[-1] == "index: not fetched yet; newsmt models available --refresh"


def test_available_of_a_pair_shows_homes_and_commands() -> None:
    shown = newsmt("models", "available", "hy-en").stdout

    assert re.search(r"\* +hy-en +nllb-200 +NLLB-200 600M distilled +620 +32\.8 +0\.853 +CC-BY-NC-4\.0", shown)
    assert "newsmt models convert opus-mt-hy-en --from hy --to en" in shown
    assert "m2m100: where the licence of NLLB-200 (no commercial use) forbids it" in shown
    assert "en-ru" not in shown


def test_available_shows_the_index_that_was_fetched(tmp_path: Path) -> None:
    index = tmp_path / "index.json"
    index.write_bytes(index_of("en-ru", "fr-en"))

    refreshed = newsmt("models", "available", "--refresh", "--index", index).stdout
    index.unlink()
    kept = json.loads(newsmt("models", "available", "fr-en", "--json").stdout)

    assert refreshed.splitlines()[-1] == f"index {index}: en-ru 1.0, fr-en 1.0"
    assert [package["pair"] for package in kept["packages"]] == ["fr-en"]
    assert kept["catalog"] == []
    assert "fr-en: not in the catalogue" in newsmt("models", "available", "fr-en").stdout
    assert newsmt("models", "available", "en-hy").stdout.splitlines()[-1].endswith("none of these")


def test_bench_measures_each_layout_and_writes_the_fastest(tmp_path: Path) -> None:
    package = TinyPackage(source="en", target="ru", end_bias=6.0).build(tmp_path / "models")
    config = tmp_path / "newsmt.toml"
    (tmp_path / "text.txt").write_text("Parliament adopted the budget.\n\n" * 20)
    options = ("--models", package, "--text", tmp_path / "text.txt", "--beam", "1")

    shown = newsmt("models", "bench", *options, "--write", config)
    speeds = json.loads(newsmt("models", "bench", "en-ru", *options, "--json").stdout)["speeds"]

    assert len(shown.stdout.splitlines()) == 1 + len(speeds)
    assert "100%" in shown.stdout.splitlines()[1]
    assert {one["max_batch_tokens"] for one in speeds} == set(BATCH_TOKENS)
    assert speeds == sorted(speeds, key=lambda one: -one["words_per_s"])
    best = shown.stdout.splitlines()[1].split()
    assert (read_config(config).decoding.jobs, read_config(config).decoding.max_batch_tokens) == (
        int(best[0]),
        int(best[1].replace(",", "")),
    )


def test_rounds_go_through_all_layouts_in_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.config import DecodingSettings
    from pipeline.models.package import read_packages

    (package,) = read_packages(TinyPackage(source="en", target="ru", end_bias=6.0).build(tmp_path))
    ticks = iter(range(1000))
    monkeypatch.setattr(speed, "perf_counter", lambda: float(next(ticks)))
    heard: list[None] = []

    speeds = measure(
        package, ["one two"] * 5, DecodingSettings(beam=1), n_cores=2, on_measured=lambda: heard.append(None)
    )

    assert len(heard) == N_ROUNDS * len(layouts(2))
    assert {one.words_per_s for one in speeds} == {10.0}


@pytest.mark.parametrize(
    ("n_cores", "jobs"),
    [pytest.param(1, {1}, id="1"), pytest.param(2, {1, 2}, id="2"), pytest.param(6, {1, 2, 4, 6}, id="6")],
)
def test_layouts_use_up_to_one_job_a_core(n_cores: int, jobs: set[int]) -> None:
    assert {n_jobs for n_jobs, _ in layouts(n_cores)} == jobs


def test_own_texts_have_several_lengths() -> None:
    assert {text.count(".") for text in own_texts("en")} == {1, 2, 3}
    with pytest.raises(UsageError, match=r"no sentences in 'fr' here; .* --text FILE"):
        own_texts("fr")


@pytest.mark.parametrize(
    ("arguments", "error", "expected"),
    [
        pytest.param(["--models", "demo"], UsageError, "name a pair; model set 'demo' has en-hy, en-ru", id="no-pair"),
        pytest.param(["fr-en", "--models", "demo"], ModelError, "no package for fr-en, only for", id="other-pair"),
        pytest.param(["en-ru", "--models", "demo", "--text", "/nowhere"], InputError, "/nowhere: cannot", id="no-file"),
        pytest.param(["en-ru", "--models", "demo", "--text", "/dev/null"], InputError, "no sentences", id="no-text"),
    ],
)
def test_wrong_use_of_bench_is_told(arguments: list[str], error: type[Exception], expected: str) -> None:
    with pytest.raises(error, match=re.escape(expected)):
        newsmt("models", "bench", *arguments)


def test_run_names_the_command_for_a_missing_pair(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ENGLISH)
    run = ("run", tmp_path / "a.txt", "--models", demo_package("en-ru"), "--to", "ru", "--to", "hy")

    previewed = newsmt(*run, "--out", tmp_path / "out", "--dry-run")
    done = newsmt(*run, "--out", tmp_path / "out")

    command = "newsmt models convert nllb --from en --to hy"
    assert f"  en-hy     hf download facebook/nllb-200-distilled-600M --local-dir nllb && {command}" in done.stderr
    assert command in previewed.stderr
    assert done.exit_code == 3


def test_pivot_is_chosen_on_the_command_line(tmp_path: Path) -> None:
    for pair in (("en", "de"), ("de", "ru"), ("en", "fr"), ("fr", "ru")):
        TinyPackage(source=pair[0], target=pair[1], end_bias=6.0).build(tmp_path / "models")
    (tmp_path / "a.txt").write_text(ENGLISH)
    options = ("--models", tmp_path / "models", "--to", "ru", "--beam", "1")

    for pivot in ("de", "fr"):
        done = newsmt("run", tmp_path / "a.txt", *options, "--pivot", pivot, "--out", tmp_path / pivot, "--json")
        routes = json.loads(done.stdout.splitlines()[-1])["routes"]
        assert [label[:5] for label in routes["en-ru"]] == [f"en_{pivot}", f"{pivot}_ru"]
    done = newsmt("translate", "--from", "en", *options, "--pivot", "fr", stdin=json.dumps({"text": "A vote."}))
    assert [label[:5] for label in json.loads(done.stdout)["models"]] == ["en_fr", "fr_ru"]
