"""How hits are written: lines for people, CSV, JSON Lines, a page."""

from __future__ import annotations

import csv
import json
import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from io import StringIO
from pathlib import Path

import pytest
from lxml import html
from rich.cells import cell_len
from rich.console import Console

from pipeline.cli.search_lines import cut_left, cut_right, hit_lines, layout_of
from pipeline.errors import OutputError, UsageError, WriteError
from pipeline.search.formats import FORMATS, LINES, format_of
from pipeline.search.hits import FIELDS, Hit
from pipeline.search.page import page
from pipeline.search.whole import whole_file
from pipeline.visible import harmless, visible

HIT = Hit(
    side="source",
    left="The central ",
    match="bank",
    right=" kept its rate.",
    start=12,
    end=16,
    other="Центробанк сохранил ставку.",
    unit_id="0123456789abcdef",
    article_id="fedcba9876543210",
    pair="en-ru",
    language="en",
    other_language="ru",
    date="2020-11-13",
    url="https://news.example/rates",
    title="Rates stay",
    publisher="Example",
    quality=0.7788,
    flags=("names", "numbers"),
)
ODD = [
    "日本の中央",
    "e\u0301" * 30,
    "👩\u200d👩\u200d👧 ",
    "\u202eabc",
    "a\tb\x1b[31m",
    "שלום ",
    "x" * 500,
    "",
    "\u0301a",
]


def lines_of(hit: Hit, *, width: int = 80, context: int | None = None, is_terminal: bool = False) -> list[str]:
    console = Console(width=width, force_terminal=is_terminal, file=StringIO())
    layout = layout_of(console, last_number=20, context=context)
    return [line.plain for line in hit_lines(hit, 7, layout, console=console)]


@pytest.mark.parametrize("left", ODD)
@pytest.mark.parametrize("is_terminal", [True, False])
def test_hits_stand_in_the_same_column(left: str, *, is_terminal: bool) -> None:
    shown = lines_of(replace(HIT, left=left), is_terminal=is_terminal)[0]
    usual = lines_of(HIT, is_terminal=is_terminal)[0]

    assert cell_len(shown[: shown.rindex("bank")]) == cell_len(usual[: usual.rindex("bank")])


@pytest.mark.parametrize("text", ODD)
def test_lines_are_as_wide_as_the_terminal_at_most(text: str) -> None:
    shown = lines_of(replace(HIT, left=text, match=text or "m", right=text, other=text), is_terminal=True)

    assert all(cell_len(line) <= 80 for line in shown)


def test_context_is_as_long_as_wanted() -> None:
    assert lines_of(HIT, context=4)[0] == " 7  en …al bank ke…"


def test_other_side_and_origin_stand_below() -> None:
    assert lines_of(HIT)[1:] == [
        "    ru Центробанк сохранил ставку.",
        "       en-ru  2020-11-13  Example  0.78  names, numbers  0123456789abcdef",
    ]


def test_very_long_other_side_is_cut_and_says_so() -> None:
    assert lines_of(replace(HIT, other="да" * 10_000))[1].endswith("да … and 18,000 characters more")


@pytest.mark.parametrize(
    ("width", "left", "right"), [(0, "", ""), (1, "…", "…"), (3, "…cd", "ab…"), (4, "abcd", "abcd")]
)
def test_text_is_cut_to_its_room(width: int, left: str, right: str) -> None:
    assert (cut_left("abcd", width), cut_right("abcd", width)) == (left, right)


def test_accents_go_with_their_letters() -> None:
    assert cut_left("abe\u0301", 1) == "…"
    assert cut_left("abe\u0301c", 2) == "…c"
    assert cut_right("e\u0301e\u0301e\u0301", 2) == "e\u0301…"


def test_nothing_reaches_a_terminal_that_it_would_obey() -> None:
    text = "\x1b]0;title\x07\x9b31m\u202e\x7f"
    shown = "".join(lines_of(replace(HIT, left=text, other=text, publisher=text)))

    assert visible(text) == "␛]0;title␇‹U+009B›31m‹U+202E›␡"
    assert harmless("a\tb\r\n\x1b[1m") == "a\tb\r\n␛[1m"
    assert not re.search("[\x00-\x1f\x7f-\x9f]", shown)
    assert "\x9b" not in "".join(LINES["jsonl"]([replace(HIT, other=text)]))


def test_json_lines_hold_what_a_hit_has() -> None:
    [line] = LINES["jsonl"]([replace(HIT, other="a\u2028b\x85", left='"')])
    value = json.loads(line)

    assert line.count("\n") == 1
    assert tuple(value) == FIELDS
    assert (value["left"], value["other"], value["flags"]) == ('"', "a\u2028b\x85", ["names", "numbers"])


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_text_is_a_formula(sign: str) -> None:
    written = "".join(LINES["csv"]([replace(HIT, left=f"{sign}1", title=f"a{sign}", quality=None, url=None)]))
    [row] = csv.DictReader(StringIO(written, newline=""))

    assert row["left"] == f"'{sign}1"
    assert row["title"] == f"a{sign}"
    assert (row["start"], row["quality"], row["url"], row["flags"]) == ("12", "", "", "names numbers")


def test_header_is_there_without_hits() -> None:
    assert "".join(LINES["csv"]([])) == ",".join(FIELDS) + "\r\n"


def page_of(*hits: Hit) -> str:
    return "".join(page(hits, pattern="<b>", about="in source", offset=20, summary=lambda: "2 hits"))


def test_page_shows_hits_and_numbers_them() -> None:
    shown = html.fromstring(page_of(HIT, HIT))

    assert shown.findtext(".//h1/bdi") == "<b>"
    assert [mark.text_content() for mark in shown.iter("mark")] == ["bank", "bank"]
    assert [cell.text for cell in shown.find_class("number")] == ["21", "22"]
    assert [link.get("href") for link in shown.iter("a")] == ["https://news.example/rates"] * 2
    assert shown.find_class("about")[1].text == "2 hits"


def test_page_runs_and_loads_nothing() -> None:
    evil = "<script>alert(1)</script><img src=//x.example onerror=alert(1)>\x1b\u202e"
    hit = replace(HIT, left=evil, match=evil, right=evil, other=evil, title=evil, publisher=evil)
    written = page_of(replace(hit, url="javascript:alert(1)"))
    shown = html.fromstring(written)

    assert not list(shown.iter("script", "img", "link", "iframe", "a"))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", written)
    [policy] = shown.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    digest = b64encode(sha256(shown.findtext(".//style").encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")


@pytest.mark.parametrize(
    ("name", "output", "form"),
    [
        (None, None, "table"),
        ("csv", None, "csv"),
        ("jsonl", "hits.csv", "jsonl"),
        (None, "hits.CSV", "csv"),
        (None, "hits.ndjson", "jsonl"),
        (None, "hits.htm", "html"),
        (None, "hits.txt", "table"),
    ],
)
def test_format_is_named_or_told_by_the_suffix(name: str | None, output: str | None, form: str) -> None:
    assert format_of(name, Path(output) if output else None) == form


@pytest.mark.parametrize(("name", "output"), [("xml", None), (None, "hits.xml"), (None, "hits")])
def test_unknown_formats_are_told(name: str | None, output: str | None) -> None:
    with pytest.raises(UsageError, match=", ".join(FORMATS)):
        format_of(name, Path(output) if output else None)


def interrupted(path: Path) -> None:
    with whole_file(path) as file:
        file.write("half")
        raise KeyboardInterrupt


def test_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "new" / "hits.csv"
    with whole_file(path) as file:
        file.write("old")
    with pytest.raises(KeyboardInterrupt):
        interrupted(path)

    assert path.read_text(encoding="utf-8") == "old"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("place", [".", "file/hits.csv", "/dev/full"])
def test_what_can_be_no_file_is_told(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()

    with (
        pytest.raises(OutputError, match=r"--output .*(no regular file|cannot be written)"),
        whole_file(tmp_path / place),
    ):
        pass


def test_full_disk_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="No space left"), whole_file(tmp_path / "hits.csv"):
        raise OSError(28, "No space left on device")

    assert not list(tmp_path.iterdir())
