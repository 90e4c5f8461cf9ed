"""`newsmt stats`: what people and programs get, and what becomes of wrong use."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import OutputError, UsageError
from tests.commands import newsmt
from tests.factories import make_contents, make_story
from tests.folders import write_run
from tests.stats_corpus import Text, write_corpus


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    write_run(folder, make_contents(make_story("a", targets=("ru", "hy")), make_story("b")))
    return folder


def answer(*arguments: str | Path) -> Any:
    """Return the JSON in the last line of stdout."""
    return json.loads(newsmt("stats", *arguments, "--json").stdout.splitlines()[-1])


def cells(line: str) -> list[str]:
    return re.split(r" {2,}", line.strip())


def test_all_sections_are_shown(out: Path) -> None:
    shown = newsmt("stats", out, "--top", "2")

    lines = [cells(line) for line in shown.stdout.splitlines()]
    assert shown.exit_code == 0
    assert shown.stderr == ""
    assert lines[0] == ["language", "articles", "units", "sentences", "source words", "types", "target words", "types"]
    assert lines[1] == ["en", "2", "12", "8", "42", "16", "0", "0"]
    assert ["all", "2", "12", "8", "42", "16", "55", "28"] in lines
    assert ["en-ru", "2", "8", "8", "42", "16", "38", "14"] in lines
    assert ["Example", "2", "12", "8", "42", "16", "55", "28"] in lines
    assert ["2020-11", "2", "12", "8", "42", "16", "55", "28"] in lines
    assert ["quality", "units", "mean", "least", "5%", "25%", "median", "75%", "95%", "most"] in lines
    assert ["0.7", "0.8", "12", "100.0%", "█" * 30] in lines
    assert ["(no flag)", "12", "1,000.0", "1,000.0", "1,000.0"] in lines
    assert ["the", "6", "6", "0", "142,857.1", "█" * 30] in lines


def test_json_is_one_line_with_everything(out: Path) -> None:
    found = answer(out, "--top", "1")

    assert list(found) == ["n_units", "overview", "lengths", "quality", "flags", "words", "damaged"]
    assert found["n_units"] == 12
    assert found["overview"]["by_pair"][0]["pair"] == "en-hy"
    assert found["quality"]["total"]["quantiles"]["0.5"] == 0.7788
    assert found["words"]["en"][0]["word"] == "the"


def test_only_some_sections_are_shown(out: Path) -> None:
    shown = newsmt("stats", out, "--only", "flags", "--only", "quality").stdout

    assert shown.startswith("quality ")
    assert "flag " in shown
    assert "language" not in shown
    assert "words of" not in shown


def test_word_is_told_of(out: Path) -> None:
    shown = newsmt("stats", out, "--word", "Parliament", "--only", "frequency", "--only", "collocates").stdout
    found = answer(out, "--word", "Parliament", "--window", "1", "--only", "collocates")["word"]

    assert shown.startswith("parliament (en): 4 times, 4 in sources, 0 in targets; 95,238.1 per million words\n")
    assert ["2020-11", "4", "4", "0", "95,238.1", "█" * 30] in [cells(line) for line in shown.splitlines()]
    assert (found["word"], found["collocates"]["window"], found["frequency"]) == ("parliament", 1, None)


def test_translations_are_shown_with_their_shares(tmp_path: Path) -> None:
    texts = [
        Text(source="bank" if n % 2 else "vote", targets={"ru": "банк" if n % 2 else "выборы"}, article=str(n))
        for n in range(400)
    ]
    folder = write_corpus(tmp_path / "out", texts)

    shown = newsmt("stats", folder, "--word", "bank", "--only", "translations").stdout
    [found] = answer(folder, "--word", "банк", "--only", "translations", "--align-units", "300")["word"]["translations"]

    assert ["банк", "200", "100.0%", "█" * 30] in [cells(line) for line in shown.splitlines()]
    assert "en-ru: 200 of 200 occurrences are linked, in 200 of the 200 units that have it" in shown
    assert "aligned with 400 units only: much of this is chance" in shown
    assert (found["pair"], found["side"], found["n_sampled"], found["n_aligned"]) == ("en-ru", "target", 300, 150)
    assert found["variants"][0]["text"] == "bank"
    assert len(found["variants"][0]["unit_ids"]) == 3


def test_missing_aligner_is_told_on_stderr_beside_the_rest(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "eflomal", None)

    shown = newsmt("stats", out, "--word", "budget")

    assert shown.exit_code == 0
    assert "pip install 'newsmt[align]'" in shown.stderr
    assert shown.stdout.startswith("budget (en): 4 times")


def test_word_that_is_not_there_is_told(out: Path) -> None:
    assert newsmt("stats", out, "--word", "zebra").stdout == "zebra: not in these units\n"
    assert (
        newsmt("stats", out, "--word", "the", "--lang", "ru").stdout == "the: not in these units in ru, but in en (6)\n"
    )


def test_key_words_are_shown(tmp_path: Path) -> None:
    texts = [
        Text(source=f"a b c {word}", targets={"ru": "да"}, article=f"{word}{n}", publisher=name)
        for word, name in (("goal", "Sport"), ("vote", "News\x1b[31m"))
        for n in range(30)
    ]
    folder = write_corpus(tmp_path / "out", texts)

    shown = newsmt("stats", folder, "--publisher", "Sport", "--only", "keywords").stdout
    by_publisher = newsmt("stats", folder, "--keywords-by", "publisher", "--only", "keywords").stdout

    head, row = (cells(line) for line in shown.splitlines())
    assert head == ["key words of en", "n", "elsewhere", "per million", "elsewhere", "G²", "log ratio"]
    assert row == ["goal", "30", "0", "250,000.0", "0.0", "41.6", "5.91"]
    assert "key words of en, Sport" in by_publisher
    assert "key words of en, News␛[31m" in by_publisher
    assert "\x1b" not in by_publisher


def test_nothing_is_told_where_there_is_nothing(tmp_path: Path, out: Path) -> None:
    empty = tmp_path / "empty"
    write_run(empty)

    assert newsmt("stats", empty).stdout == "no units here yet\n"
    assert newsmt("stats", empty, "--word", "bank").stdout == "no units here yet\n"
    assert (
        newsmt("stats", out, "--min-quality", "0.99").stdout
        == "no such units here; see what there is without filters\n"
    )
    assert answer(empty)["overview"]["total"]["n_units"] == 0


def test_damaged_file_is_named_and_the_rest_is_shown(out: Path) -> None:
    [path] = (out / "bitext" / "pair=en-hy").rglob("*.parquet")
    path.write_bytes(b"no Parquet")

    shown = newsmt("stats", out, "--json")

    assert shown.exit_code == 3
    assert json.loads(shown.stdout)["n_units"] == 8
    assert json.loads(shown.stdout)["damaged"] == [str(path)]


def test_many_publishers_are_cut_with_a_word(tmp_path: Path) -> None:
    texts = [Text(source="a", targets={"ru": "б"}, article=str(n), publisher=f"P{n:02}") for n in range(45)]

    shown = newsmt("stats", write_corpus(tmp_path / "out", texts), "--only", "overview").stdout

    assert "… and 5 more publishers; --json has all" in shown
    assert "P39" in shown
    assert "P40" not in shown


@pytest.mark.parametrize(
    ("arguments", "error", "expected"),
    [
        pytest.param(
            ["--only", "all"], UsageError, "--only all: no section; there are overview, lengths", id="section"
        ),
        pytest.param(["--window", "3"], UsageError, "--window: only with --word", id="window"),
        pytest.param(["--align-units", "3"], UsageError, "--align-units: only with --word", id="align"),
        pytest.param(["--keywords-by", "day"], UsageError, "write publisher or month", id="group"),
        pytest.param(["--word", "bank", "--lang", "english"], UsageError, "is no language code", id="language"),
        pytest.param(["--word", "!"], UsageError, "has neither letters nor digits", id="no-word"),
        pytest.param(["--only", "keywords"], UsageError, "compared with what?", id="keywords"),
        pytest.param(["--pair", "ru-en"], UsageError, "there are no units of it, only of en-hy, en-ru", id="pair"),
        pytest.param(["--date", "2020-13"], UsageError, "there is no such day", id="date"),
    ],
)
def test_wrong_use_is_told(out: Path, arguments: list[str], error: type[Exception], expected: str) -> None:
    with pytest.raises(error, match=re.escape(expected)):
        newsmt("stats", out, *arguments)


def test_numbers_that_cannot_be_are_refused(out: Path) -> None:
    assert newsmt("stats", out, "--top", "0").exit_code == 2
    assert newsmt("stats", out, "--word", "the", "--window", "0").exit_code == 2


def test_folder_without_output_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no output of newsmt here"):
        newsmt("stats", tmp_path)


def test_flags_are_shown_by_pair_and_thousand(tmp_path: Path) -> None:
    texts = [
        Text(source="a", targets={"ru": "б"}, article="1", flags=("names", "quotes"), quality=None),
        Text(source="a", targets={"ru": "б", "hy": "գ"}, article="2", flags=("names",)),
    ]

    shown = newsmt("stats", write_corpus(tmp_path / "out", texts), "--only", "flags", "--only", "quality").stdout

    lines = [cells(line) for line in shown.splitlines()]
    assert ["flag", "units", "per thousand", "en-hy", "en-ru"] in lines
    assert ["names", "3", "1,000.0", "1,000.0", "1,000.0"] in lines
    assert ["quotes", "1", "333.3", "0.0", "500.0"] in lines
    assert ["1 units have no quality: nothing was translated"] in lines


def test_collocates_and_other_languages_are_shown(tmp_path: Path) -> None:
    texts = [Text(source="my bank rate is", targets={"ru": "да"}, article=f"a{n}") for n in range(20)]
    texts += [Text(source="one two three", targets={"ru": "нет"}, article=f"b{n}") for n in range(20)]
    texts.append(Text(source="c", targets={"ru": "bank"}, article="c"))
    folder = write_corpus(tmp_path / "out", texts)

    lines = [
        cells(line) for line in newsmt("stats", folder, "--word", "bank", "--only", "collocates").stdout.splitlines()
    ]
    nothing = newsmt("stats", folder, "--publisher", "Herald", "--only", "keywords").stdout

    assert lines[:2] == [["bank (en): 20 times"], ["also in ru (1); --lang chooses"]]
    assert ["within 5 words, by G²", "near", "n", "G²", "logDice"] in lines
    assert [line for line in lines if line[0] == "rate"] == [["rate", "20", "20", "32.1", "14.00"]] * 2
    assert nothing == "no key words: nothing is clearly more frequent here than elsewhere\n"
