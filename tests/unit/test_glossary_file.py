from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from pipeline.checks.base import TextPair
from pipeline.editing.glossary_file import MAX_SHOWN, GlossaryError, read_glossary
from pipeline.errors import ConfigError

HEADER = "source,target,pair,case,note,replace\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "glossary.csv"


def problems_of(file: Path, text: str) -> list[str]:
    file.write_text(text, "utf-8", newline="")
    with pytest.raises(GlossaryError) as caught:
        read_glossary(file)
    return [line.removeprefix(f"{file}:") for line in str(caught.value).split("\n")]


@pytest.mark.parametrize(
    "data",
    [
        "source,target,pair\nRiga,Рига,en-ru\n".encode(),
        codecs.BOM_UTF8 + "source;target;pair\r\nRiga;Рига;en-ru\r\n".encode(),
        "pair\ttarget\tsource\nEN_RU\tРига\tRiga".encode(),
        'source,target,pair,,\n\n"Riga","Рига",en-ru,,\n,,,,\n'.encode(),
        'Source , TARGET,"pair"\r"Riga\nLake|Riga",Рига, en-ru\r'.encode(),
        'source,target,pair,note\nRiga,Ри\u0301га,en-ru,"the ""old"" town, no more"\n'.encode(),
    ],
    ids=["commas", "semicolons of Excel", "tabs", "columns that nobody filled", "old line ends", "notes"],
)
def test_tables_of_all_kinds_are_read(file: Path, data: bytes) -> None:
    file.write_bytes(data)

    glossary = read_glossary(file).for_pair("en", "ru")

    assert glossary is not None
    assert glossary.terms_kept(TextPair("In Riga", "В Риге", "en", "ru")) == 1.0


def test_all_columns_are_read(file: Path) -> None:
    file.write_text(HEADER + "Apple,Эппл,en-ru,exact,company,Яблоко|Аппл\n", "utf-8")

    glossary = read_glossary(file).for_pair("en", "ru")

    assert glossary is not None
    assert glossary.enforced("By Apple", "От Аппл") == ("От Эппл", ("Apple",))
    assert glossary.enforced("By an apple", "От Аппл") == ("От Аппл", ())


def test_a_header_alone_is_refused(file: Path) -> None:
    file.write_text(HEADER, "utf-8")

    with pytest.raises(GlossaryError, match="2: has no terms"):
        read_glossary(file)


def test_a_workbook_is_refused(file: Path) -> None:
    file.write_bytes(b"PK\x03\x04" + b"\0" * 60)

    with pytest.raises(GlossaryError, match="is a workbook"):
        read_glossary(file)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "source,targett,pair\n",
            ["1: has an unknown column 'targett'; did you mean target?", "1: has no column target;"],
        ),
        ("source,target,pair,price\n", ["1: has an unknown column 'price'; known are source, target, pair, case,"]),
        ("source,target,pair,note,note\n", ["1: has the column note twice; keep one"]),
        ("source,,target,pair\n", ["1: has an unknown column ''; known are"]),
        ("Riga;Рига;en-ru\n", ["1: is no header; the first line is to be source,target,pair,case,note,replace"]),
        (HEADER + "Riga,Рига,en-ru\n", ["2: has 3 cells, the header has 6; put a cell with the delimiter in it"]),
        (HEADER + "Riga,Рига,en-ru,,,,x\n", ["2: has 7 cells, the header has 6;"]),
        (HEADER + ",Рига,en-ru,,,\n", ["2: source is empty; write a term"]),
        (HEADER + "Riga,,en-ru,,,\n", ["2: target is empty; write a term"]),
        (HEADER + "Riga|,Рига,en-ru,,,\n", ["2: source: nothing stands on one side of |;"]),
        (HEADER + "Riga,Рига,,,,\n", ["2: pair is empty; write source and target, as in en-ru"]),
        (HEADER + "Riga,Рига,*,,,\n", ["2: pair is *; write source and target, as in en-ru"]),
        (
            HEADER + "Riga,Рига,en,,,\n",
            ["2: pair: 'en' is no pair of languages: write source and target, as in 'en-ru'"],
        ),
        (HEADER + "Riga,Рига,en-en,,,\n", ["2: pair: 'en-en': source and target are the same language"]),
        (HEADER + "Ռիգա,Ռիգա,hyw-hy,,,\n", ["2: pair: 'hyw-hy' are varieties of one language;"]),
        (HEADER + "Riga,Рига,en-ru,Exactly,,\n", ["2: case is 'exactly'; write any or exact, or leave it empty"]),
        (HEADER + "…,Рига,en-ru,,,\n", ["2: source: '…' has no letter or digit; write words"]),
        (HEADER + "Riga,Ри*,en-ru,,,\n", ["2: target: 'Ри*' has a * that does not end a word of 3 letters or more;"]),
        (HEADER + "Riga,Риг*,en-ru,,,Рыга\n", ["2: target 'Риг*' is put in for wrong forms; write it without *"]),
        (HEADER + f"{'Riga ' * 201},Рига,en-ru,,,\n", ["2: source has 1,005 characters; 1,000 are allowed"]),
        (
            HEADER + '"Riga\nBay",Рижский залив,en-ru,,,\n\nVienna,,en-ru,,,\n',
            ["5: target is empty; write a term, or leave the line out"],
        ),
        (
            HEADER + 'Riga,Рига,en-ru,,,\n"Vienna,Вена,en-ru,,,\nOslo,Осло,en-ru,,,\n',
            ["3: opens a double quote that is not closed as it should be (unexpected end of data);"],
        ),
        (HEADER + '"Riga" Bay,Рига,en-ru,,,\n', ["2: opens a double quote that is not closed as it should be"]),
    ],
)
def test_what_is_wrong_is_named_with_its_line(file: Path, text: str, expected: list[str]) -> None:
    problems = problems_of(file, text)

    assert [problem[: len(start)] for problem, start in zip(problems, expected, strict=True)] == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            "Riga,Рига,en-ru,,,\nriga,Рыга,en-ru,,,\n",
            ["3: source: 'riga' is there for en-ru already, in line 2 as 'Riga'; keep one, or write exact"],
        ),
        (
            "Riga,Рига,en-ru,,,\nTown|Riga,Рыга,EN_ru,,,\n",
            ["3: source: 'Riga' is there for en-ru already, in line 2; keep"],
        ),
        (
            "Երևան,Yerevan,hy-en,,,\nԵրեւան,Erevan,hyw-en,,,\n",
            ["3: source: 'Երեւան' is there for hy-en already, in line 2;"],
        ),
        (
            "Riga|RIGA|Riga,Рига,en-ru,,,\n",
            ["2: source: 'RIGA' is there twice; keep one", "2: source: 'Riga' is there twice;"],
        ),
        ("Riga,Рига,en-ru,,,Вена|Риги\n", ["2: replace: 'Риги' counts as right, by the target 'Рига';"]),
        ("Riga,Рига,en-ru,,,Старая Рига\n", ["2: replace: 'Старая Рига' counts as right, by the target 'Рига';"]),
        (
            "Riga,Рига,en-ru,,,Рыга\nRyga,Рыга,en-ru,,,Рига\n",
            [
                "2: replace: 'Рыга' is what line 3 puts in for 'Ryga'; a form cannot be right and wrong",
                "3: replace: 'Рига' is what line 2 puts in for 'Riga'; a form cannot be right and wrong",
            ],
        ),
    ],
    ids=["letter case", "alternatives", "spelling", "one cell", "a form of the target", "holds the target", "cycle"],
)
def test_entries_that_contradict_each_other_are_named_with_both_lines(
    file: Path, rows: str, expected: list[str]
) -> None:
    problems = problems_of(file, HEADER + rows)

    assert [problem[: len(start)] for problem, start in zip(problems, expected, strict=True)] == expected


def test_words_that_differ_in_letter_case_are_two_terms_where_it_counts(file: Path) -> None:
    file.write_text(HEADER + "Polish,польский,en-ru,exact,,\npolish,полировать,en-ru,exact,,\n", "utf-8")
    glossary = read_glossary(file).for_pair("en", "ru")

    assert glossary is not None
    assert glossary.missed(TextPair("Polish shoes, polish them", "", "en", "ru")) == ("Polish", "polish")


def test_all_problems_are_told_at_once_in_the_order_of_lines(file: Path) -> None:
    problems = problems_of(file, HEADER + "Riga,,en-ru,,,\nVienna,Вена,enru,maybe,,\nOslo,Осло\n")

    assert [problem.partition(":")[0] for problem in problems] == ["2", "3", "3", "4"]


def test_the_message_has_an_end(file: Path) -> None:
    problems = problems_of(file, HEADER + "Riga,,en-ru,,,\n" * (MAX_SHOWN + 5))

    assert len(problems) == MAX_SHOWN + 1
    assert problems[-1] == " and 5 problems more"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", ": is empty; its first line is to be source,target,pair,"),
        (b"\xef\xbb\xbf \n\n", ": is empty;"),
        (
            "source,target,pair\n".encode("utf-16"),
            ":1: is in UTF-16, as Excel writes 'Unicode Text'; save it as CSV UTF-8",
        ),
        ("source,target,pair\n".encode("utf-16-be"), ":1: is in UTF-16,"),
        (
            "source,target,pair\r\nRiga,Рига,en-ru\r\n".encode("cp1251"),
            ":2: byte 26 of the file (0xD0) is not UTF-8, it looks like Windows-1251; save it as CSV UTF-8",
        ),
        (b"source,target,pair\rRiga,\xff,en-ru", ":2: byte 25 of the file (0xFF) is not UTF-8; save it as CSV UTF-8"),
        ("source,target,pair\nRiga,Ри\0га,en-ru\n".encode(), ":2: has a NUL byte; save it as CSV UTF-8"),
    ],
    ids=["empty", "blank", "utf-16", "utf-16 without mark", "windows-1251", "no text", "nul"],
)
def test_other_encodings_are_refused_with_the_place(file: Path, data: bytes, expected: str) -> None:
    file.write_bytes(data)

    with pytest.raises(GlossaryError) as caught:
        read_glossary(file)

    assert str(caught.value).startswith(f"{file}{expected}")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no such file; its first line is to be source,target,pair"):
        read_glossary(tmp_path / "glossary.csv")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GlossaryError, match="is a folder; name the file in it"):
        read_glossary(tmp_path)


def test_a_file_of_another_size_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.editing.glossary_file.MAX_FILE_BYTES", 1 << 20)
    file.write_bytes(b"x" * (1 << 20) + b"y")

    with pytest.raises(GlossaryError, match="is larger than 1 MiB; a glossary is a list of terms"):
        read_glossary(file)


def test_a_quote_that_swallows_a_long_file_is_named_with_the_line_it_opens_on(file: Path) -> None:
    problems = problems_of(file, HEADER + '"Riga,Рига,en-ru,,,\n' + "Oslo,Осло,en-ru,,,\n" * 20_000)

    assert problems[0].startswith("2: opens a double quote that is not closed")
