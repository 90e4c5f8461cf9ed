"""Vertical files: text comes back from tokens, and alignment points at the right sentences."""

from __future__ import annotations

import html
import re
import subprocess
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.corpus.corpus import Corpus
from pipeline.corpus.selection import Selection
from pipeline.export.base import Material
from pipeline.export.tokens import GLUE, lines_of, tokens_of
from pipeline.export.vertical import VERTICAL
from tests.factories import NOW, Story, make_contents, make_story
from tests.folders import write_run
from tests.tables import change_rows


def exported(corpus: Path, folder: Path, selection: Selection | None = None) -> Path:
    folder.mkdir()
    with Corpus(corpus) as opened:
        VERTICAL.write(Material(corpus=opened, selection=selection or Selection(), made_at=NOW), folder)
    return folder


def with_targets(story: Story, targets: Sequence[str]) -> Story:
    """Return a story whose first translation has other texts."""
    [translated] = story.translated
    units = [unit._replace(target_text=text) for unit, text in zip(translated.units, targets, strict=True)]
    return replace(story, translated=(replace(translated, units=tuple(units)),))


def text_of(lines: str) -> str:
    """Return the text that lines of a vertical file stand for."""
    glued = ("\n" + lines).replace(f"\n{GLUE}\n", "")
    return html.unescape(glued.strip("\n").replace("\n", " "))


def sentences_of(path: Path) -> list[tuple[str, int, int]]:
    """Return the text of each sentence, with the numbers of its first and its last token."""
    found, n_tokens = [], 0
    for body in re.findall(r"<s [^>]*>\n(.*?)</s>", path.read_text(encoding="utf-8"), re.DOTALL):
        n = sum(line != GLUE for line in body.splitlines())
        found.append((text_of(body), n_tokens, n_tokens + n - 1))
        n_tokens += n
    return found


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("“Don’t,” she said.", ["“", "Don’t", ",", "”", "she", "said", "."]),
        ("Нью-йоркская биржа упала на 6,3 %", ["Нью-йоркская", "биржа", "упала", "на", "6,3", "%"]),
        ("Ո՞վ գնաց, այսօ՞ր։", ["Ո՞վ", "գնաց", ",", "այսօ՞ր", "։"]),
        ("Հա՞, – ասաց նա՛։", ["Հա", "՞", ",", "–", "ասաց", "նա", "՛", "։"]),
        ("at 11:20, 45,000 people; v2.0.1", ["at", "11:20", ",", "45,000", "people", ";", "v2.0.1"]),
        ("end.Next U.S. -5 A-", ["end", ".", "Next", "U", ".", "S", ".", "-", "5", "A", "-"]),
        ("за́мок й", ["за́мок", "й"]),
        ("snake_case #tag", ["snake", "_", "case", "#", "tag"]),
        ("שלום, עולם", ["שלום", ",", "עולם"]),
    ],
    ids=["English", "Russian", "Armenian", "marks-at-end", "numbers", "points", "stress", "signs", "right-to-left"],
)
def test_tokens_are_words_numbers_and_single_marks(text: str, tokens: list[str]) -> None:
    assert [token for chunk in text.split() for token in tokens_of(chunk)] == tokens


@given(st.text())
def test_text_comes_back_from_its_tokens(text: str) -> None:
    lines, n_tokens = lines_of(text)

    without_controls = "".join(" " if unicodedata.category(char) == "Cc" else char for char in text)
    assert text_of(lines) == " ".join(without_controls.split())
    assert n_tokens == sum(line not in (GLUE, "") for line in lines.split("\n"))


@given(st.text(alphabet="a1-'՞.,&<é\u0301\u200d ", max_size=80))
def test_text_of_awkward_signs_comes_back_from_its_tokens(text: str) -> None:
    assert text_of(lines_of(text)[0]) == " ".join(text.split())


def test_what_xml_reserves_is_written_as_entities() -> None:
    assert lines_of("<s> & <g/>")[0].splitlines() == [
        "&lt;", GLUE, "s", GLUE, "&gt;", "&amp;", "&lt;", GLUE, "g", GLUE, "/", GLUE, "&gt;",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["a" * 20_000, "a-" * 10_000, "1.1" * 7_000, "́" * 20_000, "[" * 20_000])
def test_no_token_is_longer_than_an_index_takes(text: str) -> None:
    lines, _ = lines_of(text)

    assert max(len(line.encode()) for line in lines.splitlines()) < 4096
    assert text_of(lines) == text


def test_both_files_have_the_same_sentences_in_the_same_order(tmp_path: Path) -> None:
    write_run(tmp_path / "corpus", make_contents(make_story("one"), make_story("two", extra=["New."])))

    folder = exported(tmp_path / "corpus", tmp_path / "vertical")

    english, russian = (sentences_of(folder / f"en-ru.{language}.vert") for language in ("en", "ru"))
    pairs = [(source[0], target[0]) for source, target in zip(english, russian, strict=True)]
    assert len(pairs) == 9
    assert ("Forty-two deputies voted in favour.", "За проголосовали сорок два депутата.") in pairs
    assert ("New.", "New.") in pairs


def test_alignment_names_sentences_and_tokens_of_both_files(tmp_path: Path) -> None:
    write_run(tmp_path / "corpus", make_contents(make_story()))

    folder = exported(tmp_path / "corpus", tmp_path / "vertical")

    english, russian = (sentences_of(folder / f"en-ru.{language}.vert") for language in ("en", "ru"))
    beads = [f"{one[1]}\t{one[2]}\t{other[1]}\t{other[2]}\t1:1" for one, other in zip(english, russian, strict=True)]
    assert (folder / "en-ru.en.map").read_text() == "0\t0\n1\t1\n2\t2\n3\t3\n"
    assert (folder / "en-ru.en.align").read_text().splitlines() == ["NEWSMT_EN_RU_EN\ts\tNEWSMT_EN_RU_RU\ts", *beads]
    assert (folder / "en-ru.ru.align").read_text().splitlines()[:2] == [
        "NEWSMT_EN_RU_RU\ts\tNEWSMT_EN_RU_EN\ts",
        f"{russian[0][1]}\t{russian[0][2]}\t{english[0][1]}\t{english[0][2]}\t1:1",
    ]


def test_a_sentence_without_a_translation_has_no_partner(tmp_path: Path) -> None:
    story = with_targets(make_story(), ["Бюджет", "", " \x07", "Закон."])
    write_run(tmp_path / "corpus", make_contents(story))

    folder = exported(tmp_path / "corpus", tmp_path / "vertical")

    assert [text for text, _, _ in sentences_of(folder / "en-ru.ru.vert")] == ["Бюджет", "Закон."]
    assert (folder / "en-ru.en.map").read_text() == "0\t0\n1\t-1\n2\t-1\n3\t1\n"
    assert (folder / "en-ru.ru.map").read_text() == "0\t0\n-1\t1\n-1\t2\n1\t3\n"
    assert len((folder / "en-ru.en.align").read_text().splitlines()) == 3
    # Its paragraph, of two such sentences, is not there either: an index knows nothing empty.
    assert (folder / "en-ru.ru.vert").read_text(encoding="utf-8").count("<p ") == 2


def test_what_is_blank_on_both_sides_is_nowhere(tmp_path: Path) -> None:
    write_run(tmp_path / "corpus", make_contents(make_story()))
    change_rows(tmp_path / "corpus", "bitext", source_text="\x07", target_text="")

    folder = exported(tmp_path / "corpus", tmp_path / "vertical")

    assert {path.suffix: path.read_text() for path in folder.glob("en-ru.en.*")} == {
        ".vert": "",
        ".map": "",
        ".align": "NEWSMT_EN_RU_EN\ts\tNEWSMT_EN_RU_RU\ts\n",
    }


def test_structures_are_closed_in_the_order_they_were_opened(tmp_path: Path) -> None:
    empty = with_targets(make_story("empty"), [""] * 4)
    write_run(tmp_path / "corpus", make_contents(make_story(), empty, make_story("last")))

    folder = exported(tmp_path / "corpus", tmp_path / "vertical")

    for path in folder.glob("*.vert"):
        opened: list[str] = []
        for line in path.read_text(encoding="utf-8").splitlines():
            if found := re.fullmatch(r"<(/?)(doc|p|s)( [^>]*)?>", line):
                assert not found[1] or opened.pop() == found[2]
                opened += [] if found[1] else [found[2]]
        assert opened == []
    assert (folder / "en-ru.ru.vert").read_text(encoding="utf-8").count("<doc ") == 2
    assert (folder / "en-ru.en.vert").read_text(encoding="utf-8").count("<doc ") == 3


def test_values_cannot_break_out_of_their_tag(tmp_path: Path) -> None:
    hostile = '"><s id="x">\n</doc>\x00&quot; ' + "long " * 1000
    write_run(tmp_path / "corpus", make_contents(make_story()))
    change_rows(tmp_path / "corpus", "articles", title=hostile, publisher=hostile)
    change_rows(tmp_path / "corpus", "bitext", url=hostile)

    folder = exported(tmp_path / "corpus", tmp_path / "vertical")

    first = (folder / "en-ru.en.vert").read_text(encoding="utf-8").split("\n")[0]
    found = re.fullmatch(
        r'<doc id="\w+" revision="1" url="([^"<>]*)" date="[\d-]+" publisher="([^"<>]*)" title="\2">', first
    )
    assert found
    assert html.unescape(found[2]).startswith('"><s id="x"> </doc> &quot; long')
    assert len(found[2].encode()) < 4096


def test_source_and_translation_have_titles_of_their_own(tmp_path: Path) -> None:
    write_run(tmp_path / "corpus", make_contents(make_story()))

    folder = exported(tmp_path / "corpus", tmp_path / "vertical")

    assert 'title="Parliament adopts the budget"' in (folder / "en-ru.en.vert").read_text(encoding="utf-8")
    assert 'title="Парламент принял бюджет"' in (folder / "en-ru.ru.vert").read_text(encoding="utf-8")


def test_an_empty_corpus_gives_no_vertical_file(tmp_path: Path) -> None:
    write_run(tmp_path / "corpus", make_contents())

    folder = exported(tmp_path / "corpus", tmp_path / "vertical")

    assert sorted(path.name for path in folder.rglob("*")) == ["cwb.sh", "registry"]


def test_each_pair_has_files_and_registry_entries_of_its_own(tmp_path: Path) -> None:
    stories = [make_story(targets=["ru", "hy"]), make_story("other", language="ru", targets=["en"])]
    write_run(tmp_path / "corpus", make_contents(*stories))

    folder = exported(tmp_path / "corpus", tmp_path / "vertical")

    assert sorted(path.name for path in folder.glob("*.vert")) == [
        "en-hy.en.vert", "en-hy.hy.vert", "en-ru.en.vert", "en-ru.ru.vert", "ru-en.en.vert", "ru-en.ru.vert",
    ]  # fmt: skip
    for registry in (folder / "registry").iterdir():
        entries = dict(re.findall(r'^(\w+) "([^"]*)"$', registry.read_text(encoding="utf-8"), re.MULTILINE))
        assert (folder / Path(entries["VERTICAL"]).name).is_file()
        assert (folder / Path(entries["ALIGNDEF"]).name).is_file()
        assert (folder / "registry" / entries["ALIGNED"]).is_file()
    assert len(list((folder / "registry").iterdir())) == 6


def test_the_script_names_files_that_are_there(tmp_path: Path) -> None:
    write_run(tmp_path / "corpus", make_contents(make_story()))
    folder = exported(tmp_path / "corpus", tmp_path / "vertical")
    tools = tmp_path / "tools"
    tools.mkdir()
    # Stand-ins that tell how they were called: the real tools are in no package that can be counted on.
    for name in ("cwb-encode", "cwb-makeall", "cwb-align-encode"):
        (tools / name).write_text(f'#!/bin/sh\necho {name} "$@" >> "{tmp_path}/calls"\n')
        (tools / name).chmod(0o755)

    subprocess.run(
        ["/bin/sh", folder / "cwb.sh", tmp_path / "data", tmp_path / "registry"],
        check=True,
        env={"PATH": f"{tools}:/usr/bin:/bin"},
    )

    calls = (tmp_path / "calls").read_text().splitlines()
    assert [call.split()[0] for call in calls] == ["cwb-encode", "cwb-makeall"] * 2 + ["cwb-align-encode"] * 2
    for call in calls:
        assert all(Path(word).exists() for word in call.split() if word.endswith((".vert", ".align")))
    assert (tmp_path / "registry" / "newsmt_en_ru_en").read_text() == "ALIGNED newsmt_en_ru_ru\n"
