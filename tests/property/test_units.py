"""From any text to units: spans are exact on both sides, nothing is left out, keys and order stay."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.config import DecodingSettings
from pipeline.decode.memory import RecentMemory
from pipeline.decode.translator import Translator
from pipeline.identify import identify
from pipeline.models.registry import ModelSet
from pipeline.stages.check import CheckStage
from pipeline.stages.segment import Segmenter
from pipeline.stages.translate import TranslateStage
from pipeline.store.alignment import check_alignment
from pipeline.types import (
    Article,
    DetectedArticle,
    IdentifiedArticle,
    Kind,
    Paragraph,
    TranslatedArticle,
    TranslationTask,
)

SENTENCES = st.sampled_from(
    [
        "The council met on Monday. It voted at 6 p.m.",
        "«Мы готовы», – заявил премьер-министр. Встреча прошла в г. Вена.",
        "Խորհուրդը հավաքվեց երկուշաբթի։ Ի՞նչ է լինելու",
        "*** 18:30",
        "e\u0301 \u200b\u00a0 \ud83d\ude00 ա\u0301",
    ]
)
TEXTS = st.one_of(SENTENCES, st.text(max_size=60), st.lists(SENTENCES, min_size=5, max_size=9).map(" ".join))
KINDS: st.SearchStrategy[Kind] = st.sampled_from(("headline", "caption", "body"))
ARTICLES = st.lists(st.tuples(KINDS, TEXTS), min_size=1, max_size=4).map(
    lambda drawn: Article(source_uri="-", paragraphs=tuple(Paragraph(text=text, kind=kind) for kind, text in drawn))
)


@pytest.fixture(scope="module")
def stage(tiny_models: ModelSet) -> TranslateStage:
    settings = DecodingSettings(beam=1, max_target_tokens=8, jobs=1)
    return TranslateStage(Translator(tiny_models, settings, RecentMemory()))


def tasks_of(articles: Sequence[IdentifiedArticle], language: str, target: str) -> list[TranslationTask]:
    detected = [DetectedArticle(article=article, language=language, score=1.0) for article in articles]
    segmented = Segmenter(max_chars=100).process(detected).accepted
    return [TranslationTask(source=source, target=target) for source in segmented]


def translate(stage: TranslateStage, tasks: Sequence[TranslationTask]) -> tuple[TranslatedArticle, ...]:
    return CheckStage().process(stage.process(tasks).accepted).accepted


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(article=ARTICLES, pair=st.sampled_from([("en", "ru"), ("en", "hy"), ("ru", "hy")]))
def test_units_keep_the_laws_of_alignment(article: Article, pair: tuple[str, str], stage: TranslateStage) -> None:
    identified = identify(article)
    if not isinstance(identified, IdentifiedArticle):
        return

    (translated,) = translate(stage, tasks_of([identified], *pair))

    assert list(check_alignment(translated.units, identified.text)) == []
    assert all(0.0 <= (unit.quality or 0.0) <= 1.0 for unit in translated.units)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(articles=st.lists(ARTICLES, max_size=4), language=st.sampled_from(["en", "ru", "fr"]))
def test_every_task_comes_out_once_in_order(articles: list[Article], language: str, stage: TranslateStage) -> None:
    found = {item.key: item for item in map(identify, articles) if isinstance(item, IdentifiedArticle)}
    tasks = tasks_of(list(found.values()), language, "hy")

    result = stage.process(tasks)
    alone = [stage.process([task]) for task in tasks]

    keys = [row.key for row in result.accepted]
    assert keys + [row.key for row in result.rejected] == [task.key for task in tasks]
    assert keys == [row.key for part in alone for row in part.accepted]
    assert bool(result.rejected) == (language == "fr" and bool(tasks))
