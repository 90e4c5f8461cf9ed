"""TMX: valid, readable as XML whatever the texts hold, and equal to the corpus when it is read back."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from pipeline.export.columns import joined
from pipeline.export.tmx import TMX
from pipeline.export.xml_text import attribute_text, element_text, in_attributes, in_elements, possible
from tests.exports import HOSTILE, PLAIN, hostile_pairs, text_of, write_units

# The content of the elements that are used here, after the specification of TMX 1.4b.
_CONTENT_MODEL = """
<!ELEMENT tmx (header, body)> <!ATTLIST tmx version CDATA #FIXED "1.4">
<!ELEMENT header (note|prop|ude)*>
<!ATTLIST header creationtool CDATA #REQUIRED creationtoolversion CDATA #REQUIRED
  segtype (block|paragraph|sentence|phrase) #REQUIRED o-tmf CDATA #REQUIRED adminlang CDATA #REQUIRED
  srclang CDATA #REQUIRED datatype CDATA #REQUIRED creationdate CDATA #IMPLIED>
<!ELEMENT body (tu*)>
<!ELEMENT note (#PCDATA)> <!ELEMENT ude EMPTY>
<!ELEMENT prop (#PCDATA)> <!ATTLIST prop type CDATA #REQUIRED>
<!ELEMENT tu ((note|prop)*, tuv+)>
<!ATTLIST tu tuid CDATA #IMPLIED creationdate CDATA #IMPLIED srclang CDATA #IMPLIED>
<!ELEMENT tuv ((note|prop)*, seg)> <!ATTLIST tuv xml:lang CDATA #REQUIRED>
<!ELEMENT seg (#PCDATA)>
"""
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def parsed(document: bytes) -> Any:
    """Return the root of a document that is valid."""
    root = etree.fromstring(document, etree.XMLParser(huge_tree=True))
    model = etree.DTD(io.StringIO(_CONTENT_MODEL))
    assert model.validate(root), model.error_log
    return root


def segments(unit: Any) -> list[tuple[str, str]]:
    return [(variant.get(_LANGUAGE), variant.findtext("seg")) for variant in unit.iter("tuv")]


def test_hostile_texts_come_back_as_they_were(tmp_path: Path) -> None:
    pairs = hostile_pairs()
    document, material = text_of(TMX, write_units(tmp_path, *pairs))

    units = list(parsed(document).iter("tu"))
    expected = [tuple(_IMPOSSIBLE.sub("\ufffd", text) for text in pair) for pair in pairs]
    assert [tuple(text for _, text in segments(unit)) for unit in units] == expected
    assert material.tally.n_replaced == 2 * sum(len(_IMPOSSIBLE.findall(text)) for text in HOSTILE)


def test_a_unit_carries_what_is_known_of_it(tmp_path: Path) -> None:
    corpus = write_units(
        tmp_path, PLAIN, flags=["numbers", "low-score"], models=["en_hy@1#1", "hy_ru@1#2"], pivot_lang="hy"
    )

    [unit] = parsed(text_of(TMX, corpus)[0]).iter("tu")

    assert dict(unit.attrib) == {"tuid": "656e2d7275000000", "creationdate": "20201114T060000Z", "srclang": "en"}
    assert segments(unit) == list(zip(("en", "ru"), PLAIN, strict=True))
    assert {prop.get("type"): prop.text for prop in unit.iter("prop")} == {
        "article_id": "656e2d7275000000",
        "kind": "headline",
        "score": "-0.25",
        "quality": "0.7788",
        "flags": "numbers low-score",
        "models": "en_hy@1#1 hy_ru@1#2",
        "url": "https://news.example/budget?a=1&b=2",
    }


def test_what_is_not_known_of_a_unit_is_left_out(tmp_path: Path) -> None:
    corpus = write_units(tmp_path, PLAIN, score=None, quality=None, url=None, models=[], run_id="by hand")

    [unit] = parsed(text_of(TMX, corpus)[0]).iter("tu")

    assert [prop.get("type") for prop in unit.iter("prop")] == ["article_id", "kind"]
    assert "creationdate" not in unit.attrib


@pytest.mark.parametrize("target", ["", " \n\u00a0"], ids=["empty", "blank"])
def test_units_without_a_translation_are_left_out_and_counted(tmp_path: Path, target: str) -> None:
    document, material = text_of(TMX, write_units(tmp_path, PLAIN, ("The law takes effect.", target)))

    assert len(list(parsed(document).iter("tu"))) == 1
    assert (material.tally.n_units, material.tally.n_without_target) == (1, 1)


@pytest.mark.parametrize(
    ("pairs", "language"), [(["en-ru", "en-hy"], "en"), (["en-ru", "ru-en"], "*all*"), ([], "*all*")]
)
def test_header_names_the_one_source_language(tmp_path: Path, pairs: list[str], language: str) -> None:
    (tmp_path / "bitext").mkdir()
    for pair in pairs:
        write_units(tmp_path, PLAIN, pair=pair)

    root = parsed(text_of(TMX, tmp_path)[0])

    assert root.find("header").get("srclang") == language
    assert [unit.get("srclang") for unit in root.iter("tu")] == [pair[:2] for pair in sorted(pairs)]


def test_the_language_of_a_sentence_is_its_own(tmp_path: Path) -> None:
    corpus = write_units(tmp_path, ("Бюджет принят.", "Бюджет принят."), source_lang="ru", flags=["already-target"])

    [unit] = parsed(text_of(TMX, corpus)[0]).iter("tu")

    assert (unit.get("srclang"), [language for language, _ in segments(unit)]) == ("ru", ["ru", "ru"])


@given(st.lists(st.text(), min_size=1))
def test_columns_of_text_come_back_from_xml(texts: list[str]) -> None:
    column = pa.array(texts, pa.string())
    elements = joined(in_elements(column), "</i><i>")
    attributes = joined(in_attributes(column), '"/><a b="')

    document, _ = possible(b'<r><i>%s</i><a b="%s"/></r>' % (elements, attributes))

    root = etree.fromstring(document)
    expected = [_IMPOSSIBLE.sub("\ufffd", text) for text in texts]
    assert [item.text or "" for item in root.iter("i")] == expected
    assert [item.get("b") for item in root.iter("a")] == expected


@given(st.text())
def test_one_text_is_escaped_as_a_column_is(text: str) -> None:
    column = pa.array([text], pa.string())
    assert [element_text(text)] == in_elements(column).to_pylist()
    assert [attribute_text(text)] == in_attributes(column).to_pylist()
