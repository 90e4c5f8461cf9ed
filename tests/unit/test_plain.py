from __future__ import annotations

from hashlib import sha256

import pytest

from pipeline.errors import Reason
from pipeline.ingest.payload import MAX_ARTICLE_BYTES
from pipeline.ingest.plain import parse_plain, read_plain
from pipeline.types import Article, Reject

EN = ("Rain floods the old town", "The river rose by two metres on Monday night.", "Schools stay closed.")
RU = ("Дождь затопил старый город", "В ночь на вторник река поднялась на два метра.", "Школы закрыты.")
HY = ("Անձրևը ողողեց հին քաղաքը", "Երկուշաբթի գիշերը գետը բարձրացավ երկու մետրով։", "Դպրոցները փակ են:")


def parsed(text: str) -> list[tuple[str, str]]:
    article = parse_plain(text.encode(), source_uri="a.txt")
    assert isinstance(article, Article)
    return [(paragraph.kind, paragraph.text) for paragraph in article.paragraphs]


@pytest.mark.parametrize(("headline", "first", "second"), [EN, RU, HY], ids=["en", "ru", "hy"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028"], ids=["lf", "crlf", "cr", "line separator"])
def test_headline_and_paragraphs(headline: str, first: str, second: str, end: str) -> None:
    text = f"{headline}\n\n{first}\n \t\n\n{second}\n".replace("\n", end)

    assert parsed(text) == [("headline", headline), ("body", first), ("body", second)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Only one line", [("body", "Only one line")], id="one line is the body"),
        pytest.param("\n\n  Одна строка \n\n", [("body", "Одна строка")], id="one line among blank ones"),
        pytest.param(
            "Storm hits coast\nRoads are closed.",
            [("headline", "Storm hits coast"), ("body", "Roads are closed.")],
            id="one paragraph of two lines",
        ),
        pytest.param(
            "Storm\n\nRoads are\nclosed until\nFriday.",
            [("headline", "Storm"), ("body", "Roads are\nclosed until\nFriday.")],
            id="line breaks inside a paragraph stay",
        ),
        pytest.param(
            "Storm\n\nPhoto: the harbour at noon\n\nRoads are closed.",
            [("headline", "Storm"), ("caption", "Photo: the harbour at noon"), ("body", "Roads are closed.")],
            id="caption",
        ),
        pytest.param(
            "Буря\n\nДороги закрыты.\n\nФото: порт в полдень\n\nШколы тоже.",
            [
                ("headline", "Буря"),
                ("body", "Дороги закрыты."),
                ("caption", "Фото: порт в полдень"),
                ("body", "Школы тоже."),
            ],
            id="caption between paragraphs",
        ),
        pytest.param(
            "Փոթորիկ\n\nՆա ասաց:\n\nՃանապարհները փակ են։",
            [("headline", "Փոթորիկ"), ("body", "Նա ասաց:"), ("body", "Ճանապարհները փակ են։")],
            id="a colon ends an Armenian sentence",
        ),
        pytest.param(
            "Storm\n\nBy our reporter", [("headline", "Storm"), ("body", "By our reporter")], id="last is no caption"
        ),
        pytest.param(
            "Storm\n\n" + "word " * 21 + "\n\nEnd.",
            [("headline", "Storm"), ("body", ("word " * 21).strip()), ("body", "End.")],
            id="long line is no caption",
        ),
        pytest.param(
            "Storm\n\nTwo short\nlines\n\nEnd.",
            [("headline", "Storm"), ("body", "Two short\nlines"), ("body", "End.")],
            id="two lines are no caption",
        ),
    ],
)
def test_kinds(text: str, expected: list[tuple[str, str]]) -> None:
    assert parsed(text) == expected


@pytest.mark.parametrize(
    ("data", "reason", "detail"),
    [
        pytest.param(b"", Reason.EMPTY, "no text", id="no bytes"),
        pytest.param(b" \r\n\t\n", Reason.EMPTY, "no text", id="blanks"),
        pytest.param(b"\xef\xbb\xbf\n", Reason.EMPTY, "no text", id="byte order mark alone"),
        pytest.param(b"\xff\xfe", Reason.EMPTY, "no text", id="utf-16 mark alone"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(99), Reason.BINARY, "PNG", id="png"),
        pytest.param(b"%PDF-1.7 text", Reason.BINARY, "PDF", id="pdf"),
        pytest.param(b"PK\x03\x04 text", Reason.BINARY, "ZIP", id="zip"),
        pytest.param(b"\x1f\x8b\x08 text", Reason.BINARY, "gzip", id="gzip without its suffix"),
        pytest.param(b"{\\rtf1 Storm}", Reason.BINARY, "RTF", id="rtf"),
        pytest.param(b"\xff\xfe\x00\x00S\x00\x00\x00", Reason.BINARY, "UTF-32", id="utf-32"),
        pytest.param(b"Storm\x00 hits", Reason.BINARY, "NUL at byte 5", id="one nul"),
        pytest.param(bytes(range(1, 32)) * 9, Reason.BINARY, "control", id="control characters"),
        pytest.param("Ереван".encode()[:-1], Reason.ENCODING, "not utf-8 at byte 10", id="cut ru"),
        pytest.param(HY[1].encode()[:-1], Reason.ENCODING, "not utf-8 at byte", id="cut hy"),
        pytest.param(
            HY[1].encode()[:9] + b"\xe9" + HY[1].encode()[9:], Reason.ENCODING, "not utf-8 at byte", id="bad hy"
        ),
        pytest.param(b"caf\xe9 " + RU[1].encode(), Reason.ENCODING, "not utf-8 at byte 3", id="mixed encodings"),
        pytest.param(HY[0].encode("utf-16")[:-1], Reason.ENCODING, "not utf-16 at byte", id="cut utf-16"),
        pytest.param("مرحبا بالعالم في الأخبار".encode("cp1256"), Reason.ENCODING, "no known", id="arabic windows"),
    ],
)
def test_bad_files_are_rejects(data: bytes, reason: Reason, detail: str) -> None:
    [reject] = read_plain(data, iter([data]), source_uri="a.txt")

    assert isinstance(reject, Reject)
    assert (reject.reason, reject.source_uri, reject.payload) == (reason, "a.txt", data)
    assert detail in reject.detail


def test_offset_of_a_bad_byte_counts_the_byte_order_mark() -> None:
    reject = parse_plain(b"\xef\xbb\xbfok\xff " + RU[0].encode(), source_uri="a.txt")

    assert isinstance(reject, Reject)
    assert "at byte 5" in reject.detail


def test_size_limit_is_inclusive() -> None:
    line = b"The river rose.\n"
    data = line * (MAX_ARTICLE_BYTES // len(line))
    assert len(data) == MAX_ARTICLE_BYTES

    [article] = read_plain(data[:99], iter([data]), source_uri="a.txt")
    [reject] = read_plain(data[:99], iter([data, b"\n"]), source_uri="a.txt")

    assert isinstance(article, Article)
    assert isinstance(reject, Reject)
    assert reject.reason is Reason.TOO_LARGE
    assert (reject.payload_bytes, reject.payload_sha256) == (len(data) + 1, sha256(data + b"\n").hexdigest())
    assert reject.payload == data[: 1 << 20]
