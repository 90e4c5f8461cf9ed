from __future__ import annotations

from datetime import datetime, timezone

import pytest

from pipeline.errors import Note, Reason
from pipeline.ingest.content import Content, ReadingOptions
from pipeline.ingest.markdown import read_markdown
from pipeline.types import Article, Reject


def read(text: str | bytes) -> Article | Reject:
    data = text.encode() if isinstance(text, str) else text
    [found] = read_markdown(Content(head=data, pieces=iter((data,)), source_uri="a.md"), ReadingOptions())
    return found


def article(text: str | bytes) -> Article:
    found = read(text)
    assert isinstance(found, Article), found
    return found


def texts(text: str) -> list[tuple[str, str]]:
    return [(one.kind, one.text) for one in article(text).paragraphs]


def test_front_matter() -> None:
    found = article(
        "---\ntitle: 'Дождь: город под водой'\ndate: 2026-03-03 10:15:00 +0400\nlastmod: 2026-03-04\n"
        "authors:\n  - Анна Петрова\n  - name: Бен Ли\ntags: [река, дождь]\ncategories:\n- Погода\nlang: ru\n"
        "canonical_url: https://news.example/rain\nlicense: CC BY 4.0\npublisher: Вестник\n---\n\n"
        "# Дождь: город под водой\n\nШколы закрыты.\n"
    )

    assert [(one.kind, one.text) for one in found.paragraphs] == [
        ("headline", "Дождь: город под водой"),
        ("body", "Школы закрыты."),
    ]
    assert found.published_at == datetime(2026, 3, 3, 6, 15, tzinfo=timezone.utc)
    assert found.updated_at == datetime(2026, 3, 4, tzinfo=timezone.utc)
    assert (found.authors, found.keywords) == (("Анна Петрова", "Бен Ли"), ("река", "дождь"))
    assert (found.section, found.claimed_language, found.url) == ("Погода", "ru", "https://news.example/rain")
    assert (found.licence, found.publisher, found.notes) == ("CC BY 4.0", "Вестник", ())


def test_front_matter_in_toml() -> None:
    found = article(
        '+++\ntitle = "Rain"\ndate = 2026-03-03T10:15:00Z\nauthor = "A. Petrova, B. Lee"\n+++\nSchools are closed.'
    )

    assert (found.paragraphs[0].text, found.authors) == ("Rain", ("A. Petrova", "B. Lee"))
    assert found.published_at == datetime(2026, 3, 3, 10, 15, tzinfo=timezone.utc)


def test_words_of_yaml_stay_words() -> None:
    found = article(
        "---\ntitle: 2026\nlang: no\ndate: 30 February\nauthor: !!python/object:os.system ls\n---\nSchools."
    )

    assert (found.paragraphs[0].text, found.claimed_language) == ("2026", "no")
    assert (found.published_at, found.notes) == (None, (Note.BAD_DATE.value,))


@pytest.mark.parametrize(
    ("front", "detail"),
    [
        pytest.param("---\ntitle: Rain: the town\n---\nText.", "line 2, column", id="a colon"),
        pytest.param("---\na: &a [x]\nb: [*a, *a]\n---\nText.", "aliases", id="aliases"),
        pytest.param(
            "---\na: &a [x]\n"
            + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}' if n else '*a'] * 9)}]\n" for n in range(9))
            + "---\n",
            "aliases",
            id="alias bomb",
        ),
        pytest.param(f"---\na: {'[' * 30_000}\n---\nText.", "in each other", id="deep"),
        pytest.param(f"---\na: {'x' * 70_000}\n---\nText.", "more than", id="long"),
        pytest.param("---\na: @x\n---\nText.", "no YAML", id="reserved"),
        pytest.param("+++\na = \n+++\nText.", "no TOML", id="TOML"),
    ],
)
def test_bad_front_matter_is_a_reject(front: str, detail: str) -> None:
    found = read(front)

    assert isinstance(found, Reject)
    assert found.reason is Reason.BAD_RECORD
    assert detail in found.detail


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "# Rain\n\nSchools are\nclosed.", [("headline", "Rain"), ("body", "Schools are closed.")], id="lines"
        ),
        pytest.param("Rain\n====\n\nSchools.", [("headline", "Rain"), ("body", "Schools.")], id="underlined"),
        pytest.param("## Rain\n\nSchools.", [("headline", "Rain"), ("body", "Schools.")], id="a heading at the start"),
        pytest.param(
            "Monday.\n\n# Rain\n\nSchools.",
            [("headline", "Rain"), ("body", "Monday."), ("body", "Schools.")],
            id="later",
        ),
        pytest.param(
            "Monday.\n\n## Rain\n\nSchools.",
            [("body", "Monday."), ("caption", "Rain"), ("body", "Schools.")],
            id="subhead",
        ),
        pytest.param("# Rain #\n", [("headline", "Rain")], id="headline alone"),
        pytest.param(
            "The **river** *rose* by [two metres](https://x.example 'y'), `said` ~~nobody~~ <https://y.example>.",
            [("body", "The river rose by two metres, said nobody https://y.example.")],
            id="inline",
        ),
        pytest.param(
            "# Т\n\n![Набережная](a.jpg)\n\nШколы ![](b.jpg)закрыты.",
            [("headline", "Т"), ("caption", "Набережная"), ("body", "Школы закрыты.")],
            id="pictures",
        ),
        pytest.param(
            "* Մեկ։\n* Երկու։\n  * Երեք։\n\n1. Չորս։",
            [("body", f"{word}։") for word in ("Մեկ", "Երկու", "Երեք", "Չորս")],
            id="lists",
        ),
        pytest.param(
            "> The river rose.\n>\n> > Schools.", [("body", "The river rose."), ("body", "Schools.")], id="quotations"
        ),
        pytest.param(
            "| Day | mm |\n|---|---|\n| Tue | 40. |\n| Wed | |\n",
            [("body", "Day | mm"), ("body", "Tue | 40."), ("body", "Wed")],
            id="table",
        ),
        pytest.param(
            "One.\n\n```py\nx = 1\n\ny = 2\n```\n\nTwo.",
            [("body", "One."), ("body", "x = 1\n\ny = 2"), ("body", "Two.")],
            id="code",
        ),
        pytest.param(
            "One.<!-- a -->\n\n<!-- b\n\nc -->\n\nTwo.<br>Three.",
            [("body", "One."), ("body", "Two.\nThree.")],
            id="comments",
        ),
        pytest.param(
            "<div>\n<p>One.</p><script>x()</script>\n</div>\n\nTwo <b>bold</b>.",
            [("body", "One."), ("body", "Two bold.")],
            id="HTML",
        ),
        pytest.param(
            "The river[^1] rose.\n\n[^1]: By two metres.",
            [("body", "The river rose."), ("body", "By two metres.")],
            id="footnotes",
        ),
        pytest.param(r"5 \* 5 &amp; 3&nbsp;km.", [("body", "5 * 5 & 3\xa0km.")], id="escapes"),
        pytest.param(
            "---\nSchools are closed.\n---\n", [("headline", "Schools are closed.")], id="rules, no front matter"
        ),
        pytest.param("---\n\nSchools are closed.", [("body", "Schools are closed.")], id="a rule"),
        pytest.param("One.\r\n\r\nTwo.\\\r\nThree.", [("body", "One."), ("body", "Two.\nThree.")], id="line ends"),
        pytest.param("[" * 50 + "x" + ">" * 50, [("body", "[" * 50 + "x" + ">" * 50)], id="brackets"),
    ],
)
def test_text_without_marks(text: str, expected: list[tuple[str, str]]) -> None:
    assert texts(text) == expected


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Reason.EMPTY),
        (b"---\ntags: [x]\n---\n<!-- nothing -->\n", Reason.EMPTY),
        (b"%PDF-1.7 ...", Reason.BINARY),
        (b"x" * (17 << 20), Reason.TOO_LARGE),
    ],
    ids=["empty", "no text", "binary", "large"],
)
def test_rejects(data: bytes, reason: Reason) -> None:
    found = read(data)

    assert isinstance(found, Reject)
    assert (found.reason, found.payload_bytes) == (reason, len(data))


def test_old_encoding() -> None:
    found = article("# Дождь затопил старый город\n\nШколы в городе закрыты до пятницы.".encode("cp1251"))

    assert (found.encoding, found.paragraphs[0].text) == ("windows-1251", "Дождь затопил старый город")
