from __future__ import annotations

import pytest

from pipeline.checks.base import TextPair
from pipeline.checks.repetition import repetition


@pytest.mark.parametrize(
    ("source", "target", "share"),
    [
        pytest.param("The talks ended.", "Переговоры завершились.", 0, id="good"),
        pytest.param("He said no.", "Он сказал нет нет нет.", 3 / 5, id="one-word-three-times"),
        pytest.param("He said no.", "Он сказал нет и нет.", 0, id="one-word-twice"),
        pytest.param("No, no, no!", "Нет, нет, нет!", 0, id="loop-of-the-source"),
        pytest.param("No, no, no!", "Нет, нет, нет, нет, нет, нет, нет, нет!", 5 / 8, id="more-than-in-the-source"),
        pytest.param("They left the room.", "Они вышли из комнаты из комнаты.", 4 / 6, id="two-words-twice"),
        pytest.param("They left.", "Они ушли, они ушли", 1, id="with-a-comma"),
        pytest.param("The price fell.", "The price fell and the price fell.", 1, id="with-and"),
        pytest.param("Գները նվազեցին։", "Գները նվազեցին և գները նվազեցին։", 1, id="with-and-hy"),
        pytest.param("Day after day it rained.", "День за днём шёл дождь, день ото дня.", 0, id="idiom"),
        pytest.param("The bridge opened.", "The bridge opened on Monday. The bridge opened on Monday.", 1, id="clause"),
        pytest.param("So it is.", "а б в г д е ж " * 2, 1, id="seven-words"),
        pytest.param(
            "The head of the city, the port and the region met.",
            "The head of the city met, so the head of the city said, but the head of the city left.",
            15 / 20,
            id="refrain",
        ),
        pytest.param("The noise went on.", "Шум ннннннннннннн", 1 / 2, id="one-letter"),
        pytest.param("The noise went on.", "Шум ЛалАлАлалалалала", 1 / 2, id="one-syllable"),
        pytest.param("Hmmmmmmmmmmmm, he said.", "Хмммммммммммм, сказал он.", 0, id="letters-of-the-source"),
        pytest.param("The price is one billion.", "Цена – 1 000 000 000, или 1000000000000", 0, id="zeros"),
        pytest.param("They won in three sets.", "Они победили 6-4, 6-4, 6-4.", 0, id="score"),
        pytest.param("Hands down.", "Рука руках руками", 0, id="words-that-begin-alike"),
        pytest.param("12.", "…", None, id="no-words"),
    ],
)
def test_loops_are_measured(source: str, target: str, share: float | None) -> None:
    assert repetition(TextPair(source, target, "en", "ru")) == (share if share is None else pytest.approx(share))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("а" * 20_000, id="one-long-word"),
        pytest.param(" ".join(f"слово{number % 3000}" for number in range(9_000)), id="many-words"),
        pytest.param(" ".join(f"и слово слово{number}" for number in range(5_000)), id="many-neighbours"),
        pytest.param("аб" * 10_000 + "в", id="nearly-a-loop"),
    ],
)
def test_long_texts_take_linear_time(text: str) -> None:
    from time import perf_counter

    start = perf_counter()
    repetition(TextPair("The talks ended.", text, "en", "ru"))

    assert perf_counter() - start < 2
