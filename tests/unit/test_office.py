from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping
from datetime import datetime, timezone

import pytest

from pipeline.errors import Note, Reason
from pipeline.ingest.content import Content, ReadingOptions
from pipeline.ingest.office import is_docx, is_odt, read_docx, read_odt
from pipeline.ingest.stream import HEAD_BYTES
from pipeline.types import Article, Reject

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"'
    ' Target="/word/document2.xml"/></Relationships>'
)
STYLES = (
    f'<w:styles {W}><w:style w:styleId="1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:styleId="a3"><w:name w:val="Title"/></w:style>'
    '<w:style w:styleId="a4"><w:name w:val="caption"/></w:style>'
    '<w:style w:styleId="broken"/></w:styles>'
)
CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">'
    "<dc:title>Документ 1</dc:title>"
    "<dc:creator>Анна Петрова; Бен Ли</dc:creator><cp:keywords>река, дождь</cp:keywords>"
    "<cp:category>Погода</cp:category>"
    "<dcterms:created>2026-03-03T06:15:00Z</dcterms:created><dcterms:modified>2026-03-03T08:00:00Z</dcterms:modified>"
    "<dc:language>ru-RU</dc:language></cp:coreProperties>"
)
META = (
    '<office:document-meta xmlns:office="urn:o" xmlns:meta="urn:m" xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta>'
    "<meta:initial-creator>Աննա Պետրոսյան</meta:initial-creator><dc:creator>Բեն Լի</dc:creator>"
    "<meta:creation-date>2026-03-03T10:15:00.5</meta:creation-date><dc:date>2026-03-04T08:00:00</dc:date>"
    "<dc:language>hy-AM</dc:language><meta:keyword>գետ</meta:keyword><meta:keyword>անձրև</meta:keyword>"
    "</office:meta></office:document-meta>"
)


def p(text: str, style: str = "") -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/><w:tabs><w:tab/></w:tabs></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:rPr><w:b/></w:rPr><w:t>{text}</w:t></w:r></w:p>"


def packed(members: Mapping[str, str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return file.getvalue()


def docx(body: str, **members: str) -> bytes:
    document = f'<?xml version="1.0" encoding="UTF-8"?><w:document {W} {MC}><w:body>{body}</w:body></w:document>'
    return packed(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": RELATIONS,
            "word/document2.xml": document,
            "word/styles.xml": STYLES,
            "docProps/core.xml": CORE,
            **members,
        }
    )


def odt(body: str, styles: str = "", **members: str) -> bytes:
    content = (
        '<office:document-content xmlns:office="urn:o" xmlns:text="urn:t" xmlns:style="urn:s" xmlns:table="urn:tb" '
        'xmlns:draw="urn:d" xmlns:svg="urn:v" xmlns:dc="urn:dc"><office:automatic-styles>'
        f"{styles}</office:automatic-styles><office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    mimetype = "application/vnd.oasis.opendocument.text"
    data = packed({"content.xml": content, "meta.xml": META, **members})
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", mimetype)
        for info in zipfile.ZipFile(io.BytesIO(data)).infolist():
            archive.writestr(info.filename, zipfile.ZipFile(io.BytesIO(data)).read(info), zipfile.ZIP_DEFLATED)
    return file.getvalue()


def read(data: bytes, *, is_open: bool = False) -> Article | Reject:
    content = Content(head=data[:HEAD_BYTES], pieces=iter((data[:9], data[9:])), source_uri="a.docx")
    [found] = (read_odt if is_open else read_docx)(content, ReadingOptions())
    return found


def texts(data: bytes, *, is_open: bool = False) -> list[tuple[str, str]]:
    found = read(data, is_open=is_open)
    assert isinstance(found, Article), found
    return [(one.kind, one.text) for one in found.paragraphs]


def test_document_of_word_with_its_properties() -> None:
    found = read(docx(p("3 марта") + p("Дождь затопил город", "a3") + p("Школы закрыты.") + p("Набережная.", "a4")))

    assert isinstance(found, Article)
    assert [(one.kind, one.text) for one in found.paragraphs] == [
        ("headline", "Дождь затопил город"),
        ("caption", "3 марта"),
        ("body", "Школы закрыты."),
        ("caption", "Набережная."),
    ]
    assert found.published_at == datetime(2026, 3, 3, 6, 15, tzinfo=timezone.utc)
    assert found.updated_at == datetime(2026, 3, 3, 8, 0, tzinfo=timezone.utc)
    assert (found.authors, found.keywords) == (("Анна Петрова", "Бен Ли"), ("река", "дождь"))
    assert (found.section, found.claimed_language, found.notes) == ("Погода", "ru-RU", ())


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(p("Rain", "1") + p("Schools."), [("headline", "Rain"), ("body", "Schools.")], id="main heading"),
        pytest.param(p("Rain") + p("Schools."), [("headline", "Rain"), ("body", "Schools.")], id="a short line"),
        pytest.param(
            p("Rain fell.") + p("Rain", "1") + p("Schools."),
            [("headline", "Документ 1"), ("body", "Rain fell."), ("caption", "Rain"), ("body", "Schools.")],
            id="a heading inside: the title of the properties",
        ),
        pytest.param(p("Rain"), [("headline", "Документ 1"), ("body", "Rain")], id="one line"),
        pytest.param(p("Rain", "Title"), [("headline", "Rain")], id="title alone, style without a name"),
        pytest.param(
            p("Rain")
            + "<w:p><w:r><w:t>Schools</w:t><w:tab/><w:t>are</w:t><w:br/><w:t>closed</w:t><w:noBreakHyphen/></w:r>"
            "<w:hyperlink><w:r><w:t>now</w:t></w:r></w:hyperlink><w:ins><w:r><w:t>!</w:t></w:r></w:ins>"
            "<w:del><w:r><w:t>gone</w:t><w:delText>gone</w:delText></w:r></w:del>"
            "<w:r><w:instrText>PAGE</w:instrText><w:footnoteReference/></w:r></w:p>",
            [("headline", "Rain"), ("body", "Schools\tare\nclosed\u2011now!")],
            id="inside a paragraph",
        ),
        pytest.param(
            p("Rain")
            + f"<w:tbl><w:tr><w:tc>{p('Day')}</w:tc><w:tc>{p('mm.')}</w:tc></w:tr><w:tr><w:tc>{p('')}</w:tc></w:tr>"
            f"<w:tr><w:tc>{p('One.') + p('Two.')}</w:tc><w:tc>{p('Three.')}</w:tc></w:tr></w:tbl>",
            [("headline", "Rain"), ("body", "Day | mm."), ("body", "One."), ("body", "Two."), ("body", "Three.")],
            id="table, and a table of paragraphs",
        ),
        pytest.param(
            p("Rain") + "<w:p><w:r><w:t>Schools.</w:t><mc:AlternateContent><mc:Choice><w:txbxContent>"
            f"{p('In a box.')}</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>{p('In a box.')}</w:txbxContent>"
            f"</mc:Fallback></mc:AlternateContent></w:r></w:p><w:sdt><w:sdtContent>{p('Last.')}</w:sdtContent></w:sdt>",
            [("headline", "Rain"), ("body", "Schools."), ("body", "In a box."), ("body", "Last.")],
            id="text box",
        ),
    ],
)
def test_text_of_word(body: str, expected: list[tuple[str, str]]) -> None:
    assert texts(docx(body)) == expected


def test_document_of_libreoffice() -> None:
    body = (
        "<text:tracked-changes><text:p>ջնջված</text:p></text:tracked-changes><text:sequence-decls/>"
        '<text:p text:style-name="P1">Անձրևը ողողեց հին քաղաքը</text:p>'
        '<text:p>Գետը  <text:span>բարձրացավ</text:span>\n<text:s text:c="2"/>երկու<text:line-break/>մետրով'
        "<text:note><text:note-body><text:p>ծանոթագրություն</text:p></text:note-body></text:note>։"
        "<office:annotation><text:p>մեկնաբանություն</text:p></office:annotation></text:p>"
        "<text:p><draw:frame><draw:text-box><text:p text:style-name='Illustration'>Առափնյան։</text:p></draw:text-box>"
        "<svg:title>նկար</svg:title></draw:frame></text:p>"
        "<text:list><text:list-item><text:p>Մեկ։</text:p></text:list-item></text:list>"
        "<table:table><table:table-row><table:table-cell><text:p>օր</text:p></table:table-cell><table:covered-table-cell/>"
        "<table:table-cell><text:p>մմ։</text:p></table:table-cell></table:table-row></table:table>"
    )
    data = odt(body, '<style:style style:name="P1" style:parent-style-name="Title"/>')
    found = read(data, is_open=True)

    assert texts(data, is_open=True) == [
        ("headline", "Անձրևը ողողեց հին քաղաքը"),
        ("body", "Գետը բարձրացավ  երկու\nմետրով։"),
        ("caption", "Առափնյան։"),
        ("body", "Մեկ։"),
        ("body", "օր | մմ։"),
    ]
    assert isinstance(found, Article)
    assert found.published_at == datetime(2026, 3, 3, 10, 15, 0, 500_000, tzinfo=timezone.utc)
    assert found.updated_at == datetime(2026, 3, 4, 8, 0, tzinfo=timezone.utc)
    assert (found.authors, found.keywords) == (("Աննա Պետրոսյան",), ("գետ", "անձրև"))
    assert found.claimed_language == "hy-AM"


@pytest.mark.parametrize(
    "heading",
    [
        '<text:h text:outline-level="1">Rain</text:h>',
        '<text:p text:style-name="Heading_20_1">Rain</text:p>',
    ],
)
def test_headings_of_libreoffice(heading: str) -> None:
    assert texts(odt(f"{heading}<text:p>Schools.</text:p>"), is_open=True) == [
        ("headline", "Rain"),
        ("body", "Schools."),
    ]


def test_the_moment_of_a_template_is_no_date() -> None:
    found = read(
        docx(p("Rain."), **{"docProps/core.xml": CORE.replace("2026-03-03T06:15:00Z", "2013-12-23T23:15:00Z")})
    )

    assert isinstance(found, Article)
    assert (found.published_at, found.notes) == (None, ())


def test_bad_date_is_noted() -> None:
    found = read(
        docx(p("Rain.") + p("Schools."), **{"docProps/core.xml": CORE.replace("2026-03-03T06:15:00Z", "soon")})
    )

    assert isinstance(found, Article)
    assert (found.published_at, found.notes) == (None, (Note.BAD_DATE.value,))


def lying(data: bytes) -> bytes:
    """Say in both headers that each member is small."""
    changed = bytearray(data)
    for mark, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        start = changed.find(mark)
        while start >= 0:
            changed[start + place : start + place + 4] = struct.pack("<I", 100)
            start = changed.find(mark, start + 1)
    return bytes(changed)


BOMB = docx(p("x" * (40 << 20)))
ENCRYPTED = docx(p("a")).replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01")
ENTITY = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>'


@pytest.mark.parametrize(
    ("data", "reason", "detail"),
    [
        pytest.param(docx(""), Reason.EMPTY, "no text", id="no text"),
        pytest.param(BOMB, Reason.TOO_LARGE, "as no article does", id="zip bomb"),
        pytest.param(lying(BOMB), Reason.UNREADABLE, "damaged", id="zip bomb that lies"),
        pytest.param(docx(p("a"))[:300], Reason.UNREADABLE, "damaged", id="cut"),
        pytest.param(b"", Reason.UNREADABLE, "damaged", id="nothing"),
        pytest.param(b"PK\x03\x04", Reason.UNREADABLE, "damaged", id="a header"),
        pytest.param(
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 100, Reason.BINARY, "password", id="old or encrypted"
        ),
        pytest.param(packed({"x.xml": "<x/>"}), Reason.BAD_RECORD, "word/document.xml", id="another archive"),
        pytest.param(docx("<w:p>"), Reason.BAD_RECORD, "line 1, column", id="broken XML"),
        pytest.param(docx("", **{"word/document2.xml": ENTITY}), Reason.BAD_RECORD, "entity `x`", id="entity"),
        pytest.param(packed({str(n): "" for n in range(5000)}), Reason.TOO_LARGE, "5000 parts", id="many parts"),
        pytest.param(b"PK" + b"x" * (65 << 20), Reason.TOO_LARGE, "at most", id="large"),
        pytest.param(ENCRYPTED, Reason.UNREADABLE, "encrypted", id="encrypted member"),
        pytest.param(docx(p("a")).replace(b"\x08\x00", b"\x63\x00"), Reason.UNREADABLE, "damaged", id="unknown method"),
    ],
)
def test_rejects(data: bytes, reason: Reason, detail: str) -> None:
    found = read(data)

    assert isinstance(found, Reject)
    assert (found.reason, found.payload_bytes) == (reason, len(data))
    assert detail in found.detail


def test_encrypted_document_of_libreoffice() -> None:
    manifest = '<m:manifest xmlns:m="urn:m"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>'
    found = read(odt("", **{"META-INF/manifest.xml": manifest}), is_open=True)

    assert isinstance(found, Reject)
    assert (found.reason, "password" in found.detail) == (Reason.UNREADABLE, True)


@pytest.mark.parametrize(
    ("data", "word", "libre"),
    [
        (docx(p("a")), True, False),
        (odt("<text:p>a</text:p>"), False, True),
        (packed({"a.docx": docx(p("a")).decode("latin-1")}, zipfile.ZIP_STORED), False, False),
        (packed({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<x/>"}), False, False),
        (packed({"a.txt": "word/"}), False, False),
        (b"word/", False, False),
    ],
    ids=["docx", "odt", "archive of docx", "xlsx", "zip", "text"],
)
def test_sniff(data: bytes, word: bool, libre: bool) -> None:  # noqa: FBT001
    assert (is_docx(data), is_odt(data)) == (word, libre)
