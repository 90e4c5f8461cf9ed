from __future__ import annotations

import pytest

from pipeline.checks.base import TextPair
from pipeline.checks.copying import MAX_COPIED, copied


@pytest.mark.parametrize(
    ("source", "target", "share"),
    [
        pytest.param("The talks ended.", "Переговоры завершились.", 0, id="good"),
        pytest.param("The talks ended.", "the talks ended.", 1, id="copy"),
        pytest.param("Երեկ բանակցություններն ավարտվեցին։", "Երեկ բանակցություններն ավարտվեցին։", 1, id="copy-hy"),
        pytest.param("Talks end in Oslo today", "Talks end in Осло today", 4 / 5, id="nearly"),
        pytest.param("TALKS END IN OSLO", "TALKS END IN OSLO", 1, id="capitals"),
        pytest.param("Shares of Volvo rose", "Акции Volvo выросли", 1 / 3, id="name-inside"),
        pytest.param("Reuters", "Reuters", None, id="one-word"),
        pytest.param("BBC News", "BBC News", None, id="name"),
        pytest.param("Boeing 737 MAX", "Boeing 737 MAX", None, id="name-with-a-number"),
        pytest.param("12 500", "12 500", None, id="figures"),
        pytest.param("https://most.example.com/news", "https://most.example.com/news", None, id="link"),
        pytest.param("a b c d", "d c b a", 1 / 4, id="another-order"),
        pytest.param("", "", 0, id="empty"),
    ],
)
def test_words_in_common_are_measured(source: str, target: str, share: float | None) -> None:
    assert copied(TextPair(source, target, "en", "ru")) == (share if share is None else pytest.approx(share))


def test_another_language_of_the_same_script_is_no_copy() -> None:
    pair = TextPair("Der Minister besuchte Paris am Montag.", "Le ministre a visité Paris lundi.", "de", "fr")

    assert (copied(pair) or 0) < MAX_COPIED


def test_a_long_copy_takes_little_time() -> None:
    from time import perf_counter

    text = "the bridge and " * 10_000
    start = perf_counter()

    assert copied(TextPair(text, text, "en", "ru")) == 1
    assert perf_counter() - start < 2
