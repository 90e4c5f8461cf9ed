from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipeline.config import DecodingSettings
from pipeline.decode.hypothesis import Hypothesis, KeyMaker
from pipeline.decode.job import Translation
from pipeline.decode.memory import RecentMemory
from pipeline.decode.rescue import VERSION as RESCUE_VERSION
from pipeline.decode.translator import Request, Translator
from pipeline.errors import ModelError
from pipeline.models.registry import ModelSet, open_model_set
from pipeline.progress import Silence
from pipeline.types import LanguagePair
from tests.tiny_package import TinyPackage

SETTINGS = DecodingSettings(jobs=1, max_target_tokens=30)
EN_RU, RU_EN, EN_HY, RU_HY, HY_EN = (
    LanguagePair(source=source, target=target)
    for source, target in (("en", "ru"), ("ru", "en"), ("en", "hy"), ("ru", "hy"), ("hy", "en"))
)
KEY = KeyMaker("demo").key
RUSSIAN = "Премьер-министр Франции прибыл в Париж."


class Counter(Silence):
    """A listener that adds up."""

    def __init__(self) -> None:
        self.n_expected = self.n_decoded = 0

    def expected(self, n_texts: int) -> None:
        self.n_expected += n_texts

    def decoded(self, n_texts: int) -> None:
        self.n_decoded += n_texts


def translate_one(translator: Translator, pair: LanguagePair, text: str) -> Translation:
    request = Request(pair=pair, text=text)
    return translator.translate([request])[request]


def test_pivot_is_both_steps_one_after_the_other(tiny_models: ModelSet) -> None:
    translator = Translator(tiny_models, SETTINGS, RecentMemory())
    middle = translate_one(Translator(tiny_models, SETTINGS, RecentMemory()), RU_EN, RUSSIAN)
    last = translate_one(Translator(tiny_models, SETTINGS, RecentMemory()), EN_HY, middle.text)

    pivoted = translate_one(translator, RU_HY, RUSSIAN)

    assert pivoted.text == last.text
    assert pivoted.score == min(middle.score, last.score)
    assert not pivoted.from_memory


def test_truncation_of_the_first_step_is_told(tmp_path: Path) -> None:
    TinyPackage(source="ru", target="en", end_bias=-30).build(tmp_path)
    TinyPackage(source="en", target="hy", end_bias=30).build(tmp_path)
    translator = Translator(open_model_set(str(tmp_path)), SETTINGS, RecentMemory())

    assert translate_one(translator, RU_HY, RUSSIAN).is_truncated
    assert not translate_one(translator, EN_HY, "Paris.").is_truncated


def test_nothing_between_two_steps_is_no_error(tmp_path: Path) -> None:
    TinyPackage(source="ru", target="en", end_bias=30).build(tmp_path)
    TinyPackage(source="en", target="hy").build(tmp_path)
    translator = Translator(open_model_set(str(tmp_path)), SETTINGS, RecentMemory())

    assert translate_one(translator, RU_HY, RUSSIAN).score <= 0


def test_what_was_decoded_once_comes_from_memory(tiny_folder: Path, tmp_path: Path) -> None:
    memory = RecentMemory()
    folder = tmp_path / "models"
    shutil.copytree(tiny_folder, folder)
    first = translate_one(Translator(open_model_set(str(folder)), SETTINGS, memory), RU_HY, RUSSIAN)
    models = open_model_set(str(folder))
    assert all(package.sha256 for package in models.packages.values())
    for package in models.packages.values():
        (package.model_folder / "model.bin").write_bytes(b"not to be loaded")

    second = translate_one(Translator(models, SETTINGS, memory), RU_HY, RUSSIAN)

    assert not first.from_memory
    assert second.from_memory
    assert (second.text, second.score) == (first.text, first.score)


def test_one_step_from_memory_is_not_all_from_memory(tiny_models: ModelSet) -> None:
    translator = Translator(tiny_models, SETTINGS, RecentMemory())
    translate_one(translator, RU_EN, RUSSIAN)

    assert not translate_one(translator, RU_HY, RUSSIAN).from_memory


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(DecodingSettings(jobs=1, max_target_tokens=30, beam=2), id="beam"),
        pytest.param(DecodingSettings(jobs=1, max_target_tokens=20), id="limit"),
    ],
)
def test_memory_of_other_settings_is_not_used(tiny_models: ModelSet, settings: DecodingSettings) -> None:
    memory = RecentMemory()
    translate_one(Translator(tiny_models, SETTINGS, memory), EN_RU, "Paris.")

    assert not translate_one(Translator(tiny_models, settings, memory), EN_RU, "Paris.").from_memory


def test_number_of_jobs_does_not_void_the_memory(tiny_models: ModelSet) -> None:
    memory = RecentMemory()
    translate_one(Translator(tiny_models, SETTINGS, memory), EN_RU, "Paris.")
    settings = DecodingSettings(jobs=2, max_target_tokens=30)

    assert translate_one(Translator(tiny_models, settings, memory), EN_RU, "Paris.").from_memory


def test_texts_that_differ_in_blanks_only_are_decoded_once(tiny_models: ModelSet) -> None:
    memory = RecentMemory()
    translator = Translator(tiny_models, SETTINGS, memory, is_rescuing=False)
    requests = [Request(pair=EN_RU, text=text) for text in ("in Paris\non Monday", "in  Paris on\tMonday")]

    translations = translator.translate(requests)

    assert translations[requests[0]] == translations[requests[1]]
    assert len(memory) == 1


def test_every_text_is_announced_and_done(tiny_models: ModelSet) -> None:
    counter = Counter()
    translator = Translator(tiny_models, SETTINGS, RecentMemory(), counter)
    requests = [
        Request(pair=EN_RU, text="Paris."),
        Request(pair=EN_RU, text=" Paris."),
        Request(pair=RU_HY, text=RUSSIAN),
    ]

    translator.translate(requests)
    translator.translate(requests)

    assert counter.n_expected == counter.n_decoded == 8


def test_missing_route_is_an_error(tiny_models: ModelSet) -> None:
    translator = Translator(tiny_models, SETTINGS, RecentMemory())

    assert translator.route(HY_EN) is None
    assert translator.signature(HY_EN) is None
    with pytest.raises(ModelError, match="no model for hy-en"):
        translate_one(translator, HY_EN, "Փարիզ։")


def test_nothing_to_translate_loads_nothing(tmp_path: Path) -> None:
    package = TinyPackage(source="en", target="ru").build(tmp_path)
    (package / "model" / "model.bin").write_bytes(b"not to be loaded")

    assert Translator(open_model_set(str(tmp_path)), SETTINGS, RecentMemory()).translate([]) == {}


def test_signature_names_the_models_and_the_settings(tiny_models: ModelSet) -> None:
    signature = Translator(tiny_models, SETTINGS, RecentMemory()).signature(RU_HY)

    assert signature is not None
    assert signature.split("+") == [
        tiny_models.packages[RU_EN].sha256,
        tiny_models.packages[EN_HY].sha256,
        SETTINGS.signature,
        f"rescue:{RESCUE_VERSION}",
    ]


BRIEF = {
    "en": "France and India signed an agreement on trade in Paris on Thursday.",
    "ru": "Франция и Индия в четверг подписали в Париже соглашение о торговле.",
    "hy": "Ֆրանսիան և Հնդկաստանը հինգշաբթի օրը Փարիզում ստորագրել են առևտրի մասին համաձայնագիր։",
}
PARIS = {"en": "Paris", "ru": "Париж", "hy": "Փարիզ"}


@pytest.mark.parametrize(
    ("source", "target"),
    [("en", "ru"), ("ru", "en"), ("en", "hy"), ("hy", "en"), ("ru", "hy"), ("hy", "ru")],
)
def test_demo_models_translate_news_briefs(demo_models: ModelSet, source: str, target: str) -> None:
    translator = Translator(demo_models, DecodingSettings(jobs=1), RecentMemory())

    translation = translate_one(translator, LanguagePair(source=source, target=target), BRIEF[source])

    assert PARIS[target] in translation.text
    assert not translation.is_truncated


def test_memory_keeps_the_latest_entries() -> None:
    memory = RecentMemory(max_entries=2)
    keys = [KEY(text) for text in ("Paris", "Париж", "Փարիզ")]
    for key in keys:
        memory.add({key: Hypothesis(text="…", score=-0.1)})

    assert list(memory.look_up(keys)) == keys[1:]


def test_memory_without_room_keeps_nothing() -> None:
    memory = RecentMemory(max_entries=0)
    memory.add({KEY("Paris"): Hypothesis(text="Париж", score=-0.1)})

    assert len(memory) == 0
