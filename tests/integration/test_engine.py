from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config import DecodingSettings
from pipeline.decode.engine import MAX_SOURCE_TOKENS, Engine, count_cores
from pipeline.decode.hypothesis import Hypothesis
from pipeline.decode.queue import decode
from pipeline.errors import ModelError
from pipeline.models.package import read_packages
from tests.tiny_package import TinyPackage

TEXTS = ["Paris.", "The prime minister of France arrived in Paris on Monday.", "12,500 people", "Paris.", "the vote"]
NEVER, ALWAYS = -30.0, 30.0


def translate(package: Path, texts: list[str], **settings: int) -> list[Hypothesis]:
    engine = Engine(read_packages(package)[0], DecodingSettings(**{"jobs": 2, **settings}))  # type: ignore[arg-type]
    return decode(engine, texts)


def test_each_text_gets_its_own_hypothesis(tiny_folder: Path) -> None:
    package = tiny_folder / "en_ru-1.0-1"
    alone = [translate(package, [text])[0] for text in TEXTS]

    together = translate(package, TEXTS)

    assert [hypothesis.text for hypothesis in together] == [hypothesis.text for hypothesis in alone]
    assert [hypothesis.score for hypothesis in together] == pytest.approx([h.score for h in alone], abs=1e-3)


def test_order_of_texts_and_number_of_jobs_change_nothing(tiny_folder: Path) -> None:
    package = tiny_folder / "en_ru-1.0-1"

    hypotheses = translate(package, TEXTS, jobs=1, max_batch_tokens=40)
    reverse = translate(package, TEXTS[::-1], jobs=3, max_batch_tokens=40)

    assert hypotheses == reverse[::-1]


def test_listener_hears_of_every_text(tiny_folder: Path) -> None:
    engine = Engine(read_packages(tiny_folder / "en_ru-1.0-1")[0], DecodingSettings(jobs=1, max_batch_tokens=20))
    heard: list[int] = []

    decode(engine, TEXTS, heard.append)

    assert sum(heard) == len(TEXTS)
    assert len(heard) > 1


@pytest.mark.parametrize("texts", [pytest.param([], id="nothing"), pytest.param(["", " "], id="blanks")])
def test_nothing_to_decode_is_no_error(tiny_folder: Path, texts: list[str]) -> None:
    assert len(translate(tiny_folder / "en_ru-1.0-1", texts)) == len(texts)


def test_scores_are_log_probabilities(tiny_folder: Path) -> None:
    assert all(hypothesis.score <= 0 for hypothesis in translate(tiny_folder / "en_ru-1.0-1", TEXTS))


@pytest.mark.parametrize(
    ("end_bias", "is_truncated"),
    [pytest.param(NEVER, True, id="text-without-end"), pytest.param(ALWAYS, False, id="text-with-end")],
)
def test_decoding_limit_is_told(tmp_path: Path, end_bias: float, is_truncated: bool) -> None:  # noqa: FBT001
    package = TinyPackage(source="en", target="ru", end_bias=end_bias).build(tmp_path)

    hypotheses = translate(package, TEXTS, max_target_tokens=7)

    assert {hypothesis.is_truncated for hypothesis in hypotheses} == {is_truncated}


def test_source_longer_than_the_model_takes_is_cut_and_told(tmp_path: Path) -> None:
    package = TinyPackage(source="en", target="ru", end_bias=ALWAYS, n_positions=500).build(tmp_path)
    text = "12500 " * MAX_SOURCE_TOKENS

    too_long, short = translate(package, [text, "Paris."])

    assert too_long.is_truncated
    assert not short.is_truncated


def test_target_prefix_is_no_part_of_the_translation(tmp_path: Path) -> None:
    with_prefix = TinyPackage(source="en", target="ru", target_prefix="▁Париж", end_bias=ALWAYS).build(tmp_path)

    assert [hypothesis.text for hypothesis in translate(with_prefix, ["Paris.", "the vote"])] == ["", ""]


def test_package_with_bpe_is_decoded(tmp_path: Path) -> None:
    package = TinyPackage(source="en", target="ru", tokenizer="bpe").build(tmp_path)

    hypotheses = translate(package, ["Paris votes.", "Paris"], max_target_tokens=5)

    assert len(hypotheses) == 2
    assert not any("@@" in hypothesis.text for hypothesis in hypotheses)


def test_damaged_weights_are_an_error_that_names_the_folder(tmp_path: Path) -> None:
    package = read_packages(TinyPackage(source="en", target="ru").build(tmp_path))[0]
    (package.model_folder / "model.bin").write_bytes(b"no weights")

    with pytest.raises(ModelError, match=r"en_ru.*model: CTranslate2 cannot load the model"):
        Engine(package, DecodingSettings())


def test_device_that_is_not_there_is_an_error(tiny_folder: Path) -> None:
    import ctranslate2

    if ctranslate2.get_cuda_device_count():
        pytest.skip("this machine has a GPU")
    with pytest.raises(ModelError, match="CUDA"):
        Engine(read_packages(tiny_folder / "en_ru-1.0-1")[0], DecodingSettings(device="cuda"))


@pytest.mark.parametrize("device", ["cpu", "auto"])
def test_engine_runs_without_a_number_of_jobs(tiny_folder: Path, device: str) -> None:
    engine = Engine(read_packages(tiny_folder / "en_ru-1.0-1")[0], DecodingSettings(device=device))  # type: ignore[arg-type]

    assert len(decode(engine, ["Paris."])) == 1


def test_cores_are_those_of_this_process() -> None:
    assert count_cores() >= 1
