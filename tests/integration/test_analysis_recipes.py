"""The recipes of docs/analysis.md, each run as it stands there, on a generated corpus and on one of the demo models."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from statistics import fmean, median
from typing import Any

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest

from tests.bench.large_corpus import CorpusWriter, Size
from tests.commands import newsmt

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "analysis.md"
SPARK = "NEWSMT_SPARK_PYTHON"
"""Names the Python that has pyspark, where this one has not."""

_RECIPE = re.compile(r"^<!-- recipe: ([\w-]+) -->\n```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    language: str
    code: str


@cache
def recipes() -> dict[str, Recipe]:
    found = _RECIPE.findall(PAGE.read_text("utf-8"))
    return {name: Recipe(language=language, code=code) for name, language, code in found}


def names_of(language: str) -> list[str]:
    return [name for name, recipe in recipes().items() if recipe.language == language]


def run_python(name: str) -> dict[str, Any]:
    """Run a recipe in the current folder, and return its variables."""
    names: dict[str, Any] = {}
    exec(compile(recipes()[name].code, name, "exec", dont_inherit=True), names)  # noqa: S102 - what the page says
    return names


def run_sql(name: str) -> list[dict[str, Any]]:
    """Run a recipe on the views, and return the rows of its last statement."""
    with duckdb.connect() as connection:
        connection.execute(recipes()["latest"].code)
        found = connection.execute(recipes()[name].code)
        columns = [column[0] for column in found.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def read_rows(corpus: Path, table: str) -> list[Row]:
    """Return all rows with the columns that folders' names hold."""
    rows: list[Row] = []
    for path in sorted((corpus / table).rglob("*.parquet")):
        parts = dict(part.split("=", 1) for part in path.parts if "=" in part)
        rows += [{**row, **parts} for row in pq.ParquetFile(path).read().to_pylist()]
    return rows


def latest_of(units: Sequence[Row]) -> list[Row]:
    """Return the units that count, by the rule as README.md has it."""
    last: dict[tuple[str, str], tuple[int, str]] = {}
    for unit in units:
        key = unit["article_id"], unit["target_lang"]
        last[key] = max(last.get(key, (0, "")), (unit["revision"], unit["run_id"]))
    return [
        unit for unit in units if (unit["revision"], unit["run_id"]) == last[unit["article_id"], unit["target_lang"]]
    ]


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generated") / "corpus"
    CorpusWriter(folder, Size(n_articles=240, n_months=4)).write()
    return folder


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples, two of them translated a second time in another way, one as a new revision."""
    folder = tmp_path_factory.mktemp("demo") / "corpus"
    changed = folder.parent / "changed.jsonl"
    briefs = [json.loads(line) for line in (ROOT / "samples" / "briefs.jsonl").read_text("utf-8").splitlines()]
    more = ["Переговоры в Париже продолжатся в понедельник."]
    changed.write_text(json.dumps(briefs[0] | {"paragraphs": briefs[0]["paragraphs"] + more}), "utf-8")
    options = ("--models", "demo", "--to", "en", "--to", "ru", "--to", "hy", "--out", folder)
    for arguments in ((ROOT / "samples",), (ROOT / "samples" / "en", "--raw"), (changed,)):
        assert newsmt("run", *arguments, *options).exit_code == 0
    return folder


@pytest.fixture
def corpus(generated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The generated corpus as `corpus` in the current folder, where recipes look for it and write to."""
    return _at(generated, tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def units(generated: Path) -> list[Row]:
    return read_rows(generated, "bitext")


@pytest.fixture(scope="module")
def latest(units: list[Row]) -> list[Row]:
    return latest_of(units)


@pytest.fixture(scope="module")
def about(generated: Path) -> dict[tuple[str, int], Row]:
    """The row of each revision, as the latest run wrote it."""
    rows = sorted(read_rows(generated, "articles"), key=lambda row: row["run_id"])
    return {(row["article_id"], row["revision"]): row for row in rows}


def _at(corpus: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (folder / "corpus").symlink_to(corpus)
    monkeypatch.chdir(folder)
    return folder / "corpus"


def article_of(unit: Row, about: Mapping[tuple[str, int], Row]) -> Row:
    return about[unit["article_id"], unit["revision"]]


def test_corpus_has_what_recipes_are_about(
    units: list[Row], latest: list[Row], about: dict[tuple[str, int], Row]
) -> None:
    assert {unit["revision"] for unit in latest} == {1, 2}
    assert len({unit["unit_id"] for unit in units if unit["revision"] == 1}) < sum(u["revision"] == 1 for u in units)
    assert any(article["duplicate_of"] for article in about.values())
    assert len(latest) < len(units)


def test_each_block_of_the_page_is_a_recipe_or_is_said_to_be_none() -> None:
    n_blocks = len(re.findall(r"^```\w+$", PAGE.read_text("utf-8"), re.MULTILINE))

    # The one that needs packages of R is not run.
    assert len(recipes()) == n_blocks - 1 >= 18


@pytest.mark.usefixtures("corpus")
class TestRecipes:
    def test_iterate(self, latest: list[Row]) -> None:
        expected: Counter[str] = Counter()
        for unit in latest:
            if unit["pair"] == "en-ru" and (unit["quality"] or 0) >= 0.8:
                expected.update(unit["target_text"].lower().split())

        assert run_python("iterate")["words"] == expected

    def test_pandas(self, latest: list[Row]) -> None:
        result = run_python("pandas")["result"]

        for key in {(unit["pair"], unit["kind"]) for unit in latest}:
            own = [u["quality"] for u in latest if (u["pair"], u["kind"]) == key and u["quality"] is not None]
            assert tuple(result.loc[key]) == (len(own), pytest.approx(fmean(own)))

    def test_worst(self, latest: list[Row]) -> None:
        there = [u for u in latest if u["quality"] is not None and "untranslated" not in u["flags"]]
        expected = sorted((unit["quality"], unit["unit_id"]) for unit in there)[:20]

        assert [row[:2] for row in run_python("worst")["result"]] == expected

    def test_reconstruct(self, latest: list[Row]) -> None:
        names = run_python("reconstruct")
        own = [
            unit
            for unit in latest
            if (unit["article_id"], unit["target_lang"]) == (names["article"].article_id, names["target"])
        ]

        assert own
        assert all(names["text"][unit["target_start"] : unit["target_end"]] == unit["target_text"] for unit in own)
        paragraphs = groupby(own, key=lambda unit: unit["paragraph"])
        assert names["text"] == "\n\n".join(" ".join(u["target_text"] for u in group) for _, group in paragraphs)

    def test_latest(self, latest: list[Row], about: dict[tuple[str, int], Row]) -> None:
        with duckdb.connect() as connection:
            connection.execute(recipes()["latest"].code)
            found = connection.execute("SELECT unit_id, run_id, pair, date FROM units").fetchall()
            articles = connection.execute("SELECT article_id, revision, run_id FROM articles").fetchall()

        assert sorted(found) == sorted((u["unit_id"], u["run_id"], u["pair"], u["date"]) for u in latest)
        assert sorted(articles) == sorted((*key, row["run_id"]) for key, row in about.items())

    def test_quality_by_month(self, latest: list[Row], about: dict[tuple[str, int], Row]) -> None:
        groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for unit in latest:
            groups[article_of(unit, about)["publisher"], unit["date"][:7]].append(unit)
        found = run_sql("quality-by-month")

        assert {(row["publisher"], row["month"]): row["n_units"] for row in found} == {
            key: len(group) for key, group in groups.items()
        }
        for row in found:
            own = groups[row["publisher"], row["month"]]
            qualities = [unit["quality"] for unit in own if unit["quality"] is not None]
            assert row["mean"] == pytest.approx(fmean(qualities))
            assert row["median"] == pytest.approx(median(qualities))
            assert row["with_flags"] == pytest.approx(fmean(bool(unit["flags"]) for unit in own))

    def test_flags_by_model(self, latest: list[Row]) -> None:
        n_units = Counter("+".join(unit["models"]) for unit in latest)
        n_flags = Counter(("+".join(u["models"]), flag) for u in latest if u["models"] for flag in u["flags"])
        found = run_sql("flags-by-model")

        assert {(row["model"], row["flag"]): row["n"] for row in found} == n_flags
        assert all(row["per_thousand"] == pytest.approx(1000 * row["n"] / n_units[row["model"]]) for row in found)

    def test_term_over_time(self, latest: list[Row]) -> None:
        texts = {
            (unit["date"][:7], unit["article_id"], unit["segment"], unit["source_text"])
            for unit in latest
            if unit["source_lang"] == "en"
        }
        words: dict[str, list[str]] = defaultdict(list)
        for month, _, _, text in texts:
            words[month] += re.findall(r"[^\W\d_]+", text.lower())
        expected = {month: sum(word in ("minister", "ministers") for word in own) for month, own in words.items()}
        found = run_sql("term-over-time")

        assert {row["month"]: row["n"] for row in found} == expected
        assert {row["month"]: row["n_words"] for row in found} == {month: len(own) for month, own in words.items()}
        assert sum(expected.values()) > 10

    def test_sample(self, latest: list[Row]) -> None:
        found = run_sql("sample")
        quality_of = {unit["unit_id"]: unit["quality"] for unit in latest}

        assert set(Counter((row["pair"], row["layer"]) for row in found).values()) == {10}
        assert {row["pair"] for row in found} == {unit["pair"] for unit in latest}
        for pair in {row["pair"] for row in found}:
            layers = [[quality_of[r["unit_id"]] for r in found if (r["pair"], r["layer"]) == (pair, n)] for n in (1, 5)]
            assert max(layers[0]) < min(layers[1])

    def test_sample_does_not_depend_on_the_files(self, corpus: Path, tmp_path: Path) -> None:
        expected = run_sql("sample")
        merged = tmp_path / "merged"
        for pair in sorted(path.name for path in (corpus / "bitext").iterdir()):
            rows = pl.read_parquet(corpus / "bitext" / pair / "*" / "*.parquet", hive_partitioning=True).reverse()
            for (day,), own in rows.group_by("date"):
                file = merged / "bitext" / pair / f"date={day}" / "0.parquet"
                file.parent.mkdir(parents=True)
                own.drop("date", "pair").write_parquet(file)
        (merged / "articles").symlink_to(corpus.resolve() / "articles")
        corpus.unlink()
        corpus.symlink_to(merged)

        assert run_sql("sample") == expected

    def test_two_runs(self, units: list[Row]) -> None:
        by_unit: dict[str, list[Row]] = defaultdict(list)
        for unit in units:
            by_unit[unit["unit_id"]].append(unit)
        twice = [sorted(own, key=lambda u: u["run_id"]) for own in by_unit.values() if len(own) == 2]
        expected = Counter((old["run_id"], new["run_id"]) for old, new in twice)
        changed = Counter(
            (old["run_id"], new["run_id"]) for old, new in twice if old["target_text"] != new["target_text"]
        )
        found = run_sql("two-runs")

        assert {(row["before"], row["after"]): row["n_units"] for row in found} == expected
        assert {(r["before"], r["after"]): r["n_changed"] for r in found if r["n_changed"]} == changed

    def test_near_duplicates(self, latest: list[Row], about: dict[tuple[str, int], Row]) -> None:
        original = [unit for unit in latest if article_of(unit, about)["duplicate_of"] is None]

        assert run_sql("near-duplicates") == [{"n_units": len(latest), "n_original": len(original)}]
        assert len(original) < len(latest)

    def test_training_set(self, latest: list[Row], about: dict[tuple[str, int], Row], tmp_path: Path) -> None:
        run_sql("training-set")
        train, test = ({(r["source"], r["target"]) for r in pq.read_table(tmp_path / f"{name}.parquet").to_pylist()}
                       for name in ("train", "test"))  # fmt: skip
        good = [
            unit
            for unit in latest
            if unit["pair"] == "en-ru"
            and (unit["quality"] or 0) >= 0.8
            and not unit["flags"]
            and not article_of(unit, about)["duplicate_of"]
        ]
        best: dict[str, float] = {}
        for unit in good:
            best[unit["source_text"]] = max(best.get(unit["source_text"], 0), unit["quality"])
        texts = {(u["source_text"], u["target_text"]) for u in good if u["quality"] == best[u["source_text"]]}

        assert train | test <= texts
        assert {source for source, _ in train | test} == set(best)
        assert not {source for source, _ in train} & {source for source, _ in test}
        assert 0 < len(test) < len(train) / 10

    def test_context(self, latest: list[Row]) -> None:
        worst = min((u for u in latest if u["score"] is not None), key=lambda unit: (unit["quality"], unit["unit_id"]))
        expected = sorted(
            (unit["segment"], unit["unit_id"] == worst["unit_id"], unit["source_text"], unit["target_text"])
            for unit in latest
            if (unit["article_id"], unit["target_lang"]) == (worst["article_id"], worst["target_lang"])
            and abs(unit["segment"] - worst["segment"]) <= 2
        )

        assert [tuple(row.values()) for row in run_sql("context")] == expected

    def test_spans(self) -> None:
        assert run_sql("spans") == [{"n_wrong": 0}]

    def test_length_outliers(self, latest: list[Row]) -> None:
        found = {tuple(row) for row in run_python("length-outliers")["result"].rows()}

        assert len(found) == pytest.approx(0.02 * len(latest), rel=0.1)
        for pair in {unit["pair"] for unit in latest}:
            odd = [row[1] for row in found if row[0] == pair]
            usual = [
                u["check_length_ratio"]
                for u in latest
                if u["pair"] == pair
                and (pair, u["check_length_ratio"], u["source_text"], u["target_text"]) not in found
            ]
            assert all(ratio < min(usual) or ratio > max(usual) for ratio in odd)

    def test_metadata(self, latest: list[Row], about: dict[tuple[str, int], Row]) -> None:
        found = run_python("metadata")["result"]
        columns = ("article_id", "revision", "publisher", "section", "title", "target_text")
        expected = Counter(
            tuple((article_of(unit, about) | unit)[name] for name in columns)  # type: ignore[operator]
            for unit in latest
        )

        assert Counter(found.select(columns).rows()) == expected

    @pytest.mark.slow
    def test_spark(self, latest: list[Row]) -> None:
        python = _spark_python()
        code = recipes()["spark"].code + "\nimport json\nprint(json.dumps([row.asDict() for row in result]))\n"
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True, timeout=300)
        found = {row["pair"]: row for row in json.loads(done.stdout.splitlines()[-1])}

        assert {pair: row["n_units"] for pair, row in found.items()} == Counter(unit["pair"] for unit in latest)
        for pair, row in found.items():
            own = [u["quality"] for u in latest if u["pair"] == pair and u["quality"] is not None]
            assert row["quality"] == pytest.approx(fmean(own))

    def test_r(self, latest: list[Row]) -> None:
        if not (rscript := shutil.which("Rscript")):
            pytest.skip("needs Rscript, which Debian has as r-base-core")
        assert newsmt(*shlex.split(recipes()["r-export"].code)[1:]).exit_code == 0
        code = (
            recipes()["r"].code + '\ncat(sprintf("%s %s %.9f\\n", result[[1]], result[[2]], result[[3]]), sep = "")\n'
        )
        done = subprocess.run([rscript, "-e", code], capture_output=True, text=True, check=True, timeout=120)
        lines = [line.split() for line in done.stdout.splitlines()[-6:]]

        groups: dict[tuple[str, str], list[float]] = defaultdict(list)
        for unit in latest:
            if unit["quality"] is not None and unit["target_text"]:
                groups[unit["source_lang"], unit["target_lang"]].append(unit["quality"])
        assert {(source, target): float(mean) for source, target, mean in lines} == {
            key: pytest.approx(fmean(own)) for key, own in groups.items()
        }


def _spark_python() -> str:
    """Return the Python that has pyspark; skip where there is none, or no Java."""
    python = os.environ.get(SPARK, sys.executable)
    has_spark = subprocess.run([python, "-c", "import pyspark"], capture_output=True, check=False).returncode == 0
    if not has_spark or not shutil.which("java"):
        pytest.skip(f"needs pyspark (in the Python that {SPARK} names) and java")
    return python


@pytest.fixture
def demo_folder(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return _at(demo, tmp_path, monkeypatch)


@pytest.mark.usefixtures("demo_folder")
@pytest.mark.parametrize("name", names_of("sql"))
def test_sql_runs_on_what_models_made(name: str) -> None:
    if name == "latest":
        name = "near-duplicates"

    assert run_sql(name)


@pytest.mark.usefixtures("demo_folder")
@pytest.mark.parametrize("name", [name for name in names_of("python") if name != "spark"])
def test_python_runs_on_what_models_made(name: str) -> None:
    names = run_python(name)

    result = next(names[key] for key in ("result", "text", "words") if key in names)
    assert len(result) > 0


def test_runs_of_the_demo_corpus_are_compared(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _at(demo, tmp_path, monkeypatch)

    rows = run_sql("two-runs")

    twice = Counter(unit["unit_id"] for unit in read_rows(demo, "bitext"))
    assert sum(row["n_units"] for row in rows) == sum(n == 2 for n in twice.values()) > 0


def test_latest_rows_of_the_demo_corpus(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _at(demo, tmp_path, monkeypatch)
    units = read_rows(demo, "bitext")

    assert run_sql("near-duplicates")[0]["n_units"] == len(latest_of(units)) < len(units)
    assert run_sql("spans") == [{"n_wrong": 0}]
