"""Numbers in translations: equal ones in all their forms, changed ones, and formats of another language."""

from __future__ import annotations

import pytest

from pipeline.checks.base import TextPair
from pipeline.checks.number_words import combine, written_numbers
from pipeline.checks.numbers import numbers_in_format, numbers_kept

KEPT = {
    "plain": ("en-ru", "The plant employs 450 people.", "На заводе работают 450 человек."),
    "groups": ("en-ru", "About 12,000 people came.", "Пришли около 12 000 человек."),
    "groups-no-break": ("en-ru", "About 12,000 people came.", "Пришли около 12\u00a0000 человек."),
    "groups-narrow": ("en-ru", "It cost 1,250,000 euros.", "Это стоило 1\u202f250\u202f000 евро."),
    "groups-of-armenian": ("en-hy", "About 12,000 people came.", "Եկավ մոտ 12.000 մարդ։"),
    "no-groups": ("ru-en", "Построено 3500 домов.", "Some 3,500 houses were built."),
    "decimals": ("en-ru", "Inflation was 1,000.5 points.", "Инфляция составила 1 000,5 пункта."),
    "decimals-of-armenian": ("hy-en", "Գնաճը կազմել է 5,5 տոկոս։", "Inflation was 5.5 percent."),
    "zero-decimals": ("en-ru", "Rates rose to 7.50 percent.", "Ставка выросла до 7,5 процента."),
    "scale": ("en-ru", "The bridge cost $1.5 million.", "Мост обошёлся в 1,5 млн долларов."),
    "scale-of-armenian": ("en-hy", "The bridge cost $1.5 million.", "Կամուրջն արժեցել է 1.5 միլիոն դոլար։"),
    "scale-written-out": ("en-ru", "The bridge cost $1.5 million.", "Мост обошёлся в 1 500 000 долларов."),
    "scale-letters": ("en-ru", "A $5bn loan and £2.5m of aid", "Кредит в 5 млрд долларов и помощь в 2,5 млн фунтов"),
    "scale-letter-of-people": ("en-ru", "Some 125m people watched.", "Это смотрели 125 млн человек."),
    "metres": ("en-ru", "She won the 100m race.", "Она выиграла забег на 100 метров."),
    "thousands": ("en-ru", "The town has 100k residents.", "В городе 100 тыс. жителей."),
    "thousands-of-armenian": ("hy-ru", "Քաղաքում ապրում է 20 հազար մարդ։", "В городе живут 20 000 человек."),
    "compound-scale": ("en-ru", "a 20-million loan", "20-миллионный кредит"),
    "scale-in-two-steps": ("ru-en", "Собрали 2 млн 300 тыс. рублей.", "They raised 2.3 million rubles."),
    "scale-of-a-range": ("en-ru", "It costs 10 to 20 million.", "Это стоит 10 млн или 20 млн."),
    "words": ("en-ru", "Seven people were hurt.", "Пострадали 7 человек."),
    "words-of-russian": ("ru-en", "Двадцать пять школ закрыты.", "Some 25 schools are shut."),
    "words-in-compounds": ("ru-en", "двадцатипятилетний рыбак", "a 25-year-old fisherman"),
    "words-of-armenian": ("hy-en", "Քսանհինգ դպրոց փակ է։", "Some 25 schools are shut."),
    "ordinal-words": ("en-ru", "in the fifth round", "в 5-м раунде"),
    "ordinal-words-of-armenian": ("hy-ru", "հինգերորդ հարկում", "на 5-м этаже"),
    "ordinals": ("en-ru", "the 1st and the 19th", "1-й и 19-й"),
    "ordinals-of-armenian": ("hy-en", "1-ին և 3-րդ հարկերը", "the 1st and 3rd floors"),
    "roman": ("en-ru", "in the 19th century", "в XIX веке"),
    "decades": ("en-ru", "songs of the 1990s", "песни 1990-х"),
    "short-decades": ("en-ru", "songs of the 1990s", "песни 90-х"),
    "written-decades": ("en-ru", "songs of the 1990s", "песни девяностых"),
    "decades-of-armenian": ("en-hy", "songs of the 1990s", "1990-ականների երգերը"),
    "afternoon": ("en-ru", "The match starts at 3:30 pm.", "Матч начнётся в 15:30."),
    "full-hour": ("en-ru", "The shop closes at 5 p.m.", "Магазин закрывается в 17:00."),
    "point-in-a-time": ("en-ru", "The train left at 4.40 am.", "Поезд ушёл в 4:40."),
    "afternoon-of-russian": ("ru-en", "Он вернулся в 5 часов вечера.", "He came back at 17:00."),
    "afternoon-of-armenian": ("hy-en", "Նա եկավ երեկոյան ժամը 7-ին։", "He came at 19:00."),
    "armenian-mark-in-a-time": ("hy-en", "Հանդիպումը 11։45-ին է։", "The meeting is at 11:45."),
    "midday": ("en-ru", "It opens at 12 noon.", "Открытие в полдень."),
    "dates": ("en-ru", "Signed on 12/25/2018.", "Подписано 25.12.2018."),
    "dates-in-words": ("ru-en", "Подписано 25.12.2018.", "Signed on December 25, 2018."),
    "short-dates": ("ru-en", "Подписано 25.12.18.", "Signed on December 25, 2018."),
    "dates-of-armenian": ("en-hy", "Signed on 12/25/2018.", "Ստորագրվել է 2018 թ. դեկտեմբերի 25-ին։"),
    "short-season": ("en-ru", "the 2018/19 season", "сезон 2018/2019"),
    "range": ("en-ru", "10 to 12 days", "10–12 дней"),
    "score": ("en-ru", "They won 2-1.", "Они победили 2:1."),
    "version": ("en-ru", "Version 1.5.2 is out.", "Вышла версия 1.5.2."),
    "names": ("en-ru", "a Boeing 737 with Covid-19 tests for the G20", "Boeing 737 с тестами на Covid-19 для G20"),
    "powers-of-units": ("en-ru", "a room of 20 m2", "комната в 20 кв. м"),
    "links": ("en-ru", "See https://example.org/2019/07 today", "Смотрите сегодня"),
    "conversion": ("en-ru", "It is 40 miles away.", "До него 65 км."),
    "conversion-of-degrees": ("en-ru", "It was 95 degrees Fahrenheit.", "Было 35 градусов."),
    "fraction": ("en-ru", "about 2/3 of votes", "около двух третей голосов"),
    "western-armenian": ("hyw-en", "Եօթը տարի առաջ", "7 years ago"),
    "half": ("en-ru", "half of voters", "50% избирателей"),
    "half-million": ("en-ru", "two and a half million voters", "2,5 млн избирателей"),
    "written-scale": ("en-ru", "one in 1,000,000", "один на миллион"),
    "midnight": ("en-ru", "It happened at midnight.", "Это случилось в 00:00."),
    "ordinal-with-yo": ("en-ru", "July 4th", "четвёртое июля"),
    "telephone": ("ru-en", "тел. 0800 555 111", "call 0800 555 111"),
    "baseball": ("en-ru", "He hit .315 this year.", "В этом году он отбил 0,315."),
    "race": ("en-ru", "a time of 1:45.678", "время 1:45,678"),
    "twins": ("en-ru", "20 boys and 20 girls", "20 мальчиков и 20 девочек"),
}

CHANGED = {
    "digit": ("en-ru", "The plant employs 450 people.", "На заводе работают 460 человек.", 0.0),
    "one-of-two": ("en-ru", "From 15 to 20 people", "От 15 до 30 человек", 0.5),
    "lost": ("en-ru", "On 14 May 1987 it opened.", "14 мая он открылся.", 2 / 3),
    "added": ("ru-en", "Он родился в мае.", "He was born in May 1987.", 0.0),
    "scale": ("en-ru", "It cost $5 million.", "Это стоило 5 млрд долларов.", 0.0),
    "scale-lost": ("en-hy", "It cost $5 million.", "Այն արժեր 5 դոլար։", 0.0),
    "decimal-mark-lost": ("en-ru", "It rose by 1.5 points.", "Рост на 15 пунктов.", 0.0),
    "other-word": ("en-ru", "In 7 days", "Через восемь дней", 0.0),
    "morning-for-afternoon": ("en-ru", "At 5 am", "В 17:00", 0.0),
    "other-century": ("en-ru", "songs of the 1990s", "песни 1890-х", 0.0),
    "one-number-for-two": ("en-ru", "20 boys and 20 girls", "20 мальчиков и девочек", 2 / 3),
    "no-conversion": ("en-ru", "It is 40 miles away.", "До него 90 км.", 0.0),
}

WRONG_FORMAT = {
    "english-groups-in-russian": ("en-ru", "About 12,000 people came.", "Пришли около 12,000 человек."),
    "english-decimals-in-russian": ("en-ru", "It rose by 1.5 points.", "Рост на 1.5 пункта."),
    "both-in-russian": ("en-ru", "It cost 1,250.75 euros.", "Это стоило 1,250.75 евро."),
    "russian-groups-in-english": ("ru-en", "Пришли 12 000 человек.", "About 12 000 people came."),
    "russian-decimals-in-english": ("ru-en", "Рост на 1,5 пункта.", "It rose by 1,5 points."),
    "armenian-groups-in-english": ("hy-en", "Եկավ 12000 մարդ։", "About 12.000 people came."),
    "scaled": ("ru-en", "Мост обошёлся в 1,5 млн.", "The bridge cost 1,5 million."),
}

RIGHT_FORMAT = {
    "russian": ("en-ru", "About 12,000.5 points", "Около 12 000,5 пункта"),
    "english": ("ru-en", "Около 12 000,5 пункта", "About 12,000.5 points"),
    "armenian-with-points": ("en-hy", "About 12,000 people came.", "Եկավ մոտ 12.000 մարդ։"),
    "armenian-with-commas": ("en-hy", "About 12,000 people came.", "Եկավ մոտ 12,000 մարդ։"),
    "three-decimals": ("en-ru", "Exactly 3.125 points", "Ровно 3,125 пункта"),
    "time-with-a-point": ("en-ru", "at 15.30 sharp", "ровно в 15.30"),
    "name-with-a-point": ("en-ru", "a USB 3.0 port", "порт USB 3.0"),
    "section-with-a-point": ("en-ru", "Article 228.1 of the code", "статья 228.1 кодекса"),
    "telephone": ("ru-en", "тел. 0800 555 111", "call 0800 555 111"),
    "figure-with-a-point": ("en-ru", "see figure 1.1", "см. рисунок 1.1"),
}

NOT_MEASURED = {
    "no-digits": ("en-ru", "Seven people were hurt.", "Пострадали семь человек."),
    "unknown-language": ("en-uk", "The plant employs 450 people.", "На заводі працюють 460 осіб."),
    "only-in-a-link": ("en-ru", "See https://example.org/2019", "См. https://example.org/2019"),
    "empty": ("en-ru", "", ""),
}


def _pair(direction: str, source: str, target: str) -> TextPair:
    source_lang, target_lang = direction.split("-")
    return TextPair(source, target, source_lang, target_lang)


@pytest.mark.parametrize("case", KEPT.values(), ids=KEPT)
def test_equal_numbers_are_kept_in_all_their_forms(case: tuple[str, str, str]) -> None:
    pair = _pair(*case)
    back = TextPair(pair.target, pair.source, pair.target_lang, pair.source_lang)

    assert numbers_kept(pair) in {1.0, None}
    assert numbers_kept(back) in {1.0, None}


@pytest.mark.parametrize(("direction", "source", "target", "share"), CHANGED.values(), ids=CHANGED)
def test_a_changed_number_is_found(direction: str, source: str, target: str, share: float) -> None:
    assert numbers_kept(_pair(direction, source, target)) == pytest.approx(share)


@pytest.mark.parametrize("case", WRONG_FORMAT.values(), ids=WRONG_FORMAT)
def test_a_number_in_the_format_of_another_language_is_kept_but_not_in_format(case: tuple[str, str, str]) -> None:
    assert numbers_kept(_pair(*case)) == 1.0
    assert numbers_in_format(_pair(*case)) == 0.0


@pytest.mark.parametrize("case", RIGHT_FORMAT.values(), ids=RIGHT_FORMAT)
def test_a_number_in_the_format_of_its_language_is_in_format(case: tuple[str, str, str]) -> None:
    assert numbers_kept(_pair(*case)) == 1.0
    assert numbers_in_format(_pair(*case)) in {1.0, None}


@pytest.mark.parametrize("case", NOT_MEASURED.values(), ids=NOT_MEASURED)
def test_there_is_nothing_to_measure(case: tuple[str, str, str]) -> None:
    assert numbers_kept(_pair(*case)) is None
    assert numbers_in_format(_pair(*case)) is None


def test_half_of_the_numbers_may_be_in_format() -> None:
    pair = _pair("en-ru", "From 1.5 to 2.5 points", "С 1,5 до 2.5 пункта")

    assert numbers_in_format(pair) == 0.5


def test_numbers_without_marks_have_no_format() -> None:
    assert numbers_in_format(_pair("en-ru", "Some 3,500 houses", "3500 домов")) is None


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        ([], []),
        ([2, 100, 5], [205]),
        ([2, 3], [2, 3]),
        ([20, 5], [25]),
        ([10, 12], [10, 12]),
        ([2, 1_000_000, 300, 1000, 5], [2_300_005]),
        ([100, 30, 2, 1000, 500], [132_500]),
        ([2, 0.5, 1_000_000], [2_500_000]),
        ([1000, 1_000_000], [1000, 1_000_000]),
    ],
)
def test_number_words_make_numbers(values: list[float], numbers: list[float]) -> None:
    assert combine(values) == numbers


@pytest.mark.parametrize(
    ("text", "language", "numbers"),
    [
        ("two hundred and five, twenty-first", "en", [205, 21]),
        ("five million in December", "en", [5_000_000, 12]),
        ("сто тридцать две тысячи пятьсот", "ru", [132_500]),
        ("полтора миллиона, пятидесятилетие", "ru", [1_500_000, 50]),
        ("երկու հարյուր հիսուն հազար, տասնմեկամյա", "hy", [250_000, 11]),
        ("Երկուշաբթի և հինգշաբթի", "hy", []),
        ("Chapter IV", "en", [4]),
    ],
)
def test_numbers_in_letters_are_read(text: str, language: str, numbers: list[float]) -> None:
    assert sorted(written_numbers(text, language)) == sorted(numbers)


def test_long_rows_of_digits_are_read_in_time() -> None:
    pair = _pair("en-ru", "7" * 8000, "1,1.1:1 000 " * 700)

    share = numbers_kept(pair)

    assert share is not None
    assert share < 1
