"""`newsmt eval`: the demo models on sentences of the news-brief language, and the units of corpora."""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import InputError, ModelError, OutputError, UsageError
from pipeline.evaluation import hypotheses, translation
from pipeline.newsbrief.generate import load_grammar
from pipeline.newsbrief.held_out import held_out_briefs
from tests.commands import newsmt
from tests.factories import make_contents, make_story
from tests.folders import write_run
from tests.tiny_package import TinyPackage

N_LINES = 40
_GUARDED = """
import sys
if {is_missing}:
    sys.modules["sacrebleu"] = None
def refuse(event, arguments):
    if event.startswith("socket."):
        raise SystemExit(f"{{event}} {{arguments}}")
sys.addaudithook(refuse)
from pipeline.cli.app import main
main()
"""


@pytest.fixture(scope="module")
def briefs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same sentences in each language, one a line; the third one is blank."""
    folder = tmp_path_factory.mktemp("briefs")
    found = held_out_briefs(load_grammar(), n=N_LINES - 1)
    files = {}
    for language in ("en", "ru", "hy"):
        lines = [getattr(brief, language) for brief in found]
        files[language] = folder / f"news.{language}"
        files[language].write_text("".join(f"{line}\n" for line in [*lines[:2], "", *lines[2:]]), encoding="utf-8")
    return files


@pytest.fixture(scope="module")
def two_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two packages for en-ru: one that ends soon, one that never does."""
    folder = tmp_path_factory.mktemp("models")
    TinyPackage(source="en", target="ru", version="1.1", end_bias=6.0).build(folder)
    TinyPackage(source="en", target="ru", version="1.0", end_bias=-30, seed=2).build(folder)
    return folder


def answer(*arguments: str | Path) -> Any:
    """Return the JSON in the last line of stdout."""
    return json.loads(newsmt("eval", *arguments, "--json").stdout.splitlines()[-1])


def options(briefs: dict[str, Path], pair: str, models: str | Path = "demo") -> tuple[str | Path, ...]:
    source, target = pair.split("-")
    return ("--source", briefs[source], "--reference", briefs[target], "--pair", pair, "--models", models)


@pytest.mark.parametrize(("pair", "steps"), [("en-ru", ["en_ru"]), ("hy-ru", ["hy_en", "en_ru"])])
def test_demo_models_translate_what_they_were_made_for(briefs: dict[str, Path], pair: str, steps: list[str]) -> None:
    found = answer(*options(briefs, pair))

    [model] = found["models"]
    scores = {score["name"]: score["score"] for score in model["scores"]}
    assert (found["pair"], found["n_lines"], found["n_blank"]) == (pair, N_LINES, 1)
    assert [label.partition("@")[0] for label in model["models"]] == steps
    assert scores["BLEU"] > 90
    assert scores["chrF2"] > 95
    assert (model["n_lines"], model["n_units"]) == (N_LINES, N_LINES - 1)
    assert model["n_tokens"] > model["n_words"] * len(steps)
    assert 0.5 < model["mean_quality"] <= 1
    assert model["words_per_s"] > 0


def test_people_get_a_table_and_the_signatures(briefs: dict[str, Path]) -> None:
    shown = newsmt("eval", *options(briefs, "en-ru"), "--bootstrap", "200", "--limit", "20")

    head, row, _, *_, bleu, chrf = shown.stdout.splitlines()
    assert " ".join(head.split()) == "model BLEU chrF score quality units tokens words/s tried again"
    assert re.match(r"en_ru@1\.0#[0-9a-f]{12} +[\d.]+ ±[\d.]+ +[\d.]+ ±[\d.]+ +-0\.\d{3} ", row)
    assert bleu.startswith("BLEU nrefs:1|bs:200|seed:12345|case:mixed|eff:no|tok:13a|")
    assert chrf.startswith("chrF2 nrefs:1|bs:200|")
    assert "flags per 1,000 units" in shown.stdout
    assert re.search(r"^en_ru@1\.0#\w+: 20 lines, model 1 of 1$", shown.stderr, re.MULTILINE)


def test_all_models_of_a_pair_are_compared(two_models: Path, briefs: dict[str, Path]) -> None:
    found = answer(*options(briefs, "en-ru", two_models), "--beam", "1", "--limit", "4")["models"]
    one = answer(*options(briefs, "en-ru", two_models), "--beam", "1", "--limit", "4", "--model", "en_ru@1.0")["models"]

    assert [model["models"][0].partition("#")[0] for model in found] == ["en_ru@1.1", "en_ru@1.0"]
    assert [model["models"] for model in one] == [found[1]["models"]]
    assert one[0]["scores"] == found[1]["scores"]
    assert found[1]["flags_per_thousand"]["truncated"] == 1000


def test_raw_shows_what_the_models_say_without_second_tries(two_models: Path, briefs: dict[str, Path]) -> None:
    arguments = (*options(briefs, "en-ru", two_models), "--model", "en_ru@1.0", "--beam", "1", "--limit", "4")

    [usual], [raw] = (answer(*arguments, *more)["models"] for more in ((), ("--raw",)))

    assert sum(usual["retries"].values()) == usual["n_units"]
    assert raw["retries"] == {}
    assert raw["n_tokens"] < usual["n_tokens"]


def test_terms_of_a_glossary_are_looked_for(two_models: Path, tmp_path: Path) -> None:
    source, glossary = tmp_path / "en.txt", tmp_path / "glossary.csv"
    source.write_text("The parliament of Armenia voted on Monday.\nThe vote took place in Paris.\n", encoding="utf-8")
    glossary.write_text("source,target,pair\nArmenia,Армения,en-ru\n", encoding="utf-8")
    arguments = ("--source", source, "--pair", "en-ru", "--models", two_models, "--model", "en_ru@1.1")

    [model] = answer(*arguments, "--glossary", glossary)["models"]

    assert model["flags_per_thousand"]["glossary"] == 500


def test_hypotheses_are_written_line_by_line(briefs: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "new" / "hypotheses"

    newsmt("eval", *options(briefs, "en-ru"), "--output-hypotheses", folder)

    [file] = folder.iterdir()
    lines = file.read_text(encoding="utf-8").splitlines()
    assert re.fullmatch(r"en_ru@1\.0#[0-9a-f]{12}\.ru\.txt", file.name)
    assert (lines[2], len(lines)) == ("", N_LINES)


def test_a_line_is_one_segment_and_one_too_long_is_flagged(two_models: Path, tmp_path: Path) -> None:
    source = tmp_path / "en.txt"
    source.write_text(f"{'The vote took place in Paris. ' * 3}\n{'vote ' * 800}\n12,500\n", encoding="utf-8")

    [model] = answer("--source", source, "--pair", "en-ru", "--models", two_models, "--model", "en_ru@1.1")["models"]

    assert (model["n_units"], model["n_copied"], model["scores"]) == (3, 1, [])
    assert model["flags_per_thousand"]["truncated"] == pytest.approx(1000 / 3, abs=1e-3)


def test_many_lines_are_translated_in_parts(
    briefs: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    newsmt("eval", *options(briefs, "en-ru"), "--output-hypotheses", whole)
    monkeypatch.setattr(translation, "LINES_AT_ONCE", 7)

    newsmt("eval", *options(briefs, "en-ru"), "--output-hypotheses", parts)

    assert [file.read_bytes() for file in parts.iterdir()] == [file.read_bytes() for file in whole.iterdir()]


@pytest.mark.parametrize(
    ("arguments", "error", "expected"),
    [
        pytest.param(
            [], UsageError, "name either an output folder, or a file to translate with --source", id="nothing"
        ),
        pytest.param(["out", "--source", "en"], UsageError, "name either an output folder", id="both"),
        pytest.param(
            ["out", "--beam", "2", "--limit", "3"], UsageError, "--beam, --limit: not with an output", id="out"
        ),
        pytest.param(["out", "--reference", "en"], UsageError, "--reference: not with an output folder", id="ref"),
        pytest.param(["--source", "en", "--worst", "3"], UsageError, "--worst: not with --source", id="worst"),
        pytest.param(["--source", "en"], UsageError, "name the pair of the files", id="no-pair"),
        pytest.param(["--source", "en", "--pair", "en"], UsageError, "'en' is no pair of languages", id="half-a-pair"),
        pytest.param(["--source", "en", "--pair", "en-ru", "--beam", "0"], UsageError, "beam is 0", id="beam"),
        pytest.param(
            ["--source", "en", "--pair", "en-ru", "--bootstrap", "100"],
            UsageError,
            "need a --reference",
            id="bootstrap",
        ),
        pytest.param(["--source", "en", "--pair", "en-ru"], InputError, "en: cannot be read (No such file", id="file"),
        pytest.param(["nowhere"], OutputError, "no output of newsmt here", id="folder"),
    ],
)
def test_wrong_use_is_told(
    arguments: list[str], error: type[Exception], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(error, match=re.escape(expected)):
        newsmt("eval", *arguments)


def test_missing_model_names_the_command_that_gets_one(briefs: dict[str, Path]) -> None:
    with pytest.raises(ModelError, match=r"'installed' has no model for en-ru; get one: newsmt models install en-ru"):
        newsmt("eval", "--source", briefs["en"], "--pair", "en-ru")


def test_folder_that_cannot_be_written_is_told_before_the_work(briefs: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(OutputError, match=r"cannot be written .*choose another --output-hypotheses"):
        newsmt("eval", *options(briefs, "en-ru"), "--output-hypotheses", tmp_path / "file")


def test_disk_that_fails_at_the_end_is_told(
    briefs: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(hypotheses, "replace_synced", fail)

    with pytest.raises(OutputError, match=r"\.ru\.txt: cannot be written \(No space left on device\)"):
        newsmt("eval", *options(briefs, "en-ru"), "--limit", "2", "--output-hypotheses", tmp_path)


def test_damaged_package_is_left_out_with_a_warning(briefs: dict[str, Path], tmp_path: Path) -> None:
    TinyPackage(source="en", target="ru").build(tmp_path)
    broken = TinyPackage(source="en", target="ru", seed=2).build(tmp_path)
    (broken / "model" / "model.bin").unlink()

    shown = newsmt("eval", *options(briefs, "en-ru", tmp_path), "--limit", "2")

    assert "newsmt: warning: " in shown.stderr
    assert "model 1 of 1" in shown.stderr


def guarded(*arguments: str | Path, is_missing: bool = False) -> subprocess.CompletedProcess[str]:
    """Run the command where sockets, and where wanted sacrebleu, are not to be had."""
    return subprocess.run(
        [sys.executable, "-c", _GUARDED.format(is_missing=is_missing), *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        env=os.environ,
        timeout=120,
        check=False,
    )


def test_missing_extra_is_named_with_its_command(briefs: dict[str, Path]) -> None:
    refused = guarded("eval", *options(briefs, "en-ru"), is_missing=True)
    without = guarded(
        "eval", "--source", briefs["en"], "--pair", "en-ru", "--models", "demo", "--limit", "3", is_missing=True
    )

    assert refused.returncode == 2
    assert 'sacrebleu not installed, which scores need: pip install "newsmt[eval]"' in refused.stderr
    assert "Traceback" not in refused.stderr
    assert without.returncode == 0, without.stderr
    assert without.stdout.split()[:3] == ["model", "score", "quality"]


def test_scores_open_no_socket(briefs: dict[str, Path]) -> None:
    done = guarded("eval", *options(briefs, "en-ru"), "--limit", "3", "--json")

    assert done.returncode == 0, done.stderr


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    write_run(folder, make_contents(make_story("a", targets=("ru", "hy")), make_story("b")))
    return folder


def test_corpus_is_shown_by_pair(out: Path) -> None:
    lines = [line.split() for line in newsmt("eval", out, "--worst", "1").stdout.splitlines()]

    assert " ".join(lines[0]) == "pair model units articles score quality median copied memory tried again"
    assert lines[1] == ["en-hy", "en_hy@1.9#0123456789ab", *["4", "1", "-0.250", "0.779", "0.779", "0.0%", "0.0%", "0"]]
    assert lines[2] == ["en-ru", "en_ru@1.9#0123456789ab", *["8", "2", "-0.250", "0.779", "0.779", "0.0%", "0.0%", "0"]]
    assert ["en-ru", "en_ru@1.9#0123456789ab", "none"] in lines
    assert lines[-3][:1] == ["0.7788"]
    assert lines[-3][3:] == ["no", "flags"]


def test_second_tries_and_the_flags_of_each_model_are_shown(tmp_path: Path) -> None:
    story = make_story()
    first, second, *others = story.translated[0].units
    tried = first._replace(retry="beam", flags=("numbers",), quality=0.1)
    copied = second._replace(score=None, models=(), quality=1.0)
    translated = replace(story.translated[0], units=(tried, copied, *others))
    write_run(tmp_path / "out", make_contents(replace(story, translated=(translated,))))

    lines = newsmt("eval", tmp_path / "out", "--worst", "1").stdout.splitlines()

    assert [line.split()[:3] for line in lines[1:4]] == [
        ["en-ru", "all", "4"],
        ["en-ru", "copied", "1"],
        ["en-ru", "en_ru@1.9#0123456789ab", "3"],
    ]
    assert [line.split()[2:] for line in lines[6:9]] == [["numbers", "250.0"], ["none"], ["numbers", "333.3"]]
    assert "en-ru tried again: beam 1" in lines
    assert lines[-3:] == [
        f"0.1000  en-ru  {first.unit_id}  numbers",
        f"        {first.source_text}",
        f"        {first.target_text}",
    ]


def test_corpus_as_json_is_one_line(out: Path) -> None:
    found = answer(out, "--pair", "en-ru", "--worst", "3")

    assert [(one["pair"], one["n_units"], one["n_articles"]) for one in found["pairs"]] == [("en-ru", 8, 2)]
    # Both articles say the same.
    assert len({unit["source_text"] for unit in found["worst"]}) == len(found["worst"]) == 3


def test_corpus_without_units_is_told(tmp_path: Path) -> None:
    write_run(tmp_path / "out")

    assert newsmt("eval", tmp_path / "out").stdout == "no units here yet\n"


def test_run_of_the_demo_models_is_evaluated_with_its_models(briefs: dict[str, Path], tmp_path: Path) -> None:
    article = tmp_path / "news.txt"
    article.write_text(briefs["en"].read_text(encoding="utf-8").replace("\n", "\n\n"), encoding="utf-8")
    newsmt("run", article, "--models", "demo", "--to", "ru", "--out", tmp_path / "out")

    [pair] = answer(tmp_path / "out")["pairs"]

    assert pair["pair"] == "en-ru"
    assert pair["n_units"] >= N_LINES - 1
    assert [model["model"].partition("@")[0] for model in pair["models"]] == ["en_ru"]
