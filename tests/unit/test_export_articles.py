"""Whole translated articles: as text, where the spans of units hold, and as Markdown that shows text as it is."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pipeline.corpus.corpus import Corpus
from pipeline.corpus.selection import Selection
from pipeline.export.articles_text import MARKDOWN, TEXT
from pipeline.export.base import FolderFormat, Material
from pipeline.export.markdown_text import escaped, front_matter, one_line
from tests.factories import NOW, make_contents, make_story
from tests.folders import data_bytes, table_rows, write_run
from tests.tables import change_rows

_RENDERERS = [MarkdownIt("commonmark"), MarkdownIt("default", {"linkify": False})]
_AWKWARD = "a1 -+=*_#>`~|<&[](){}!\\.:'\"$^\n\t\u00a0\u2028\x00é՞ש"


def exported(
    corpus: Path, folder: Path, wanted: FolderFormat = MARKDOWN, selection: Selection | None = None
) -> list[Path]:
    folder.mkdir()
    with Corpus(corpus) as opened:
        wanted.write(Material(corpus=opened, selection=selection or Selection(), made_at=NOW), folder)
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


def header_and_body(path: Path) -> tuple[dict[str, Any], str]:
    _, header, body = re.split(r"^---\n", path.read_text(encoding="utf-8"), maxsplit=2, flags=re.MULTILINE)
    return yaml.safe_load(header), body


def normalised(text: str) -> str:
    return " ".join("".join(" " if unicodedata.category(char) == "Cc" else char for char in text).split())


def shown(renderer: MarkdownIt, markdown: str) -> str:
    """Return the text that a reader sees."""
    return normalised(html.unescape(re.sub(r"<[^>]*>", "", renderer.render(markdown))))


@given(st.one_of(st.text(), st.text(alphabet=_AWKWARD, max_size=40)), st.sampled_from(["", "# ", "> "]))
def test_markdown_shows_text_as_it_is(text: str, prefix: str) -> None:
    for renderer in _RENDERERS:
        assert shown(renderer, f"{prefix}{escaped(text)}\n") == normalised(text)


@pytest.mark.parametrize(
    "text",
    [
        "# No heading #",
        "- no list",
        "12. no list either",
        "1) nor this",
        "---",
        "***",
        "> no quotation",
        "    no code",
        "```no fence",
        "<script>alert(1)</script>",
        "<!-- no comment -->",
        "[no](link) ![no](image) [no]: reference",
        "https://news.example/a_b_c?x=1&amp;y=2",
        "A * B * C _under_ ~~gone~~ `code`",
        "| a | b |",
        "C:\\new\\table \\* &copy; &#65;",
        "+",
        "- - -",
        "=====",
        "«Будет ли снижен налог?»",
        "שלום! 1. עולם",
    ],
)
def test_nothing_in_a_text_is_taken_for_markdown(text: str) -> None:
    for renderer in _RENDERERS:
        rendered = renderer.render(f"Before.\n\n{escaped(text)}\n\nAfter.\n")
        assert rendered.count("<") == 6
        assert shown(renderer, escaped(text)) == normalised(text)


def test_ordinary_text_is_left_alone() -> None:
    text = "The U.S. - 0.889 of 1,000 (i.e. 11:20) – didn't; -5 °C, “2+2=4”!"

    assert escaped(text) == text


@given(st.dictionaries(st.sampled_from(["title", "url"]), st.text()))
def test_no_value_breaks_out_of_the_header(values: dict[str, str]) -> None:
    written = front_matter(values) + "\n# Body\n"

    first, header, body = re.split(r"(?m)^---\n", written, maxsplit=2)
    assert (first, body) == ("", "\n# Body\n")
    assert (yaml.safe_load(header) or {}) == {name: one_line(value) for name, value in values.items()}


def test_each_article_is_a_file_for_each_language(tmp_path: Path) -> None:
    stories = [make_story(targets=["ru", "hy"]), make_story("other", published_at=None, targets=["ru"])]
    write_run(tmp_path / "corpus", make_contents(*stories))

    files = exported(tmp_path / "corpus", tmp_path / "articles")

    budget, other = (story.article.article_id for story in stories)
    assert [path.as_posix() for path in files] == [
        f"en-hy/2020-11-13-{budget}.md",
        f"en-ru/2020-11-13-{budget}.md",
        f"en-ru/2020-11-14-{other}.md",
    ]


def test_markdown_has_header_heading_and_paragraphs(tmp_path: Path) -> None:
    write_run(tmp_path / "corpus", make_contents(make_story()))

    [path] = exported(tmp_path / "corpus", tmp_path / "articles")

    header, body = header_and_body(tmp_path / "articles" / path)
    assert header == {
        "title": "Парламент принял бюджет",
        "source_title": "Parliament adopts the budget",
        "url": "https://news.example/budget",
        "published_at": "2020-11-13T09:30:00+00:00",
        "publisher": "Example",
        "lang": "ru",
        "source_lang": "en",
        "article_id": make_story().article.article_id,
        "revision": 1,
        "run_id": "20201114T060000Z",
        "models": ["en_ru@1.9#0123456789ab"],
    }
    assert body == (
        "\n# Парламент принял бюджет\n\n"
        "В пятницу парламент принял бюджет. За проголосовали сорок два депутата.\n\n"
        "Закон вступит в силу в январе.\n"
    )


def test_captions_are_quotations_and_empty_paragraphs_are_left_out(tmp_path: Path) -> None:
    story = make_story()
    [translated] = story.translated
    units = [*translated.units]
    units[1] = units[1]._replace(target_text="", kind="caption")
    units[2] = units[2]._replace(target_text="1. Зал *парламента*", kind="caption")
    units[3] = units[3]._replace(target_text=" ")
    write_run(tmp_path / "corpus", make_contents(replace(story, translated=(replace(translated, units=tuple(units)),))))

    [path] = exported(tmp_path / "corpus", tmp_path / "articles")

    _, body = header_and_body(tmp_path / "articles" / path)
    assert body == "\n# Парламент принял бюджет\n\n> 1\\. Зал \\*парламента\\*\n"


def test_spans_of_units_hold_in_text_files(tmp_path: Path) -> None:
    write_run(tmp_path / "corpus", make_contents(make_story(extra=["It rains."])))

    [path] = exported(tmp_path / "corpus", tmp_path / "articles", TEXT)

    text = (tmp_path / "articles" / path).read_bytes().decode()
    rows = table_rows(tmp_path / "corpus", "bitext")
    assert [text[row["target_start"] : row["target_end"]] for row in rows] == [row["target_text"] for row in rows]
    assert text[rows[-1]["target_end"] :] == "\n"


def test_line_ends_and_controls_of_a_text_stay_in_text_files(tmp_path: Path) -> None:
    write_run(tmp_path / "corpus", make_contents(make_story()))
    change_rows(tmp_path / "corpus", "bitext", target_text="a\r\nb\x07\x00שלום")

    [path] = exported(tmp_path / "corpus", tmp_path / "articles", TEXT)

    assert (tmp_path / "articles" / path).read_bytes().decode().startswith("a\r\nb\x07\x00שלום\n\n")


def test_superseded_revisions_have_names_of_their_own(tmp_path: Path) -> None:
    first, second = make_story(), make_story(revision=2, extra=["It rains."])
    write_run(tmp_path / "corpus", make_contents(first), make_contents(second))
    article_id = first.article.article_id

    latest = exported(tmp_path / "corpus", tmp_path / "latest")
    every = exported(tmp_path / "corpus", tmp_path / "every", MARKDOWN, Selection(all_revisions=True))

    assert [path.name for path in latest] == [f"2020-11-13-{article_id}.md"]
    assert [path.name for path in every] == [
        f"2020-11-13-{article_id}-r{revision}-20201114T060000Z.md" for revision in (1, 2)
    ]
    assert "It rains." in (tmp_path / "latest" / latest[0]).read_text(encoding="utf-8")


def test_hostile_values_stay_in_the_header(tmp_path: Path) -> None:
    hostile = "../../x\n---\ntitle: y\n\u2028\x00 " + "long " * 4000
    write_run(tmp_path / "corpus", make_contents(make_story()))
    change_rows(tmp_path / "corpus", "articles", title=hostile, publisher=hostile, article_id="../../evil")
    change_rows(tmp_path / "corpus", "bitext", url=hostile, article_id="../../evil")

    [path] = exported(tmp_path / "corpus", tmp_path / "articles")

    header, body = header_and_body(tmp_path / "articles" / path)
    assert path.as_posix() == "en-ru/2020-11-13-_evil.md"
    assert header["source_title"] == header["url"] == header["publisher"] == normalised(hostile)
    assert body.startswith("\n# Парламент принял бюджет\n")


def test_an_article_whose_own_row_is_damaged_is_written_without_title(tmp_path: Path) -> None:
    write_run(tmp_path / "corpus", make_contents(make_story()))
    [damaged] = (tmp_path / "corpus" / "articles").rglob("*.parquet")
    damaged.write_bytes(damaged.read_bytes()[:100])

    [path] = exported(tmp_path / "corpus", tmp_path / "articles")

    header, _ = header_and_body(tmp_path / "articles" / path)
    assert "source_title" not in header
    assert header["title"] == "Парламент принял бюджет"


def test_damage_of_one_file_leaves_the_others(tmp_path: Path) -> None:
    write_run(tmp_path / "corpus", make_contents(make_story(targets=["ru", "hy"])))
    [damaged] = (tmp_path / "corpus" / "bitext" / "pair=en-hy").rglob("*.parquet")
    damaged.write_bytes(b"PAR1" + damaged.read_bytes()[:100])
    before = data_bytes(tmp_path / "corpus")

    files = exported(tmp_path / "corpus", tmp_path / "articles")

    assert [path.parent.name for path in files] == ["en-ru"]
    assert data_bytes(tmp_path / "corpus") == before


@pytest.mark.parametrize("wanted", [TEXT, MARKDOWN])
def test_an_empty_corpus_gives_no_file(tmp_path: Path, wanted: FolderFormat) -> None:
    write_run(tmp_path / "corpus", make_contents())

    assert exported(tmp_path / "corpus", tmp_path / "articles", wanted) == []
