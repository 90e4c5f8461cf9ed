from __future__ import annotations

import socket
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from pipeline.ingest.safe_xml import XmlError, parse_xml, root_tag

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def text_of(data: bytes) -> str:
    return "".join(parse_xml(data).root.itertext())


def text_or_error(data: bytes) -> str:
    try:
        return text_of(data)
    except XmlError as error:
        return str(error)


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        pytest.param("<a>Дождь</a>".encode(), "Дождь", "utf-8", id="nothing declared"),
        pytest.param("\ufeff<a>Անձրև</a>".encode(), "Անձրև", "utf-8", id="byte order mark"),
        pytest.param("<a>Анձրև</a>".encode("utf-16"), "Анձրև", "utf-16", id="utf-16"),
        pytest.param(
            '<?xml version="1.0" encoding="windows-1251"?><a>Дождь</a>'.encode("cp1251"),
            "Дождь",
            "windows-1251",
            id="declared",
        ),
        pytest.param(
            "<a>В ночь на вторник река поднялась на два метра</a>".encode("koi8-r"),
            "В ночь на вторник река поднялась на два метра",
            "koi8-r",
            id="undeclared legacy",
        ),
        pytest.param(
            '<?xml version="1.0" encoding="utf-8"?><a>Школы в старом городе закрыты</a>'.encode("cp1251"),
            "Школы в старом городе закрыты",
            "windows-1251",
            id="declared wrongly",
        ),
    ],
)
def test_encodings(data: bytes, text: str, encoding: str) -> None:
    document = parse_xml(data)

    assert ("".join(document.root.itertext()), document.encoding) == (text, encoding)


def test_assumed_encoding_helps_where_nothing_is_found_out() -> None:
    data = "<a>Οι κάτοικοι της παλιάς πόλης</a>".encode("iso-8859-7")

    with pytest.raises(XmlError, match="line 1"):
        parse_xml(data)
    assert parse_xml(data, encoding="iso-8859-7").root.text == "Οι κάτοικοι της παλιάς πόλης"


def test_names_are_local() -> None:
    root = parse_xml(b'<x:a xmlns:x="urn:x"><x:b xml:lang="hy" x:c="1" c="2">t</x:b></x:a>').root

    assert (root.tag, root[0].tag, root[0].get("lang"), root[0].get("c")) == ("a", "b", "hy", "2")


def test_document_type_without_entities_is_taken_and_names_of_html_are_read() -> None:
    data = b'<!DOCTYPE nitf SYSTEM "nitf.dtd">\n<nitf>Rain&nbsp;&mdash; <b>&laquo;heavy&raquo;</b> 5&#176;&deg;</nitf>'

    assert text_of(data) == "Rain\xa0— «heavy» 5°°"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param('<!DOCTYPE a [<!ENTITY x "boo">]><a>&x;</a>', id="internal"),
        pytest.param('<!DOCTYPE a [<!ENTITY x "boo">]><a b="&x;"/>', id="in an attribute"),
        pytest.param('<!DOCTYPE a [<!ENTITY x "boo">]><a/>', id="never used"),
        pytest.param('<!DOCTYPE a [<!ENTITY nbsp "boo">]><a>&nbsp;</a>', id="a name of HTML"),
        pytest.param("<!DOCTYPE a [<!ENTITY % x \"<!ENTITY y 'boo'>\"> %x;]><a>&y;</a>", id="parameter entity"),
        pytest.param(f'<!DOCTYPE a [<!ENTITY l0 "lol">{LAUGHS}]><a>&l9;</a>', id="billion laughs"),
        pytest.param(f'<!DOCTYPE a [<!ENTITY l0 "lol">{LAUGHS}]><a b="&l9;"/>', id="billion laughs in an attribute"),
        pytest.param(
            f'<!DOCTYPE a [<!ENTITY x "{"x" * 50_000}">]><a>{"&x;" * 50_000}</a>',
            id="quadratic blow-up",
        ),
        pytest.param('<!DOCTYPE a [<!ENTITY x "&y;"><!ENTITY y "&x;">]><a>&x;</a>', id="a loop"),
    ],
)
def test_declared_entities_are_refused(data: str) -> None:
    with pytest.raises(XmlError, match=r"entit|Entit"):
        parse_xml(data.encode())


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE a [<!ENTITY x SYSTEM "{uri}">]><a>&x;</a>',
        '<!DOCTYPE a [<!ENTITY % x SYSTEM "{uri}"> %x;]><a/>',
        '<!DOCTYPE a SYSTEM "{uri}"><a/>',
        '<a xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="{uri}" parse="text"/></a>',
        '<?xml-stylesheet href="{uri}"?><a/>',
    ],
    ids=["entity", "parameter entity", "document type", "inclusion", "style sheet"],
)
def test_nothing_outside_is_read(tmp_path: Path, declaration: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("root:secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        asked: list[object] = []
        waiting = threading.Thread(target=_accept, args=(server, asked))
        waiting.start()
        for uri in ("file:///etc/passwd", secret.as_uri(), f"http://127.0.0.1:{server.getsockname()[1]}/x"):
            assert "root:" not in text_or_error(declaration.format(uri=uri).encode())
        waiting.join()
    assert asked == []


def _accept(server: socket.socket, asked: list[object]) -> None:
    with suppress(TimeoutError):
        asked.append(server.accept())


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b"", "line 1, column 1"),
        (b"<a>\n<b></a>", "line 2, column"),
        (b"<a>\n &nbsp;</a>", "line 2"),
        (b'<!DOCTYPE a SYSTEM "x">\n<a>\n&company;</a>', "line 3: the entity `company` is not declared"),
        (b"<a>" * 300 + b"</a>" * 300, "256"),
        (b'<?xml version="1.0" encoding="x-unheard-of"?><a>', "encoding"),
        (b"plain text", "line 1"),
    ],
    ids=["empty", "unclosed", "entity", "entity under a type", "deep", "unknown encoding", "no XML"],
)
def test_what_is_wrong_is_said_with_its_place(data: bytes, detail: str) -> None:
    with pytest.raises(XmlError, match=detail):
        parse_xml(data)


def test_size_is_limited() -> None:
    with pytest.raises(XmlError, match="at most 10 are read"):
        parse_xml(b"<a>0123456789</a>", max_bytes=10)


@pytest.mark.parametrize(
    ("head", "tag"),
    [
        (b'<?xml version="1.0"?>\n<!-- note -->\n<nitf><head>', "nitf"),
        (b'<n:newsItem xmlns:n="urn:x" guid="1">', "{urn:x}newsItem"),
        ("<nitf>".encode("utf-16"), "nitf"),
        (b'<!DOCTYPE nitf [<!ENTITY x SYSTEM "file:///etc/passwd">]><nitf>&x;', "nitf"),
        (b"<nitf><broken", "nitf"),
        (b"< 5 degrees", None),
        (b"Rain", None),
        (b"", None),
    ],
)
def test_tag_of_the_root(head: bytes, tag: str | None) -> None:
    assert root_tag(head) == tag
