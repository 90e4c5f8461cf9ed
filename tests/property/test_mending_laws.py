from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.mending import mend
from tests.mojibake import misread

LETTERS = st.sampled_from(
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюяРСФХЦВГДЕЁЖІЇЄабвԱԲԳԴԵԶաբգդեզէըթժիլև"
    + "abcdefgXYZ" * 3
    + " " * 20
    + "«».,–—…„“”’№"
)
SOUND = st.text(LETTERS, max_size=80)
MISREADABLE = st.text(st.characters(codec="utf-8") | LETTERS, max_size=60)
ENCODINGS = st.sampled_from(["cp1251", "cp1252", "latin-1"])
PARTS = st.lists(SOUND | st.builds(misread, MISREADABLE, ENCODINGS) | st.text(max_size=20), max_size=4)


@given(SOUND)
def test_sound_text_is_never_changed(text: str) -> None:
    assert mend(text) == text


@given(PARTS)
def test_mending_twice_is_mending_once(parts: list[str]) -> None:
    once = mend(" ".join(parts))
    assert mend(once) == once


@given(st.text(st.sampled_from("абвгдежзиклмнопрстуАБВГД  .,«»—"), min_size=4, max_size=60), ENCODINGS)
def test_russian_with_a_word_of_four_letters_is_read_back(text: str, encoding: str) -> None:
    assert mend(misread(f"слово {text}", encoding)) == f"слово {text}"
