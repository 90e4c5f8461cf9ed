"""`newsmt export`: all formats of small corpora, sound and damaged, and articles that are run again."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

import pipeline
from pipeline.errors import OutputError, UsageError
from pipeline.export.base import FolderFormat
from pipeline.export.registry import FORMATS
from tests.commands import newsmt
from tests.exports import PLAIN, write_units
from tests.factories import PUBLISHED, make_contents, make_story
from tests.folders import write_run

_SAMPLES = Path(__file__).parents[2] / "samples"
_FOLDERS = [one.name for one in FORMATS if isinstance(one, FolderFormat)]
_TEXTS = [one.name for one in FORMATS if not isinstance(one, FolderFormat)]
_COMMAND = [sys.executable, "-c", "from pipeline.cli.app import main; main()", "export"]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Two articles, one with two translations; 12 units of 3 pairs."""
    folder = tmp_path / "corpus"
    write_run(
        folder, make_contents(make_story(targets=("ru", "hy")), make_story("law", language="ru", targets=("en",)))
    )
    return folder


def account(*arguments: str | Path) -> Any:
    """Return the JSON in the last line of stdout."""
    return json.loads(newsmt("export", *arguments, "--json").stdout.splitlines()[-1])


def damage(corpus: Path, pair: str) -> Path:
    """Cut the file of a pair short, and return it."""
    [path] = (corpus / "bitext" / f"pair={pair}").rglob("*.parquet")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def json_lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def everything_below(path: Path) -> bytes:
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    return b"".join(file.read_bytes() for file in files)


@pytest.mark.parametrize("name", _TEXTS)
def test_a_text_goes_to_stdout_as_it_goes_into_a_file(corpus: Path, tmp_path: Path, name: str) -> None:
    result = newsmt("export", corpus, "--format", name)
    newsmt("export", corpus, "--format", name, "--output", tmp_path / "export")

    assert result.exit_code == 0
    without_time = [line for line in result.stdout_bytes.splitlines() if b"creationdate=" not in line]
    written = (tmp_path / "export").read_bytes().splitlines()
    assert without_time == [line for line in written if b"creationdate=" not in line]
    assert "бюджет" in result.stdout
    assert result.stderr == ("exported 2 articles\n" if name == "articles-jsonl" else "exported 12 units of 3 pairs\n")


@pytest.mark.parametrize("name", [one.name for one in FORMATS])
def test_each_format_is_written_and_summed_up(corpus: Path, tmp_path: Path, name: str) -> None:
    output = tmp_path / "export"

    found = account(corpus, "--format", name, "--output", output)

    assert "бюджет".encode() in everything_below(output) or name == "hf"
    assert (found["format"], found["output"], found["damaged"]) == (name, str(output), [])
    assert found["size_bytes"] == len(everything_below(output))
    if name == "articles-jsonl":
        assert found["n_articles"] == 2
    else:
        assert (found["n_units"], found["units"]) == (12, {"en-hy": 4, "en-ru": 4, "ru-en": 4})


@pytest.mark.parametrize("name", [one.name for one in FORMATS])
def test_an_empty_corpus_makes_an_empty_export_and_a_note(tmp_path: Path, name: str) -> None:
    (tmp_path / "corpus" / "bitext").mkdir(parents=True)

    result = newsmt("export", tmp_path / "corpus", "--format", name, "--output", tmp_path / "export")

    assert result.exit_code == 0
    assert (tmp_path / "export").exists()
    assert "nothing to export" in result.stderr


def test_an_empty_tmx_is_a_document(tmp_path: Path) -> None:
    (tmp_path / "corpus" / "bitext").mkdir(parents=True)
    root = etree.fromstring(newsmt("export", tmp_path / "corpus", "--format", "tmx").stdout_bytes)
    assert [child.tag for child in root] == ["header", "body"]


@pytest.mark.parametrize("name", [one.name for one in FORMATS])
def test_a_damaged_file_is_named_and_the_rest_exported(
    corpus: Path, tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = damage(corpus, "en-ru")

    result = newsmt("export", corpus, "--format", name, "--output", tmp_path / "export", "--json")

    found = json.loads(result.stdout)
    assert result.exit_code == 3
    assert [Path(file["path"]) for file in found["damaged"]] == [path]
    assert f"{path}: cannot be read" in caplog.text
    assert "damaged files that were left out, see above: 1;" in result.stderr
    assert found["n_articles"] == 2 if name == "articles-jsonl" else found["n_units"] == 8


def test_of_many_small_files_only_the_damaged_one_is_left_out(tmp_path: Path) -> None:
    for day in range(1, 10):
        path = tmp_path / "bitext" / "pair=en-ru" / f"date=2020-11-0{day}" / "0.parquet"
        path.parent.mkdir(parents=True)
        [made] = (write_units(tmp_path / "made", (f"Day {day}.", f"День {day}."))).rglob("*.parquet")
        path.write_bytes(b"no Parquet" if day == 5 else made.read_bytes())

    result = newsmt("export", tmp_path, "--format", "tsv")

    assert result.exit_code == 3
    days = [line.split("\t")[6] for line in result.stdout.splitlines()[1:]]
    assert days == [f"Day {day}." for day in range(1, 10) if day != 5]


def test_units_are_in_the_order_of_the_corpus_whatever_is_superseded(tmp_path: Path) -> None:
    for revision, n_stories in ((1, 40), (2, 20)):
        days = [PUBLISHED + timedelta(days=number) for number in range(n_stories)]
        stories = [make_story(f"{day:%d%m}", revision=revision, published_at=day) for day in days]
        write_run(tmp_path, make_contents(*stories), signature=f"run|{revision}")

    found = json_lines(newsmt("export", tmp_path, "--format", "jsonl").stdout)

    assert len(found) == 4 * 40
    places = [(unit["date"], unit["segment"]) for unit in found]
    assert places == sorted(places)
    assert sum(unit["revision"] == 2 for unit in found) == 4 * 20


def test_text_that_is_no_utf_8_is_damage(tmp_path: Path) -> None:
    write_units(tmp_path, PLAIN, pair="ru-en")
    write_units(tmp_path, ("a lone ??? surrogate", "Да."))
    [path] = (tmp_path / "bitext" / "pair=en-ru").rglob("*.parquet")
    path.write_bytes(path.read_bytes().replace(b"???", "\ud800".encode("utf-8", "surrogatepass")))

    result = newsmt("export", tmp_path, "--format", "tsv")

    assert result.exit_code == 3
    assert [line.split("\t")[4] for line in result.stdout.splitlines()] == ["source_lang", "ru"]


@pytest.mark.parametrize(
    ("options", "n_units"),
    [
        (["--pair", "en-ru"], 4),
        (["--pair", "en-ru", "--pair", "ru-en"], 8),
        (["--date", "2020-11"], 12),
        (["--date", "2021"], 0),
        (["--publisher", "Nobody"], 0),
        (["--min-quality", "0.9"], 0),
        (["--flag", "names"], 0),
        (["--without-flag", "names"], 12),
    ],
)
def test_filters_choose_units(corpus: Path, tmp_path: Path, options: list[str], n_units: int) -> None:
    found = account(corpus, *options, "--output", tmp_path / "corpus.tsv")

    assert found["n_units"] == n_units
    assert len((tmp_path / "corpus.tsv").read_text(encoding="utf-8").splitlines()) == n_units + 1


def test_superseded_units_are_exported_on_demand(tmp_path: Path) -> None:
    for revision in (1, 2):
        write_run(tmp_path / "corpus", make_contents(make_story(revision=revision)), signature=f"run|{revision}")

    latest = account(tmp_path / "corpus", "--output", tmp_path / "1.tmx")
    everything = account(tmp_path / "corpus", "--all-revisions", "--output", tmp_path / "2.tmx")

    assert (latest["n_units"], everything["n_units"]) == (4, 8)


def test_what_a_format_leaves_out_or_replaces_is_told(tmp_path: Path) -> None:
    corpus = write_units(tmp_path / "corpus", PLAIN, ("Read more", ""), ("bell \x07", "звонок \x07"))

    result = newsmt("export", corpus, "--output", tmp_path / "corpus.tmx", "--json")

    assert "left out: 1 units without a translation" in result.stderr
    assert "replaced by U+FFFD: 2 characters" in result.stderr
    found = json.loads(result.stdout)
    assert (found["n_units"], found["n_without_target"], found["n_replaced"]) == (2, 1, 2)


def test_a_packed_export_is_the_same_each_time(corpus: Path, tmp_path: Path) -> None:
    for name in ("one.tsv.gz", "other.tsv.gz"):
        newsmt("export", corpus, "--output", tmp_path / name)

    one, other = ((tmp_path / name).read_bytes() for name in ("one.tsv.gz", "other.tsv.gz"))
    assert one == other
    assert gzip.decompress(one) == newsmt("export", corpus, "--format", "tsv").stdout_bytes


def test_an_earlier_file_is_replaced_and_a_full_folder_is_not(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "corpus.tmx").write_text("earlier")
    newsmt("export", corpus, "--output", tmp_path / "corpus.tmx")
    assert (tmp_path / "corpus.tmx").read_text(encoding="utf-8").startswith("<?xml")

    newsmt("export", corpus, "--format", "moses", "--output", tmp_path / "moses")
    before = everything_below(tmp_path / "moses")
    with pytest.raises(OutputError, match="is not empty; name a new or empty folder"):
        newsmt("export", corpus, "--format", "moses", "--output", tmp_path / "moses")
    assert everything_below(tmp_path / "moses") == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "name a format with --format"),
        (["--format", "tmx", "--json"], "--json and --format tmx both write to stdout; add --output"),
        (["--format", "tmx", "--output", "-", "--json"], "both write to stdout"),
        (["--format", "moses"], "makes a folder; name a new or empty one with --output"),
        (["--format", "tmx", "--pair", "en-de"], "--pair en-de: there are no units of it, only of en-hy, en-ru, ru-en"),
        (["--format", "tmx", "--pair", "english"], "is no pair of languages"),
        (["--format", "tmx", "--flag", "wrong"], "wrong: no flag"),
        (["--format", "tmx", "--date", "yesterday"], "is no date"),
    ],
)
def test_wrong_usage_is_told(corpus: Path, options: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        newsmt("export", corpus, *options)


def test_help_names_all_formats() -> None:
    # Lines may be cut at hyphens.
    words = re.findall(r"[\w-]+", re.sub(r"-\s+", "-", newsmt("export", "--help").stdout))
    assert {one.name for one in FORMATS} <= set(words)


def test_no_corpus_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no output of newsmt here"):
        newsmt("export", tmp_path, "--format", "tmx")


@pytest.mark.parametrize("name", _TEXTS)
def test_a_reader_that_leaves_ends_the_command_quietly(tmp_path: Path, name: str) -> None:
    write_run(tmp_path / "corpus", make_contents(*(make_story(f"budget {number}") for number in range(400))))
    reader, writer = os.pipe()
    os.close(reader)

    done = subprocess.run(
        [*_COMMAND, str(tmp_path / "corpus"), "--format", name],
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
        timeout=120,
        env={**os.environ, "LC_ALL": "C"},
    )
    os.close(writer)

    assert (done.returncode, done.stderr) == (1, b"")


def test_a_full_disk_is_one_line(corpus: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*_COMMAND, str(corpus), "--format", "tmx"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=120,
            env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
        )
    assert done.returncode == 1
    [line] = done.stderr.decode().splitlines()
    assert "standard output: cannot be written (No space left on device)" in line


def test_the_locale_has_no_say_in_what_is_written(corpus: Path) -> None:
    done = subprocess.run(
        [*_COMMAND, str(corpus), "--format", "tsv"],
        capture_output=True,
        check=True,
        timeout=120,
        env={**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
    )
    assert "Խորհրդարանն ընդունեց բյուջեն" in done.stdout.decode()


@pytest.mark.slow
def test_exported_articles_are_run_again_as_the_same_articles(tmp_path: Path) -> None:
    pipeline.run([_SAMPLES], to=["en", "ru", "hy"], out=tmp_path / "first", models="demo")
    newsmt("export", tmp_path / "first", "--format", "articles-jsonl", "--output", tmp_path / "articles.jsonl.gz")

    pipeline.run([tmp_path / "articles.jsonl.gz"], to=["en", "ru", "hy"], out=tmp_path / "second", models="demo")

    # Of another run, read at another time, from another file.
    others = {"run_id", "ingested_at", "source_uri", "from_memory", "date"}
    for table in ("articles", "units"):
        first, second = (rows_of(tmp_path / name, table, others) for name in ("first", "second"))
        assert first == second
        assert len(first) >= 12


def rows_of(folder: Path, table: str, others: set[str]) -> list[dict[str, Any]]:
    """Return the rows of a corpus without some columns, in an order of their own."""
    with pipeline.open(folder) as corpus:
        rows = [row._asdict() for row in getattr(corpus, table)()]
    kept = [{name: value for name, value in row.items() if name not in others} for row in rows]
    return sorted(kept, key=lambda row: (row["article_id"], row.get("target_lang", ""), row.get("segment", 0)))
