from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.checks.base import TextPair
from pipeline.editing.glossary import Entry, Glossary, PairGlossary
from pipeline.editing.glossary_file import read_glossary
from pipeline.editing.inflection import load_inflection
from pipeline.editing.terms import TermError, Words, parse_term
from pipeline.types import parse_pair

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


def entry(
    pair: str, sources: str, targets: str, wrong: str = "", *, is_exact: bool = False, note: str = "", line: int = 0
) -> Entry:
    return Entry(
        pair=parse_pair(pair),
        sources=tuple(sources.split("|")),
        targets=tuple(targets.split("|")),
        wrong_forms=tuple(wrong.split("|")) if wrong else (),
        is_exact=is_exact,
        note=note,
        line=line,
    )


def glossary_of(*entries: Entry) -> PairGlossary:
    found = Glossary(entries).for_pair(*entries[0].pair)
    assert found is not None
    return found


def is_found(term: str, text: str, language: str, *, is_exact: bool = False) -> bool:
    return parse_term(term, language, is_exact=is_exact).is_in(Words(text, load_inflection(language)))


@pytest.mark.parametrize("language", ["en", "ru", "hy"])
def test_each_rule_makes_the_forms_of_its_example(language: str) -> None:
    inflection = load_inflection(language)
    wrong = []
    for rule in inflection.rules:
        word, *expected = rule.examples
        made = [forms for forms in inflection.forms(word) if forms.rule == rule.name]
        known = {forms.stem + ending for forms in made for ending in forms.endings or ()}
        wrong += [(rule.name, form) for form in expected if inflection.fold(form) not in known]
        assert made, rule.name

    assert wrong == []


@pytest.mark.parametrize(
    ("language", "term", "text"),
    [
        ("ru", "Москва", "Из Москвы сообщили о тумане."),
        ("ru", "Байден", "Встреча с Байденом длилась час."),
        ("ru", "Соединённые Штаты", "Посол Соединенных Штатов уехал."),
        ("ru", "премьер-министр", "Письмо премьер-министру дошло."),
        ("ru", "Нью-Йорк", "Рейс из Нью\u2011Йорка задержан."),
        ("ru", "Ростов-на-Дону", "В Ростове-на-Дону жарко."),
        ("ru", "МИД", "Ноту передали МИДу."),
        ("ru", "США", "Товары из США дорожают."),
        ("ru", "лондон*", "На лондонской бирже тихо."),
        ("ru", "замок", "Старый за\u0301мок закрыт."),
        ("ru", "Орёл", "Поезд до Орла отменён."),
        ("ru", "северный ветер", "Дует\nсеверным\u00a0\nветром."),
        ("hy", "Երևան", "Նա Երևանից է։"),
        ("hy", "Երևան", "ԵՐԵՎԱՆՈՒՄ ԱՆՁՐԵՎ Է"),
        ("hy", "Երևան", "Երեւանի մէջ կ’անձրեւէ։"),
        ("hy", "Երևան", "Դու Երևանո՞ւմ ես ապրում։"),
        ("hy", "կառավարություն", "Կառավարութիւնը որոշեց։"),
        ("hy", "Գյումրի", "Գյումրու դպրոցները փակ են։"),
        ("hy", "ՄԱԿ", "Նա աշխատում է ՄԱԿ-ում։"),
        ("hy", "ազգային ժողով", "Ազգային ժողովի նիստը սկսվեց։"),
        ("en", "ambulance", "Nine ambulances came."),
        ("en", "Nora Thornbury", "Nora Thornbury's words were clear."),
        ("en", "Thornbury", "the THORNBURY report"),
        ("en", "U.S.", "A U.S.-led mission left."),
        ("en", "US", "The US team won."),
        ("en", "O'Hara", "Mr O’Hara resigned."),
        ("en", "AT&T", "Shares of AT&T fell."),
        ("en", "«Velmora»", "Velmora cut fares."),
        ("fr", "Genève", "Il vit à Genève."),
    ],
)
def test_a_term_is_found_in_its_forms(language: str, term: str, text: str) -> None:
    assert is_found(term, text, language)


@pytest.mark.parametrize(
    ("language", "term", "text"),
    [
        ("en", "US", "Let us go."),
        ("en", "art", "The party started in Bart's flat."),
        ("en", "New York", "A new, York-based club."),
        ("en", "well known", "a well-known singer"),
        ("en", "U.S.", "The US team won."),
        ("ru", "Рим", "Римляне ушли."),
        ("ru", "США", "Он сша написал."),
        ("ru", "Лондон", "На лондонской бирже тихо."),
        ("ru", "Мали", "Он был мал ростом."),
        ("hy", "Վան", "Վանաձորում ձյուն է։"),
        ("fr", "Genève", "Les Genèves"),
    ],
)
def test_a_term_is_not_found_in_other_words(language: str, term: str, text: str) -> None:
    assert not is_found(term, text, language)


@pytest.mark.parametrize(
    ("term", "text", "expected"),
    [("Правда", "Газета «Правды» вышла.", True), ("Правда", "Он не сказал правды.", False)],
    ids=["capital", "small"],
)
def test_exact_terms_keep_their_letter_case_in_all_forms(term: str, text: str, expected: bool) -> None:  # noqa: FBT001
    assert is_found(term, text, "ru", is_exact=True) == expected


@pytest.mark.parametrize("text", ["…", "*", "ab*", "Mos*cow", "Kyiv *"])
def test_what_is_no_term_is_refused(text: str) -> None:
    with pytest.raises(TermError):
        parse_term(text, "en")


@pytest.mark.parametrize(
    ("source", "target", "kept", "missed"),
    [
        ("It rained all day.", "Весь день шёл дождь.", None, ()),
        ("Moscow is quiet.", "В Москве тихо.", 1.0, ()),
        ("Moscow and Riga agreed.", "Москва и Вена договорились.", 0.5, ("Riga",)),
        ("Moscow, Moscow!", "Вена!", 0.0, ("Moscow",)),
        ("The United States agreed.", "США согласились.", 1.0, ()),
        ("The U.S. and the United States.", "Они согласились.", 0.0, ("U.S.",)),
        ("Some states agreed.", "Некоторые штаты согласились.", 1.0, ()),
        ("Read https://moscow.com and #Moscow now", "Читайте", None, ()),
        ("THEY LET US DOWN", "ОНИ НАС ПОДВЕЛИ", None, ()),
        ("MOSCOW WAITS", "МОСКВА ЖДЁТ", 1.0, ()),
    ],
)
def test_terms_kept_and_missed(source: str, target: str, kept: float | None, missed: tuple[str, ...]) -> None:
    glossary = glossary_of(
        entry("en-ru", "Moscow", "Москва"),
        entry("en-ru", "Riga", "Рига"),
        entry("en-ru", "United States|US|U.S.", "США|Соединённые Штаты"),
        entry("en-ru", "state", "штат"),
    )
    pair = TextPair(source, target, "en", "ru")

    assert glossary.terms_kept(pair) == kept
    assert glossary.missed(pair) == missed


NAMES = glossary_of(
    entry("en-ru", "Huddersfield", "Хаддерсфилд", "Худдерсфилд|Гуддерсфил*"),
    entry("en-ru", "Keir Starmer", "Кир Стармер", "Кейр Стармер"),
    entry("en-ru", "United States", "США", "Объединённые Штаты"),
    entry("en-ru", "New Haven", "Нью-Хейвен", "Ньюхавен|New Haven"),
    entry("en-ru", "Riga", "Рига", "Ригас"),
    entry("en-ru", "Velmora Inc.", "«Велмора»", "Вельмора Инк."),
    entry("en-ru", "ledger", "реестр", "книга учёта"),
    entry("en-ru", "Dee", "Ди", "Дии", is_exact=True),
    entry("en-ru", "UN", "ООН", "УН"),
)


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("Huddersfield won.", "«Худдерсфилд» победил.", "«Хаддерсфилд» победил."),
        ("Near Huddersfield.", "Недалеко от Худдерсфилда.", "Недалеко от Хаддерсфилда."),
        ("In Huddersfield.", "В Гуддерсфиле и Худдерсфилде.", "В Хаддерсфилде и Хаддерсфилде."),
        ("HUDDERSFIELD WINS", "В ХУДДЕРСФИЛДЕ ПОБЕДА", "В ХАДДЕРСФИЛДЕ ПОБЕДА"),
        ("Keir Starmer’s plan", "План Кейра Стармера", "План Кира Стармера"),
        ("The United States", "Из Объединенных Штатов", "Из США"),
        ("In New Haven", "В Ньюхавене", "В Нью-Хейвене"),
        ("New Haven", "Город New Haven", "Город Нью-Хейвен"),
        ("The ledger is lost.", "Книга учёта потеряна.", "Реестр потеряна."),
        ("By Velmora Inc.", "Компании Вельмора Инк.", "Компании Велмора."),
        ("By Velmora Inc. now", "Вельмора Инк. сейчас", "Велмора сейчас"),
        ("Dee left.", "Дии ушла.", "Ди ушла."),
        ("The UN left.", "УН ушла.", "ООН ушла."),
    ],
)
def test_a_known_wrong_form_is_put_right(source: str, target: str, expected: str) -> None:
    changed, terms = NAMES.enforced(source, target)

    assert changed == expected
    assert len(terms) == 1
    assert terms[0].lower() in source.lower()
    assert NAMES.enforced(source, changed)[0] is changed


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("Leeds won.", "«Худдерсфилд» победил."),
        ("Huddersfield won.", "«Хаддерсфилд», или Худдерсфилд, победил."),
        ("Huddersfield won.", "Смотрите `Худдерсфилд` и #Худдерсфилд"),
        ("In Riga.", "В Ригасе."),
        ("The ledger is lost.", "Нет книги учёта."),
        ("Huddersfield won.", "Лидс победил."),
        ("No names here.", "Имён нет."),
        ("", ""),
    ],
    ids=[
        "no term",
        "right form",
        "entities",
        "other kind",
        "other kind of two words",
        "no wrong form",
        "none",
        "empty",
    ],
)
def test_a_target_stays_where_nothing_can_be_put_right(source: str, target: str) -> None:
    changed, terms = NAMES.enforced(source, target)

    assert changed is target
    assert terms == ()


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("Նա Վանացորում է։", "Նա Վանաձորում է։"),
        ("Դու Վանացորո՞ւմ ես։", "Դու Վանաձորո՞ւմ ես։"),
        ("Վանացո՞ր", "Վանաձո՞ր"),
        ("ՎԱՆԱՑՈՐԻ ԿԱՄՈՒՐՋԸ", "ՎԱՆԱՁՈՐԻ ԿԱՄՈՒՐՋԸ"),
    ],
)
def test_armenian_endings_and_marks_stay(target: str, expected: str) -> None:
    glossary = glossary_of(entry("en-hy", "Vanadzor", "Վանաձոր", "Վանացոր"))

    assert glossary.enforced("Vanadzor", target) == (expected, ("Vanadzor",))


def test_an_armenian_acronym_does_not_take_the_place_of_a_word_with_an_ending() -> None:
    glossary = glossary_of(entry("en-hy", "United States", "ԱՄՆ", "Միացյալ Նահանգներ"))
    target = "Միացյալ Նահանգների դեսպանը"

    assert glossary.enforced("The envoy of the United States", target)[0] is target
    assert glossary.enforced("The United States", "Միացյալ Նահանգներ")[0] == "ԱՄՆ"


def test_the_right_word_of_another_term_is_not_changed() -> None:
    glossary = glossary_of(
        entry("en-ru", "states", "штаты", "Штаты Америки"), entry("en-ru", "America", "Америка", "Амэрика")
    )
    target = "Штаты Амэрики"

    changed, terms = glossary.enforced("The states of America", target)

    assert (changed, terms) == ("Штаты Америки", ("America",))


def test_longer_wrong_forms_come_first_and_all_places_are_changed() -> None:
    glossary = glossary_of(entry("en-ru", "Dee", "Ди", "Дии"), entry("en-ru", "River Dee", "река Ди-Ривер", "река Дии"))

    changed, terms = glossary.enforced("River Dee and Dee", "Река Дии. Дии, Дии!")

    assert changed == "Река Ди-Ривер. Ди, Ди!"
    assert terms == ("River Dee", "Dee")


def test_western_armenian_shares_the_entries_of_armenian() -> None:
    glossary = Glossary([entry("hy-en", "Երևան", "Yerevan")])
    western = glossary.for_pair("hyw", "en")

    assert western is glossary.for_pair("hy", "en")
    assert western is not None
    assert western.terms_kept(TextPair("Երեւանէն կու գայ։", "He comes from Yerevan.", "hyw", "en")) == 1.0
    assert glossary.signature("hyw", "en") == glossary.signature("hy", "en") != ""


def test_a_pair_without_entries_has_no_glossary_and_no_signature() -> None:
    glossary = Glossary([entry("hy-en", "Երևան", "Yerevan")])

    assert glossary.for_pair("en", "hy") is None
    assert glossary.signature("en", "hy") == ""


def test_the_signature_is_that_of_what_can_change_results() -> None:
    first, second = entry("en-ru", "Riga", "Рига"), entry("en-ru", "Moscow", "Москва", "Масква")
    signature = Glossary([first, second]).signature("en", "ru")

    assert Glossary([second, first, entry("en-hy", "Riga", "Ռիգա")]).signature("en", "ru") == signature
    assert Glossary([entry("en-ru", "Riga", "Рига", note="!", line=9), second]).signature("en", "ru") == signature
    others = [
        [first],
        [first, entry("en-ru", "Moscow", "Москва", "Мосва")],
        [first, entry("en-ru", "Moscow", "Москва", "Масква", is_exact=True)],
        [first, entry("en-ru", "Moscow", "Москов|Москва", "Масква")],
    ]
    signatures = {Glossary(entries).signature("en", "ru") for entries in others}
    assert len(signatures | {signature}) == len(others) + 1


def test_the_sample_glossary_is_about_the_samples() -> None:
    glossary = read_glossary(SAMPLES.parent / "docs" / "glossary.csv")
    for source, target, n_terms in [
        ("en", "ru", 6),
        ("en", "hy", 4),
        ("ru", "en", 5),
        ("hy", "en", 4),
        ("hy", "ru", 4),
    ]:
        text = "\n".join(path.read_text("utf-8") for path in sorted((SAMPLES / source).glob("*.txt")))
        entries = glossary.for_pair(source, target)

        assert entries is not None
        assert len(entries.missed(TextPair(text, "", source, target))) == n_terms
