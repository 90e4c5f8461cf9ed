"""What the demo models owe: the news-brief language, and the samples."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.config import DecodingSettings
from pipeline.decode.memory import RecentMemory
from pipeline.decode.translator import Request, Translator
from pipeline.models.registry import ModelSet
from pipeline.newsbrief.evaluate import score
from pipeline.newsbrief.generate import load_grammar
from pipeline.newsbrief.held_out import held_out_briefs
from pipeline.types import LanguagePair

CONTRACT = {"chrf": 95.0, "exact_match": 85.0}
"""The least that was promised for each direction; FLOORS may only be higher."""

FLOORS = {
    "en-ru": {"chrf": 99.0, "exact_match": 95.0},
    "ru-en": {"chrf": 98.5, "exact_match": 92.0},
    "en-hy": {"chrf": 98.5, "exact_match": 92.0},
    "hy-en": {"chrf": 98.5, "exact_match": 92.0},
}
N_HELD_OUT = 300
MAX_PACKAGE_BYTES = 6_000_000
SAMPLES = Path(__file__).parent / "sample_translations.jsonl"
SAMPLE_FLOORS = {"en-ru": 85.0, "ru-en": 85.0, "en-hy": 85.0, "hy-en": 85.0, "ru-hy": 75.0, "hy-ru": 75.0}
"""Exact matches of sample sentences; over a pivot, two models must be right."""


@pytest.fixture(scope="module")
def translator(demo_models: ModelSet) -> Translator:
    return Translator(demo_models, DecodingSettings(), RecentMemory())


def translate(translator: Translator, pair: LanguagePair, texts: list[str]) -> list[str]:
    requests = [Request(pair=pair, text=text) for text in texts]
    translations = translator.translate(requests)
    return [translations[request].text for request in requests]


def test_floors_are_never_below_the_contract() -> None:
    assert all(floor[measure] >= least for floor in FLOORS.values() for measure, least in CONTRACT.items())


@pytest.mark.parametrize("name", FLOORS)
def test_held_out_sentences_reach_their_floor(name: str, translator: Translator) -> None:
    source, target = name.split("-")
    briefs = held_out_briefs(load_grammar(), n=N_HELD_OUT)
    hypotheses = translate(
        translator, LanguagePair(source=source, target=target), [getattr(brief, source) for brief in briefs]
    )
    scores = score(hypotheses, [getattr(brief, target) for brief in briefs])
    assert scores.chrf >= FLOORS[name]["chrf"]
    assert scores.exact_match >= FLOORS[name]["exact_match"]


@pytest.mark.parametrize("name", SAMPLE_FLOORS)
def test_samples_are_translated_as_the_language_demands(name: str, translator: Translator) -> None:
    source, target = name.split("-")
    records = [json.loads(line) for line in SAMPLES.read_text(encoding="utf-8").splitlines()]
    records = [record for record in records if record["source"] == source]
    assert len(records) >= 40
    hypotheses = translate(
        translator, LanguagePair(source=source, target=target), [record[source] for record in records]
    )
    assert score(hypotheses, [record[target] for record in records]).exact_match >= SAMPLE_FLOORS[name]


@pytest.mark.parametrize("name", FLOORS)
def test_packages_are_small(name: str, demo_models: ModelSet) -> None:
    source, target = name.split("-")
    assert demo_models.packages[LanguagePair(source=source, target=target)].size_bytes <= MAX_PACKAGE_BYTES
