"""Units of measure and currencies in translations."""

from __future__ import annotations

import pytest

from pipeline.checks.base import TextPair
from pipeline.checks.quantities import currencies_kept, units_kept

UNITS_KEPT = {
    "symbols": ("en-ru", "The road is 12 km long.", "Длина дороги 12 км."),
    "words": ("en-ru", "The road is 12 kilometres long.", "Длина дороги 12 километров."),
    "symbol-and-word": ("en-hy", "The road is 12 km long.", "Ճանապարհը 12 կիլոմետր է։"),
    "word-and-symbol": ("hy-ru", "Ճանապարհը 12 կիլոմետրանոց է։", "Длина дороги 12 км."),
    "percent": ("en-ru", "Prices rose by 5%.", "Цены выросли на 5 процентов."),
    "percent-of-armenian": ("ru-hy", "Цены выросли на 5%.", "Գները աճել են 5 տոկոսով։"),
    "per-cent": ("en-ru", "Prices rose by 5 per cent.", "Цены выросли на 5%."),
    "compound": ("ru-en", "12-километровая дорога", "a 12-kilometer road"),
    "within-a-word": ("en-ru", "a 12-km road", "двенадцатикилометровая дорога"),
    "written-number": ("en-ru", "It weighs 5 kg.", "Он весит пять килограммов."),
    "speed": ("en-ru", "a wind of 60 mph", "ветер 60 миль в час"),
    "degrees": ("en-ru", "It was 25 °C.", "Было 25 градусов."),
    "square": ("en-ru", "200 square miles burnt", "сгорело 200 кв. миль"),
    "area": ("ru-hy", "76 000 гектаров земли", "76 000 հա հող"),
    "scale": ("en-ru", "2.5 million tonnes of grain", "2,5 млн тонн зерна"),
    "conversion": ("en-ru", "It is 40 miles away.", "До него 65 км."),
    "conversion-of-a-range": ("en-ru", "2 to 4 inches of rain", "от 5 до 10 см осадков"),
    "conversion-of-pounds": ("en-ru", "a 550 pound pig", "свинья весом 250 кг"),
    "conversion-of-degrees": ("en-ru", "It was 95 °F.", "Было 35 °C."),
}

UNITS_CHANGED = {
    "other-unit": ("en-ru", "It is 40 miles away.", "До него 40 км."),
    "other-size": ("en-ru", "It weighs 5 kg.", "Он весит 5 граммов."),
    "percent-lost": ("en-ru", "Prices rose by 5%.", "Цены выросли на 5."),
    "degrees-not-converted": ("en-ru", "It was 95 °F.", "Было 95 °C."),
    "odd-conversion": ("en-ru", "It is 40 miles away.", "До него 90 км."),
    "armenian": ("ru-hy", "Длина дороги 12 км.", "Ճանապարհը 12 մետր է։"),
}

CURRENCIES_KEPT = {
    "symbol-and-word": ("en-ru", "It cost $5.", "Это стоило 5 долларов."),
    "word-and-word": ("en-hy", "It cost 5 dollars.", "Այն արժեր 5 դոլար։"),
    "code": ("en-ru", "It cost USD 500.", "Это стоило 500 долларов США."),
    "scale": ("en-ru", "a €2.8bn market", "рынок в 2,8 млрд евро"),
    "adjective": ("en-ru", "5 million US dollars", "5 млн американских долларов"),
    "pounds": ("en-ru", "a £125m deal", "сделка на 125 млн фунтов стерлингов"),
    "pounds-without-sterling": ("en-hy", "a £125m deal", "125 միլիոն ֆունտի գործարք"),
    "dram": ("hy-en", "Այն արժե 5000 դրամ։", "It costs 5,000 drams."),
    "dram-symbol": ("hy-ru", "Այն արժե 5000 ֏։", "Это стоит 5000 драмов."),
    "ruble": ("ru-en", "Штраф составил 5000 руб.", "The fine was 5,000 rubles."),
    "yen-or-yuan": ("en-ru", "It cost ¥500.", "Это стоило 500 юаней."),
    "one-word-for-two-symbols": ("en-ru", "from $5 to $10", "от 5 до 10 долларов"),
}

CURRENCIES_CHANGED = {
    "other-currency": ("en-ru", "It cost $5.", "Это стоило 5 евро.", 0.0),
    "lost": ("en-ru", "It cost $5.", "Это стоило 5.", 0.0),
    "added": ("ru-en", "Он набрал 5.", "He got €5.", 0.0),
    "one-of-two": ("en-ru", "from $5 to €10", "от 5 до 10 долларов", 2 / 3),
    "armenian": ("hy-en", "Այն արժե 5000 դրամ։", "It costs 5,000 dollars.", 0.0),
}

NOT_MEASURED = {
    "no-digits": ("en-ru", "It costs a few dollars a kilometre.", "Это стоит немного."),
    "no-unit": ("en-ru", "There are 5 of them.", "Их 5."),
    "unknown-language": ("en-uk", "It cost $5 a km.", "Це коштувало 5 євро."),
    "year": ("ru-en", "в 2018 г.", "in 2018"),
}


def _pair(direction: str, source: str, target: str) -> TextPair:
    source_lang, target_lang = direction.split("-")
    return TextPair(source, target, source_lang, target_lang)


@pytest.mark.parametrize("case", UNITS_KEPT.values(), ids=UNITS_KEPT)
def test_units_are_kept_by_symbol_by_word_and_converted(case: tuple[str, str, str]) -> None:
    assert units_kept(_pair(*case)) == 1.0


@pytest.mark.parametrize("case", UNITS_CHANGED.values(), ids=UNITS_CHANGED)
def test_changed_units_are_found(case: tuple[str, str, str]) -> None:
    share = units_kept(_pair(*case))

    assert share is not None
    assert share < 1


@pytest.mark.parametrize("case", CURRENCIES_KEPT.values(), ids=CURRENCIES_KEPT)
def test_currencies_are_kept_by_symbol_code_and_word(case: tuple[str, str, str]) -> None:
    assert currencies_kept(_pair(*case)) == 1.0


@pytest.mark.parametrize(
    ("direction", "source", "target", "share"), CURRENCIES_CHANGED.values(), ids=CURRENCIES_CHANGED
)
def test_changed_currencies_are_found(direction: str, source: str, target: str, share: float) -> None:
    assert currencies_kept(_pair(direction, source, target)) == pytest.approx(share)


@pytest.mark.parametrize("case", NOT_MEASURED.values(), ids=NOT_MEASURED)
def test_there_is_nothing_to_measure(case: tuple[str, str, str]) -> None:
    assert units_kept(_pair(*case)) is None
    assert currencies_kept(_pair(*case)) is None
