from __future__ import annotations

from itertools import permutations

import pytest

from pipeline.models.catalog import command_for, read_catalog
from pipeline.types import LanguagePair, parse_pair

NLLB = "hf download facebook/nllb-200-distilled-600M --local-dir nllb && newsmt models convert nllb"
SERVED = [LanguagePair(source=source, target=target) for source, target in permutations(("en", "ru", "hy"), 2)]


@pytest.mark.parametrize("pair", SERVED, ids=str)
def test_catalogue_knows_models_for_each_pair_and_which_to_take(pair: LanguagePair) -> None:
    catalog = read_catalog()

    entries = catalog.of_pair(pair)

    assert len(entries) >= 2
    assert all(entry.home.startswith("https://") and entry.licence for entry in entries)
    recommended = catalog.recommended[pair]
    families = [entry.family for entry in entries]
    assert recommended.family in families
    assert recommended.why
    if pair.source == "hy" or pair.target == "hy":
        assert (recommended.family, recommended.otherwise) == ("nllb-200", "m2m100")
        assert "argos" not in families


def test_entries_of_a_pair_are_ordered_by_score() -> None:
    entries = read_catalog().of_pair(parse_pair("ru-en"))

    assert [entry.family for entry in entries] == ["nllb-200", "opus-mt", "argos", "m2m100"]
    assert entries[-1].bleu is None


def test_scores_are_looked_up_by_family() -> None:
    catalog = read_catalog()

    assert catalog.bleu("opus-mt", parse_pair("hy-en")) == 12.8
    assert catalog.bleu("opus-mt", parse_pair("hy-ru")) == 0.0
    assert catalog.bleu("unheard-of", parse_pair("en-ru")) == 0.0


@pytest.mark.parametrize(
    ("pair", "command"),
    [
        pytest.param("en-ru", "newsmt models install en-ru", id="argos"),
        pytest.param(
            "hy-ru",
            f"{NLLB} --from hy --to ru",
            id="nllb",
        ),
        pytest.param(
            "hyw-en",
            f"{NLLB} --from hy --to en",
            id="western-armenian",
        ),
        pytest.param("fr-en", "newsmt models install fr-en", id="not-in-the-catalogue"),
        pytest.param("fr-ru", "newsmt models install fr-en en-ru", id="through-english"),
    ],
)
def test_command_gets_a_model(pair: str, command: str) -> None:
    assert command_for(parse_pair(pair)) == command


def test_entry_is_json() -> None:
    (entry,) = (entry for entry in read_catalog().of_pair(parse_pair("en-hy")) if entry.family == "opus-mt")

    values = entry.to_json()

    assert (values["pair"], values["bleu"], values["comet"]) == ("en-hy", 7.8, 0.68)
    assert values["home"] == "https://huggingface.co/Helsinki-NLP/opus-mt-en-hy"
