"""Web pages, feeds and web archives for tests; all texts are our own."""

from __future__ import annotations

import gzip
import html
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

EN = (
    "Bridge over the Alder closes for repairs",
    "The old bridge over the Alder closes on Monday for repairs that will take three months, the town council said.",
    "Cars have to take the way through the industrial area, while people on foot may use a floating bridge.",
    "“We know that this is hard for the shops on the left bank,” mayor Ellen Harrow told reporters on Thursday.",
    "The work costs 4.2 million euros, half of which comes from the region, according to the budget of the town.",
)
RU = (
    "Мост через Ольху закроют на ремонт",
    "Старый мост через Ольху закроют с понедельника на ремонт, который займёт три месяца, сообщила мэрия города.",
    "Автомобилям придётся ехать в объезд через промышленную зону, а пешеходы смогут пройти по понтонному мосту.",
    "«Мы понимаем, что магазинам на левом берегу будет трудно», — сказала журналистам мэр Елена Гаврилова в четверг.",
    "Работы обойдутся в 4,2 миллиона евро, половину этой суммы выделит область, следует из городского бюджета.",
)
HY = (
    "Լաստենի գետի կամուրջը կփակվի վերանորոգման համար",
    "Լաստենի գետի հին կամուրջը երկուշաբթի կփակվի վերանորոգման համար, որը կտևի երեք ամիս, հայտնեց քաղաքապետարանը։",
    "Մեքենաները ստիպված կլինեն շրջանցել արդյունաբերական թաղամասով, իսկ հետիոտները կարող են անցնել լողացող կամրջով։",
    "«Հասկանում ենք, որ ձախ ափի խանութների համար դժվար կլինի», — հինգշաբթի ասաց քաղաքապետ Ելենա Հարությունյանը։",
    "Աշխատանքներն արժեն 4,2 միլիոն եվրո, որի կեսը կհատկացնի մարզը, ինչպես նշված է քաղաքի բյուջեում։",
)
STORIES: dict[str, tuple[str, ...]] = {"en": EN, "ru": RU, "hy": HY}

_MENU = "".join(f'<li><a href="/section/{number}">Section {number}</a></li>' for number in range(12))


def article_body(paragraphs: Sequence[str]) -> str:
    """Return paragraphs as the inside of an article."""
    return "".join(f"<p>{html.escape(text)}</p>\n" for text in paragraphs)


def page(
    story: Sequence[str],
    *,
    language: str = "en",
    head: str = "",
    body: str | None = None,
    charset: str | None = "utf-8",
) -> str:
    """Return a news page around a story, whose first text is its headline."""
    title, *paragraphs = story
    meta = f'<meta charset="{charset}">' if charset else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{language}"><head>{meta}<title>{html.escape(title)} | The Alder Post</title>'
        f"{head}</head><body><header><nav><ul>{_MENU}</ul></nav></header><main><article><h1>{html.escape(title)}</h1>"
        f"{article_body(paragraphs) if body is None else body}</article></main>"
        f"<footer><p>© The Alder Post. All rights reserved.</p></footer></body></html>"
    )


def json_ld(**fields: Any) -> str:
    """Return a JSON-LD script of a news article."""
    node = {"@context": "https://schema.org", "@type": "NewsArticle", **fields}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def warc_record(
    body: bytes, *, kind: str = "response", url: str = "https://alder.example/news/1", content_type: str = "text/plain"
) -> bytes:
    """Return one record of a web archive."""
    header = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000000>\r\n"
        f"WARC-Date: 2024-05-06T07:08:09Z\r\nWARC-Target-URI: {url}\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return header.encode() + body + b"\r\n\r\n"


def warc_response(
    payload: bytes,
    *,
    url: str = "https://alder.example/news/1",
    content_type: str = "text/html; charset=utf-8",
    status: str = "200 OK",
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """Return a record of an HTTP response."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    block = "\r\n".join([*lines, "", ""]).encode() + payload
    return warc_record(block, url=url, content_type="application/http; msgtype=response")


def wacz(members: Mapping[str, bytes]) -> bytes:
    """Return a WACZ file of web archives, packed where their names end in `.gz`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, data in members.items():
            file.writestr(f"archive/{name}", gzip.compress(data) if name.endswith(".gz") else data)
        file.writestr("datapackage.json", '{"profile": "data-package", "wacz_version": "1.1.1"}')
    return buffer.getvalue()
