from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from pipeline.newsbrief.generate import GrammarError, load_grammar, sample

if TYPE_CHECKING:
    from pathlib import Path

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


def say(root: Path, en: str, ru: str, hy: str, *, n: int = 3000, words: str = "") -> set[tuple[str, str, str]]:
    """Return what a headline of these templates says, in many draws."""
    topics = root / "topics"
    topics.mkdir(exist_ok=True)
    pattern = f'[[pattern]]\nid = "x"\nkind = "headline"\nen = "{en}"\nru = "{ru}"\nhy = "{hy}"\n'
    (topics / "test.toml").write_text(words + pattern, encoding="utf-8")
    return {(brief.en, brief.ru, brief.hy) for brief in sample(load_grammar(root), seed=1, n=n)}


@pytest.mark.parametrize(
    ("en", "ru", "hy", "expected"),
    [
        ("in {country}", "{country.in}", "{country.loc}", ("In France", "Во Франции", "Ֆրանսիայում")),
        ("with {country}", "{country.with}", "{country.gen} հետ", ("With Sweden", "Со Швецией", "Շվեդիայի հետ")),
        ("to {city}", "{city.into}", "{city}", ("To Prague", "В Прагу", "Պրահա")),
        ("{office}", "{office.ins}", "{office.dat}", ("Ambassador", "Послом", "Դեսպանին")),
        ("on {weekday}", "{weekday.on}", "{weekday.on}", ("On Tuesday", "Во вторник", "Երեքշաբթի օրը")),
        ("in {month}", "{month.in}", "{month.in}", ("In May", "В мае", "Մայիսին")),
        ("{side}", "{side.in}", "{side.loc}", ("North", "На севере", "Հյուսիսում")),
        ("5,000 {currency}", "5 {currency}", "5 {currency}", ("5,000 rubles", "5 рублей", "5 ռուբլի")),
        ("on {date}", "{date.on}", "{date.on}", ("On May 14", "14 мая", "Մայիսի 14-ին")),
        ("{percent}", "{percent}", "{percent}", ("3.5", "3,5", "3,5")),
        ("{score}", "{score}", "{score}", ("3-1", "3:1", "3:1")),
        ("{time}", "{time}", "{time}", ("18:30", "18:30", "18:30")),
        ("{year}", "{year}", "{year}", ("2025", "2025", "2025")),
        ("{count#day|days}", "{count#день|дня|дней}", "{count#օր|օր}", ("Days", "Дня", "Օր")),
    ],
)
def test_shared_class_says(tmp_path: Path, en: str, ru: str, hy: str, expected: tuple[str, str, str]) -> None:
    assert expected in say(tmp_path, en, ru, hy)


def test_large_numbers_are_grouped_as_each_language_does(tmp_path: Path) -> None:
    for en, ru, hy in say(tmp_path, *["{thousands}"] * 3):
        assert re.fullmatch(r"\d{1,2},\d00", en)
        assert ru == hy == en.replace(",", NO_BREAK_SPACE)


@pytest.mark.parametrize(
    ("template", "n_expected"),
    [("{country}", 36), ("{city}", 40), ("{office}", 16), ("{company}", 20), ("{agency}", 8), ("{currency}", 8)],
)
def test_shared_class_has_its_size(tmp_path: Path, template: str, n_expected: int) -> None:
    assert len(say(tmp_path, template, template, template)) == n_expected


def test_people_have_one_name_in_each_language(tmp_path: Path) -> None:
    people = say(tmp_path, *["{person}"] * 3, n=20_000)

    for column in zip(*people, strict=True):
        assert len(set(column)) == len(people)
    assert ("Vera Vetrova", "Вера Ветрова", "Վերա Վետրովա") in people
    assert len(people) > 1200


def test_indeclinable_noun_takes_its_gender_from_the_entry(tmp_path: Path) -> None:
    words = 'thing = [{ id = "taxi", g = "n", en = "taxi", ru = "такси", hy = "տաքսի" }]\n'

    said = say(tmp_path, "{thing}", "{thing} {thing?сломался|сломалась|сломалось}", "{thing}", words=words)

    assert said == {("Taxi", "Такси сломалось", "Տաքսի")}


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ('en = "a"\nru = "б"\nhy = "ա"', "'id' is missing"),
        ('id = "x"\nen = "a"\nhy = "ա"', "x: 'ru' is missing"),
        ('id = "x"\nen = { pl = "as" }\nru = "б"\nhy = "ա"', "x: en: the form 'nom' is missing"),
        ('id = "x"\nen = "a"\nru = { nom = "б", g = "x" }\nhy = "ա"', "x: ru: 'g' must be one of m, f, n, pl"),
        ('id = "x"\nen = "a"\nru = " б"\nhy = "ա"', "x: ru: 'nom': spaces"),
        ('id = "x"\nen = 5\nru = "б"\nhy = "ա"', "x: en: 'nom' must be text"),
        ('id = "x"\nen = "a"\nru = "б"\nhy = "ա"\nplural = "y"', "x: unknown key 'plural'"),
        ('id = "x"\nen = "a"\nru = "б"\nhy = "а"', "x: hy: 'nom': 'а' has Cyrillic letters"),
    ],
)
def test_malformed_entry_is_reported(tmp_path: Path, entry: str, expected: str) -> None:
    with pytest.raises(GrammarError, match=r"test\.toml: \[\[thing\]\]") as caught:
        say(tmp_path, *["{thing}"] * 3, words=f"[[thing]]\n{entry}\n")

    assert expected in str(caught.value)


def test_word_list_defects_are_reported(tmp_path: Path) -> None:
    entry = "id = 'x'\nen = 'a'\nru = 'б'\nhy = 'ա'\n"
    words = f"Bad = 1\nnumbers = 1\n[[city]]\n{entry}[[thing]]\n{entry}[[thing]]\n{entry}"

    with pytest.raises(GrammarError) as caught:
        say(tmp_path, *["{thing}"] * 3, words=words)

    report = str(caught.value)
    assert "[[Bad]]: a class name has lower-case letters" in report
    assert "[[numbers]]: expected an array of tables" in report
    assert "[[city]]: the shared word lists have this class" in report
    assert "[[thing]] x: ru 'б' is there twice" in report


def test_own_word_lists_replace_the_packaged_ones(tmp_path: Path) -> None:
    folder = tmp_path / "lexicon"
    folder.mkdir()
    (folder / "people.toml").write_text("male = [{ origin = 'hy', en = 'Aram' }]", encoding="utf-8")
    (folder / "a.toml").write_text("[[x]]\nid='x'\nen='a'\nru='б'\nhy='ա'", encoding="utf-8")
    (folder / "b.toml").write_text("[[x]]\nid='x'\nen='a'\nru='б'\nhy='ա'", encoding="utf-8")

    with pytest.raises(GrammarError) as caught:
        say(tmp_path, *["{x}"] * 3)

    report = str(caught.value)
    assert "b.toml: [[x]]: another file has this class" in report
    assert "people.toml: [[male]] Aram: hy, ru missing" in report
    assert "people.toml: [[surname]] is missing" in report
    assert "[[month]]: 0 entries, expected 12" in report
