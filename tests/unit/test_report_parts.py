"""The small parts of a report: words, periods, packed data, drawings, manifests."""

from __future__ import annotations

import base64
import gzip
import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import Flag
from pipeline.report.drawing import draw_bars, draw_ranks
from pipeline.report.flags import MEANINGS, meaning
from pipeline.report.packing import packed, script_json
from pipeline.report.periods import MAX_BARS, timeline
from pipeline.report.runs import read_runs
from pipeline.report.words import decimal, share, short, ticks, visible

DAY = date(2020, 11, 13)
HOSTILE = "</script><!--<script>alert(1)\u2028\u2029&amp;"


def test_every_flag_has_a_meaning() -> None:
    assert set(MEANINGS) == {flag.value for flag in Flag}
    assert "later version" not in meaning("numbers")
    assert "does not know" in meaning("a-flag-of-tomorrow")


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (0.25, "0.25"), (999, "999"), (1500, "1.5k"), (2_000_000, "2M"), (3e9, "3G")]
)
def test_numbers_of_an_axis_are_short(number: float, text: str) -> None:
    assert short(number) == text


@pytest.mark.parametrize(
    ("part", "total", "text"),
    [(0, 0, "0 %"), (0, 9, "0 %"), (1, 100_000, "< 0.1 %"), (1, 3, "33.3 %"), (3, 3, "100.0 %")],
)
def test_a_share_that_is_there_is_never_nothing(part: int, total: int, text: str) -> None:
    assert share(part, total) == text


def test_a_missing_number_is_a_dash() -> None:
    assert (decimal(None), decimal(1234.5, 1)) == ("–", "1,234.5")


@given(st.floats(min_value=0.001, max_value=1e9))
def test_ticks_reach_the_highest_bar_and_are_few(highest: float) -> None:
    found = ticks(highest)

    assert found[0] == 0
    assert highest <= found[-1] * (1 + 1e-9)
    assert 2 <= len(found) <= 7


@given(st.text())
def test_what_is_visible_can_be_written_as_xml(text: str) -> None:
    from lxml import etree

    element = etree.Element("text")
    element.text = visible(text)
    assert len(visible(text)) == len(text)


@pytest.mark.parametrize("text", [HOSTILE, "a\0b\x1b[31m", "lone \ud800", "كلمة", "\u202eevil"])
def test_data_in_a_script_element_cannot_end_it(text: str) -> None:
    found = script_json({"title": text})

    assert not re.search("[<>&\u2028\u2029]", found)
    assert json.loads(found) == {"title": text.replace("\ud800", "?")}


def test_packed_data_are_small_and_always_the_same() -> None:
    value = [{"text": HOSTILE * 1000}]

    found = packed(value)

    assert json.loads(gzip.decompress(base64.b64decode(found))) == value
    assert found == packed(value)
    assert len(found) < len(HOSTILE) * 100


def days(*numbers: int) -> dict[date, int]:
    return {DAY + timedelta(days=number): 2 for number in numbers}


def test_there_is_no_timeline_of_nothing() -> None:
    assert timeline({}) is None
    assert timeline({"en-ru": {}}) is None


@pytest.mark.parametrize(
    ("n_days", "period"), [(1, "day"), (36, "day"), (37, "week"), (300, "month"), (3000, "year"), (30_000, "decade")]
)
def test_many_days_are_counted_together(n_days: int, period: str) -> None:
    found = timeline({"en-ru": days(*range(n_days)), "en-hy": days(0)})

    assert found is not None
    assert found.period.name == period
    assert len(found.starts) == len(found.labels) == len(set(found.labels)) <= MAX_BARS
    assert (sum(found.series["en-ru"]), sum(found.series["en-hy"])) == (2 * n_days, 2)


def test_days_without_units_are_shown() -> None:
    found = timeline({"en-ru": days(0, 5)})

    assert found is not None
    assert found.series == {"en-ru": [2, 0, 0, 0, 0, 2]}
    assert found.labels[0] == "13 Nov 2020"
    assert not found.has_gaps


def test_a_stray_date_does_not_squeeze_all_others_into_one_bar() -> None:
    stray = {date(1970, 1, 1): 1}

    found = timeline({"en-ru": {**days(*range(20)), **stray}})

    assert found is not None
    assert (found.period.name, len(found.starts), found.has_gaps) == ("day", 21, True)


@given(st.dictionaries(st.dates(), st.integers(min_value=1, max_value=9), min_size=1, max_size=60))
def test_any_days_make_a_timeline(counts: dict[date, int]) -> None:
    found = timeline({"en-ru": counts})

    assert found is not None
    assert sum(found.series["en-ru"]) == sum(counts.values())
    assert list(found.starts) == sorted(set(found.starts))


def svg_of(**values: Any) -> str:
    settings: dict[str, Any] = {
        "name": "time",
        "title": "Units by day",
        "note": "",
        "description": "All of them.",
        "what": "Day",
        "labels": ["one", "two"],
        "series": {"en-ru": [1, 0], "en-hy": [2, 3]},
    }
    return draw_bars(**{**settings, **values}).svg


def test_a_drawing_holds_shapes_and_texts_only() -> None:
    from lxml import etree

    svg = etree.fromstring(svg_of(labels=[HOSTILE, "a\0b"], title=HOSTILE, series={HOSTILE: [1, 2], "x": [1.5, 0]}))

    assert {element.tag for element in svg.iter()} == {"svg", "title", "desc", "g", "path", "rect", "text"}
    shapes = {name for element in svg.iter("g", "path", "rect", "text") for name in element.attrib}
    assert shapes <= {"d", "x", "y", "width", "height", "transform", "class"}
    assert HOSTILE in svg.xpath("string(//text[contains(., 'script')])")


def test_a_bar_of_nothing_is_not_drawn_and_the_others_tell_their_number() -> None:
    svg = svg_of()

    assert svg.count("<rect") == 3
    assert "<title>two, en-hy: 3</title>" in svg
    assert "one, en-ru: 1</title>" in svg


def test_a_drawing_is_told_to_those_who_do_not_see_it() -> None:
    svg = svg_of()

    assert 'role="img" aria-labelledby="time-title time-description"' in svg
    assert '<title id="time-title">Units by day</title><desc id="time-description">All of them.</desc>' in svg


def test_labels_do_not_overlap() -> None:
    svg = svg_of(labels=[f"day {number}" for number in range(36)], series={"en-ru": range(36)})

    assert len(re.findall(r"<text[^>]*>day ", svg)) == 5


def test_a_chart_has_its_figures_as_a_table() -> None:
    chart = draw_bars(
        name="a", title="", note="", description="", what="Day", labels=["x"], series={"en-ru": [1234], "en-hy": [0.25]}
    )

    assert chart.head == ("Day", "en-ru", "en-hy")
    assert [tuple(row) for row in chart.rows] == [("x", "1,234", "0.25")]
    assert list(chart.legend) == ["en-ru", "en-hy"]


def test_ranks_are_named_from_the_top() -> None:
    svg = draw_ranks(name="a", title="", note="", description="", counts={"numbers": 9, "quotes": 4}).svg

    heights = {name: float(y) for y, name in re.findall(r'<text[^>]* y="([\d.]+)"[^>]*>(numbers|quotes)<', svg)}
    assert heights["numbers"] < heights["quotes"]


def write_manifest(folder: Path, name: str, content: bytes | dict[str, Any]) -> None:
    (folder / "runs").mkdir(exist_ok=True)
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    (folder / "runs" / f"{name}.json").write_bytes(data)


def manifest(**values: Any) -> dict[str, Any]:
    return {
        "run_id": "1",
        "started_at": "2020-11-14T06:00:00+00:00",
        "finished_at": "2020-11-14T06:00:20Z",
        "is_resumed": False,
        "stopped_by": None,
        "counts": {"n_articles": 3, "n_units": 40, "n_rejected": 1, "seconds": {"read": 1.0, "translate": 3.0}},
        **values,
    }


def test_a_run_tells_its_speed(tmp_path: Path) -> None:
    write_manifest(tmp_path, "1", manifest())

    [run], damaged = read_runs(tmp_path)

    assert (run.seconds, run.n_units, run.units_per_second, run.n_rejected) == (20, 40, 2, 1)
    assert damaged == []


def test_the_time_between_the_parts_of_a_resumed_run_does_not_count(tmp_path: Path) -> None:
    write_manifest(tmp_path, "1", manifest(is_resumed=True))

    assert read_runs(tmp_path)[0][0].units_per_second == 10


@pytest.mark.parametrize("values", [{"started_at": None}, {"finished_at": None}, {"counts": {}}], ids=str)
def test_a_run_without_times_or_units_has_no_speed(tmp_path: Path, values: dict[str, Any]) -> None:
    write_manifest(tmp_path, "1", manifest(**values))

    assert read_runs(tmp_path)[0][0].units_per_second is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"7",
        b"null",
        b"{}",
        b"[" * 100_000,
        manifest(counts=[]),
        manifest(counts={"n_units": "many"}),
        manifest(counts={"n_units": float("inf")}),
        manifest(started_at=7),
        manifest(started_at="yesterday"),
        manifest(is_resumed=True, counts={"seconds": [1]}),
    ],
    ids=range(14),
)
def test_a_damaged_manifest_is_named_and_the_others_are_read(
    tmp_path: Path, content: bytes | dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    write_manifest(tmp_path, "1", content)
    write_manifest(tmp_path, "2", manifest(run_id="2"))

    runs, [damaged] = read_runs(tmp_path)

    assert [run.run_id for run in runs] == ["2"]
    assert str(tmp_path / "runs" / "1.json") in damaged
    assert "--repair" in damaged
    assert damaged in caplog.text


def test_a_folder_without_manifests_has_no_runs(tmp_path: Path) -> None:
    assert read_runs(tmp_path) == ([], [])
