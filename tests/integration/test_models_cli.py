"""`newsmt models available` and `bench`, `--pivot`, and what a run says of missing models."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from rich.console import Console

from pipeline import speed
from pipeline.cli.tables import make_listing
from pipeline.config import DecodingSettings
from pipeline.config_file import read_config
from pipeline.errors import ConfigError, InputError, ModelError, UsageError
from pipeline.speed import BATCH_TOKENS, N_ROUNDS, Speed, best_of, layouts, measure, own_texts
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
    written = read_config(config).decoding
    assert f"[decoding] jobs = {written.jobs}, max_batch_tokens = {written.max_batch_tokens}" in shown.stderr
    assert (written.jobs, written.max_batch_tokens) in layouts(max(one["jobs"] for one in speeds))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param({(2, 1024): 97, (2, 4096): 100}, (2, 1024), id="usual-and-close"),
        pytest.param({(2, 1024): 90, (2, 4096): 100}, (2, 4096), id="clearly-faster"),
        pytest.param({(2, 1024): 97, (1, 512): 100}, (2, 1024), id="fewer-jobs"),
        pytest.param({(1, 512): 100, (1, 4096): 97}, (1, 512), id="usual-not-measured"),
    ],
)
def test_usual_layout_is_best_unless_another_is_clearly_faster(
    words: dict[tuple[int, int], float], expected: tuple[int, int]
) -> None:
    speeds = [Speed(jobs=jobs, max_batch_tokens=tokens, words_per_s=rate) for (jobs, tokens), rate in words.items()]

    best = best_of(speeds, DecodingSettings(), n_cores=2)

    assert (best.jobs, best.max_batch_tokens) == expected


def test_configuration_that_cannot_be_written_is_told_before_anything_is_measured(tmp_path: Path) -> None:
    bad = tmp_path / "newsmt.toml"
    bad.write_text("to = [")

    with pytest.raises(ConfigError, match="not valid TOML"):
        newsmt("models", "bench", "en-ru", "--models", "demo", "--write", bad)
    with pytest.raises(ConfigError, match="its folder is not there"):
        newsmt("models", "bench", "en-ru", "--models", "demo", "--write", tmp_path / "nowhere" / "x.toml")
    assert not (tmp_path / "nowhere").exists()


def test_rounds_go_through_all_layouts_in_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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
    head = "  en-hy     NLLB-200 600M distilled, licence CC-BY-NC-4.0; for others: newsmt models available en-hy"
    assert head in done.stderr.splitlines()
    assert f"            hf download facebook/nllb-200-distilled-600M --local-dir nllb && {command}" in done.stderr
    assert command in previewed.stderr
    assert done.exit_code == 3


def test_run_tells_what_went_over_a_pivot(tmp_path: Path) -> None:
    for pair in (("en", "de"), ("de", "ru")):
        TinyPackage(source=pair[0], target=pair[1], end_bias=6.0).build(tmp_path / "models")
    (tmp_path / "a.txt").write_text(ENGLISH)

    done = newsmt("run", tmp_path / "a.txt", "--to", "ru", "--models", tmp_path / "models", "--out", tmp_path / "out")

    assert "  routes    en-ru over de" in done.stderr.splitlines()


def test_run_without_inputs_translates_what_waits(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ENGLISH)
    options = ("--to", "ru", "--out", tmp_path / "out")
    newsmt("run", tmp_path / "a.txt", "--models", demo_package("ru-en"), *options)
    (tmp_path / "a.txt").unlink()

    done = newsmt("run", "--models", demo_package("en-ru"), *options)

    assert done.exit_code == 0
    assert "1 of them, for a model that is here now" in done.stderr
    with pytest.raises(UsageError, match="no input"):
        newsmt("run", "--models", "demo", "--to", "ru", "--out", tmp_path / "new")


def test_newer_version_with_the_same_weights_translates_nothing_anew(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ENGLISH)
    for version in ("1.0", "1.1"):
        TinyPackage(source="en", target="ru", version=version, end_bias=6.0).build(tmp_path / version)

    done = [
        newsmt("run", tmp_path / "a.txt", "--to", "ru", "--models", tmp_path / version, "--out", tmp_path / "out")
        for version in ("1.0", "1.1")
    ]

    assert "1 processed" in done[0].stderr
    assert "1 already known" in done[1].stderr


def test_tables_lose_columns_before_cells_are_cut() -> None:
    listing = make_listing("pair", "licence", "hash2", "score1>")
    listing.add("en-ru", "CC-BY-NC-4.0", "0123456789ab", "27.6")

    shown = {
        width: [line.split() for line in listing.printed(Console(width=width)).splitlines()]
        for width in (60, 32, 24, 10)
    }

    assert shown[60] == [["pair", "licence", "hash", "score"], ["en-ru", "CC-BY-NC-4.0", "0123456789ab", "27.6"]]
    assert shown[32] == [["pair", "licence", "score"], ["en-ru", "CC-BY-NC-4.0", "27.6"]]
    assert shown[24] == shown[10] == [["pair", "licence"], ["en-ru", "CC-BY-NC-4.0"]]


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
