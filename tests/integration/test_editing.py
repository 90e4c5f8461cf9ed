"""Protected text, casing, marks and terms around the real engine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipeline.config import DecodingSettings
from pipeline.config_inputs import ProtectSettings
from pipeline.decode.memory import RecentMemory
from pipeline.decode.translator import Translator
from pipeline.editing.editor import Editor
from pipeline.editing.glossary_file import read_glossary
from pipeline.errors import ConfigError
from pipeline.filters.translation import TranslateFilter
from pipeline.models.registry import ModelSet
from tests.commands import newsmt

SETTINGS = DecodingSettings(jobs=2, max_target_tokens=128)
HEADLINE = "Croatia and Canada sign agreement on energy supplies"
SENTENCE = "France and India signed an agreement on trade in Paris on Thursday."
ARRIVAL = "The prime minister of Canada, Edward Fairbank, arrived in Zagreb on Tuesday for talks on energy supplies."
LINK = "https://news.example/a?b=1&c=%20#top"


@pytest.fixture(scope="module")
def translator(demo_models: ModelSet) -> Translator:
    return Translator(demo_models, SETTINGS, RecentMemory())


def translate(translator: Translator, text: str, *, to: str = "ru", editor: Editor | None = None) -> Mapping[str, Any]:
    answer = TranslateFilter(translator, editor, source="en", target=to)([{"text": text}])[0]
    assert isinstance(answer, dict)
    return answer


def quality_of(answer: Mapping[str, Any] | ValueError) -> float:
    assert isinstance(answer, dict)
    return float(answer["quality"])


@pytest.mark.parametrize("to", ["ru", "hy"])
@pytest.mark.parametrize(
    "span",
    [
        pytest.param(LINK, id="link"),
        pytest.param("desk@news.example", id="address"),
        pytest.param("@newsdesk", id="handle"),
        pytest.param("#Energy2026", id="hashtag"),
        pytest.param("{name}", id="placeholder"),
        pytest.param("%s", id="format"),
        pytest.param("`main()`", id="code"),
        pytest.param("👩\u200d🚀", id="emoji"),
        pytest.param("https://news.example/" + "a" * 8000, id="link-of-8-kB"),
    ],
)
def test_protected_text_goes_through_unchanged(translator: Translator, span: str, to: str) -> None:
    answer = translate(translator, f"France and India signed {span} on Thursday.", to=to)

    assert answer["translation"].count(span) == 1
    assert "protected" in answer["edits"]
    assert "protected" not in answer["flags"]


def test_long_links_cost_no_tokens(translator: Translator) -> None:
    short, long = (translate(translator, f"Read {link} now.") for link in (LINK, LINK + "/a" * 4000))

    assert long["score"] == short["score"]
    assert long["translation"] == short["translation"].replace(LINK, LINK + "/a" * 4000)


def test_what_stands_behind_the_sentence_does_not_change_its_translation(translator: Translator) -> None:
    alone = translate(translator, SENTENCE)
    behind = translate(translator, f"{SENTENCE} {LINK} #Trade #Paris 😀")

    assert behind["translation"] == f"{alone['translation']} {LINK} #Trade #Paris 😀"
    assert behind["score"] == alone["score"]


def test_five_hundred_placeholders(translator: Translator) -> None:
    names = [f"{{item{number}}}" for number in range(500)]
    answer = translate(translator, " and ".join(names))

    assert [answer["translation"].count(name) for name in names] == [1] * 500
    assert "protected" not in answer["flags"]


@pytest.mark.parametrize("text", ["🎉🎉🎉", f"{LINK}", "{name} %s", "😀 @newsdesk #Energy"])
def test_text_without_words_is_copied(translator: Translator, text: str) -> None:
    answer = translate(translator, text)

    assert (answer["translation"], answer["score"], answer["flags"]) == (text, None, [])


@pytest.mark.parametrize(("written", "edit"), [(HEADLINE.upper(), "all-caps"), (SENTENCE.upper(), "all-caps")])
def test_capitals_are_translated_as_sentences_and_restored(translator: Translator, written: str, edit: str) -> None:
    expected = translate(translator, SENTENCE if written == SENTENCE.upper() else HEADLINE)
    answer = translate(translator, written)

    assert answer["translation"] == expected["translation"].upper()
    assert edit in answer["edits"]


def test_patterns_of_the_user_are_protected(translator: Translator) -> None:
    editor = Editor(ProtectSettings(patterns=(r"EN-\d{4} - \w+",)))
    answer = translate(translator, f"{SENTENCE[:-1]} under EN-1234 - Rev.", editor=editor)

    assert "EN-1234 - Rev" in answer["translation"]
    assert "protected" in answer["edits"]


def test_kinds_can_be_excepted(translator: Translator) -> None:
    editor = Editor(ProtectSettings(exceptions=("hashtag",)))

    assert "protected" not in translate(translator, f"{SENTENCE} #Trade", editor=editor)["edits"]


def test_known_wrong_forms_are_replaced_and_missing_terms_flagged(translator: Translator, tmp_path: Path) -> None:
    file = tmp_path / "glossary.csv"
    file.write_text(
        "source,target,pair,replace\nZagreb,Аграм,en-ru,Загреб\nCanada,Страна кленов,en-ru,\n", encoding="utf-8"
    )
    answer = translate(translator, ARRIVAL, editor=Editor(glossary=read_glossary(file)))

    assert "в Аграм" in answer["translation"]
    assert "Загреб" not in answer["translation"]
    assert "glossary" in answer["edits"]
    assert "glossary" in answer["flags"]


def test_raw_takes_what_the_model_says(demo_models: ModelSet) -> None:
    translator = Translator(demo_models, SETTINGS, RecentMemory(), is_rescuing=False)
    answer = translate(translator, f"{HEADLINE.upper()} {LINK}", editor=Editor(is_raw=True))

    assert LINK not in answer["translation"]
    assert (answer["edits"], answer["retry"]) == ([], None)
    assert "protected" in answer["flags"]


@pytest.mark.parametrize("language", ["en", "ru", "hy"])
def test_sentences_without_problems_are_not_edited(
    translator: Translator, demo_models: ModelSet, language: str
) -> None:
    lines = (Path(__file__).parents[1] / "golden" / "sample_translations.jsonl").read_text("utf-8").splitlines()
    records = [{"text": json.loads(line)[language]} for line in lines]
    target = "en" if language != "en" else "ru"
    raw = Translator(demo_models, SETTINGS, RecentMemory(), is_rescuing=False)

    edited = TranslateFilter(translator, source=language, target=target)(records)
    untouched = TranslateFilter(raw, Editor(is_raw=True), source=language, target=target)(records)

    others = [pair for pair in zip(edited, untouched, strict=True) if pair[0] != pair[1]]
    # One of the sentences makes a demo model loop.
    assert len(others) <= 1
    for better, worse in others:
        assert quality_of(better) > quality_of(worse)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param("sourse,target,pair\n", "glossary.csv:1: ", id="columns"),
        pytest.param("source,target,pair\na,б,en-ru\na,в,en-ru\n", "glossary.csv:3: ", id="twice"),
        pytest.param("source,target,pair,replace\na,б,en-ru,в\nc,в,en-ru,б\n", "glossary.csv:", id="cycle"),
    ],
)
def test_bad_glossary_ends_a_run_before_any_work(tmp_path: Path, lines: str, expected: str) -> None:
    glossary = tmp_path / "glossary.csv"
    glossary.write_text(lines, encoding="utf-8")
    (tmp_path / "a.txt").write_text(SENTENCE, encoding="utf-8")
    out = tmp_path / "out"

    with pytest.raises(ConfigError) as caught:
        newsmt("run", tmp_path / "a.txt", "--to", "ru", "--models", "demo", "--out", out, "--glossary", glossary)

    assert expected in str(caught.value)
    assert not out.exists()


def test_contradictory_patterns_are_told_with_their_line(tmp_path: Path) -> None:
    config = tmp_path / "newsmt.toml"
    config.write_text(
        'inputs = ["in"]\nto = ["ru"]\n\n[protect]\npatterns = ["#\\\\w+", "(", ".*"]\nexcept = ["hashtag", "links"]\n',
        encoding="utf-8",
    )

    with pytest.raises(ConfigError) as caught:
        newsmt("run", "--config", config)

    message = str(caught.value)
    for text in ("newsmt.toml:5: ", "protects what except lets be translated", "is no regular expression", "nothing"):
        assert text in message
    assert "newsmt.toml:6: protect.except" in message
