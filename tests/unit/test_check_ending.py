from __future__ import annotations

import pytest

from pipeline.checks.base import TextPair
from pipeline.checks.ending import final_mark, is_cut
from pipeline.types import Kind, parse_pair


@pytest.mark.parametrize(
    ("source", "target", "languages", "alike"),
    [
        pytest.param("The bridge is open.", "Мост открыт.", "en-ru", 1, id="statement"),
        pytest.param("The bridge is open.", "Կամուրջը բաց է։", "en-hy", 1, id="armenian-full-stop"),
        pytest.param("The bridge is open.", "Կամուրջը բաց է:", "en-hy", 1, id="armenian-full-stop-typed-as-colon"),
        pytest.param("Is the bridge open?", "Կամուրջը բա՞ց է։", "en-hy", 1, id="armenian-question"),
        pytest.param("Is the bridge open?", "Կամուրջը բաց է։", "en-hy", 0, id="armenian-question-lost"),
        pytest.param("Շտապե՜ք։", "Hurry up!", "hy-en", 1, id="armenian-exclamation"),
        pytest.param("Նա հարցրեց, թե ո՞վ է եկել։", "He asked who had come.", "hy-en", 1, id="indirect-question"),
        pytest.param('He said: "It is open."', "Он сказал: «Открыто».", "en-ru", 1, id="closing-marks-aside"),
        pytest.param("Is it open?", "Открыто.", "en-ru", 0, id="question-became-statement"),
        pytest.param("It is open.", "Открыто!", "en-ru", 0, id="statement-became-exclamation"),
        pytest.param("Bridge opens in Tartu", "Мост открылся в Тарту.", "en-ru", 0, id="mark-added"),
        pytest.param("Bridge opens in Tartu", "Мост открылся в Тарту", "en-ru", 1, id="no-marks"),
        pytest.param("It was open...", "Он был открыт…", "en-ru", 1, id="ellipsis"),
        pytest.param("It was open…", "Он был открыт.", "en-ru", 1, id="ellipsis-may-be-a-statement"),
        pytest.param("He named two:", "Он назвал двоих.", "en-ru", 1, id="colon"),
        pytest.param("Is it open?", "Открыто —", "en-ru", 0, id="open-end-is-no-question"),
        pytest.param("Really?!", "Правда!", "en-ru", 1, id="two-marks"),
        pytest.param("It is open.", "Открыто", "en-ru", 1, id="missing-mark-is-for-is-cut"),
        pytest.param("Bridge opens", "Мост открылся —", "en-ru", 1, id="dash-for-nothing"),
        pytest.param("", "Мост.", "en-ru", None, id="empty"),
    ],
)
def test_final_marks_are_compared(source: str, target: str, languages: str, alike: float | None) -> None:
    assert final_mark(TextPair(source, target, *parse_pair(languages))) == alike


@pytest.mark.parametrize(
    ("source", "target", "languages", "kind", "cut"),
    [
        pytest.param("The bridge is open.", "Мост открыт.", "en-ru", "body", 0, id="whole"),
        pytest.param("The bridge is open.", "Կամուրջը բաց է:", "en-hy", "body", 0, id="armenian-colon"),
        pytest.param("The bridge is open to all.", "Мост открыт для", "en-ru", "body", 1, id="preposition"),
        pytest.param("The bridge is open to all.", "Мост отк", "en-ru", "body", 1, id="inside-a-word"),
        pytest.param("The bridge, they said, is open.", "Мост, сказали они,", "en-ru", "body", 1, id="comma"),
        pytest.param("They said that it is open.", "Они сказали:", "en-ru", "body", 1, id="colon"),
        pytest.param("The bridge is open.", "Мост открыт…", "en-ru", "body", 0, id="ellipsis"),
        pytest.param("Կամուրջը բացվեց։", "Bridge opens", "hy-en", "headline", None, id="headline"),
        pytest.param("Bridge opens", "Мост открылся", "en-ru", "body", None, id="source-without-a-mark"),
        pytest.param("The bridge is open.", "", "en-ru", "body", None, id="empty"),
        pytest.param("The bridge is open.", " \n", "en-ru", "body", None, id="blanks"),
    ],
)
def test_missing_ends_are_found(source: str, target: str, languages: str, kind: Kind, cut: float | None) -> None:
    assert is_cut(TextPair(source, target, *parse_pair(languages), kind)) == cut
