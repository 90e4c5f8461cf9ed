"""chrF against values of sacrebleu 2.6.0, and exact match."""

from __future__ import annotations

import pytest

from pipeline.newsbrief.evaluate import chrf, exact_match, score

CASES = {
    "equal": (["Жители Риги убирают деревья."], ["Жители Риги убирают деревья."], 100.0),
    "inflection": (
        ["Президент Франции прибыл в Москва в понедельник."],
        ["Президент Франции прибыл в Москву в понедельник."],
        90.93507960484854,
    ),
    "words missing": (
        ["Ֆրանսիայի նախագահ Անի Պետրոսյանը ժամանել է Մոսկվա։"],
        ["Ֆրանսիայի նախագահ Անի Պետրոսյանը երկուշաբթի օրը ժամանել է Երևան։"],
        65.36129987402934,
    ),
    "nothing in common": (["abc"], ["xyz"], 0.0),
    "shorter than six": (["No.", "The storm has passed."], ["Yes", "The storm passed over Riga."], 43.801989001108005),
    "reference without long n-grams": (
        ["The governor resigned on Monday.", "abcdef"],
        ["The governor resigned on Tuesday.", "ab"],
        75.7687031617688,
    ),
    "empty hypothesis": ([""], ["Voter turnout in Romania reaches 23 percent"], 0.0),
    "other space": (["12 500 человек"], ["12\N{NO-BREAK SPACE}500 человек"], 100.0),
    "corpus, not mean of sentences": (
        ["The cat is on the mat.", "Rain is expected in the north on Monday.", "ab"],
        ["The cat sat on the mat.", "Snow is expected in the north on Tuesday.", "abcdefgh"],
        62.038633994316285,
    ),
}


@pytest.mark.parametrize(("hypotheses", "references", "expected"), CASES.values(), ids=CASES.keys())
def test_chrf_is_that_of_sacrebleu(hypotheses: list[str], references: list[str], expected: float) -> None:
    assert chrf(hypotheses, references) == pytest.approx(expected, abs=1e-9)


def test_chrf_of_nothing_is_zero() -> None:
    assert chrf([], []) == 0


def test_exact_match_sees_the_kind_of_space() -> None:
    references = ["12\N{NO-BREAK SPACE}500 человек", "Снег", "Дождь", "Град"]
    assert exact_match(["12 500 человек", "Снег", "Дождь", "Ветер"], references) == 50


def test_a_hypothesis_too_few_is_an_error() -> None:
    with pytest.raises(ValueError, match="argument 2 is longer"):
        score(["Снег"], ["Снег", "Дождь"])


def test_scores_count_the_sentences() -> None:
    scores = score(["Снег", "Дождь"], ["Снег", "Дождь"])
    assert (scores.chrf, scores.exact_match, scores.n_sentences) == (100, 100, 2)
