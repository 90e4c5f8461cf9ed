from __future__ import annotations

import pytest

from pipeline.newsbrief.russian import (
    CASES,
    Gender,
    decline_given_name,
    decline_surname,
    inflect,
    join_prepositions,
    plural_index,
)


@pytest.mark.parametrize(
    ("name", "gender", "expected"),
    [
        ("Арам", "m", "Арам Арама Араму Арама Арамом Араме"),
        ("Сергей", "m", "Сергей Сергея Сергею Сергея Сергеем Сергее"),
        ("Игорь", "m", "Игорь Игоря Игорю Игоря Игорем Игоре"),
        ("Дмитрий", "m", "Дмитрий Дмитрия Дмитрию Дмитрия Дмитрием Дмитрии"),
        ("Ирина", "f", "Ирина Ирины Ирине Ирину Ириной Ирине"),
        ("Ольга", "f", "Ольга Ольги Ольге Ольгу Ольгой Ольге"),
        ("Наталья", "f", "Наталья Натальи Наталье Наталью Натальей Наталье"),
        ("Юлия", "f", "Юлия Юлии Юлии Юлию Юлией Юлии"),
        ("Лилит", "f", "Лилит Лилит Лилит Лилит Лилит Лилит"),
        ("Софи", "f", "Софи Софи Софи Софи Софи Софи"),
    ],
)
def test_given_name_declines_by_its_ending(name: str, gender: Gender, expected: str) -> None:
    cases = decline_given_name(name, gender=gender)

    assert [cases[case] for case in CASES] == expected.split()


@pytest.mark.parametrize(
    ("name", "gender", "expected"),
    [
        ("Адамян", "m", "Адамян Адамяна Адамяну Адамяна Адамяном Адамяне"),
        ("Адамян", "f", "Адамян Адамян Адамян Адамян Адамян Адамян"),
        ("Ветров", "m", "Ветров Ветрова Ветрову Ветрова Ветровым Ветрове"),
        ("Ветрова", "f", "Ветрова Ветровой Ветровой Ветрову Ветровой Ветровой"),
        ("Ладыгин", "m", "Ладыгин Ладыгина Ладыгину Ладыгина Ладыгиным Ладыгине"),
        ("Косарев", "m", "Косарев Косарева Косареву Косарева Косаревым Косареве"),
        ("Волынский", "m", "Волынский Волынского Волынскому Волынского Волынским Волынском"),
        ("Волынская", "f", "Волынская Волынской Волынской Волынскую Волынской Волынской"),
        ("Линдквист", "m", "Линдквист Линдквиста Линдквисту Линдквиста Линдквистом Линдквисте"),
        ("Линдквист", "f", "Линдквист Линдквист Линдквист Линдквист Линдквист Линдквист"),
        ("Риджуэй", "m", "Риджуэй Риджуэя Риджуэю Риджуэя Риджуэем Риджуэе"),
        ("Моретти", "m", "Моретти Моретти Моретти Моретти Моретти Моретти"),
    ],
)
def test_surname_declines_by_its_ending_and_gender(name: str, gender: Gender, expected: str) -> None:
    cases = decline_surname(name, gender=gender)

    assert [cases[case] for case in CASES] == expected.split()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("в Франции", "во Франции"),
        ("В вторник в Вене", "Во вторник в Вене"),
        ("в Вьетнаме", "во Вьетнаме"),
        ("с Швецией", "со Швецией"),
        ("с Сербией", "с Сербией"),
        ("с Стокгольмом", "со Стокгольмом"),
        ("о Армении", "об Армении"),
        ("о Японии", "о Японии"),
        ("о «Арарате»", "об «Арарате»"),
        ("о 11 погибших", "об 11 погибших"),
        ("о 110 погибших", "о 110 погибших"),
        ("из-за о-в Франции", "из-за о-в Франции"),
        ("слов Франции", "слов Франции"),
    ],
)
def test_preposition_is_extended_before_some_words(text: str, expected: str) -> None:
    assert join_prepositions(text) == expected


def test_plain_noun_is_indeclinable() -> None:
    forms = inflect({"nom": "Осло"})

    assert [forms[case] for case in CASES] == ["Осло"] * 6
    assert (forms["in"], forms["about"], forms["with"]) == ("в Осло", "об Осло", "с Осло")


def test_given_form_stays_and_missing_case_stays_missing() -> None:
    forms = inflect({"nom": "север", "loc": "севере", "in": "на севере"})

    assert forms["in"] == "на севере"
    assert forms["about"] == "о севере"
    assert "from" not in forms


@pytest.mark.parametrize(
    ("number", "expected"),
    [(1, 0), (2, 1), (4, 1), (5, 2), (11, 2), (12, 2), (14, 2), (21, 0), (22, 1), (111, 2), (950, 2)],
)
def test_noun_form_follows_the_number(number: int, expected: int) -> None:
    assert plural_index(number) == expected
