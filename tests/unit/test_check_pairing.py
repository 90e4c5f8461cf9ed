from __future__ import annotations

import pytest

from pipeline.checks.base import TextPair
from pipeline.checks.pairing import brackets_kept, quotes_kept
from pipeline.types import parse_pair


@pytest.mark.parametrize(
    ("source", "target", "languages", "kept"),
    [
        pytest.param('He said "no" twice.', "Он дважды сказал «нет».", "en-ru", 1, id="kept"),
        pytest.param("He said “no” twice.", "Նա երկու անգամ ասաց «ոչ»։", "en-hy", 1, id="kept-hy"),
        pytest.param("He said ``no'' twice.", "Он дважды сказал „нет“.", "en-ru", 1, id="other-styles"),
        pytest.param('He said "no" twice.', "Он дважды сказал «нет.", "en-ru", 0.5, id="one-lost"),
        pytest.param('"No," he said. "No."', "«Нет, — сказал он. — Нет».", "en-ru", 0.5, id="one-span-for-two"),
        pytest.param('He said "no" twice.', "Он дважды сказал нет.", "en-ru", 0, id="all-lost"),
        pytest.param("«Нет», — сказал он.", "-Ոչ,- ասաց նա։", "ru-hy", None, id="armenian-dash"),
        pytest.param("Завод «Волна» открыт.", "The Volna plant is open.", "ru-en", None, id="name-without-marks"),
        pytest.param("Он сказал «нет».", "He said 'no'.", "ru-en", None, id="single-marks"),
        pytest.param('"It is open, he said.', "«Открыто, сказал он.", "en-ru", 1, id="opens-here-closes-elsewhere"),
        pytest.param("The workers' strike ended.", "Забастовка окончена.", "en-ru", None, id="apostrophe"),
        pytest.param("It is open.", "«Открыто».", "en-ru", None, id="no-marks-in-the-source"),
        pytest.param("It is open.", "«Открыто.", "en-ru", 0, id="one-mark-alone"),
        pytest.param("Բաց է։", "«Открыто.", "hy-ru", None, id="armenian-speech-without-marks"),
        pytest.param("He is 6'2\" tall.", "Его рост 188 см.", "en-ru", None, id="inches"),
        pytest.param('"The «Volna» plant," he said.', "«Завод „Волна“», — сказал он.", "en-ru", 1, id="nested"),
    ],
)
def test_quotation_marks_are_counted(source: str, target: str, languages: str, kept: float | None) -> None:
    assert quotes_kept(TextPair(source, target, *parse_pair(languages))) == kept


@pytest.mark.parametrize(
    ("source", "target", "kept"),
    [
        pytest.param("The union (EAEU) met.", "Союз (ЕАЭС) собрался.", 1, id="kept"),
        pytest.param("The union (EAEU) met.", "Союз (ЕАЭС собрался.", 0.5, id="one-lost"),
        pytest.param("The union (EAEU) met.", "Союз собрался.", 0, id="all-lost"),
        pytest.param("The union (EAEU) met.", "Союз [ЕАЭС] собрался.", 1, id="another-style"),
        pytest.param("The union (EAEU) met.", "Союз )ЕАЭС( собрался.", 0, id="turned-round"),
        pytest.param("The union met.", "Союз (ЕАЭС) собрался.", 1, id="added-with-its-partner"),
        pytest.param("The union met.", "Союз (ЕАЭС собрался.", 0, id="added-alone"),
        pytest.param("a) the bridge; b) the port", "а) мост; б) порт", None, id="parts-of-a-list"),
        pytest.param("Take vitamins (A and B).", "Витамины (А и В).", 1, id="letter-before-a-bracket"),
        pytest.param("Hello, {name}!", "Привет, {name}!", None, id="placeholder"),
        pytest.param("The union met.", "Союз собрался.", None, id="none"),
    ],
)
def test_brackets_are_counted(source: str, target: str, kept: float | None) -> None:
    assert brackets_kept(TextPair(source, target, "en", "ru")) == kept
