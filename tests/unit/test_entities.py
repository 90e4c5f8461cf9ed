from __future__ import annotations

import re

import pytest

from pipeline.entities import EntityFinder, find_entities, without_entities

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        pytest.param("Read it at https://example.am/news?id=5&lang=hy#top.", ["https://example.am/news?id=5&lang=hy#top"]),
        pytest.param("Подробности (https://example.ru/a_(b)), фото там же.", ["https://example.ru/a_(b)"]),
        pytest.param("Կայքն է՝ https://example.am/hy՝ քաղաքի էջը։", ["https://example.am/hy"]),
        pytest.param("Տե՛ս https://example.am/hy։", ["https://example.am/hy"]),
        pytest.param("Այդ մասին https://example.am-ի լուրերում։", ["https://example.am"]),
        pytest.param("Գրել է news.example.am-ը։", ["news.example.am"]),
        pytest.param("«https://example.com», “www.example.com”", ["https://example.com", "www.example.com"]),
        pytest.param("Shares of Example.com fell; EXAMPLE.COM did not say why.", ["Example.com", "EXAMPLE.COM"]),
        pytest.param("Об этом пишет Example.Ru.", ["Example.Ru"]),
        pytest.param("Канал t.me/example_city закрыт.", ["t.me/example_city"]),
        pytest.param("http://localhost:8000/x?y=%d works", ["http://localhost:8000/x?y=%d"]),
        pytest.param("Пишите на desk@example.com или info@пример.рф!", ["desk@example.com", "info@пример.рф"]),
        pytest.param("Գրեք first.last+news@mail.example.co.uk հասցեին։", ["first.last+news@mail.example.co.uk"]),
        pytest.param("Thanks, @city_hall and @mayor@example.social!", ["@city_hall", "@mayor@example.social"]),
        pytest.param("#Ереван #Երևան #Yerevan2800 №1 #1", ["#Ереван", "#Երևան", "#Yerevan2800"]),
        pytest.param("Dear {name}, {{x}} of ${HOME} is {0}", ["{name}", "{{x}}", "${HOME}", "{0}"]),
        pytest.param("%s of %(count)d, %1$s and %.2f", ["%s", "%(count)d", "%1$s", "%.2f"]),
        pytest.param('<b>Bread &amp; <a href="/x">salt</a><br/>', ["<b>", "&amp;", '<a href="/x">', "</a>", "<br/>"]),
        pytest.param("Run `make test` first.", ["`make test`"]),
        pytest.param(f"Ура! 👍🏽 ❤️ {FAMILY} 🇦🇲 1️⃣", ["👍🏽", "❤️", FAMILY, "🇦🇲", "1️⃣"]),
    ],
)  # fmt: skip
def test_entities_are_found(text: str, entities: list[str]) -> None:
    found = find_entities(text)

    assert [entity.text for entity in found] == entities
    assert [text[entity.start : entity.end] for entity in found] == entities


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("The talks ended at 5 p.m.in the city.", id="time"),
        pytest.param("They met at 10.am and at 7.30.am.", id="time-with-a-full-stop"),
        pytest.param("He spelt it.Me too.", id="no-blank-between-sentences"),
        pytest.param("See e.g.me or the U.S.am.", id="abbreviations"),
        pytest.param("Он сказал.Потом ушёл.", id="no-blank-ru"),
        pytest.param("Налог вырос с 5% до 10% сразу, а 50% довольны.", id="per-cent"),
        pytest.param("It costs 5% sand and 10 % fewer.", id="per-cent-en"),
        pytest.param("Նա ասաց` այո, եւ հեռացավ` առանց խոսքի։", id="armenian-backtick"),
        pytest.param("Նա` `կեսօրին` եկավ։", id="armenian-backtick-for-quotes"),
        pytest.param("a < b and c > d, x<y and y>z", id="less-than"),
        pytest.param("AT&T, R&D", id="ampersand"),
        pytest.param("Trains 2 – 4 @ 5 drams, C# and no. #1", id="lone-marks"),
        pytest.param("www. and http:// alone", id="no-link"),
    ],
)
def test_prose_is_left_alone(text: str) -> None:
    assert find_entities(text) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("https://example.am", "url"),
        ("example.am", "url"),
        ("desk@example.park", "email"),
        ("@example", "handle"),
        ("#example", "hashtag"),
        ("{example}", "placeholder"),
        ("`example`", "code"),
        ("🙂", "emoji"),
    ],
)
def test_each_kind_can_be_left_out(text: str, kind: str) -> None:
    assert [entity.kind for entity in find_entities(text)] == [kind]
    assert [entity.kind for entity in EntityFinder(exceptions=[kind]).find(text)] == []


def test_patterns_of_the_user_come_first() -> None:
    finder = EntityFinder([r"#(\w)\1\w*", r"(?i)bill (?P<url>\d+)"])

    found = finder.find("BILL 12, #aab and #abb of @mayor")

    assert [(entity.text, entity.kind) for entity in found] == [
        ("BILL 12", "pattern"),
        ("#aab", "pattern"),
        ("#abb", "hashtag"),
        ("@mayor", "handle"),
    ]


@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        pytest.param([r"City \w+", r"City"], ["City Hall"], id="the-first-pattern-wins"),
        pytest.param([r"City", r"City \w+"], ["City"], id="whatever-its-length"),
        pytest.param([r"Hall", r"City \w+"], ["City Hall"], id="what-begins-first-wins"),
        pytest.param([r"x*", r"$"], [], id="nothing-is-no-entity"),
        pytest.param([r"\d+"], ["https://example.am/12"], id="a-link-stays-whole"),
    ],
)
def test_contradicting_patterns_do_not_overlap(patterns: list[str], found: list[str]) -> None:
    text = "https://example.am/12" if patterns == [r"\d+"] else "The City Hall"

    assert [entity.text for entity in EntityFinder(patterns).find(text)] == found


def test_a_pattern_that_is_none_is_refused() -> None:
    with pytest.raises(re.error):
        EntityFinder(["("])


def test_entities_are_cut_out() -> None:
    assert without_entities("Ask @mayor at example.am today.") == "Ask   at   today."
    assert without_entities("Ask nobody.") == "Ask nobody."
    assert without_entities("Ask @mayor.", []) == "Ask @mayor."
