from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors import Note
from pipeline.ingest.content import ReadingOptions
from pipeline.ingest.inputs import find_inputs
from pipeline.ingest.read import ArticleReader
from pipeline.types import Article

TITLE = "Парламент принял бюджет"
TEXT = "В пятницу парламент принял бюджет. Закон вступит в силу в январе, сообщило агентство."
RECORD = json.dumps({"title": TITLE, "text": TEXT}, ensure_ascii=False)
NITF = (
    f"<nitf><body><body.head><hedline><hl1>{TITLE}</hl1></hedline></body.head>"
    f"<body.content><p>{TEXT}</p></body.content></body></nitf>"
)
NEWS_ITEM = (
    '<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:x:1"><contentMeta><headline>'
    f"{TITLE}</headline></contentMeta><contentSet><inlineXML><nitf><body><body.content><p>{TEXT}</p></body.content>"
    "</body></nitf></inlineXML></contentSet></newsItem>"
)
FILES = {
    "a.txt": f"{TITLE}\n\n{TEXT}\n",
    "a.md": f"# {TITLE}\n\n{TEXT}\n",
    "a.jsonl": f"{RECORD}\n{RECORD}\n",
    "a.json": f"[{RECORD}]",
    "a.csv": f'title,text\n{TITLE},"{TEXT}"\n',
    "a.nitf": NITF,
    "a.xml": NEWS_ITEM,
}

NotesOf = Callable[..., set[tuple[str, ...]]]


@pytest.fixture
def notes_of(tmp_path: Path) -> NotesOf:
    def notes(name: str, data: bytes, encoding: str | None = None) -> set[tuple[str, ...]]:
        (tmp_path / name).write_bytes(data)
        found = find_inputs([str(tmp_path / name)])
        items = list(ArticleReader(found.files, options=ReadingOptions(encoding=encoding)))
        assert items
        return {item.notes if isinstance(item, Article) else (item.detail,) for item in items}

    return notes


@pytest.mark.parametrize("name", FILES)
def test_guess_is_noted(notes_of: NotesOf, name: str) -> None:
    assert notes_of(name, FILES[name].encode("cp1251")) == {(Note.ENCODING_GUESSED,)}


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.jsonl", "a.json", "a.csv"])
def test_what_the_user_says_is_noted(notes_of: NotesOf, name: str) -> None:
    assert notes_of(name, FILES[name].encode("cp855"), "cp855") == {(Note.ENCODING_GUESSED,)}


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", FILES)
def test_unicode_is_no_guess(notes_of: NotesOf, name: str, codec: str) -> None:
    assert notes_of(name, FILES[name].encode(codec), "koi8-r") == {()}


@pytest.mark.parametrize("text", [NITF, NEWS_ITEM], ids=["NITF", "NewsML-G2"])
def test_declaration_of_xml_is_no_guess(notes_of: NotesOf, text: str) -> None:
    data = f'<?xml version="1.0" encoding="windows-1251"?>{text}'.encode("cp1251")
    assert notes_of("a.xml", data) == {()}
