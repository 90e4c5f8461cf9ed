"""`newsmt report`: what it writes where, and what it says of bad input."""

from __future__ import annotations

import base64
import errno
import gzip
import hashlib
import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import OutputError, UsageError, WriteError
from pipeline.report import writing
from tests.commands import newsmt
from tests.factories import make_contents, make_story
from tests.folders import write_run
from tests.report_corpus import article, article_id, translation, write_corpus

BUDGET = [
    ("Parliament adopts the budget", "Парламент принял бюджет"),
    ("The vote was on Friday.", "Голосование прошло в пятницу."),
]
HOSTILE = '</script><script>alert(1)</script><img src=x onerror="alert(2)">'


def write_articles(folder: Path, n: int = 3, **values: Any) -> Path:
    rows = [article(f"{number}", **values) for number in range(n)]
    return write_corpus(folder, rows, [unit for row in rows for unit in translation(row, "ru", BUDGET)])


def answer(*arguments: str | Path, code: int = 0) -> Any:
    """Return the JSON in the last line of stdout."""
    result = newsmt("report", *arguments, "--json")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout.splitlines()[-1])


def corpus_of(page: str) -> Any:
    """Return the data of a page."""
    found = re.search(r'<script type="application/json" id="corpus">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def texts_of(page: str) -> list[Any]:
    """Return the texts of all articles of a page."""
    chunks = re.findall(r'<script type="text/plain" id="texts-\d+">(.*?)</script>', page, re.DOTALL)
    return [texts for chunk in chunks for texts in json.loads(gzip.decompress(base64.b64decode(chunk)))]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return write_articles(tmp_path / "out")


def test_a_report_is_one_file_in_the_output_folder(out: Path) -> None:
    found = answer(out)

    page = (out / "report.html").read_text("utf-8")
    assert found == {
        "report": str(out / "report.html"),
        "n_pages": 1,
        "size_bytes": len(page.encode()),
        "n_articles": 3,
        "n_untranslated": 0,
        "n_units": 6,
        "damaged": [],
    }
    assert [one["id"] for one in corpus_of(page)["articles"]] == sorted(article_id(name) for name in "012")
    assert [texts["translations"][0]["targets"][0]["text"] for texts in texts_of(page)] == [BUDGET[0][1]] * 3
    assert [path.name for path in out.iterdir()].count("report.html") == 1


def test_words_for_people_go_to_stderr_and_the_name_of_the_file_to_stdout(out: Path, tmp_path: Path) -> None:
    result = newsmt("report", out, "--output", tmp_path / "new" / "a.html", "--title", "Autumn")

    assert result.stdout == f"{tmp_path / 'new' / 'a.html'}\n"
    assert "3 articles, 6 units" in result.stderr
    assert "<title>Autumn</title>" in (tmp_path / "new" / "a.html").read_text("utf-8")


def test_a_corpus_that_a_run_wrote_is_reported(tmp_path: Path) -> None:
    write_run(tmp_path / "out", make_contents(make_story("budget", targets=("ru", "hy")), make_story("other")))

    answer(tmp_path / "out")

    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert {one["pair"] for row in corpus_of(page)["articles"] for one in row["translations"]} == {"en-ru", "en-hy"}
    assert "1 run" in page
    # It lies beside the data, and disturbs nobody.
    assert newsmt("check", tmp_path / "out").exit_code == 0


def test_a_report_is_the_same_for_the_same_corpus(out: Path, tmp_path: Path) -> None:
    for name in ("a.html", "b.html"):
        answer(out, "--output", tmp_path / name)

    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_many_articles_make_a_folder_of_pages(out: Path) -> None:
    found = answer(out, "--articles-per-page", "2")

    folder = out / "report"
    assert (found["report"], found["n_pages"]) == (str(folder / "index.html"), 2)
    assert sorted(path.name for path in folder.iterdir()) == ["index.html", "part-0001.html", "part-0002.html"]
    index = (folder / "index.html").read_text("utf-8")
    assert "script-src 'none'" in html.unescape(index)
    assert '<a href="part-0002.html">' in index
    first, second = (corpus_of((folder / f"part-000{number}.html").read_text("utf-8")) for number in (1, 2))
    assert (first["before"], first["after"], len(first["articles"])) == (None, "part-0002.html", 2)
    assert (second["before"], second["after"], len(second["articles"])) == ("part-0001.html", None, 1)


def test_an_earlier_report_is_replaced(out: Path) -> None:
    for n_articles in (1, 2):
        answer(out, "--articles-per-page", str(n_articles))

    assert sorted(path.name for path in (out / "report").iterdir()) == [
        "index.html",
        "part-0001.html",
        "part-0002.html",
    ]
    assert not list(out.glob(".report*"))


def test_a_folder_is_asked_for_by_its_name(out: Path, tmp_path: Path) -> None:
    assert answer(out, "--output", tmp_path / "site")["report"] == str(tmp_path / "site" / "index.html")
    assert corpus_of((tmp_path / "site" / "index.html").read_text("utf-8"))["part"] is None


def test_other_files_are_never_replaced(out: Path, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "letter.txt").write_text("Dear reader")

    with pytest.raises(OutputError, match=r"site: holds other files .*--output"):
        newsmt("report", out, "--output", folder)
    with pytest.raises(OutputError, match="is a file; a report goes into"):
        newsmt("report", out, "--output", folder / "letter.txt")
    (tmp_path / "a.html").mkdir()
    with pytest.raises(OutputError, match="is a folder, and the report a file"):
        newsmt("report", out, "--output", tmp_path / "a.html")

    assert (folder / "letter.txt").read_text() == "Dear reader"


def test_several_pages_do_not_go_into_a_file(out: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="3 articles need 2 pages, and these a folder") as caught:
        newsmt("report", out, "--output", tmp_path / "a.html", "--articles-per-page", "2")

    assert caught.value.exit_code == 2
    assert not (tmp_path / "a.html").exists()


@pytest.mark.parametrize("options", [[], ["--articles-per-page", "1"]], ids=["file", "folder"])
def test_a_report_that_cannot_be_finished_leaves_the_earlier_one_and_nothing_else(
    out: Path, options: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(out, *options)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}

    def fail(*_: object, **__: object) -> bytes:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(writing, "sync_tree" if options else "replace_synced", fail)
    with pytest.raises(WriteError, match=r"No space left on device.*make room"):
        newsmt("report", out, *options)

    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_a_place_that_cannot_be_written_is_named(out: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")

    with pytest.raises(OutputError, match=r"a\.html: cannot be written .*--output"):
        newsmt("report", out, "--output", tmp_path / "taken" / "a.html")


def test_an_empty_corpus_makes_a_report_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "bitext").mkdir()

    assert answer(tmp_path)["n_articles"] == 0
    page = (tmp_path / "report.html").read_text("utf-8")
    assert corpus_of(page)["articles"] == []
    assert "<svg" not in page


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no output of newsmt here"):
        newsmt("report", tmp_path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--pair", "english"], "english"),
        (["--date", "yesterday"], "is no date"),
        (["--flag", "typo"], "typo: no flag"),
        (["--min-quality", "7"], "quality is between 0 and 1"),
    ],
)
def test_a_filter_that_cannot_be_is_told(out: Path, options: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        newsmt("report", out, *options)


def test_filters_are_told_in_the_report(out: Path) -> None:
    answer(out, "--pair", "en-ru", "--publisher", HOSTILE)

    page = (out / "report.html").read_text("utf-8")
    assert "Only pair en-ru; publisher &lt;/script&gt;" in page
    assert corpus_of(page)["articles"] == []


def spoil(path: Path) -> None:
    """Damage the data of a Parquet file, but not its end, which tells what is where."""
    data = bytearray(path.read_bytes())
    data[4 : len(data) // 4] = b"\xff" * (len(data) // 4 - 4)
    path.write_bytes(data)


@pytest.mark.parametrize("damage", [spoil, lambda path: path.write_bytes(b"PAR1")], ids=["data", "all"])
@pytest.mark.parametrize("options", [[], ["--articles-per-page", "2"]], ids=["file", "folder"])
def test_damaged_files_are_named_and_the_rest_is_shown(out: Path, damage: Any, options: list[str]) -> None:
    other = article("other", source_lang="hy")
    write_corpus(out, [other], translation(other, "ru", BUDGET), name="later")
    [path] = (out / "bitext" / "pair=hy-ru").rglob("*.parquet")
    damage(path)

    found = answer(out, *options, code=3)

    page = Path(found["report"]).read_text("utf-8")
    assert (found["n_units"], len(found["damaged"])) == (6, 1)
    assert str(path) in found["damaged"][0]
    assert str(path) in page
    assert "hy-ru" not in re.sub(r"pair=hy-ru", "", page)


def test_a_damaged_manifest_is_named_and_the_others_are_shown(out: Path) -> None:
    (out / "runs").mkdir()
    (out / "runs" / "20201114T060000Z.json").write_text("{")

    [damaged] = answer(out, code=3)["damaged"]

    assert "runs/20201114T060000Z.json: no manifest of a run" in damaged


def test_what_a_text_holds_cannot_leave_its_block(tmp_path: Path) -> None:
    row = article("evil", title=HOSTILE, publisher=HOSTILE, url="javascript:alert(3)", section=HOSTILE)
    write_corpus(tmp_path, [row], translation(row, "ru", [(HOSTILE, HOSTILE)], retry=HOSTILE, models=[HOSTILE]))
    answer(tmp_path, "--title", HOSTILE)

    page = (tmp_path / "report.html").read_text("utf-8")
    assert page.count("<script") == 3
    assert "<img" not in page
    assert corpus_of(page)["articles"][0]["title"] == HOSTILE
    assert texts_of(page)[0]["translations"][0]["targets"][0]["text"] == HOSTILE


def test_the_policy_allows_the_script_and_style_of_the_page_and_nothing_else(out: Path) -> None:
    answer(out)

    page = (out / "report.html").read_text("utf-8")
    policy = dict(rule.split(" ", 1) for rule in re.findall(r"[a-z]+-[a-z]+ [^;\"]+", html.unescape(page)))

    def hash_of(pattern: str) -> str:
        [text] = re.findall(pattern, page, re.DOTALL)
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert policy["script-src"] == hash_of("<script>(.*?)</script>")
    assert policy["style-src"] == hash_of("<style>(.*?)</style>")
    assert not re.search(r"<[a-z]+[^>]* (style|on[a-z]+)=", re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL))


def test_names_that_are_no_unicode_text_do_not_matter(out: Path, tmp_path: Path) -> None:
    answer(out, "--title", "caf\udce9 \0", "--output", tmp_path / "a.html")

    assert "<title>caf\ufffd \ufffd</title>" in (tmp_path / "a.html").read_text("utf-8")
