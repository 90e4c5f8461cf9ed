from __future__ import annotations

import pytest

from pipeline.checks.base import TextPair
from pipeline.checks.protection import protected_kept, protected_measure
from pipeline.entities import EntityFinder


@pytest.mark.parametrize(
    ("source", "target", "kept"),
    [
        pytest.param("The talks ended.", "Переговоры завершились.", None, id="nothing-to-keep"),
        pytest.param("", "", None, id="nothing-at-all"),
        pytest.param("Ask @mayor at example.am.", "Спросите @mayor на example.am.", 1.0, id="all-kept"),
        pytest.param("Ask @mayor at example.am.", "На example.am спросите @mayor.", 1.0, id="order-does-not-matter"),
        pytest.param("Գրեք example.am-ին։", "Write to example.am.", 1.0, id="endings-are-none-of-it"),
        pytest.param("See https://example.am/a_b.", "См. https://example.am/a b.", 0.0, id="changed-link"),
        pytest.param("Dear {name}, ask @mayor.", "Уважаемый {имя}, спросите @mayor.", 1 / 3, id="changed-placeholder"),
        pytest.param("Ask @mayor or @deputy.", "Спросите @mayor.", 0.5, id="lost"),
        pytest.param("Yes 🙂🙂", "Да 🙂", 0.5, id="as-often-as-in-the-source"),
        pytest.param("Shares of Example.com fell.", "Акции «Экзампла» упали.", 0.0, id="written-in-other-letters"),
        pytest.param("Ask the mayor.", "Спросите @mayor.", 0.0, id="only-in-the-target"),
        pytest.param("#bread", "", 0.0, id="empty-target"),
        pytest.param("{n} " * 500, "{n} " * 499, 499 / 500, id="five-hundred"),
    ],
)
def test_the_share_of_kept_entities(source: str, target: str, kept: float | None) -> None:
    assert protected_kept(TextPair(source, target, "en", "ru")) == kept


def test_patterns_of_the_user_are_protected_too() -> None:
    measure = protected_measure(EntityFinder([r"No\. \d+"], exceptions=["handle"]))

    assert measure(TextPair("Bill No. 12 of @mayor", "Проект № 12 @mayora", "en", "ru")) == 0.0
    assert measure(TextPair("Bill No. 12 of @mayor", "Проект No. 12", "en", "ru")) == 1.0
    assert measure(TextPair("Bill of @mayor", "Проект", "en", "ru")) is None
