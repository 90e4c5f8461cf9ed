from __future__ import annotations

import pytest

from pipeline.filters.reading import segment_record
from pipeline.stages.segment import Segmenter
from pipeline.types import DetectedArticle, IdentifiedArticle, Kind, ParagraphSpan, SegmentedArticle

Part = tuple[Kind, str]


def detected(*parts: Part, language: str) -> DetectedArticle:
    text = "\n\n".join(part for _, part in parts)
    spans: list[ParagraphSpan] = []
    for kind, part in parts:
        start = spans[-1].end + 2 if spans else 0
        spans.append(ParagraphSpan(start=start, end=start + len(part), kind=kind))
    article = IdentifiedArticle(
        article_id="a", revision=1, content_sha256="", text=text, paragraphs=tuple(spans), source_uri="a.txt"
    )
    return DetectedArticle(article=article, language=language, score=0.9)


def segment(*parts: Part, language: str = "en", max_chars: int = 400) -> SegmentedArticle:
    result = Segmenter(max_chars=max_chars).process([detected(*parts, language=language)])
    assert result.rejected == ()
    return result.accepted[0]


def texts(article: SegmentedArticle) -> list[str]:
    return [article.text_of(part) for part in article.segments]


def test_segments_are_numbered_over_the_article() -> None:
    article = segment(("headline", "Bridge closed"), ("body", "It is old. It will be mended."), ("body", "When?"))

    assert texts(article) == ["Bridge closed", "It is old.", "It will be mended.", "When?"]
    assert [part.number for part in article.segments] == [0, 1, 2, 3]
    assert [part.paragraph for part in article.segments] == [0, 1, 1, 2]
    assert [part.kind for part in article.segments] == ["headline", "body", "body", "body"]
    assert (article.language, article.score) == ("en", 0.9)


@pytest.mark.parametrize("kind", ["headline", "caption"])
def test_headlines_and_captions_stay_whole(kind: Kind) -> None:
    article = segment((kind, "Мост закрыт. Что дальше? Ждём ответа."), language="ru")

    assert texts(article) == ["Мост закрыт. Что дальше? Ждём ответа."]


def test_an_over_long_headline_is_wrapped() -> None:
    article = segment(("headline", "one two three, four five six"), max_chars=20)

    assert [(article.text_of(part), part.is_wrapped) for part in article.segments] == [
        ("one two three,", True),
        ("four five six", True),
    ]


def test_only_over_long_segments_are_marked() -> None:
    article = segment(("body", "Short one. A long one, with a comma in it."), max_chars=25)

    assert [part.is_wrapped for part in article.segments] == [False, True, True]
    assert texts(article) == ["Short one.", "A long one,", "with a comma in it."]


def test_segments_in_another_script_have_its_language() -> None:
    article = segment(
        ("body", "Он ответил на вопрос. “No comment at all today.” *** Ոչ ոք չհավատաց:"),
        ("body", "Mr. Lane left. He was late."),
        language="ru",
    )

    assert [(article.text_of(part), part.language) for part in article.segments] == [
        ("Он ответил на вопрос.", "ru"),
        ("“No comment at all today.”", "en"),
        ("***", "ru"),
        ("Ոչ ոք չհավատաց:", "hy"),
        ("Mr. Lane left.", "en"),
        ("He was late.", "en"),
    ]


def test_segments_without_letters_have_the_language_of_the_article() -> None:
    article = segment(("body", "***"), ("body", "18:30"), language="hy")

    assert [(article.text_of(part), part.language) for part in article.segments] == [
        ("***", "hy"),
        ("18:30", "hy"),
    ]


def test_a_paragraph_in_another_script_is_split_by_its_own_rules() -> None:
    article = segment(("body", "Նա ասաց. «Այո»: Վերջ:"), ("body", "He left. She stayed."), language="hy")

    assert texts(article) == ["Նա ասաց. «Այո»:", "Վերջ:", "He left.", "She stayed."]


def test_blank_paragraphs_have_no_segments() -> None:
    assert segment(("headline", " "), ("body", "\n")).segments == ()


def test_signature_names_the_limit() -> None:
    assert Segmenter(max_chars=200).signature.endswith("max:200")
    assert Segmenter(max_chars=200).signature != Segmenter().signature


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        Segmenter(max_chars=0)


def test_filter_adds_segments_and_keeps_the_rest() -> None:
    text = "  Город спит.\r\n\r\nНочь\n \nBye now. Тихо."

    record = segment_record({"text": text, "lang": "RU", "id": 3})

    assert record["id"] == 3
    segments = record["segments"]
    assert isinstance(segments, list)
    assert [(text[start:end], language) for start, end, language in segments] == [
        ("Город спит.", "ru"),
        ("Ночь", "ru"),
        ("Bye now.", "en"),
        ("Тихо.", "ru"),
    ]


@pytest.mark.parametrize("language", [None, "und"], ids=["null", "und"])
def test_filter_detects_the_language_where_none_is_given(language: str | None) -> None:
    record = segment_record({"text": "Նա եկավ: Մենք գնացինք:", "lang": language})

    assert record["segments"] == [[0, 8, "hy"], [9, 22, "hy"]]
    assert segment_record({"text": "2:1"})["segments"] == [[0, 3, "und"]]


@pytest.mark.parametrize(
    ("record", "message"),
    [
        pytest.param({}, 'no "text"', id="missing"),
        pytest.param({"text": ["a"]}, '"text" is list', id="list"),
        pytest.param({"text": "a", "lang": 1}, '"lang" is int', id="language"),
    ],
)
def test_filter_names_what_is_wrong(record: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        segment_record(record)
