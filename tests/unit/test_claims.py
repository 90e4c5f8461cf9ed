from __future__ import annotations

import pytest

from pipeline.errors import Note
from pipeline.identify import identify
from pipeline.langid.claims import claimed_code, is_mismatch
from pipeline.stages.detect import Detect
from pipeline.types import Article, IdentifiedArticle, Paragraph

RUSSIAN = "Парламент принял бюджет в пятницу, сообщило агентство."


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        ("en", "en"),
        ("en-US", "en"),
        ("en_GB", "en"),
        (" RU ", "ru"),
        ("ru-RU,en", "ru"),
        ("eng", "en"),
        ("rus", "ru"),
        ("hye", "hy"),
        ("arm", "hy"),
        ("hyw", "hy"),
        ("hy-AM", "hy"),
        ("English", "en"),
        ("Russian (Russia)", "ru"),
        ("Armenian", "hy"),
        ("русский", "ru"),
        ("հայերեն", "hy"),
        ("de", "de"),
        ("und", None),
        ("mul", None),
        ("Klingon", None),
        ("xx", None),
        ("яя", None),
        ("12", None),
        ("", None),
    ],
)
def test_codes(claim: str, code: str | None) -> None:
    assert claimed_code(claim) == code


@pytest.mark.parametrize(
    ("claim", "language", "expected"),
    [
        ("en-US", "en", False),
        ("hy", "hyw", False),
        ("hyw", "hy", False),
        ("hyw", "hyw", False),
        (None, "en", False),
        ("Klingon", "en", False),
        ("en", "ru", True),
        ("German", "ru", False),
        ("de-DE", "ru", True),
    ],
)
def test_mismatches(claim: str | None, language: str, *, expected: bool) -> None:
    assert is_mismatch(claim, language) is expected


@pytest.mark.parametrize(
    ("claim", "before", "after"),
    [
        pytest.param("en", (), (Note.LANGUAGE_MISMATCH,), id="another language"),
        pytest.param("ru-RU", (Note.BAD_DATE,), (Note.BAD_DATE,), id="the same"),
        pytest.param("en", (Note.LANGUAGE_MISMATCH,), (Note.LANGUAGE_MISMATCH,), id="noted already"),
        pytest.param("ru", (Note.LANGUAGE_MISMATCH, Note.BAD_DATE), (Note.BAD_DATE,), id="noted under other rules"),
    ],
)
def test_detection_notes_a_mismatch(claim: str, before: tuple[Note, ...], after: tuple[Note, ...]) -> None:
    article = identify(
        Article(
            source_uri="a.txt",
            paragraphs=(Paragraph(text=RUSSIAN),),
            claimed_language=claim,
            notes=tuple(note.value for note in before),
        )
    )
    assert isinstance(article, IdentifiedArticle)
    (found,) = Detect().process([article]).accepted
    assert (found.language, found.article.notes) == ("ru", after)
