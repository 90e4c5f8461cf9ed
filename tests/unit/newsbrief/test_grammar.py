from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.newsbrief.generate import GrammarError, load_grammar, sample
from pipeline.newsbrief.grammar import capitalize

if TYPE_CHECKING:
    from pathlib import Path

TALKS = """
[[pattern]]
id = "talks"
en = "{office} of {country} {person} spoke about {country2} for {count} {count#hour|hours}."
ru = "{office} {country.gen} {person} {person?говорил|говорила} {country2.about} {count} {count#час|часа|часов}."
hy = "{country.gen} {office} {person.def} {count} ժամ խոսել է {country2.gen} մասին։"
"""


def write_topic(root: Path, text: str, *, name: str = "diplomacy") -> Path:
    """Write a topic file that uses the packaged word lists."""
    topics = root / "topics"
    topics.mkdir(exist_ok=True)
    (topics / f"{name}.toml").write_text(text, encoding="utf-8")
    return root


def problems_of(root: Path) -> str:
    """Return the report of a grammar that must be refused."""
    with pytest.raises(GrammarError) as caught:
        load_grammar(root)
    return str(caught.value)


def test_brief_agrees_in_all_languages(tmp_path: Path) -> None:
    grammar = load_grammar(write_topic(tmp_path, TALKS))

    briefs = list(sample(grammar, seed=3, n=500))

    by_gender = {"говорил ": 0, "говорила ": 0}
    for brief in briefs:
        assert brief.en[0].isupper()
        assert brief.ru[0].isupper()
        assert brief.hy[0].isupper()
        assert "об " in brief.ru or " о " in brief.ru
        for verb in by_gender:
            by_gender[verb] += verb in brief.ru
    assert min(by_gender.values()) > 100
    assert {brief.kind for brief in briefs} == {"body"}


def test_slots_of_one_class_differ(tmp_path: Path) -> None:
    rows = ("[[side_of]]\nid = '{0}'\nen = '{0}'\nru = '{1}'\nhy = '{2}'\n",) * 2
    words = rows[0].format("a", "а", "ա") + rows[1].format("b", "б", "բ")
    pattern = (
        "[[pattern]]\nid = 'x'\nkind = 'headline'\n"
        "en = '{side_of} {side_of2}'\nru = '{side_of} {side_of2}'\nhy = '{side_of} {side_of2}'\n"
    )
    grammar = load_grammar(write_topic(tmp_path, words + pattern))

    assert {brief.en for brief in sample(grammar, seed=1, n=50)} == {"A b", "B a"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("{country2}", "{planet}", "diplomacy.toml: talks: en: {planet}: no class 'planet'"),
        ("{country.gen} {person}", "{country.xyz} {person}", "ru: {country.xyz}: form 'xyz' is missing for france"),
        ("говорил|говорила", "говорил", "ru: {person?говорил}: 1 alternatives"),
        ("час|часа|часов", "час|часов", "ru: {count#час|часов}: 2 alternatives; ru has 3"),
        ("{country2.gen} մասին", "մասին", "hy: slot {country2} is missing"),
        ("ժամ խոսել է", "ժամ  խոսել է", "hy: spaces"),
        ("խոսել է", "խոսել ,է", "hy: a space before a punctuation mark"),
        ("մասին։", "մասին:", "hy: ':' does not belong here"),
        ("hours}.", "hours}", "en: a body ends in a final mark"),
        ('id = "talks"', 'id = "talks"\nkind = "headline"', "ru: a headline has no final mark"),
        ('id = "talks"', 'id = "talks"\nkind = "title"', "kind 'title' is none of body, headline, caption"),
        ('id = "talks"', 'id = "talks"\nrus = "x"', "unknown key 'rus'"),
        ('id = "talks"', "", "diplomacy.toml: (no id): 'id' is missing"),
        ("spoke about", "spоke about", "en: 'spоke' has Latin and Cyrillic letters"),
        ("spoke about", "spoke «about»", "quotation marks are “ ”"),
        ("{person} spoke", "{person spoke", "en: a brace without its partner"),
        ("{person} spoke", "{Person} spoke", "en: {Person}: expected {class}"),
        ("говорил|говорила}", "говорил|говорила} {tens?а|б}", "ru: {tens?а|б}: no g, or one"),
        ("{count#hour|hours}", "{country#hour|hours}", "only a class of whole numbers"),
        ("[[pattern]]", "[pattern", "diplomacy.toml: not valid TOML"),
        ("[[pattern]]", "[pattern]", "diplomacy.toml: no [[pattern]]"),
    ],
)
def test_defect_is_reported_with_its_place(tmp_path: Path, old: str, new: str, expected: str) -> None:
    root = write_topic(tmp_path, TALKS.replace(old, new, 1))

    assert expected in problems_of(root)


def test_all_defects_are_reported_together(tmp_path: Path) -> None:
    write_topic(tmp_path, TALKS.replace("{country2}", "{planet}"))
    write_topic(tmp_path, TALKS.replace("hours}.", "hours}").replace('"talks"', '"other"'), name="economy")

    report = problems_of(tmp_path)

    assert "diplomacy.toml: talks" in report
    assert "economy.toml: other" in report


def test_duplicate_patterns_are_refused(tmp_path: Path) -> None:
    write_topic(tmp_path, TALKS)
    write_topic(tmp_path, TALKS, name="economy")

    report = problems_of(tmp_path)

    assert "economy.toml: talks: the same id as diplomacy.toml: talks" in report
    assert "economy.toml: talks: the same hy as diplomacy.toml: talks" in report


def test_unknown_topic_is_refused(tmp_path: Path) -> None:
    write_topic(tmp_path, TALKS)

    with pytest.raises(GrammarError, match=r"sport\.toml does not exist"):
        load_grammar(tmp_path, topics=["sport"])


def test_other_topics_are_not_read(tmp_path: Path) -> None:
    write_topic(tmp_path, TALKS)
    write_topic(tmp_path, "broken", name="economy")

    assert load_grammar(tmp_path, topics=["diplomacy"]).topics == ("diplomacy",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("president", "President"),
        ("«мы готовы»", "«Мы готовы»"),
        ("12 500 человек", "12 500 человек"),
        ("և նա", "Եվ նա"),
        ("ուրբաթ", "Ուրբաթ"),
        ("–", "–"),
    ],
)
def test_first_letter_becomes_a_capital(text: str, expected: str) -> None:
    assert capitalize(text) == expected
