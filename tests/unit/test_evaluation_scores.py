from __future__ import annotations

import pytest

from pipeline.errors import UsageError
from pipeline.evaluation.scores import MAX_DRAWN_LINES, ScoreSettings, score_lines
from pipeline.newsbrief.evaluate import chrf

HYPOTHESES = [
    "В пятницу парламент принял бюджет.",
    "Погода в горах была хорошей.",
    "",
    "Суд отложил заседание до 12 мая.",
]
REFERENCES = [
    "В пятницу парламент принял закон.",
    "В горах стояла хорошая погода.",
    "",
    "Суд отложил заседание до 12 мая.",
]


def scores(hypotheses: list[str], references: list[str], settings: ScoreSettings | None = None) -> dict[str, float]:
    found = score_lines(hypotheses, references, settings or ScoreSettings())
    return {one.name: one.score for one in found}


@pytest.mark.parametrize(
    ("hypothesis", "reference", "bleu"),
    [
        pytest.param(REFERENCES[0], REFERENCES[0], 100.0, id="equal"),
        # Six tokens: 5/6 words, 3/5 pairs, 2/4 triples, 1/3 fours are in the reference; (1/12) ** (1/4).
        pytest.param(HYPOTHESES[0], REFERENCES[0], 53.7285, id="one-word"),
        # All is right, but 5 tokens of 10: the brevity penalty is exp(1 - 10/5).
        pytest.param("a b c d e", "a b c d e f g h i j", 36.7879, id="half"),
        pytest.param("Нет.", "", 0.0, id="no-reference"),
        pytest.param("", "Нет.", 0.0, id="empty"),
    ],
)
def test_bleu_is_as_computed_by_hand(hypothesis: str, reference: str, bleu: float) -> None:
    assert scores([hypothesis], [reference])["BLEU"] == pytest.approx(bleu, abs=1e-3)


@pytest.mark.parametrize(
    ("hypothesis", "reference", "expected"),
    [
        pytest.param("да", "да", 100.0, id="equal"),
        # One letter of two and no pair of one, in both directions; there are no longer ones.
        pytest.param("да", "дн", 25.0, id="one-letter"),
        pytest.param("д а", "да", 100.0, id="blanks-do-not-count"),
    ],
)
def test_chrf_is_as_computed_by_hand(hypothesis: str, reference: str, expected: float) -> None:
    assert scores([hypothesis], [reference])["chrF2"] == pytest.approx(expected)


def test_counts_are_added_up_over_all_lines() -> None:
    found = scores(HYPOTHESES, REFERENCES)

    # 14/19 words, 9/16 pairs, 7/13 triples, 5/10 fours; the two empty lines change nothing.
    assert found["BLEU"] == pytest.approx(100 * (14 / 19 * 9 / 16 * 7 / 13 * 5 / 10) ** 0.25, abs=1e-3)
    assert found["chrF2"] == pytest.approx(chrf(HYPOTHESES, REFERENCES), abs=1e-3)


def test_signatures_tell_all_that_matters() -> None:
    plain = [one.signature for one in score_lines(HYPOTHESES, REFERENCES, ScoreSettings())]
    drawn = [one.signature for one in score_lines(HYPOTHESES, REFERENCES, ScoreSettings(n_resamples=100))]

    assert plain[0].startswith("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.")
    assert plain[1].startswith("nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:2.")
    assert all(signature.startswith("nrefs:1|bs:100|seed:12345|") for signature in drawn)


def test_intervals_are_the_same_each_time() -> None:
    settings = ScoreSettings(n_resamples=200)

    first, again = (score_lines(HYPOTHESES, REFERENCES, settings) for _ in range(2))

    assert first == again
    assert all(one.interval is not None and one.interval > 0 for one in first)
    assert all(one.interval is None for one in score_lines(HYPOTHESES, REFERENCES, ScoreSettings()))


def test_tokenizer_decides_whether_the_armenian_full_stop_is_a_word() -> None:
    hypotheses, references = ["Խորհրդարանն ընդունեց նոր բյուջեն"], ["Խորհրդարանն ընդունեց նոր բյուջեն։"]

    words = scores(hypotheses, references)["BLEU"]
    marks = scores(hypotheses, references, ScoreSettings(tokenize="intl"))["BLEU"]

    assert words < 100 * 0.8
    assert marks > words


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        pytest.param({"tokenize": "zh"}, "tokenize is 'zh'; choose one of 13a, intl, char", id="tokenizer"),
        pytest.param({"n_resamples": 0}, "bootstrap is 0; it must be from 100", id="none"),
        pytest.param({"n_resamples": 10**6}, "bootstrap is 1,000,000; it must be from 100 to 100,000", id="many"),
    ],
)
def test_settings_that_cannot_be_are_told(settings: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        ScoreSettings(**settings).checked()  # type: ignore[arg-type] # wrong on purpose


def test_intervals_that_would_take_gigabytes_are_refused() -> None:
    settings = ScoreSettings(n_resamples=1000)

    settings.check_lines(MAX_DRAWN_LINES // 1000)
    with pytest.raises(UsageError, match=r"--bootstrap 1000 is too much for 10,001 lines: .*10,000,000; see --limit"):
        settings.check_lines(MAX_DRAWN_LINES // 1000 + 1)
    ScoreSettings().check_lines(10**9)
