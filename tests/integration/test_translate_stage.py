from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pytest

from pipeline.config import DecodingSettings
from pipeline.decode.memory import RecentMemory
from pipeline.decode.translator import Translator
from pipeline.errors import Flag, Reason
from pipeline.models.registry import ModelSet, open_model_set
from pipeline.stages.check import CheckStage
from pipeline.stages.translate import TranslateStage
from pipeline.text import assemble
from pipeline.types import (
    IdentifiedArticle,
    ParagraphSpan,
    Segment,
    SegmentedArticle,
    TranslatedArticle,
    TranslationTask,
    TranslationUnit,
)
from tests.tiny_package import TinyPackage

SETTINGS = DecodingSettings(jobs=1, max_target_tokens=30)


def task(
    sentences: Sequence[tuple[str, str]], target: str, *, source: str = "ru", number: int = 1, is_wrapped: bool = False
) -> TranslationTask:
    """An article from pairs of language and sentence; each is a paragraph, but the last two share one."""
    segments: list[Segment] = []
    text = ""
    for index, (language, sentence) in enumerate(sentences):
        is_last = index == len(sentences) - 1 and index > 0
        text += (" " if is_last else "\n\n") if text else ""
        start, text = len(text), text + sentence
        segments.append(
            Segment(
                number=index,
                paragraph=index - is_last,
                kind="body",
                start=start,
                end=len(text),
                language=language,
                is_wrapped=is_wrapped,
            )
        )
    article = IdentifiedArticle(
        article_id=f"{number:016x}",
        revision=1,
        content_sha256="0" * 64,
        text=text,
        paragraphs=tuple(
            ParagraphSpan(start=own[0].start, end=own[-1].end, kind="body")
            for _, group in groupby(segments, key=lambda segment: segment.paragraph)
            if (own := list(group))
        ),
        source_uri=f"-#{number}",
    )
    return TranslationTask(
        source=SegmentedArticle(article=article, language=source, score=1.0, segments=tuple(segments)), target=target
    )


def stage(models: ModelSet) -> TranslateStage:
    return TranslateStage(Translator(models, SETTINGS, RecentMemory()))


def translate(models: ModelSet, one: TranslationTask) -> tuple[TranslationUnit, ...]:
    return stage(models).process([one]).accepted[0].units


RUSSIAN = [
    ("ru", "Премьер-министр Франции прибыл в Париж."),
    ("ru", "В голосовании приняли участие 12 500 человек."),
    ("ru", "Агентство сообщило."),
]


def test_units_align_with_both_texts(tiny_models: ModelSet) -> None:
    one = task(RUSSIAN, "en")

    units = translate(tiny_models, one)
    assembled = assemble(units)

    for unit in units:
        assert one.source.article.text[unit.source_start : unit.source_end] == unit.source_text
        assert assembled[unit.target_start : unit.target_end] == unit.target_text
    assert [unit.source_text for unit in units] == [text for _, text in RUSSIAN]
    assert [unit.paragraph for unit in units] == [0, 1, 1]
    assert len({unit.unit_id for unit in units}) == len(units)


def test_pivot_and_both_models_are_named(tiny_models: ModelSet) -> None:
    unit = translate(tiny_models, task(RUSSIAN[:1], "hy"))[0]

    assert unit.pivot_lang == "en"
    assert [label.partition("@")[0] for label in unit.models] == ["ru_en", "en_hy"]


def test_direct_route_has_no_pivot(tiny_models: ModelSet) -> None:
    unit = translate(tiny_models, task(RUSSIAN[:1], "en"))[0]

    assert unit.pivot_lang is None
    assert [label.partition("@")[0] for label in unit.models] == ["ru_en"]
    assert unit.score is not None
    assert unit.score <= 0


def test_equal_sentences_of_two_articles_are_decoded_once(tiny_models: ModelSet) -> None:
    memory = RecentMemory()
    stage = TranslateStage(Translator(tiny_models, SETTINGS, memory, is_rescuing=False))

    first, second = stage.process([task(RUSSIAN[:1], "en"), task(RUSSIAN[:1], "en", number=2)]).accepted

    assert first.units[0].target_text == second.units[0].target_text
    assert first.units[0].unit_id != second.units[0].unit_id
    assert len(memory) == 1


def test_second_shard_takes_sentences_from_memory(tiny_models: ModelSet) -> None:
    translating = stage(tiny_models)
    translating.process([task(RUSSIAN[:1], "hy")])

    units = translating.process([task(RUSSIAN, "hy", number=2)]).accepted[0].units

    assert [unit.from_memory for unit in units] == [True, False, False]


@pytest.mark.parametrize(
    ("sentence", "flags"),
    [
        pytest.param(("en", "The agency said on Monday."), ("already-target",), id="target-language"),
        pytest.param(("hy", "Վարչապետը ժամանել է Փարիզ։"), ("untranslated",), id="no-model-reads-it"),
        pytest.param(("ru", "12 500 – 3,5 %"), (), id="no-letters"),
        pytest.param(("ru", "***"), (), id="no-digits-either"),
    ],
)
def test_sentence_is_copied(tiny_models: ModelSet, sentence: tuple[str, str], flags: tuple[str, ...]) -> None:
    unit = translate(tiny_models, task([*RUSSIAN[:1], sentence], "en"))[1]

    assert unit.target_text == sentence[1]
    assert unit.flags == flags
    assert unit.score is None
    assert unit.models == ()
    assert unit.pivot_lang is None
    assert not unit.from_memory


def test_sentence_in_a_third_language_takes_its_own_route(tiny_models: ModelSet) -> None:
    units = translate(tiny_models, task([*RUSSIAN[:1], ("en", "The agency said.")], "hy"))

    assert [unit.source_lang for unit in units] == ["ru", "en"]
    assert [unit.pivot_lang for unit in units] == ["en", None]


def test_western_armenian_is_translated_and_flagged(tmp_path: Path) -> None:
    TinyPackage(source="hy", target="en").build(tmp_path)
    western = replace_segments(task([("hyw", "Ան ըսաւ, որ կու գայ։")], "en", source="hyw"), Flag.WESTERN_ARMENIAN)

    unit = translate(open_model_set(str(tmp_path)), western)[0]

    assert (unit.source_lang, unit.target_lang, unit.flags[0]) == ("hyw", "en", "western-armenian")
    assert unit.models[0].startswith("hy_en@")


def test_western_armenian_is_armenian_already(tiny_models: ModelSet) -> None:
    unit = translate(tiny_models, task([("ru", "Он ответил."), ("hyw", "Ան ըսաւ։")], "hy"))[1]

    assert (unit.target_text, unit.flags) == ("Ան ըսաւ։", ("already-target",))


def test_latin_letters_are_copied_and_flagged(tiny_models: ModelSet) -> None:
    latin = replace_segments(task([("und", "Privet, kak dela?")], "en"), Flag.LATIN_LETTERS)

    unit = CheckStage().process(stage(tiny_models).process([latin]).accepted).accepted[0].units[0]

    assert (unit.target_text, unit.flags, unit.quality) == ("Privet, kak dela?", ("latin-letters", "untranslated"), 0.0)


def replace_segments(one: TranslationTask, note: Flag) -> TranslationTask:
    segments = tuple(segment._replace(note=note) for segment in one.source.segments)
    return replace(one, source=replace(one.source, segments=segments))


def test_decoding_limit_is_flagged(tmp_path: Path) -> None:
    TinyPackage(source="ru", target="en", end_bias=-30).build(tmp_path)

    unit = translate(open_model_set(str(tmp_path)), task(RUSSIAN[:1], "en"))[0]

    assert unit.flags == (Flag.TRUNCATED.value,)


def test_wrapped_segment_is_flagged(tiny_models: ModelSet) -> None:
    unit = translate(tiny_models, task(RUSSIAN[:1], "en", is_wrapped=True))[0]

    assert Flag.WRAPPED.value in unit.flags


def test_article_without_a_route_is_rejected(tiny_models: ModelSet) -> None:
    armenian = task([("hy", "Վարչապետը ժամանել է Փարիզ։")], "ru", source="hy", number=2)

    result = stage(tiny_models).process([task(RUSSIAN, "en"), armenian])

    assert [article.key for article in result.accepted] == [task(RUSSIAN, "en").key]
    assert [(reject.key, reject.reason) for reject in result.rejected] == [(armenian.key, Reason.NO_MODEL)]
    assert "hy-ru" in result.rejected[0].detail


def test_batches_of_any_size_give_the_same_units(tiny_models: ModelSet) -> None:
    tasks = [task(RUSSIAN[number % 3 :], "en", number=number) for number in range(5)]

    together = stage(tiny_models).process(tasks).accepted
    alone = [stage(tiny_models).process([one]).accepted[0] for one in tasks]

    assert [unit.target_text for article in together for unit in article.units] == [
        unit.target_text for article in alone for unit in article.units
    ]
    assert [article.key for article in together] == [one.key for one in tasks]


def test_nothing_in_nothing_out(tiny_models: ModelSet) -> None:
    assert stage(tiny_models).process([]).accepted == ()


def test_checks_change_flags_and_quality_only(tiny_models: ModelSet) -> None:
    translated = stage(tiny_models).process([task(RUSSIAN, "hy")])

    checked = CheckStage().process(translated.accepted).accepted

    assert [strip(article) for article in checked] == [strip(article) for article in translated.accepted]
    assert all(unit.quality is not None and 0 <= unit.quality <= 1 for unit in checked[0].units)


def strip(article: TranslatedArticle) -> list[tuple[object, ...]]:
    return [(unit.unit_id, unit.target_text, unit.score, unit.target_start) for unit in article.units]


def test_signatures_name_the_versions(tiny_models: ModelSet) -> None:
    assert stage(tiny_models).signature.startswith("translate|")
    assert CheckStage().signature.startswith("check|")
