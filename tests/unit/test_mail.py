from __future__ import annotations

import base64
import io
import zipfile
from datetime import datetime, timezone
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from pipeline.errors import Note, Reason
from pipeline.ingest.content import Content, ReadingOptions
from pipeline.ingest.mail import is_mail, read_mail
from pipeline.types import Article, Reject

PLAIN = "Река поднялась на два метра.\n\nШколы закрыты.\n\n-- \nОтписаться\n"
HTML = (
    "<html><head><title>Вестник</title></head><body><h1>Дождь затопил старый город</h1>"
    "<p>В ночь на вторник река поднялась на два метра, и вода вошла в дома на набережной.</p>"
    "<p>Школы города закрыты до пятницы, сообщила мэрия во вторник утром.</p></body></html>"
)


def newsletter(**headers: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    fields = {
        "From": "Городской вестник <letter@news.example>",
        "To": "reader@mail.example",
        "Subject": "Дождь затопил старый город",
        "Date": "Tue, 03 Mar 2026 10:15:00 +0400",
        "Message-ID": "<1@news.example>",
        **headers,
    }
    for name, value in fields.items():
        if value:
            message[name.replace("_", "-")] = value
    return message


def read(message: EmailMessage | bytes) -> list[Article | Reject]:
    data = message if isinstance(message, bytes) else message.as_bytes()
    return list(read_mail(Content(head=data, pieces=iter((data,)), source_uri="a.eml"), ReadingOptions()))


def article(message: EmailMessage | bytes) -> Article:
    [found] = read(message)
    assert isinstance(found, Article), found
    return found


def texts(found: Article) -> list[str]:
    return [one.text for one in found.paragraphs]


@pytest.mark.parametrize("transfer", ["quoted-printable", "base64", "8bit"])
@pytest.mark.parametrize("charset", ["utf-8", "koi8-r", "windows-1251"])
def test_plain_text(transfer: str, charset: str) -> None:
    message = newsletter(Archived_At="<https://news.example/letters/7>")
    message.set_content(PLAIN, charset=charset, cte=transfer)
    message["Content-Language"] = "ru"

    found = article(message)

    assert texts(found) == ["Дождь затопил старый город", "Река поднялась на два метра.", "Школы закрыты."]
    assert found.paragraphs[0].kind == "headline"
    assert (found.publisher, found.url) == ("Городской вестник", "https://news.example/letters/7")
    assert found.published_at == datetime(2026, 3, 3, 6, 15, tzinfo=timezone.utc)
    assert (found.claimed_language, found.encoding, found.notes) == ("ru", charset, ())


def test_html_goes_before_plain_text() -> None:
    message = newsletter()
    message.set_content("Смотрите письмо в браузере.")
    message.add_alternative(HTML, subtype="html")

    found = article(message)

    assert texts(found) == [
        "Дождь затопил старый город",
        "В ночь на вторник река поднялась на два метра, и вода вошла в дома на набережной.",
        "Школы города закрыты до пятницы, сообщила мэрия во вторник утром.",
    ]
    assert (found.encoding, found.url) == ("utf-8", None)


def test_headings_of_html_that_are_not_the_subject_stay_and_its_title_does_not() -> None:
    message = newsletter(Subject="Письмо за неделю")
    message.set_content(HTML, subtype="html")

    assert texts(article(message))[:2] == ["Письмо за неделю", "Дождь затопил старый город"]

    message = newsletter(Subject="Письмо за неделю")
    message.set_content(HTML.replace("h1", "p"), subtype="html")

    assert "Вестник" not in texts(article(message))


def test_plain_text_helps_where_html_has_none() -> None:
    message = newsletter()
    message.set_content(PLAIN)
    message.add_alternative('<html><body><img src="a.png"></body></html>', subtype="html")

    assert texts(article(message))[1:] == ["Река поднялась на два метра.", "Школы закрыты."]


@pytest.mark.parametrize(
    ("declared", "notes"),
    [("utf-8", (Note.ENCODING_GUESSED.value,)), ("us-ascii", (Note.ENCODING_GUESSED.value,)), ("x-unheard-of", ())],
)
def test_wrongly_declared_charset(declared: str, notes: tuple[str, ...]) -> None:
    data = (
        b"From: a@news.example\r\nSubject: x\r\nMessage-ID: <1@x>\r\nMIME-Version: 1.0\r\n"
        + f"Content-Type: text/plain; charset={declared}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n".encode()
        + "Школы в старом городе закрыты до пятницы.\r\n".encode("cp1251")
    )

    found = article(data)

    assert texts(found)[1:] == ["Школы в старом городе закрыты до пятницы."]
    assert found.encoding == "windows-1251"
    assert set(notes) <= set(found.notes)


@pytest.mark.parametrize(
    ("raw", "headline"),
    [
        pytest.param(
            b"=?utf-8?B?" + base64.b64encode("Дождь в городе".encode()) + b"?=", "Дождь в городе", id="base64"
        ),
        pytest.param(
            b"=?koi8-r?Q?=E4=CF=D6=C4=D8?= 5",
            "Дождь 5",
            id="koi8",
        ),
        pytest.param(b"=?utf-8?Q?=D0?=\r\n =?utf-8?Q?=94=D0=B0?=", "Да", id="a letter cut in two"),
        pytest.param("Дождь в старом городе".encode(), "Дождь в старом городе", id="raw utf-8"),
        pytest.param("Дождь в старом городе".encode("cp1251"), "Дождь в старом городе", id="raw windows-1251"),
        pytest.param(b"=?x-unheard-of?Q?Rain?=", "Rain", id="unknown charset"),
        pytest.param(b"=?utf-8?B?a?=", None, id="damaged base64"),
        pytest.param(b"Rain\r\n in town", "Rain in town", id="folded"),
    ],
)
def test_subjects(raw: bytes, headline: str | None) -> None:
    data = b"From: a@news.example\r\nMessage-ID: <1@x>\r\nSubject: " + raw + b"\r\n\r\nSchools are closed.\r\n"

    assert headline is None or texts(article(data))[0] == headline
    assert article(data).publisher == "news.example"


def test_flowed_text_and_a_comment_in_the_date() -> None:
    message = newsletter(Date="")
    message["Date"] = "Tue, 3 Mar 2026 10:15:00 +0400 (+04)"
    message.set_content("Schools are \nclosed.\n")
    message.set_param("format", "flowed")

    found = article(message)

    assert (texts(found)[1:], found.published_at) == (
        ["Schools are closed."],
        datetime(2026, 3, 3, 6, 15, tzinfo=timezone.utc),
    )


def test_bad_date_is_noted() -> None:
    data = b"From: a@x.example\r\nDate: soon\r\nMessage-ID: <1@x>\r\nSubject: Rain\r\n\r\nSchools are closed.\r\n"

    assert article(data).notes == (Note.BAD_DATE.value,)


def test_text_behind_a_picture_is_text() -> None:
    message = newsletter()
    message.set_content("Река поднялась.\n")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", disposition="inline")
    message.add_attachment("Школы закрыты.\n", disposition="inline")

    assert texts(article(message))[1:] == ["Река поднялась.", "Школы закрыты."]


def test_attachments_are_read_as_what_they_are() -> None:
    inner = newsletter(Subject="Пересланное")
    inner.set_content("Школы закрыты.")
    message = newsletter()
    message.set_content("Во вложении.")
    message.add_attachment(
        "Мосты открыты.\n\nДвижение идёт.".encode(), maintype="text", subtype="plain", filename="../мост.txt"
    )
    message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="доклад.pdf")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="logo.png")
    message.add_attachment("BEGIN:VCALENDAR", subtype="calendar", filename="a.ics")
    message.add_attachment(inner)

    own, text, pdf, forwarded = read(message)

    assert isinstance(own, Article)
    assert isinstance(text, Article)
    assert isinstance(pdf, Reject)
    assert forwarded.source_uri == "a.eml!/5.eml"
    assert (text.source_uri, texts(text)) == ("a.eml!/мост.txt", ["Мосты открыты.", "Движение идёт."])
    assert (pdf.source_uri, pdf.reason) == ("a.eml!/доклад.pdf", Reason.BINARY)


def test_attached_document() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<document><body><p><r><t>Мосты открыты.</t></r></p></body></document>")
    message = newsletter()
    message.set_content("Во вложении.")
    message.add_attachment(file.getvalue(), maintype="application", subtype="x", filename="a.docx")

    assert [one.source_uri for one in read(message)] == ["a.eml", "a.eml!/a.docx"]


def nested(depth: int) -> bytes:
    start = "".join(f'Content-Type: multipart/mixed; boundary="{n}"\n\n--{n}\n' for n in range(depth))
    return f"From: a@x.example\nMessage-ID: <1@x>\nMIME-Version: 1.0\n{start}\n\nx\n".encode()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"From: a@x.example\r\nSubject: Rain\r\n\r\n", Reason.EMPTY),
        (b"", Reason.EMPTY),
        (nested(50), Reason.TOO_LARGE),
        (nested(5000), Reason.TOO_LARGE),
        (nested(1) + b"\n--0\n" * 20_000, Reason.TOO_LARGE),
        (b"From: a@x.example\n\n" + b"x" * (17 << 20), Reason.TOO_LARGE),
        (b"Content-Type: multipart/mixed\n\nno boundary", None),
        (b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n!!!!", Reason.EMPTY),
        (b"Content-Type: ;;;=\nFrom: <<>>\nDate:\nSubject: =?=?=\n\nSchools.", None),
    ],
    ids=["no body", "nothing", "deep", "deeper", "parts", "large", "no boundary", "bad base64", "bad headers"],
)
def test_bad_messages(data: bytes, reason: Reason | None) -> None:
    [found] = read(data)

    assert (found.reason if isinstance(found, Reject) else None) is reason


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (newsletter().as_bytes(), True),
        (b"Return-Path: <a@x>\nReceived: by x\n\twith y\nFrom: a\nSubject: b\n\nText", True),
        (b"From: our reporter\nDate: Tuesday\nSubject: rain\n\nSchools are closed.", False),
        (b"Message-ID: 5\nRain floods the town\nFrom: a\nDate: b\n\n", False),
        (b"Schools are closed.\n\nFrom: a\nSubject: b\nMessage-ID: c", False),
        (b"", False),
    ],
    ids=["newsletter", "carried", "a text", "a line that is no header", "later", "nothing"],
)
def test_sniff(head: bytes, expected: bool) -> None:  # noqa: FBT001
    assert is_mail(head) is expected
