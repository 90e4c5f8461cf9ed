"""The laws of a stage, for every stage: add a case to `CASES` to put a stage under them."""

from __future__ import annotations

import builtins
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.stages.base import Stage, StageResult
from pipeline.stages.detect import Detect
from pipeline.stages.segment import Segmenter
from pipeline.types import DetectedArticle, IdentifiedArticle, Kind, ParagraphSpan

PARAGRAPHS = st.one_of(
    st.sampled_from(
        [
            "The council met on Monday. It voted at 6 p.m.",
            "Совет собрался в понедельник. Он решил закрыть мост.",
            "Խորհուրդը հավաքվեց երկուշաբթի: Կամուրջը փակվեց:",
            "Рада зібралася в понеділок.",
            "18:30",
            "***",
            "",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60),
)
KINDS: tuple[Kind, ...] = ("headline", "caption", "body")


def to_article(article_id: int, paragraphs: Sequence[tuple[Kind, str]]) -> IdentifiedArticle:
    spans: list[ParagraphSpan] = []
    for kind, part in paragraphs:
        start = spans[-1].end + 2 if spans else 0
        spans.append(ParagraphSpan(start=start, end=start + len(part), kind=kind))
    return IdentifiedArticle(
        article_id=f"{article_id:016x}",
        revision=1,
        content_sha256="",
        text="\n\n".join(part for _, part in paragraphs),
        paragraphs=tuple(spans),
        source_uri=f"-#{article_id}",
    )


ARTICLES = st.lists(st.lists(st.tuples(st.sampled_from(KINDS), PARAGRAPHS), max_size=4), max_size=5).map(
    lambda drafts: [to_article(number, draft) for number, draft in enumerate(drafts)]
)
DETECTED = st.tuples(ARTICLES, st.sampled_from(["en", "ru", "hy", "uk", "ja"])).map(
    lambda drawn: [DetectedArticle(article=article, language=drawn[1], score=1.0) for article in drawn[0]]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A stage, made anew by `make`, and the batches it is tried on."""

    make: Callable[[], Stage[Any, Any]]
    batches: st.SearchStrategy[list[Any]]


CASES = [
    pytest.param(Case(make=Detect, batches=ARTICLES), id="detect"),
    pytest.param(Case(make=Segmenter, batches=DETECTED), id="segment"),
    pytest.param(Case(make=lambda: Segmenter(max_chars=20), batches=DETECTED), id="segment-short"),
]

each_stage = pytest.mark.parametrize("case", CASES)
law = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def keys_of(result: StageResult[Any]) -> tuple[list[str], list[str]]:
    return [row.key for row in result.accepted], [row.key for row in result.rejected]


@each_stage
@law
@given(data=st.data())
def test_every_key_comes_out_once_in_order(case: Case, data: st.DataObject) -> None:
    batch = data.draw(case.batches)

    accepted, rejected = keys_of(case.make().process(batch))

    keys = [row.key for row in batch]
    assert sorted(accepted + rejected) == sorted(keys)
    assert accepted == [key for key in keys if key in set(accepted)]
    assert rejected == [key for key in keys if key in set(rejected)]


@each_stage
@law
@given(data=st.data())
def test_rows_do_not_depend_on_the_size_of_the_batch(case: Case, data: st.DataObject) -> None:
    batch = data.draw(case.batches)
    stage = case.make()

    whole = stage.process(batch)
    single = [stage.process([row]) for row in batch]

    assert whole.accepted == tuple(row for result in single for row in result.accepted)
    assert whole.rejected == tuple(row for result in single for row in result.rejected)


@each_stage
@law
@given(data=st.data())
def test_the_same_input_gives_the_same_output(case: Case, data: st.DataObject) -> None:
    batch = data.draw(case.batches)
    used = case.make()
    used.process(batch)

    assert used.process(batch) == case.make().process(batch)
    assert used.signature == case.make().signature


@each_stage
def test_a_stage_that_has_its_model_opens_nothing(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = [
        to_article(number, [("body", text)])
        for number, text in enumerate(["Ask Graves", "Вот чашечка", "Խաղ:", "Καλημέρα", "2:1"])
    ]
    rows = batch if case.make is Detect else [DetectedArticle(article=a, language="en", score=1.0) for a in batch]
    stage = case.make()
    before = stage.process(rows)

    def refuse(*_args: object, **_kwargs: object) -> Any:
        raise AssertionError("a stage opened a file or a socket")

    monkeypatch.setattr(builtins, "open", refuse)
    monkeypatch.setattr(socket, "socket", refuse)

    assert stage.process(rows) == before


@each_stage
@law
@given(data=st.data())
def test_no_batch_raises_and_rejects_carry_their_payload(case: Case, data: st.DataObject) -> None:
    batch = data.draw(case.batches)

    rejected = case.make().process(batch).rejected

    assert all(row.detail and row.payload_bytes == len(row.payload) for row in rejected)
