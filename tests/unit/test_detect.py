from __future__ import annotations

import random

import langdetect
import pytest

from pipeline.errors import Reason
from pipeline.filters.reading import detect_record
from pipeline.langid import detect_language, language_of_segment, vote_language
from pipeline.stages.detect import Detect
from pipeline.types import IdentifiedArticle, ParagraphSpan

EN = "The city council voted on Tuesday to repair the old bridge before winter."
RU = "Городской совет решил отремонтировать старый мост до наступления зимы."
HY = "Քաղաքային խորհուրդը որոշեց նորոգել հին կամուրջը մինչև ձմեռ։"
UK = "Міська рада вирішила відремонтувати старий міст до настання зими."

TEXTS = [
    ("en", EN, "english"),
    ("en", EN.upper(), "english-capitals"),
    ("en", "He said he would not be there", "english-short"),
    ("ru", RU, "russian"),
    ("ru", RU.upper(), "russian-capitals"),
    ("ru", "Президент", "russian-word"),
    ("ru", "На грани истерики", "russian-without-its-own-letters"),
    ("ru", "Байден: «No comment»", "russian-with-english"),
    ("ru", RU + " Газета «Діло» и журнал «Їжак» закрыты.", "russian-with-ukrainian-names"),
    ("hy", HY, "armenian"),
    ("hy", HY.upper(), "armenian-capitals"),
    ("hy", "Երևան (Yerevan)", "armenian-with-latin"),
    ("uk", UK, "ukrainian"),
    ("uk", UK.replace("і", "i"), "ukrainian-with-latin-i"),
    ("be", "Гарадскі савет вырашыў адрамантаваць стары мост да зімы, каб ён не ўпаў.", "belarusian"),
    ("bg", "Общинският съвет реши да ремонтира стария мост преди зимата, защото той е опасен.", "bulgarian"),
    ("sr", "Градско веће одлучило је да поправи стари мост пре зиме, што ће коштати много.", "serbian"),
    ("kk", "Қалалық кеңес ескі көпірді қысқа дейін жөндеу туралы шешім қабылдады.", "kazakh"),
    ("de", "Der Stadtrat hat beschlossen, die alte Brücke noch vor dem Winter zu reparieren.", "german"),
    ("fr", "Le conseil municipal a décidé de réparer le vieux pont avant l'hiver.", "french"),
    ("tr", "Belediye meclisi eski köprüyü kıştan önce onarmaya karar verdi.", "turkish"),
    ("el", "Το δημοτικό συμβούλιο αποφάσισε να επισκευάσει την παλιά γέφυρα.", "greek"),
    ("und", "", "empty"),
    ("und", "18:30 — 2:1!", "no-letters"),
    ("und", "ქალაქის საბჭომ გადაწყვიტა ძველი ხიდის შეკეთება.", "no-profile"),
]


def identified(text: str, article_id: str = "a") -> IdentifiedArticle:
    paragraphs = []
    start = 0
    for part in text.split("\n\n"):
        paragraphs.append(ParagraphSpan(start=start, end=start + len(part), kind="body"))
        start += len(part) + 2
    return IdentifiedArticle(
        article_id=article_id,
        revision=1,
        content_sha256="",
        text=text,
        paragraphs=tuple(paragraphs),
        source_uri=f"{article_id}.txt",
    )


@pytest.mark.parametrize(("language", "text"), [pytest.param(*row[:2], id=row[2]) for row in TEXTS])
def test_language_of_a_text(language: str, text: str) -> None:
    detected, score = detect_language(text)

    assert detected == language
    assert 0.5 <= score <= 1 if language != "und" else score == 0


def test_most_letters_win() -> None:
    language, score = vote_language([HY, RU, RU, RU])

    assert language == "ru"
    assert 0.7 < score < 0.9


def test_a_short_foreign_headline_does_not_win() -> None:
    assert vote_language(["Le Monde est à nous", EN, EN])[0] == "en"


def test_a_text_without_a_majority_is_undetermined() -> None:
    assert detect_language(f"{RU}\n\n{HY}\n\n{EN}") == ("und", 0.0)


def test_links_and_handles_say_nothing() -> None:
    assert detect_language(f"{RU} https://www.example.com/the-news-of-the-day/and-more @the_council")[0] == "ru"


def test_answers_do_not_depend_on_the_global_seed_or_on_chance() -> None:
    text = "Graves, Cambridge; Mr. Lane"
    answers = set()
    for seed in range(3):
        langdetect.DetectorFactory.seed = seed
        random.seed(seed)
        answers.add(detect_language(text))
    langdetect.DetectorFactory.seed = None

    assert len(answers) == 1


def test_long_texts_are_read_in_part_only() -> None:
    assert detect_language(EN * 20_000)[0] == "en"


SEGMENTS = [
    ("ru", "hy", "hy", HY, "another-script"),
    ("ru", "en", "en", EN, "english-in-russian"),
    ("hy", "ru", "ru", RU, "russian-in-armenian"),
    ("ru", "ru", "ru", "Компания Apple купила DeepMind.", "names"),
    ("ru", "und", "und", "これは本です", "script-not-served"),
    ("uk", "uk", "uk", UK, "own-script-of-another-language"),
    ("de", "de", "de", "Guten Tag", "own-latin"),
    ("el", "el", "el", "Καλημέρα", "own-rare-script"),
    ("de", "ru", "ru", RU, "russian-in-german"),
    ("hyw", "hyw", "hyw", HY, "western-armenian"),
    ("ru", "ru", "ru", "***", "no-letters"),
    ("ru", "ru", "ru", "да no", "half-and-half"),
]


@pytest.mark.parametrize(
    ("article_language", "expected", "text"),
    [pytest.param(row[0], row[1], row[3], id=row[4]) for row in SEGMENTS],
)
def test_language_of_a_segment(article_language: str, expected: str, text: str) -> None:
    assert language_of_segment(text, article_language) == expected


def test_detect_keeps_languages_without_a_model() -> None:
    result = Detect().process([identified(UK)])

    assert [(row.language, row.key) for row in result.accepted] == [("uk", identified(UK).key)]
    assert result.rejected == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("18:30 … 2:1", Reason.NO_LETTERS, id="no-letters"),
        pytest.param(f"{RU}\n\n{HY}\n\n{EN}", Reason.UNKNOWN_LANGUAGE, id="no-majority"),
        pytest.param("ქალაქის საბჭომ გადაწყვიტა", Reason.UNKNOWN_LANGUAGE, id="no-profile"),
    ],
)
def test_detect_rejects_with_a_reason(text: str, reason: Reason) -> None:
    article = identified(text)

    result = Detect().process([article])

    assert result.accepted == ()
    assert [(row.reason, row.key, row.payload.decode()) for row in result.rejected] == [(reason, article.key, text)]


def test_signature_names_the_library() -> None:
    assert "langdetect:" in Detect().signature


def test_filter_adds_language_and_keeps_the_rest() -> None:
    assert detect_record({"id": 7, "text": HY}) == {"id": 7, "text": HY, "lang": "hy", "lang_score": 1.0}
    assert detect_record({"text": "2:1"}) == {"text": "2:1", "lang": "und", "lang_score": 0.0}


@pytest.mark.parametrize(
    ("record", "message"),
    [
        pytest.param({"txt": "a"}, 'no "text"', id="missing"),
        pytest.param({"text": 5}, "is int, not a string", id="number"),
        pytest.param({"text": None}, "is NoneType, not a string", id="null"),
    ],
)
def test_filter_names_what_is_wrong(record: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        detect_record(record)
