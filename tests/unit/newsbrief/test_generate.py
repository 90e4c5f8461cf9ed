from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from pipeline.newsbrief.generate import Grammar, load_grammar, main, sample

if TYPE_CHECKING:
    from pathlib import Path

CITIES = """
[[pattern]]
id = "weather-rain"
kind = "caption"
en = "Rain in {city}"
ru = "Дождь {city.in}"
hy = "Անձրև {city.loc}"

[[pattern]]
id = "weather-snow"
kind = "headline"
en = "Snow in {city}"
ru = "Снег {city.in}"
hy = "Ձյուն {city.loc}"
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "topics").mkdir()
    (tmp_path / "topics" / "weather.toml").write_text(CITIES, encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def grammar() -> Grammar:
    """The packaged language."""
    return load_grammar()


def test_packaged_language_is_valid(grammar: Grammar) -> None:
    assert len(grammar.topics) >= 10
    assert {pattern.kind for pattern in grammar.patterns} == {"body", "headline", "caption"}


def test_no_brief_has_a_defect_of_typography(grammar: Grammar) -> None:
    for brief in sample(grammar, seed=7, n=20_000):
        for text in (brief.en, brief.ru, brief.hy):
            assert not {"{", "}", "|", "\n"} & set(text), text
            assert "  " not in text, text
            assert text == text.strip(), text


def test_same_seed_gives_the_same_briefs(grammar: Grammar) -> None:
    first = list(sample(grammar, seed=5, n=200))

    assert first == list(sample(grammar, seed=5, n=200))
    assert first != list(sample(grammar, seed=6, n=200))


def test_sequence_is_fixed_for_all_python_versions(root: Path) -> None:
    briefs = sample(load_grammar(root), seed=1, n=3)

    assert [brief.en for brief in briefs] == ["Rain in London", "Snow in Bucharest", "Rain in Copenhagen"]


def test_patterns_are_drawn_evenly(grammar: Grammar) -> None:
    n_each = 100
    counts = Counter(brief.pattern_id for brief in sample(grammar, seed=2, n=n_each * len(grammar.patterns)))

    assert len(counts) == len(grammar.patterns)
    assert min(counts.values()) > n_each / 2
    assert max(counts.values()) < n_each * 2


def test_only_the_wanted_topics_are_drawn(grammar: Grammar) -> None:
    assert {brief.topic for brief in sample(grammar, seed=1, n=300, topics=["sport"])} == {"sport"}


@pytest.mark.parametrize("language", ["en", "ru", "hy"])
def test_excluded_sentence_never_comes(root: Path, language: str) -> None:
    grammar = load_grammar(root)
    excluded = {getattr(brief, language) for brief in sample(grammar, seed=1, n=20)}

    briefs = list(sample(grammar, seed=1, n=1000, exclude=excluded))

    assert len(briefs) == 1000
    assert not excluded & {getattr(brief, language) for brief in briefs}


def test_excluding_everything_is_an_error(root: Path) -> None:
    grammar = load_grammar(root)
    everything = {brief.en for brief in sample(grammar, seed=1, n=5000)}

    with pytest.raises(ValueError, match="in a row are excluded"):
        next(sample(grammar, seed=1, n=1, exclude=everything))


def test_unknown_topic_is_an_error(grammar: Grammar) -> None:
    with pytest.raises(ValueError, match="no patterns for the topics"):
        next(sample(grammar, seed=1, n=1, topics=["gossip"]))


def test_command_prints_blocks_of_three_languages(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(root), "-n", "2", "--seed", "1"]) == 0

    blocks = capsys.readouterr().out.strip().split("\n\n")
    assert [len(block.split("\n")) for block in blocks] == [4, 4]
    assert blocks[0].startswith("[weather-")


def test_command_prints_some_of_each_pattern(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(root), "--per-pattern", "2"]) == 0

    out = capsys.readouterr().out
    assert out.count("[weather-rain, caption]") == out.count("[weather-snow, headline]") == 2


def test_check_prints_the_number_of_patterns(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(root), "--check"]) == 0

    assert capsys.readouterr().out == "weather: 1 caption, 1 headline\n2 patterns\n"


def test_check_fails_with_the_problems(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "topics" / "weather.toml").write_text(CITIES.replace("{city.in}", "{city.xyz}"), encoding="utf-8")

    assert main(["--root", str(root), "--check"]) == 1

    assert "weather-snow: ru: {city.xyz}: form 'xyz' is missing" in capsys.readouterr().err
