from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.editing.marks import mended
from pipeline.types import Kind, parse_pair


def mend(source: str, target: str, pair: str, kind: Kind = "body") -> tuple[str, tuple[str, ...]]:
    source_lang, target_lang = parse_pair(pair)
    return mended(source, target, source_lang=source_lang, target_lang=target_lang, kind=kind)


@pytest.mark.parametrize(
    ("source", "target", "pair", "expected", "names"),
    [
        pytest.param("“Yes,” he said.", "“Да”, — сказал он.", "en-ru", "«Да», — сказал он.", ["quotes"], id="en-in-ru"),
        pytest.param("“Yes,” he said.", "“Այո”,- ասաց նա։", "en-hy", "«Այո»,- ասաց նա։", ["quotes"], id="en-in-hy"),
        pytest.param("Он сказал «да».", "He said «yes».", "ru-en", "He said “yes”.", ["quotes"], id="ru-in-en"),
        pytest.param(
            "Он: «Газета „Мост“».",
            "He: «The „Bridge“».",
            "ru-en",
            "He: “The ‘Bridge’”.",
            ["quotes"],
            id="inner-en",
        ),
        pytest.param("“The ‘Bus’ left.”", "«Ушел “Автобус”».", "en-ru", "«Ушел „Автобус“».", ["quotes"], id="inner-ru"),
        pytest.param("“Yes,” he said.", '"Да", — сказал он.', "en-ru", "«Да», — сказал он.", ["quotes"], id="straight"),
        pytest.param(
            "“Yes,” he said.",
            '«Да", — сказал он.',
            "en-ru",
            "«Да», — сказал он.",
            ["quotes"],
            id="half-straight",
        ),
        pytest.param("“We left.", "“Мы уехали.", "en-ru", "«Мы уехали.", ["quotes"], id="closed-in-another-unit"),
        pytest.param("They came.”", "Они пришли”.", "en-ru", "Они пришли».", ["quotes"], id="opened-in-another-unit"),
        pytest.param(
            "It was the ‘Bus’.”",
            "То был “Автобус”».",
            "en-ru",
            "То был „Автобус“».",
            ["quotes"],
            id="inner-of-it",
        ),
        pytest.param("He — the mayor — left.", "Он - мэр - ушел.", "en-ru", "Он — мэр — ушел.", ["dash"], id="dash"),
        pytest.param("He -- the mayor.", "Նա -- քաղաքապետը։", "en-hy", "Նա – քաղաքապետը։", ["dash"], id="dash-hy"),
        pytest.param("— Привет.", "- Ողջույն։", "ru-hy", "– Ողջույն։", ["dash"], id="dialogue"),
        pytest.param("“Yes,” he said.", "«Да», - сказал он.", "en-ru", "«Да», — сказал он.", ["dash"], id="speech"),
        pytest.param(
            "Rain, then sun.",
            "Дождь , потом  солнце .",
            "en-ru",
            "Дождь, потом солнце.",
            ["spaces"],
            id="spaces",
        ),
        pytest.param(
            "He (a baker) left.",
            "Он ( пекарь ) ушел.",
            "en-ru",
            "Он (пекарь) ушел.",
            ["spaces"],
            id="brackets",
        ),
        pytest.param(
            "The «bus».",
            "Ավտոբուսը՝ « կարմիր »։",
            "ru-hy",
            "Ավտոբուսը՝ «կարմիր»։",
            ["spaces"],
            id="in-quotes",
        ),
        pytest.param(
            "See site.am now.",
            "Смотри site.am .",
            "en-ru",
            "Смотри site.am.",
            ["spaces"],
            id="behind-a-link",
        ),
        pytest.param("He left.", "Նա գնաց.", "en-hy", "Նա գնաց։", ["full-stop"], id="dot-in-hy"),
        pytest.param("He left.", "Նա գնաց:", "en-hy", "Նա գնաց։", ["full-stop"], id="colon-in-hy"),
        pytest.param("“He left.”", "«Նա գնաց».", "en-hy", "«Նա գնաց»։", ["full-stop"], id="dot-behind-quotes-in-hy"),
        pytest.param(
            "The rain stopped. The bus came.",
            "Անձրևը դադարեց. Ավտոբուսը եկավ.",
            "en-hy",
            "Անձրևը դադարեց։ Ավտոբուսը եկավ։",
            ["full-stop"],
            id="dots-inside-hy",
        ),
        pytest.param(
            "The rain stopped. The bus came.",
            "Անձրևը դադարեց: Ավտոբուսը եկավ:",
            "en-hy",
            "Անձրևը դադարեց։ Ավտոբուսը եկավ։",
            ["full-stop"],
            id="colons-inside-hy",
        ),
        pytest.param(
            "The mayor, a baker",
            "Քաղաքապետը` հացթուխ",
            "en-hy",
            "Քաղաքապետը՝ հացթուխ",
            ["comma"],
            id="backtick",
        ),
        pytest.param("What is it?", "Ինչ է դա?", "en-hy", "Ի՞նչ է դա։", ["question-mark"], id="what"),
        pytest.param("Why did he go?", "Ինչու նա գնաց?", "en-hy", "Ինչո՞ւ նա գնաց։", ["question-mark"], id="why"),
        pytest.param(
            "And when is he in?",
            "Իսկ երբ է նա տանը?",
            "en-hy",
            "Իսկ ե՞րբ է նա տանը։",
            ["question-mark"],
            id="and-when",
        ),
        pytest.param(
            "Where did he go?",
            "Նա որտեղ գնաց?",
            "en-hy",
            "Նա որտե՞ղ գնաց։",
            ["question-mark"],
            id="not-first",
        ),
        pytest.param("What is it?", "Ի՞նչ է դա?", "en-hy", "Ի՞նչ է դա։", ["question-mark"], id="asked-twice"),
        pytest.param(
            "“Who?” he asked.",
            "«Ով է?»,- հարցրեց նա։",
            "en-hy",
            "«Ո՞վ է»,- հարցրեց նա։",
            ["question-mark"],
            id="speech-hy",
        ),
        pytest.param("WHAT IS IT?", "ԻՆՉ Է ԴԱ?", "en-hy", "Ի՞ՆՉ Է ԴԱ։", ["question-mark"], id="capitals-hy"),
        pytest.param("Ի՞նչ է դա։", "Что՞ это։", "hy-ru", "Что это?", ["armenian-marks"], id="hy-question-in-ru"),
        pytest.param(
            "Ի՜նչ գեղեցիկ է։",
            "How nice՜ it is.",
            "hy-en",
            "How nice it is!",
            ["armenian-marks"],
            id="hy-cry-in-en",
        ),
        pytest.param(
            "Նա՝ հացթուխը, եկավ։",
            "Он՝ пекарь, пришел։",
            "hy-ru",
            "Он, пекарь, пришел.",
            ["armenian-marks"],
            id="hy-stop-in-ru",
        ),
        pytest.param("Մի՛ գնա։", "Не՛ уходи.", "hy-ru", "Не уходи.", ["armenian-marks"], id="hy-stress-in-ru"),
    ],
)
def test_marks_of_other_languages_are_mended(
    source: str, target: str, pair: str, expected: str, names: list[str]
) -> None:
    assert mend(source, target, pair) == (expected, tuple(names))


@pytest.mark.parametrize(
    ("source", "target", "pair"),
    [
        pytest.param("“Yes,” he said.", "«Да», — сказал он.", "en-ru", id="right-ru"),
        pytest.param("He left.", "Նա գնաց։", "en-hy", id="right-hy"),
        pytest.param('"Yes," he said.', '"Да", — сказал он.', "en-ru", id="straight-as-in-the-source"),
        pytest.param("Он сказал «да».", 'He said "yes".', "ru-en", id="straight-is-right-in-english"),
        pytest.param("Он сказал «да».", 'Նա ասաց "այո։', "ru-hy", id="straight-unpaired"),
        pytest.param("He stood 5 feet.", "Его рост 6' 2\".", "en-ru", id="inches"),
        pytest.param("A 2 inch pipe, he said: “Go.”", 'Труба 2" длиной, " и "', "en-ru", id="straight-in-doubt"),
        pytest.param("The bus “M”.", 'Автобус"М и М"автобус.', "en-ru", id="straight-inside-words"),
        pytest.param("The bus “M”.", "Автобус“М.", "en-ru", id="inside-a-word"),
        pytest.param("Ashford won 3 - 1.", "Эшфорд выиграл 3 - 1.", "en-ru", id="score"),
        pytest.param("Ashford won 3 : 1.", "Счет 3 : 1, победа.", "en-ru", id="ratio"),
        pytest.param("He left, the mayor.", "Он - мэр - ушел.", "en-ru", id="no-dash-in-the-source"),
        pytest.param("Он — мэр.", "He - the mayor - left.", "ru-en", id="hyphens-are-usual-in-english"),
        pytest.param("Wait...", "Подожди ... Потом .NET", "en-ru", id="ellipsis"),
        pytest.param("Well done :)", "Молодец :)", "en-ru", id="smile"),
        pytest.param("Rain , then sun.", "Дождь , потом солнце.", "en-ru", id="spaced-as-in-the-source"),
        pytest.param("`a  b` is code.", "`a  ,b` — код.", "en-ru", id="entity"),
        pytest.param("He said it: go.", "Նա ասաց. «Գնա»։", "en-hy", id="dot-that-announces"),
        pytest.param("It was in 2010", "Դա 2010 թ.", "en-hy", id="abbreviation-hy"),
        pytest.param("He waited...", "Նա սպասեց...", "en-hy", id="ellipsis-hy"),
        pytest.param("He wants this:", "Նա ուզում է սա:", "en-hy", id="list-follows"),
        pytest.param("Is he in?", "Նա տանն է?", "en-hy", id="no-question-word"),
        pytest.param("Did he know that she left?", "Նա գիտեր, որ նա գնաց?", "en-hy", id="conjunction"),
        pytest.param("Did he ask when she left?", "Նա հարցրեց, երբ նա գնաց?", "en-hy", id="relative"),
        pytest.param("Ah, because it rained?", "Ախ, քանի որ անձրև էր?", "en-hy", id="because"),
        pytest.param("So good!", "Այնքան լավ!", "en-hy", id="exclamation-hy"),
        pytest.param("«Ի՞նչ» բառը։", "Слово «ի՞նչ».", "hy-ru", id="armenian-word-in-russian"),
        pytest.param("The talks ended.", "Die „Gespräche“ endeten .", "en-de", id="unknown-conventions"),
        pytest.param("“Copied .”", "“Copied .”", "en-ru", id="copied"),
        pytest.param("The end", "Конец.", "en-ru", id="body-without-a-mark"),
        pytest.param("The end.", "Конец", "en-ru", id="missing-mark-is-not-invented"),
        pytest.param("", "", "en-hy", id="empty"),
        pytest.param("A “word” .", "Слово \ue000 “раз” .", "en-ru", id="private-use"),
    ],
)
def test_what_is_no_error_stays(source: str, target: str, pair: str) -> None:
    text, names = mend(source, target, pair)

    assert text is target
    assert names == ()


@pytest.mark.parametrize(
    ("source", "target", "pair", "expected"),
    [
        pytest.param("Bridge closed", "Мост закрыт.", "en-ru", "Мост закрыт", id="ru"),
        pytest.param("Мост закрыт", "Bridge closed.", "ru-en", "Bridge closed", id="en"),
        pytest.param("Bridge closed", "Կամուրջը փակ է։", "en-hy", "Կամուրջը փակ է", id="hy"),
        pytest.param("Bridge closed", "Կամուրջը փակ է:", "en-hy", "Կամուրջը փակ է", id="hy-colon"),
        pytest.param("“Bridge closed”", "«Мост закрыт».", "en-ru", "«Мост закрыт»", id="behind-quotes"),
        pytest.param("Bridge closed.", "Мост закрыт.", "en-ru", "Мост закрыт.", id="as-in-the-source"),
        pytest.param("Bridge closed", "Мост закрыт...", "en-ru", "Мост закрыт...", id="ellipsis"),
        pytest.param("Сделано в США", "Made in the U.S.", "ru-en", "Made in the U.S.", id="abbreviation"),
        pytest.param("The year 2018", "2018 г.", "en-ru", "2018 г.", id="abbreviation-ru"),
        pytest.param("Fire: what now?", "Հրդեհ. ինչ անել?", "en-hy", "Հրդեհ. ի՞նչ անել", id="question-hy"),
    ],
)
def test_a_headline_gets_no_final_mark(source: str, target: str, pair: str, expected: str) -> None:
    assert mend(source, target, pair, "headline")[0] == expected


PIECES = [
    *" .,:;!?…«»“”„\"'()-–—՝՞՜՛։`",
    *["  ", " - ", "--", "...", " . ", " www.news.am ", " {x} ", " @user ", " `c` ", "ի՞նչ", "Ինչու", "որ"],
]
PIECES += ["Նա", "թ", "Да", "слово", "The", "U.S", "3"]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
LANGUAGES = st.sampled_from(["en", "ru", "hy", "de"])
KINDS = st.sampled_from(get_args(Kind))


# The same texts each time: no proof, for the rules are many and the strange strings endless.
@settings(derandomize=True, max_examples=500)
@given(TEXTS, TEXTS, LANGUAGES, LANGUAGES, KINDS)
def test_mending_is_done_once(source: str, target: str, source_lang: str, target_lang: str, kind: Kind) -> None:
    once, names = mended(source, target, source_lang=source_lang, target_lang=target_lang, kind=kind)

    assert (once is target) == (names == ())
    assert mended(source, once, source_lang=source_lang, target_lang=target_lang, kind=kind) == (once, ())


@given(st.text(max_size=80), st.text(max_size=80), LANGUAGES, LANGUAGES, KINDS)
def test_any_text_can_be_mended(source: str, target: str, source_lang: str, target_lang: str, kind: Kind) -> None:
    text, names = mended(source, target, source_lang=source_lang, target_lang=target_lang, kind=kind)

    assert (text is target) == (names == ())
