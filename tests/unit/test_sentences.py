from __future__ import annotations

import time

import pytest

from pipeline.sentences import RULE_MEANINGS, explain_sentences, split_sentences, wrap_span
from pipeline.sentences.rules import load_rules

LANGUAGES = ("en", "ru", "hy", "de")
EXAMPLES = [
    pytest.param(language, sentences, id=f"{language}-{number}")
    for language in LANGUAGES
    for number, sentences in enumerate(load_rules(language).examples)
]


def split(text: str, language: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text, language)]


@pytest.mark.parametrize(("language", "sentences"), EXAMPLES)
def test_examples_in_the_rule_files_hold(language: str, sentences: tuple[str, ...]) -> None:
    assert split(" ".join(sentences), language) == list(sentences)


# A bar marks each boundary; it stands for the blank there, a double bar for a boundary without one.
SPLITS = [
    ("en", "The vote is on Sept. 3.|Results come at 9 a.m. on Friday.", "dates and hours"),
    ("en", "Gen. Alan Reed and Lt. Col. Roy Fox left St. Helen's.|They flew home.", "titles"),
    ("en", "He asked Mr. T. B. Lane.|No one else knew.", "initials"),
    ("en", "She works at Hill Motors Inc.|The firm sells lorries.", "company before a starter"),
    ("en", "Prices rose 2.5 percent to $3.40.|That is a record.", "decimals"),
    ("en", "It was (see p. 12) a draw.|(Both sides agreed.)|Play resumed.", "brackets"),
    ("en", '"Stop!" he cried.|"We are full."|The door closed.', "quotations"),
    ("en", "“We won.|We are happy.”|The crowd sang.", "sentences inside a quotation"),
    ("en", "Really?!|Yes…|But not today.", "doubled marks"),
    ("en", "Write to desk@example.org or see https://example.org/a?b=1.|Thanks.", "addresses"),
    ("en", "The paper is here.[12]|It has ten pages.", "footnotes"),
    ("en", "The mill closed.||The owner left.", "missing blank before a starter"),
    ("en", "Version 2.Beta of Node.Js is out.|Get it.", "no cut inside names"),
    ("en", "The plan has one part: Money.|It is short.", "the colon ends nothing"),
    ("en", "The book is on page No. 7.|No.|It is lost.", "no as word and as number"),
    ("ru", "Музей стоит на ул. Речной, д. 7.|Вход свободный.", "addresses"),
    ("ru", "Посёлок основан в 1931 г.|Жители пришли с севера.", "year before a capital"),
    ("ru", "В г. Северном и с. Луговом нет света.|Ремонт идёт.", "towns"),
    ("ru", "Роман написал А. П. Лесков.|Рисунки сделала И. Ю. Кедрова.", "initials"),
    ("ru", "Построят дома, школы и т. д.|Срок — два года.", "and so on"),
    ("ru", "Он получил 3,5 млн руб. и ушёл.|Счёт был 2:1.|Матч начался в 18:30.", "numbers"),
    ("ru", "«Куда ты?» — спросил он.|«Домой».|Дверь закрылась.", "quotations"),
    ("ru", "— Идём! — крикнула она.|— Подожди…|Он не успел.", "dialogue"),
    ("ru", "Фильм «Кто? Как? Зачем?» вышел в мае.|Его ждали.", "titles in quotation marks"),
    ("ru", "Дождь кончился.||Солнце вышло.||Стало тепло!||Мы ушли.", "missing blanks"),
    ("ru", "Он сказал (см. табл. 3), что рад.|Все согласны.", "references"),
    ("ru", "Смотрите на сайте www.example.ru/новости.html.|Там всё есть.", "links"),
    ("ru", "Ну… не знаю.|Может быть... завтра.", "ellipses inside"),
    ("ru", "Подробности 05.03.2021 г. сообщит проф. Ильин.|Ждём.", "dates"),
    ("hy", "Նա եկավ։|Մենք գնացինք։", "the Armenian full stop"),
    ("hy", "Նա եկավ:|Մենք գնացինք:", "the colon as full stop"),
    ("hy", "Ժամը 18:30-ին սկսվեց խաղը:|Հաշիվը 2:1 էր:", "hours and scores"),
    ("hy", "Ցանկում երեք բան կա: հաց, ջուր և աղ:|Վերջ:", "a colon before a small letter"),
    ("hy", "Ինչո՞ւ ես լռում:|Ի՜նչ լավ է:|Գնա՛ տուն:", "marks of tone"),
    ("hy", "Վ. Ս. Սարյանը 2019 թ. եկավ Երևան:|Նա ուսուցիչ է:", "initials"),
    ("hy", "«Մենք պատրաստ ենք»,- ասաց նա:|«Վաղը կգանք»:|Բոլորը լռեցին:", "quotations"),
    ("hy", "Նա սպասեց...|Ոչ ոք չեկավ…|Գիշեր էր:", "ellipses"),
    ("hy", "Կայքն է https://example.am/a:b, նայեք:|Շնորհակալություն:", "links"),
    ("hy", "Անձրև էր:||Բոլորը տանն էին:", "missing blank"),
    ("hyw", "Ան եկաւ։|Մենք գացինք տուն։", "Western Armenian"),
    ("de", "Das Spiel endet um 18.30 Uhr.|Alle gehen!|Warum?", "general rules"),
]


@pytest.mark.parametrize(
    ("language", "marked"),
    [pytest.param(language, marked, id=f"{language}-{name}") for language, marked, name in SPLITS],
)
def test_sentences_end_where_marked(language: str, marked: str) -> None:
    text = marked.replace("||", "").replace("|", " ")

    sentences = split(text, language)

    assert sentences == [part for part in marked.split("|") if part]


def test_blank_lines_and_bullets_always_separate() -> None:
    text = "A heading\n\nfirst words\n- one thing\n- another\n1) a third • a fourth"

    assert split(text, "en") == [
        "A heading",
        "first words",
        "- one thing",
        "- another",
        "1) a third",
        "• a fourth",
    ]


def test_a_line_break_inside_a_sentence_separates_nothing() -> None:
    assert split("The council met\non Monday. It\nvoted.", "en") == ["The council met\non Monday.", "It\nvoted."]


@pytest.mark.parametrize("text", ["", " ", "\n\n \n", "\t"], ids=["empty", "blank", "lines", "tab"])
def test_blank_text_has_no_sentences(text: str) -> None:
    assert split_sentences(text, "en") == []


# The end of the text up to the place, and the rule that decided there.
EXPLAINED = [
    ("en", "Dr. Hart met J. Lowe. They left", [("Dr.", "abbreviation-never"), (" J.", "initial"), ("Lowe.", "mark")]),
    ("en", "At 6 p.m. He left", [("6 p.", "inside-word"), ("p.m.", "abbreviation-before-starter")]),
    ("en", "See No. 5, p. 3. Now", [("No.", "abbreviation-before-number"), (" 3.", "mark")]),
    ("en", "Hill Inc. Shares fell. Why", [("Inc.", "abbreviation-company"), ("fell.", "mark")]),
    ("en", "A line\n\n- one\n- two", [("line\n", "blank-line"), ("\n\n", "list-line"), ("one\n", "list-line")]),
    ("en", "one • two • three", [("one ", "bullet"), ("two ", "bullet")]),
    ("en", "one *** two", [("***", "separator")]),
    ("en", "Buy 1) the milk 2) the eggs", [("milk ", "list-item")]),
    ("en", "Wait . . . what. . . . I left", [("Wait . . .", "spaced-dots"), ("what.", "spaced-dots")]),
    ("en", "Yes (he said.) we left. it rained", [(".)", "small-letter"), ("left.", "small-starter")]),
    ("en", "Yes! / No", [("Yes!", "goes-on-with-mark")]),
    ("en", "It ends??and how", [("??", "missing-blank")]),
    ("ru", "Жил в 1962 г. Потом уехал", [("г.", "abbreviation-after-number")]),
    ("ru", "«Кто там? – спросил он. – Это я».", [("там?", "small-letter"), ("он.", "speech-inside-quotation")]),
    ("ru", "Всё и т. д. Вес 5 т. Цена", [("т.", "small-letter"), ("д.", "abbreviation-may-end"), ("5 т.", "unit")]),
    ("hy", "Նա եկավ։ մենք էլ. Վերջ: Ո՞ւր", [("եկավ։", "full-stop"), ("էլ.", "half-stop"), ("Վերջ:", "mark")]),
    ("hy", "Նա լռեց...Հետո գնաց: Վերջ", [("...", "glued-ellipsis")]),
    ("hy", "Երեկ նա ժողովում ասաց. «Կամուրջը կնորոգվի մինչև ձմեռ»:", [("ասաց.", "announced")]),
]


@pytest.mark.parametrize(("language", "text", "rules"), EXPLAINED, ids=[row[1] for row in EXPLAINED])
def test_decisions_name_the_rule(language: str, text: str, rules: list[tuple[str, str]]) -> None:
    decisions = [(text[: decision.offset], decision.rule) for decision in explain_sentences(text, language)]

    assert [
        (end, rule)
        for end, rule in rules
        if not any(before.endswith(end) and found == rule for before, found in decisions)
    ] == []


def test_each_rule_has_a_meaning_and_an_example() -> None:
    seen = {
        decision.rule
        for language in LANGUAGES
        for sentences in load_rules(language).examples
        for decision in explain_sentences(" ".join(sentences), language)
    }
    seen |= {decision.rule for language, text, _ in EXPLAINED for decision in explain_sentences(text, language)}

    assert seen == set(RULE_MEANINGS)


HARD = {
    "no-marks": "слово " * 40_000,
    "no-blanks": "a" * 250_000,
    "dots": "." * 25_000,
    "spaced-dots": ". " * 25_000,
    "initials": "A. " * 15_000,
    "zero-width": "\u200b." * 25_000,
    "combining": "e\u0301" * 25_000,
    "blank-lines": "\n" * 50_000,
    "open-quotes": "«a " * 25_000,
    "quotes": '"' * 50_000,
    "brackets": "(a" * 25_000,
    "numbers": "1) a " * 20_000,
    "stars": "*** " * 20_000,
    "stamps": "08/16/2020 12:05 PM " * 4_000,
    "links": "https://a.b/ " * 8_000,
    "emoji": "😊 А" * 25_000,
    "speech": "«А? – б. – " * 10_000,
}


def _time_once(text: str, language: str) -> float:
    start = time.process_time()
    for sentence_start, sentence_end in split_sentences(text, language):
        wrap_span(text, sentence_start, sentence_end, language=language, max_chars=400)
    return time.process_time() - start


@pytest.mark.parametrize("language", ["en", "hy"])
@pytest.mark.parametrize("name", HARD)
def test_hard_texts_take_linear_time(name: str, language: str) -> None:
    def seconds(text: str) -> float:
        # The best of three: whatever else the machine does only adds.
        return min(_time_once(text, language) for _ in range(3))

    text = HARD[name]

    # Quadratic time would make it 16 times as long for four times the text.
    assert seconds(text) < 10 * seconds(text[: len(text) // 4]) + 0.1


WRAPS = [
    ("en", "one two three; four five six, seven", 24, ["one two three;", "four five six, seven"], "semicolon"),
    ("en", "one two three, four five six seven", 24, ["one two three,", "four five six seven"], "comma"),
    ("ru", "один два три — четыре пять шесть", 24, ["один два три", "— четыре пять шесть"], "dash"),
    ("en", "one two three four and five six seven", 24, ["one two three four", "and five six seven"], "and"),
    ("hy", "մեկ երկու երեք և չորս հինգ վեց", 20, ["մեկ երկու երեք", "և չորս հինգ վեց"], "armenian and"),
    ("en", "one two three four five", 12, ["one two", "three", "four five"], "blank"),
    ("en", "abcdefghij", 4, ["abcd", "efgh", "ij"], "anywhere"),
    ("en", "abce\u0301fgh", 4, ["abc", "e\u0301fg", "h"], "not before a combining mark"),
    ("en", "1,234,567,890 and so", 12, ["1,234,567,890"[:12], "0 and so"], "not inside a number for a comma"),
]


@pytest.mark.parametrize(
    ("language", "text", "max_chars", "expected"),
    [pytest.param(*row[:4], id=row[4]) for row in WRAPS],
)
def test_long_sentences_are_cut_where_it_hurts_least(
    language: str, text: str, max_chars: int, expected: list[str]
) -> None:
    parts = wrap_span(text, 0, len(text), language=language, max_chars=max_chars)

    assert [text[start:end] for start, end in parts] == expected


def test_short_sentences_are_not_cut() -> None:
    assert wrap_span("one, two", 0, 8, language="en", max_chars=8) == [(0, 8)]


def test_blanks_at_the_end_make_no_part() -> None:
    assert wrap_span("abc    ", 0, 7, language="en", max_chars=3) == [(0, 3)]
