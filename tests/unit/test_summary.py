from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from pipeline.cli.summary import duration, summary_lines
from pipeline.manifest import Counts, Manifest

START = datetime(2020, 11, 13, 6, 0, tzinfo=timezone.utc)
MANIFEST = Manifest(
    routes={},
    run_id="20201113T060000Z-1",
    newsmt_version="0.1.0",
    schema_version=1,
    started_at=START,
    finished_at=START + timedelta(seconds=200),
    is_resumed=False,
    stopped_by=None,
    inputs=("inbox",),
    to=("ru", "hy"),
    out="corpus",
    model_set="installed",
    models=(),
    settings={},
    counts=Counts(n_read=1200, n_articles=1200, n_units=24000, units={"en-ru": 23000, "en-hy": 1000}),
)


def test_summary_of_a_good_run_is_short() -> None:
    assert list(summary_lines(MANIFEST)) == [
        "run 20201113T060000Z-1: 3 min 20 s",
        "  articles  1,200 read: 1,200 processed, 0 rejected, 0 already known",
        "  units     24,000 (en-ru 23,000, en-hy 1,000)",
        "  output    corpus",
    ]


@pytest.mark.parametrize(
    ("manifest", "line"),
    [
        pytest.param(
            replace(MANIFEST, stopped_by="signal"),
            "run 20201113T060000Z-1: 3 min 20 s, stopped by a signal; resume with the same command",
            id="signal",
        ),
        pytest.param(
            replace(MANIFEST, stopped_by="time-budget"),
            "run 20201113T060000Z-1: 3 min 20 s, time budget used up; resume with the same command",
            id="time-budget",
        ),
        pytest.param(
            replace(MANIFEST, counts=replace(MANIFEST.counts, n_waited=7)),
            "  waited    7 of them, for a model that is here now",
            id="waited",
        ),
        pytest.param(
            replace(MANIFEST, counts=replace(MANIFEST.counts, n_units_from_memory=1500)),
            "  units     24,000 (en-ru 23,000, en-hy 1,000), 1,500 from memory",
            id="memory",
        ),
        pytest.param(
            replace(MANIFEST, counts=replace(MANIFEST.counts, flags={"copied": 2, "truncated": 1})),
            "  flags     copied 2, truncated 1",
            id="flags",
        ),
        pytest.param(
            replace(MANIFEST, counts=replace(MANIFEST.counts, rejects={"empty": 3})),
            "  rejects   empty 3; each is named in corpus/rejects",
            id="rejects",
        ),
        pytest.param(
            replace(MANIFEST, counts=replace(MANIFEST.counts, waiting={"hy-ru": 4})),
            "  waiting   hy-ru 4: no model for these pairs; the articles wait for one",
            id="waiting",
        ),
    ],
)
def test_line_appears_where_there_is_something_to_tell(manifest: Manifest, line: str) -> None:
    assert line in list(summary_lines(manifest))


def test_demo_models_are_named_as_such() -> None:
    assert any("of no use for other text" in line for line in summary_lines(replace(MANIFEST, model_set="demo")))


def test_run_without_units_has_no_line_for_them() -> None:
    lines = summary_lines(replace(MANIFEST, counts=Counts(n_read=5, n_known=5)))

    assert not any(line.startswith("  units") for line in lines)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (61, "1 min 1 s"), (3600, "1 h 0 min"), (90_000, "25 h 0 min")],
)
def test_duration_is_for_people(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected
