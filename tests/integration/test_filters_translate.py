from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config import DecodingSettings
from pipeline.errors import ModelError
from pipeline.filters.lines import Record
from pipeline.filters.translation import TranslateFilter, open_translator
from tests.tiny_package import TinyPackage

SETTINGS = DecodingSettings(jobs=1, max_target_tokens=30)
RUSSIAN = "Премьер-министр Франции прибыл в Париж. В голосовании приняли участие 12 500 человек."


def translate(folder: Path, record: Record, *, source: str | None = None, target: str | None = None) -> Record:
    answer = TranslateFilter(open_translator(str(folder), SETTINGS), source=source, target=target)([record])[0]
    if isinstance(answer, ValueError):
        raise answer
    return answer


def sentence(folder: Path, text: str) -> Record:
    return translate(folder, {"text": text, "source_lang": "ru", "target_lang": "en"})


def test_sentences_are_translated_and_joined_by_their_own_blanks(tiny_folder: Path) -> None:
    first, second = "Премьер-министр прибыл в Париж.", "Агентство сообщило 12 500."
    parts = [sentence(tiny_folder, part)["translation"] for part in (first, second, first)]

    joined = sentence(tiny_folder, f"  {first}  {second}\n\n\n{first}\n")

    assert joined["translation"] == f"  {parts[0]}  {parts[1]}\n\n\n{parts[2]}\n"


def test_score_is_weighted_by_target_length(tiny_folder: Path) -> None:
    texts = ["Премьер-министр прибыл в Париж.", "Агентство сообщило 12 500."]
    parts = [sentence(tiny_folder, text) for text in texts]
    lengths = [max(1, len(str(part["translation"]))) for part in parts]
    scores = [float(str(part["score"])) for part in parts]

    whole = sentence(tiny_folder, " ".join(texts))

    expected = sum(score * length for score, length in zip(scores, lengths, strict=True)) / sum(lengths)
    assert whole["score"] == pytest.approx(expected, abs=1e-3)
    assert whole["quality"] == min(float(str(part["quality"])) for part in parts)


def test_models_of_both_steps_are_named_once(tiny_folder: Path) -> None:
    models = translate(tiny_folder, {"text": RUSSIAN, "source_lang": "ru", "target_lang": "hy"})["models"]

    assert isinstance(models, list)
    assert [label.partition("@")[0] for label in models] == ["ru_en", "en_hy"]


def test_flags_of_all_sentences_are_kept(tmp_path: Path) -> None:
    TinyPackage(source="ru", target="en", end_bias=-30).build(tmp_path)

    flags = translate(tmp_path, {"text": RUSSIAN, "source_lang": "ru", "target_lang": "en"})["flags"]

    assert isinstance(flags, list)
    assert flags.count("truncated") == 1


def test_unknown_fields_stay_and_come_first(tiny_folder: Path) -> None:
    record = {"id": 7, "text": RUSSIAN, "source_lang": "ru", "target_lang": "en", "tags": ["a"]}

    answer = translate(tiny_folder, record)

    assert list(answer)[: len(record)] == list(record)
    assert {name: answer[name] for name in record} == record
    assert list(answer)[len(record) :] == ["translation", "score", "quality", "flags", "edits", "retry", "models"]


@pytest.mark.parametrize(
    ("record", "source", "target"),
    [
        pytest.param({"source_lang": "ru", "target_lang": "en"}, None, None, id="fields"),
        pytest.param({}, "ru", "en", id="options"),
        pytest.param({"source_lang": "ru", "target_lang": "en"}, "en", "ru", id="fields-win"),
        pytest.param({"lang": "ru"}, "en", "en", id="field-of-detect"),
        pytest.param({"lang": "en", "source_lang": "ru"}, None, "en", id="source-wins-over-lang"),
        pytest.param({"source_lang": None, "target_lang": None}, "ru", "en", id="null"),
        pytest.param({"source_lang": " RU", "target_lang": "EN"}, None, None, id="capitals"),
    ],
)
def test_languages_come_from_fields_or_options(
    tiny_folder: Path, record: Record, source: str | None, target: str | None
) -> None:
    answer = translate(tiny_folder, {"text": RUSSIAN, **record}, source=source, target=target)

    assert answer["translation"] == sentence(tiny_folder, RUSSIAN)["translation"]


@pytest.mark.parametrize(
    ("record", "flags"),
    [
        pytest.param({"text": "12 500 – 3,5 %", "source_lang": "ru", "target_lang": "en"}, [], id="no-letters"),
        pytest.param({"text": "", "source_lang": "ru", "target_lang": "en"}, [], id="empty"),
        pytest.param({"text": " \n", "source_lang": "hy", "target_lang": "ru"}, [], id="blanks-without-a-model"),
        pytest.param({"text": RUSSIAN, "source_lang": "ru", "target_lang": "ru"}, ["already-target"], id="same"),
    ],
)
def test_text_is_copied(tiny_folder: Path, record: Record, flags: list[str]) -> None:
    answer = translate(tiny_folder, record)

    assert answer["translation"] == record["text"]
    assert (answer["score"], answer["quality"], answer["flags"], answer["models"]) == (None, 1.0, flags, [])


@pytest.mark.parametrize(
    ("record", "message"),
    [
        pytest.param({"source_lang": "ru", "target_lang": "en"}, 'no "text"', id="no-text"),
        pytest.param({"text": 7, "source_lang": "ru", "target_lang": "en"}, "no string there", id="number"),
        pytest.param({"text": "Да.", "target_lang": "en"}, 'no "source_lang", and --from is not given', id="no-source"),
        pytest.param({"text": "Да.", "source_lang": "ru"}, 'no "target_lang", and --to is not given', id="no-target"),
        pytest.param({"text": "Да.", "source_lang": "russian", "target_lang": "en"}, "no language code", id="no-code"),
        pytest.param({"text": "Да.", "source_lang": ["ru"], "target_lang": "en"}, "is list, not a string", id="list"),
        pytest.param({"text": "Այո։", "source_lang": "hy", "target_lang": "ru"}, "no model for hy-ru", id="no-model"),
    ],
)
def test_record_that_cannot_be_translated_is_told(tiny_folder: Path, record: Record, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        translate(tiny_folder, record)


def test_bad_records_do_not_harm_their_neighbours(tiny_folder: Path) -> None:
    good: Record = {"text": RUSSIAN, "source_lang": "ru", "target_lang": "en"}
    bad: Record = {"text": "Այո։", "source_lang": "hy", "target_lang": "ru"}

    answers = TranslateFilter(open_translator(str(tiny_folder), SETTINGS))([good, bad, {}, good])

    assert [isinstance(answer, ValueError) for answer in answers] == [False, True, True, False]
    assert answers[0] == answers[3]


def test_text_is_normalised(tiny_folder: Path) -> None:
    composed = translate(tiny_folder, {"text": "Агентство й\n12", "source_lang": "ru", "target_lang": "en"})
    decomposed = translate(tiny_folder, {"text": "Агентство и\u0306\r\n12", "source_lang": "ru", "target_lang": "en"})

    assert composed["translation"] == decomposed["translation"]


def test_set_without_packages_is_an_error_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no usable package"):
        open_translator(str(tmp_path), SETTINGS)
