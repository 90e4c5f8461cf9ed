"""TSV and CSV: as many rows as units, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from pipeline.export.columns import one_line
from pipeline.export.spreadsheet import COLUMNS as CSV_COLUMNS
from pipeline.export.spreadsheet import CSV
from pipeline.export.tsv import COLUMNS as TSV_COLUMNS
from pipeline.export.tsv import TSV
from tests.exports import HOSTILE, PLAIN, hostile_pairs, text_of, write_units


def rows_of_csv(corpus: Path) -> list[dict[str, str]]:
    text = text_of(CSV, corpus)[0].decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def rows_of_tsv(corpus: Path) -> list[dict[str, str]]:
    head, *lines = text_of(TSV, corpus)[0].decode().splitlines()
    return [dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in lines]


def test_tsv_has_a_line_for_each_unit(tmp_path: Path) -> None:
    pairs = hostile_pairs()

    rows = rows_of_tsv(write_units(tmp_path, *pairs))

    assert [(one_line(row["source_text"]), one_line(row["target_text"])) for row in rows] == [
        (one_line(source), one_line(target)) for source, target in pairs
    ]
    assert list(rows[0]) == list(TSV_COLUMNS)


def test_cells_of_tsv_say_what_the_columns_hold(tmp_path: Path) -> None:
    [row] = rows_of_tsv(write_units(tmp_path, PLAIN, flags=["numbers", "names"], quality=None, url=None))

    assert row == {
        "unit_id": "656e2d7275000000",
        "article_id": "656e2d7275000000",
        "date": "2020-11-13",
        "kind": "headline",
        "source_lang": "en",
        "target_lang": "ru",
        "source_text": PLAIN[0],
        "target_text": PLAIN[1],
        "quality": "",
        "score": "-0.25",
        "flags": "numbers names",
        "models": "en_ru@1.9#0123456789ab",
        "url": "",
    }


def test_units_without_a_translation_stay_in_tables(tmp_path: Path) -> None:
    corpus = write_units(tmp_path, ("Read more", ""), quality=None)
    assert [row["target_text"] for row in (*rows_of_tsv(corpus), *rows_of_csv(corpus))] == ["", ""]


def test_csv_begins_with_the_mark_and_ends_lines_as_excel_does(tmp_path: Path) -> None:
    text = text_of(CSV, write_units(tmp_path, PLAIN))[0]

    assert text.startswith(b"\xef\xbb\xbfsource_text,target_text,")
    assert text.count(b"\r\n") == text.count(b"\n") == 2


def test_csv_keeps_texts_but_for_formulas_and_controls(tmp_path: Path) -> None:
    rows = rows_of_csv(write_units(tmp_path, *((text, PLAIN[1]) for text in HOSTILE)))

    texts = [row["source_text"] for row in rows]
    assert texts[:2] == list(HOSTILE[:2])
    assert texts[3:5] == [
        "controls " + 3 * "\ufffd" + "\ufffd[31m\ufffd\x7f",
        HOSTILE[4].replace("\ufffe\uffff", 2 * "\ufffd"),
    ]
    assert texts[5:] == [HOSTILE[5], f"'{HOSTILE[6]}", HOSTILE[7]]
    assert list(rows[0]) == list(CSV_COLUMNS)


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+7 495", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0@x", "＝1", "＋1", "－1", "＠x"],
)
def test_a_text_that_could_be_a_formula_is_none_in_csv(tmp_path: Path, text: str) -> None:
    [row] = rows_of_csv(write_units(tmp_path, (text, text), url=text))
    assert [row[name][0] for name in ("source_text", "target_text", "url")] == ["'", "'", "'"]


@pytest.mark.parametrize("text", ["— Да, — сказал он.", "– Այո։", "a=b", "'quoted'", "«Нет»", "", "5-1"])
def test_other_texts_get_no_apostrophe(tmp_path: Path, text: str) -> None:
    [row] = rows_of_csv(write_units(tmp_path, (PLAIN[0], text)))
    assert row["target_text"] == text


def test_a_negative_number_of_csv_stays_a_number(tmp_path: Path) -> None:
    [row] = rows_of_csv(write_units(tmp_path, PLAIN, quality=0.123456, segment=-1))
    assert (row["quality"], row["segment"]) == ("0.1235", "-1")


def test_an_empty_corpus_makes_tables_without_rows(tmp_path: Path) -> None:
    (tmp_path / "bitext").mkdir()
    assert rows_of_csv(tmp_path) == rows_of_tsv(tmp_path) == []
    assert text_of(TSV, tmp_path)[0] == "\t".join(TSV_COLUMNS).encode() + b"\n"
