from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.errors import Note
from pipeline.identify import identify
from pipeline.mending import mend, mend_article
from pipeline.types import Article, IdentifiedArticle, Paragraph
from tests.mojibake import misread

DATA = Path(__file__).parents[3] / "shared" / "data"
ENCODINGS = ("cp1251", "cp1252", "latin-1")
TEXTS = (
    "Привет",
    "Парламент принял бюджет: «за» — 226 депутатов, №1 в списке…",
    "РОССИЯ И США ПОДПИСАЛИ ДОГОВОР",
    "Київ і Львів: об’єднання",
    "Խորհրդարանն ընդունեց բյուջեն։ «Այո՛», — ասաց նա։",
    "The minister’s office said “no” – again… €5",
    "Rain ☔ and 👍 in the square 😀",
)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("text", TEXTS)
def test_what_was_misread_is_read_back(text: str, encoding: str) -> None:
    assert mend(misread(text, encoding)) == text


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("text", TEXTS)
def test_what_was_misread_twice_is_read_back(text: str, encoding: str) -> None:
    assert mend(misread(misread(text, encoding), encoding)) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("ÐŸÑ€Ð¸Ð²ÐµÑ‚", "Привет", id="Windows-1252"),
        pytest.param("РџСЂРёРІРµС‚", "Привет", id="Windows-1251"),
        pytest.param("She said â€œyesâ€\x9d.", "She said “yes”.", id="quotes"),
        pytest.param("cafÃ© in MalmÃ¶", "café in Malmö", id="Latin letters"),
        pytest.param("CAFÃ‰ EN LA NACIÃ“N", "CAFÉ EN LA NACIÓN", id="capitals"),
        pytest.param("Р РѕСЃСЃРёСЏ", "Россия", id="no-break space that became a blank"),
        pytest.param("Он сказал: РџСЂРёРІРµС‚!", "Он сказал: Привет!", id="a word in sound text"),
        pytest.param(
            "Р’ РњРѕСЃРєРІРµ РёРґС‘С‚ � СЃРЅРµРі",
            "В Москве идёт � снег",
            id="where something is lost the rest is mended",
        ),
    ],
)
def test_cases(text: str, expected: str) -> None:
    assert mend(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *TEXTS,
        "В СССР… и в РСФСР» – «С» и «Р»",
        "СІРІ ДНІ, СІРІСТЬ і СЄВЄРОДОНЕЦЬК",
        "Сњежана, Рёва, Сёмга, РЁВ, СЁМГА",
        "С нами и Р 52",
        "HAMPÂTÉ-BÂ ON TROUVE, À LA PÂTISSERIE",
        "Ð is a letter of Icelandic, Ñ of Spanish: AÑO, ESPAÑA.",
        "SÃO PAULO, IRMÃ, MAÇÃ – «AÇÃO», «A MAÇÃ», “A IRMÃ”, ‘A MAÇÃ’, AMANHÃ…",
        "L’ÂNE À BÂ… L'ÂGE D'OR, L’ÎLE, ÊTRE, GÂ",
        "ÄRA, ÅR, “ÖL”, GÅ – STÅ, ÄÄ… KÖLN, GRÖSSE, Å, Ä",
        "20 °C, 5 µm, ½ cup, §5, ©2020, £5, №5",
        "Tiếng Việt: Ðà Nẵng, Â Châu",
        "Ђорђе Ћосић, Џеј",
    ],
)
def test_sound_text_is_left_alone(text: str) -> None:
    assert mend(text) == text
    assert mend(text.replace(" ", "\xa0")) == text.replace(" ", "\xa0")
    assert mend(text.upper()) == text.upper()


@pytest.mark.skipif(not DATA.is_dir(), reason="the development data is not here")
def test_not_a_character_of_the_development_data_is_changed() -> None:
    for file in sorted((DATA / "news").glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            record = json.loads(line)
            for text in (record["title"], *record["paragraphs"]):
                assert mend(text) == text
    for file in sorted((DATA / "segment").glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            for paragraph in json.loads(line)["paras"]:
                assert mend(" ".join(paragraph)) == " ".join(paragraph)


def test_metadata_is_mended_too_and_a_note_tells() -> None:
    found = mend_article(
        Article(
            source_uri="a.txt",
            paragraphs=(Paragraph(text="Погода"),),
            publisher=misread("Вестник", "cp1251"),
            authors=(misread("Анна Петрова", "cp1252"), "Ива Гор"),
            keywords=(misread("погода", "cp1251"),),
            section=misread("Общество", "cp1252"),
            notes=(Note.BAD_DATE.value,),
        )
    )
    assert (found.publisher, found.section, found.keywords) == ("Вестник", "Общество", ("погода",))
    assert found.authors == ("Анна Петрова", "Ива Гор")
    assert found.notes == (Note.BAD_DATE, Note.MOJIBAKE_REPAIRED)


def test_sound_article_is_the_same_object() -> None:
    sound = Article(source_uri="a.txt", paragraphs=(Paragraph(text="Погода: +20 °C"),), authors=("Ива Гор",))
    assert mend_article(sound) is sound


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        pytest.param("Погода", (), id="sound"),
        pytest.param("Пого\ufffdа", (Note.REPLACED_CHARACTERS,), id="lost before"),
        pytest.param("Погода\x00", (Note.REPLACED_CHARACTERS,), id="a NUL"),
        pytest.param("Погода \ud800", (Note.REPLACED_CHARACTERS,), id="half a surrogate pair"),
        pytest.param(
            f"{misread('Погода хороша', 'cp1251')} \ufffd",
            (Note.MOJIBAKE_REPAIRED, Note.REPLACED_CHARACTERS),
            id="both",
        ),
    ],
)
def test_notes_of_an_identified_article(text: str, notes: tuple[Note, ...]) -> None:
    found = identify(mend_article(Article(source_uri="a.txt", paragraphs=(Paragraph(text=text),))))
    assert isinstance(found, IdentifiedArticle)
    assert found.notes == notes
