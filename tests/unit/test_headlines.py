from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.editing.headlines import Casing, WordCases, casing_of, restored, to_sentence_case
from pipeline.editing.letters import folded

CAPS, TITLE = Casing.CAPS, Casing.TITLE

BODIES = {
    "en": (
        "The mayor of Ashford, Nora Quill, met Peter Lindqvist on Monday. Quill said that UNESCO would pay.\n\n"
        "The White House did not answer. A white wall was painted. Old houses in New Ferry will be saved, said Quill. "
        "The bakery McAllister sells iPads, too."
    ),
    "ru": (
        "Мэр Заречинска Нина Кротова встретилась с Петром Линдом. Вчера Кротову спросили о ЮНЕСКО.\n\n"
        "Крыша Белого дома протекла. Белая стена упала. В городе Усть-Лавинске закрыли мост."
    ),
    "hy": (
        "Լեռնաձորի քաղաքապետ Նարե Գալստյանը հանդիպեց Պետեր Լինդին։ ՅՈՒՆԵՍԿՕ-ն վճարելու է։\n\n"
        "Երեկ Լեռնաձորում անձրև եկավ, և կամուրջը փակվեց։ Եվրոպական հյուրերը Մեղրաշենից էին։"
    ),
}


@pytest.mark.parametrize(
    ("text", "language", "casing"),
    [
        pytest.param("BRIDGE CLOSED AFTER HEAVY RAIN", "en", CAPS, id="caps-en"),
        pytest.param("МОСТ ЗАКРЫЛИ ПОСЛЕ ДОЖДЯ", "ru", CAPS, id="caps-ru"),
        pytest.param("ԿԱՄՈՒՐՋԸ ՓԱԿՎԵԼ Է ԱՆՁՐԵՎԻ ՊԱՏՃԱՌՈՎ", "hy", CAPS, id="caps-hy"),
        pytest.param("ԿԱՄՈՒՐՋԸ ՓԱԿՎԵԼ Է ԱՆՁՐԵՎԻ ՊԱՏՃԱՌՈՎ", "hyw", CAPS, id="caps-hyw"),
        pytest.param("BRIDGE CLOSED, SEE www.ashford.info", "en", CAPS, id="caps-with-a-link"),
        pytest.param("MAYOR McALLISTER RESIGNS AT LAST", "en", CAPS, id="caps-with-small-letters-in-a-name"),
        pytest.param("Baker Finds Old Clock in His Garden", "en", TITLE, id="title"),
        pytest.param("Council Will Not Pay for Bridge That Collapsed", "en", TITLE, id="title-with-small-words"),
        pytest.param(
            "Baker Walked From Ashford to Dover With Two Cows", "en", TITLE, id="title-with-long-prepositions"
        ),
        pytest.param("After the Flood, Farmers Ask for Help", "en", TITLE, id="title-from-a-preposition-on"),
        pytest.param("NATO", "en", None, id="acronym"),
        pytest.param("NATO, UNESCO", "en", None, id="two-acronyms"),
        pytest.param("НАТО И ЮНЕСКО", "ru", None, id="two-acronyms-ru"),
        pytest.param("US, EU agree on trade", "en", None, id="acronyms-in-a-sentence"),
        pytest.param("BBC: HIV", "en", None, id="only-acronyms"),
        pytest.param("Nora Quill, Peter Lindqvist", "en", None, id="names"),
        pytest.param("Ashford Town Council President Nora Quill", "en", None, id="office-and-name"),
        pytest.param("United States Department of Health", "en", None, id="institution"),
        pytest.param("Quill meets Lindqvist in Ashford", "en", None, id="sentence-full-of-names"),
        pytest.param("Quill to Meet Lindqvist and talk about Ashford", "en", None, id="half-title-case"),
        pytest.param("Who Says?", "en", None, id="too-short-for-title-case"),
        pytest.param("The bridge was closed.", "en", None, id="sentence"),
        pytest.param("Новый Мост Открыли", "ru", None, id="no-title-case-in-russian"),
        pytest.param("18:30", "en", None, id="numbers"),
        pytest.param("", "en", None, id="empty"),
        pytest.param("雨で橋が閉鎖", "ja", None, id="no-capitals-in-the-script"),
    ],
)
def test_the_casing_of_a_text_is_seen(text: str, language: str, casing: Casing | None) -> None:
    assert casing_of(text, language) is casing


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        pytest.param("QUILL MEETS LINDQVIST IN ASHFORD", "en", "Quill meets Lindqvist in Ashford", id="names"),
        pytest.param("UNESCO PAYS FOR BRIDGES", "en", "UNESCO pays for bridges", id="acronym-of-the-body"),
        pytest.param("BBC AND FBI ASK NATO", "en", "BBC and FBI ask NATO", id="known-acronyms"),
        pytest.param("WHITE HOUSE: WHITE WALLS", "en", "White House: White walls", id="names-of-two-words"),
        pytest.param("QUILL'S IPADS SOLD BY MCALLISTER", "en", "Quill's iPads sold by McAllister", id="inner-capitals"),
        pytest.param("BRIDGE OPENS. WHO PAYS? NOBODY", "en", "Bridge opens. Who pays? Nobody", id="sentences"),
        pytest.param("“BRIDGE OPENS ON MONDAY”", "en", "“Bridge opens on Monday”", id="quotes"),
        pytest.param("I'M GOING TO GERMANY IN JUNE", "en", "I'm going to Germany in June", id="pronoun-i"),
        pytest.param("COVID-19 AND F-16 COST 5TH TOWN", "en", "COVID-19 and F-16 cost 5th town", id="with-digits"),
        pytest.param(
            "J. K. TARN LEAVES THE U.S. IN XIV DAYS", "en", "J. K. Tarn leaves the U.S. in XIV days", id="initials"
        ),
        pytest.param("SEE WWW.ASHFORD.INFO OR @QUILL", "en", "See WWW.ASHFORD.INFO or @QUILL", id="entities"),
        pytest.param(
            "КРОТОВА ВСТРЕТИЛА ЛИНДА В ЗАРЕЧИНСКЕ: НОВЫЙ МОСТ",
            "ru",
            "Кротова встретила Линда в Заречинске: новый мост",
            id="inflected-names-ru",
        ),
        pytest.param("США И ФСБ О РОССИИ В 2018 Г. И МИРЕ", "ru", "США и ФСБ о России в 2018 г. и мире", id="known-ru"),
        pytest.param("В УСТЬ-ЛАВИНСК ПРИЕХАЛИ", "ru", "В Усть-Лавинск приехали", id="compound-ru"),
        pytest.param(
            "ՆԱՐԵ ԳԱԼՍՏՅԱՆԸ ԵՎ ԼԻՆԴԸ ԼԵՌՆԱՁՈՐՈՒՄ",
            "hy",
            "Նարե Գալստյանը և Լինդը Լեռնաձորում",
            id="inflected-names-hy",
        ),
        pytest.param("ԵՎ ԵՐԵՎԱՆԸ, ԵՎ ԵՎՐՈՊԱՆ", "hy", "Եվ Երևանը, և Եվրոպան", id="ligature-hy"),
        pytest.param("ՄԱԿ-Ը ԵՎ ՅՈՒՆԵՍԿՕ-Ն", "hy", "ՄԱԿ-ը և ՅՈՒՆԵՍԿՕ-ն", id="acronyms-hy"),
    ],
)
def test_capitals_become_a_sentence(text: str, language: str, expected: str) -> None:
    cases = WordCases.from_text(BODIES[language], language)

    assert to_sentence_case(text, language, CAPS, cases) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Quill Meets Lindqvist in Ashford", "Quill meets Lindqvist in Ashford", id="names"),
        pytest.param("Baker Finds Old Clock in His Garden", "Baker finds old clock in his garden", id="no-names"),
        pytest.param("New Ferry Wants New Houses", "New Ferry wants new houses", id="names-of-two-words"),
        pytest.param("McAllister Sells iPads in the U.S.", "McAllister sells iPads in the U.S.", id="inner-capitals"),
        pytest.param(
            "Zyblik Spools Out: It Is the First", "Zyblik Spools out: It is the first", id="unknown-words-stay"
        ),
    ],
)
def test_title_case_becomes_a_sentence(text: str, expected: str) -> None:
    assert to_sentence_case(text, "en", TITLE, WordCases.from_text(BODIES["en"], "en")) == expected


def test_headlines_inside_the_article_are_no_witnesses() -> None:
    cases = WordCases.from_text(
        "Baker Finds Old Clock in His Garden\n\nTHE BAKER WAS HAPPY TODAY\n\nThe baker left.", "en"
    )

    assert to_sentence_case("BAKER FINDS BAKER", "en", CAPS, cases) == "Baker finds baker"


@pytest.mark.parametrize(
    ("text", "language", "casing", "expected"),
    [
        pytest.param("Мост закрыт, см. {link}", "ru", CAPS, "МОСТ ЗАКРЫТ, СМ. {link}", id="placeholder"),
        pytest.param("Երևանում և Գորիսում", "hy", CAPS, "ԵՐԵՎԱՆՈՒՄ ԵՎ ԳՈՐԻՍՈՒՄ", id="ligature"),
        pytest.param("See www.ashford.info now", "en", CAPS, "SEE www.ashford.info NOW", id="link"),
        pytest.param("Пекарь нашел часы", "ru", TITLE, "Пекарь нашел часы", id="no-title-case-in-russian"),
        pytest.param("Հացթուխը գտավ ժամացույցը", "hy", TITLE, "Հացթուխը գտավ ժամացույցը", id="nor-in-armenian"),
        pytest.param(
            "the baker of Ashford looks for an iPad: a well-known man with no rest to look for",
            "en",
            TITLE,
            "The Baker of Ashford Looks for an iPad: A Well-Known Man With No Rest to Look For",
            id="title",
        ),
    ],
)
def test_a_translation_gets_its_casing(text: str, language: str, casing: Casing, expected: str) -> None:
    assert restored(text, language, casing) == expected


SENTENCES = [
    pytest.param("Quill will save the old houses in New Ferry", "en", id="en"),
    pytest.param("UNESCO pays for White House roof, says Nora Quill", "en", id="en-acronym"),
    pytest.param("Кротова и Линд спорят о мосте в Усть-Лавинске", "ru", id="ru"),
    pytest.param("Գալստյանը և Լինդը Լեռնաձորում են, ՅՈՒՆԵՍԿՕ-ն՝ Երևանում", "hy", id="hy"),
]


@pytest.mark.parametrize(("sentence", "language"), SENTENCES)
def test_a_headline_in_capitals_comes_back(sentence: str, language: str) -> None:
    capitals = restored(sentence, language, CAPS)

    assert casing_of(capitals, language) is CAPS
    assert to_sentence_case(capitals, language, CAPS, WordCases.from_text(BODIES[language], language)) == sentence


def test_a_headline_in_title_case_comes_back() -> None:
    sentence = "Quill will save the old houses in New Ferry"
    title = restored(sentence, "en", TITLE)

    assert title == "Quill Will Save the Old Houses in New Ferry"
    assert casing_of(title, "en") is TITLE
    assert to_sentence_case(title, "en", TITLE, WordCases.from_text(BODIES["en"], "en")) == sentence


TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from([*" .:-'\"«»՞։", "ԵՎ", "և", "ԵՎՐՈՊԱ", "НАТО", "U.S", "iPhone", "WORD", "word", "ß", "5G"])
    ).map("".join),
)


@given(TEXTS, st.sampled_from(["en", "ru", "hy", "hyw", "ja"]), st.sampled_from(Casing), TEXTS)
def test_nothing_but_capitals_changes(text: str, language: str, casing: Casing, body: str) -> None:
    casing_of(text, language)
    cases = WordCases.from_text(body, language)

    assert folded(to_sentence_case(text, language, casing, cases)) == folded(text)
    assert folded(restored(text, language, casing)) == folded(restored(folded(text), language, casing))
