"""Moses files: as many lines in each, whatever the texts hold."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.corpus.corpus import Corpus
from pipeline.corpus.selection import Selection
from pipeline.export.base import Material, Tally
from pipeline.export.columns import on_one_line, one_line
from pipeline.export.moses import MOSES
from tests.exports import HOSTILE, PLAIN, hostile_pairs, write_units
from tests.factories import NOW


def exported(corpus: Path, folder: Path) -> Tally:
    folder.mkdir()
    with Corpus(corpus) as opened:
        material = Material(corpus=opened, selection=Selection(), made_at=NOW)
        MOSES.write(material, folder)
    return material.tally


def lines_of(folder: Path) -> dict[str, list[str]]:
    """Return the lines of each file, cut as Unicode says, which is at more places than line feeds."""
    return {path.name: path.read_text(encoding="utf-8").splitlines() for path in sorted(folder.iterdir())}


def test_hostile_texts_are_one_line_each(tmp_path: Path) -> None:
    pairs = hostile_pairs()

    tally = exported(write_units(tmp_path / "corpus", *pairs), tmp_path / "moses")

    files = lines_of(tmp_path / "moses")
    assert {name: len(lines) for name, lines in files.items()} == dict.fromkeys(
        ["en-ru.en", "en-ru.ids", "en-ru.ru"], 2 * len(HOSTILE)
    )
    assert files["en-ru.en"] == [one_line(source) for source, _ in pairs]
    assert files["en-ru.ru"] == [one_line(target) for _, target in pairs]
    assert files["en-ru.ids"][-1] == f"656e2d7275{2 * len(HOSTILE) - 1:06}"
    assert tally.n_units == 2 * len(HOSTILE)


def test_each_pair_has_files_of_its_own(tmp_path: Path) -> None:
    for pair in ("en-ru", "ru-en"):
        write_units(tmp_path / "corpus", PLAIN if pair == "en-ru" else PLAIN[::-1], pair=pair)

    tally = exported(tmp_path / "corpus", tmp_path / "moses")

    files = lines_of(tmp_path / "moses")
    assert list(files) == ["en-ru.en", "en-ru.ids", "en-ru.ru", "ru-en.en", "ru-en.ids", "ru-en.ru"]
    assert files["ru-en.ru"] == files["en-ru.ru"] == [PLAIN[1]]
    assert dict(tally.units) == {"en-ru": 1, "ru-en": 1}


@pytest.mark.parametrize(
    "blank",
    [("", "Да."), ("Yes.", ""), ("Yes.", "\x00\x1b\u2028"), ("\x01", "Да.")],
    ids=["no-source", "no-target", "unseen", "unseen-source"],
)
def test_what_would_be_an_empty_line_is_left_out_and_counted(tmp_path: Path, blank: tuple[str, str]) -> None:
    tally = exported(write_units(tmp_path / "corpus", PLAIN, blank), tmp_path / "moses")

    assert {name: len(lines) for name, lines in lines_of(tmp_path / "moses").items()} == dict.fromkeys(
        ["en-ru.en", "en-ru.ids", "en-ru.ru"], 1
    )
    assert (tally.n_units, tally.n_without_target) == (1, 1)


def test_where_nothing_is_left_the_files_are_empty(tmp_path: Path) -> None:
    exported(write_units(tmp_path / "corpus", ("\x01", "Да.")), tmp_path / "moses")
    assert [path.read_bytes() for path in (tmp_path / "moses").iterdir()] == [b"", b"", b""]


@given(st.lists(st.text(), min_size=1))
def test_a_column_of_texts_is_made_lines_as_each_text_is(texts: list[str]) -> None:
    lines = on_one_line(pa.array(texts, pa.string())).to_pylist()

    assert all(len(line.splitlines()) <= 1 for line in lines)
    assert not any(unicodedata.category(char) == "Cc" for line in lines for char in line)
    assert [line.strip() for line in lines] == [one_line(text) for text in texts]
