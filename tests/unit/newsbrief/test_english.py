from __future__ import annotations

import pytest

from pipeline.newsbrief.english import inflect, join_articles


@pytest.mark.parametrize(
    ("noun", "article"),
    [
        ("company", "a"),
        ("agreement", "an"),
        ("hour", "an"),
        ("honorary consul", "an"),
        ("hotel", "a"),
        ("European summit", "a"),
        ("union", "a"),
        ("university", "a"),
        ("uninsured driver", "an"),
        ("unidentified object", "an"),
        ("UN envoy", "a"),
        ("US envoy", "a"),
        ("one-day strike", "a"),
        ("online service", "an"),
        ("umbrella", "an"),
    ],
)
def test_indefinite_article_follows_the_sound(noun: str, article: str) -> None:
    assert inflect({"nom": noun})["a"] == f"{article} {noun}"


@pytest.mark.parametrize(
    ("noun", "plural", "possessive"),
    [
        ("dollar", "dollars", "dollar's"),
        ("country", "countries", "country's"),
        ("day", "days", "day's"),
        ("bus", "buses", "bus'"),
        ("coach", "coaches", "coach's"),
    ],
)
def test_plural_and_possessive_are_regular(noun: str, plural: str, possessive: str) -> None:
    forms = inflect({"nom": noun})

    assert (forms["pl"], forms["poss"]) == (plural, possessive)


def test_given_form_stays() -> None:
    assert inflect({"nom": "spokesman", "pl": "spokesmen"})["pl"] == "spokesmen"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a 8-day visit", "an 8-day visit"),
        ("A 11-hour meeting", "An 11-hour meeting"),
        ("a 18.5 percent rise", "an 18.5 percent rise"),
        ("a 110-day visit", "a 110-day visit"),
        ("a 1,800-seat hall", "a 1,800-seat hall"),
        ("in area 8", "in area 8"),
    ],
)
def test_article_fits_the_number_after_it(text: str, expected: str) -> None:
    assert join_articles(text) == expected
