from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.editing.fragments import fitted
from pipeline.editing.protection import MAX_STAND_INS, ProtectedText, joined, protect, unmasked
from pipeline.entities import find_entities

LINK = "https://example.org/a?b=1"


def protected(text: str) -> ProtectedText:
    return protect(text, find_entities(text))


@pytest.mark.parametrize(
    ("text", "head", "core", "tail"),
    [
        pytest.param("The talks ended.", "", "The talks ended.", "", id="nothing-to-protect"),
        pytest.param(f"The talks ended. {LINK}", "", "The talks ended.", f" {LINK}", id="link-behind-the-sentence"),
        pytest.param("It ended! #Vote2026 #News", "", "It ended!", " #Vote2026 #News", id="row-of-hashtags"),
        pytest.param("It ended! 😀 #News", "", "It ended!", " 😀 #News", id="mixed-row"),
        pytest.param("😀 It ended 🎉🎉", "😀 ", "It ended", " 🎉🎉", id="emoji-without-a-mark"),
        pytest.param(f"Read it at {LINK}", "", f"Read it at {LINK}", "", id="link-as-part-of-the-sentence"),
        pytest.param("Встреча завершилась. @lake_news", "", "Встреча завершилась.", " @lake_news", id="ru"),
        pytest.param("Հանդիպումն ավարտվեց։ #լուրեր", "", "Հանդիպումն ավարտվեց։", " #լուրեր", id="hy"),
        pytest.param("🎉🎉", "🎉🎉", "", "", id="only-emoji"),
        pytest.param("", "", "", "", id="empty"),
    ],
)
def test_what_is_no_part_of_the_sentence_is_cut_off(text: str, head: str, core: str, tail: str) -> None:
    found = protected(text)

    assert (found.head, found.core, found.tail) == (head, core, tail)


@pytest.mark.parametrize(
    ("text", "masked", "texts"),
    [
        pytest.param(
            f"Read {LINK} now, @lake_news.",
            "Read X1 now, X2.",
            ("Read X1 now, X2.", "Read", "now"),
            id="link-and-handle",
        ),
        pytest.param(
            "Hello {name}, %d letters came.",
            "Hello X1, X2 letters came.",
            ("Hello X1, X2 letters came.", "Hello", "letters came."),
            id="placeholders",
        ),
        pytest.param("The X1 of {name} is new.", "The X1 of Z1 is new.", None, id="stand-in-that-the-text-has-not"),
        pytest.param(LINK, "", (), id="nothing-but-a-link"),
    ],
)
def test_stand_ins_take_the_place_of_protected_spans(text: str, masked: str, texts: tuple[str, ...] | None) -> None:
    found = protected(text)

    assert found.masked == masked
    assert texts is None or found.texts == texts


@pytest.mark.parametrize(
    ("translation", "expected"),
    [
        pytest.param("Читайте X1 сейчас, X2.", f"Читайте {LINK} сейчас, @lake_news.", id="as-they-were"),
        pytest.param("X2: читайте X1.", f"@lake_news: читайте {LINK}.", id="in-another-order"),
        pytest.param("Читайте Х1 сейчас, Х 2.", f"Читайте {LINK} сейчас, @lake_news.", id="cyrillic-and-blank"),
        pytest.param("Читайте сейчас, X2.", None, id="one-is-lost"),
        pytest.param("Читайте X1 и X1 сейчас, X2.", None, id="one-is-doubled"),
        pytest.param("Читайте X12 сейчас, X2.", None, id="another-number"),
        pytest.param("ЧитайтеX1 сейчас, X2.", None, id="grown-together"),
    ],
)
def test_stand_ins_must_come_back_once_each(translation: str, expected: str | None) -> None:
    assert unmasked(translation, protected(f"Read {LINK} now, @lake_news.")) == expected


def test_what_looks_like_a_reference_in_a_span_is_text() -> None:
    found = protected(r"Run `\1 \g<0>` now.")

    assert unmasked("Запустите X1 сейчас.", found) == r"Запустите `\1 \g<0>` сейчас."


def test_pieces_are_put_together_around_the_spans() -> None:
    found = protected(f"Read {LINK} now, @lake_news.")

    assert joined({"Read": "Читайте.", "now": "Сейчас"}, found) == f"Читайте {LINK} сейчас, @lake_news."


def test_many_placeholders_have_no_stand_ins() -> None:
    found = protected(" and ".join(f"{{item{number}}}" for number in range(500)))

    assert len(found.spans) == 500 > MAX_STAND_INS
    assert found.texts == ("and",)


@given(st.text(alphabet="ab .,!\n😀#@{}X1%s:/«»", max_size=60))
def test_nothing_is_lost_whatever_stands_there(text: str) -> None:
    found = protected(text)
    same = {part: part for part in found.texts}

    core = joined(same, found) if found.spans else found.core
    assert found.head + core + found.tail == text
    if found.masked:
        # Where a stand-in grows together with a word there is no telling.
        assert unmasked(found.masked, found) in (found.core, None)


@pytest.mark.parametrize(
    ("source", "translation", "expected"),
    [
        pytest.param("now", "Сейчас.", "сейчас", id="part"),
        pytest.param("Read it.", "Читайте.", "Читайте.", id="sentence"),
        pytest.param("in the US", "США", "США", id="acronym"),
        pytest.param("այսօր", "Сегодня:", "сегодня", id="armenian-colon"),
        pytest.param("and then", "И потом…", "и потом…", id="ellipsis"),
        pytest.param("now", "", "", id="nothing"),
        pytest.param("raged in Ireland", "Իռլանդիայում մոլեգնել է։", "Իռլանդիայում մոլեգնել է", id="name-hy"),
        pytest.param("на востоке Ирландии", "Ireland's east.", "Ireland's east", id="name-en"),
        pytest.param("on Monday in Riga", "В понедельник в Риге.", "в понедельник в Риге", id="no-name"),
    ],
)
def test_parts_of_sentences_get_no_marks_and_capitals(source: str, translation: str, expected: str) -> None:
    assert fitted(source, translation) == expected
