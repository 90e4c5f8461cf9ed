"""Second tries on the real engine: a demo model that has lost its sense of place goes in circles."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline import api
from pipeline.checks.base import TextPair
from pipeline.checks.repetition import repetition
from pipeline.config import DecodingSettings, RunConfig
from pipeline.decode.job import Translation
from pipeline.decode.memory import RecentMemory
from pipeline.decode.rescue import KEPT_FIRST
from pipeline.decode.translator import Request, Translator
from pipeline.decode.ways import FIRST, LADDER, halves
from pipeline.editing.editor import Editor
from pipeline.errors import Flag
from pipeline.models.registry import ModelSet, open_model_set
from pipeline.types import LanguagePair
from tests.altered_model import alter_model
from tests.folders import table_rows
from tests.tiny_package import TinyPackage

SETTINGS = DecodingSettings(jobs=2, max_target_tokens=128)
EN_RU = LanguagePair("en", "ru")
DEMO = Path(api.__file__).parent / "models" / "demo" / "translate-en_ru-1_0"
SAMPLES = Path(__file__).parents[1] / "golden" / "sample_translations.jsonl"


def without_places(name: str, value: NDArray[np.generic]) -> NDArray[np.generic]:
    return np.zeros_like(value) if name == "decoder/position_encodings/encodings" else value


@pytest.fixture(scope="module")
def looping_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("looping")
    shutil.copytree(DEMO, folder / DEMO.name)
    alter_model(folder / DEMO.name / "model" / "model.bin", without_places)
    return folder


@pytest.fixture(scope="module")
def looping(looping_folder: Path) -> ModelSet:
    return open_model_set(str(looping_folder))


@pytest.fixture(scope="module")
def sentences() -> list[str]:
    return list(dict.fromkeys(json.loads(line)["en"] for line in SAMPLES.read_text("utf-8").splitlines()))


def translate(translator: Translator, texts: Sequence[str]) -> list[Translation]:
    requests = [Request(EN_RU, text) for text in texts]
    found = translator.translate(requests)
    return [found[request] for request in requests]


def loops(texts: Sequence[str], translations: Sequence[Translation]) -> set[str]:
    return {
        text
        for text, translation in zip(texts, translations, strict=True)
        if repetition(TextPair(text, translation.text, *EN_RU))
    }


def test_most_loops_are_gone(looping: ModelSet, sentences: list[str]) -> None:
    before = loops(sentences, translate(Translator(looping, SETTINGS, None, is_rescuing=False), sentences))
    rescued = translate(Translator(looping, SETTINGS, None), sentences)
    after = loops(sentences, rescued)

    assert len(before) >= 20
    assert len(after) <= 0.2 * len(before)
    assert after <= before
    retries = {text: translation.retry for text, translation in zip(sentences, rescued, strict=True)}
    assert all(retries[text] in {way.name for way in LADDER} for text in before - after)


def test_memory_brings_second_tries_back(looping: ModelSet, sentences: list[str]) -> None:
    memory = RecentMemory()
    first = translate(Translator(looping, SETTINGS, memory), sentences)
    n_entries = len(memory)

    again = translate(Translator(looping, SETTINGS, memory), sentences)

    assert [t._replace(from_memory=False) for t in again] == [t._replace(from_memory=False) for t in first]
    assert all(translation.from_memory for translation in again)
    assert len(memory) == n_entries


def test_same_texts_come_to_the_same_end(looping: ModelSet, sentences: list[str]) -> None:
    one, other = (translate(Translator(looping, SETTINGS, None), texts) for texts in (sentences, sentences[::-1]))

    assert one == other[::-1]


def test_good_translations_stay_as_they_are(demo_models: ModelSet, sentences: list[str]) -> None:
    with_rescue, without = (
        translate(Translator(demo_models, SETTINGS, None, is_rescuing=rescue), sentences) for rescue in (True, False)
    )

    assert with_rescue == without


@pytest.mark.slow
def test_no_unit_gets_worse_and_the_manifest_counts(looping_folder: Path, sentences: list[str], tmp_path: Path) -> None:
    news = tmp_path / "news.jsonl"
    articles = [{"title": sentences[n], "text": " ".join(sentences[n + 1 : n + 6])} for n in range(0, 120, 6)]
    news.write_text("".join(json.dumps(article) + "\n" for article in articles), encoding="utf-8")
    manifests, units = [], []
    for raw in (True, False):
        out = tmp_path / f"raw-{raw}"
        config = RunConfig(
            inputs=(str(news),),
            to=("ru",),
            out=out,
            models=str(looping_folder),
            raw=raw,
            decoding=SETTINGS,
        )
        manifests.append(api.run_config(config))
        units.append({row["unit_id"]: row for row in table_rows(out, "bitext")})

    before, after = units
    assert before.keys() == after.keys()
    assert not any(row["retry"] for row in before.values())
    worse = [key for key, row in after.items() if row["quality"] < before[key]["quality"]]
    assert worse == []
    retries = [row["retry"] for row in after.values() if row["retry"]]
    assert retries
    assert manifests[1].counts.retries == {name: retries.count(name) for name in sorted(set(retries))}
    n_before, n_after = (manifest.counts.flags.get(Flag.REPETITION.value, 0) for manifest in manifests)
    assert n_after <= 0.2 * n_before


def test_what_cannot_be_mended_is_kept_as_it_came_first(tmp_path: Path) -> None:
    TinyPackage(source="en", target="ru", end_bias=30).build(tmp_path)
    models = open_model_set(str(tmp_path))
    text = "The prime minister of France arrived in Paris on Monday."

    first = translate(Translator(models, SETTINGS, None, is_rescuing=False), [text])[0]
    last = translate(Translator(models, SETTINGS, None), [text])[0]

    assert first.text == ""
    assert last == first._replace(retry=KEPT_FIRST)


def test_raw_runs_take_what_the_model_says() -> None:
    assert Editor(is_raw=True).signature(EN_RU) != Editor().signature(EN_RU)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "The minister left on Monday; the talks go on in Paris.",
            ("The minister left on Monday;", "the talks go on in Paris."),
            id="semicolon",
        ),
        pytest.param(
            "When the minister had left, the talks went on in Paris.",
            ("When the minister had left,", "the talks went on in Paris."),
            id="comma",
        ),
        pytest.param("The talks went on in Paris.", ("The talks went", "on in Paris."), id="blank"),
        pytest.param("Yes, on Monday, said Hart.", (), id="too-short"),
        pytest.param("word" * 100, (), id="one-word"),
        pytest.param("", (), id="empty"),
    ],
)
def test_texts_are_halved_where_it_hurts_least(text: str, expected: tuple[str, ...]) -> None:
    assert halves(text) == expected


def test_ways_have_keys_of_their_own() -> None:
    signatures = [FIRST.signature, *(way.signature for way in LADDER if not way.is_halved)]

    assert FIRST.signature == ""
    assert len(set(signatures)) == len(signatures)
