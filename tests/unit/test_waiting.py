from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from pipeline.errors import StateError
from pipeline.store.ledger import Ledger
from pipeline.store.rows import ShardContents
from pipeline.store.staging import entries_of
from pipeline.store.state import open_empty_state
from pipeline.store.waiting import WaitingArticles, pack, unpack
from pipeline.types import IdentifiedArticle
from tests.factories import Story, make_contents, make_story


class State:
    """An empty state in memory, and what commits do to it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.ledger = Ledger(connection)
        self.waiting = WaitingArticles(connection)

    def commit(self, contents: ShardContents) -> None:
        staged = entries_of(contents)
        self.ledger.record_articles(staged.articles)
        self.ledger.record_work(staged.work, run_id="r")
        self.waiting.record(staged.waiting, [article_id for article_id, _ in staged.articles])

    def held(self) -> list[IdentifiedArticle]:
        return list(self.waiting.articles(lambda _: True))


@pytest.fixture
def state() -> Iterator[State]:
    with closing(open_empty_state()) as connection:
        yield State(connection)


def _waiting(*stories: Story, targets: Sequence[str] = ("hy",)) -> ShardContents:
    """Return a shard whose articles wait for `targets`."""
    waiting = [(story.article.article_id, story.article.revision, target) for story in stories for target in targets]
    return make_contents(*stories, waiting=waiting)


YEREVAN = timezone(timedelta(hours=4))
FULL = make_story(language="hy").article


@pytest.mark.parametrize(
    "article",
    [
        FULL,
        replace(FULL, url=None, publisher=None, title=None, published_at=None),
        replace(FULL, revision=3, claimed_language="hyw", encoding="koi8-r"),
        replace(FULL, published_at=datetime(2020, 11, 13, 9, 30, 1, 250, tzinfo=YEREVAN)),
        replace(FULL, url="https://a.example/\ud800"),
    ],
    ids=["full", "bare", "odd", "time zone", "lone surrogate"],
)
def test_article_comes_back_as_it_was(article: IdentifiedArticle) -> None:
    assert unpack(pack(article)) == article


@pytest.mark.parametrize(
    "content",
    [b"", b"no zlib", zlib.compress(b"{"), zlib.compress(b"[]"), zlib.compress(b"{}"), zlib.compress(b"\xff")],
    ids=["empty", "not compressed", "cut JSON", "no object", "no values", "no text"],
)
def test_damaged_content_is_a_value_error(content: bytes) -> None:
    with pytest.raises(ValueError, match="its stored content is damaged"):
        unpack(content)


def test_article_is_held_while_it_waits_for_any_target(state: State) -> None:
    state.commit(_waiting(make_story(targets=()), targets=("ru", "hy")))
    state.commit(make_contents(make_story(targets=("ru",))))
    assert state.held() == [make_story().article]
    state.commit(make_contents(make_story(targets=("hy",))))
    assert state.held() == []


def test_article_that_waits_for_nothing_is_not_held(state: State) -> None:
    state.commit(make_contents(make_story(targets=("ru", "hy"))))
    assert state.held() == []


def test_newer_revision_supersedes(state: State) -> None:
    older, newer = (make_story(revision=n, extra=[f"Version {n}."], targets=()) for n in (1, 2))
    state.commit(_waiting(older))
    state.commit(_waiting(newer))
    assert state.held() == [newer.article]


def test_newer_revision_that_waits_for_nothing_supersedes_as_well(state: State) -> None:
    state.commit(_waiting(make_story(targets=())))
    state.commit(make_contents(make_story(revision=2, extra=["More."], targets=("hy",))))
    assert state.held() == []


@pytest.mark.parametrize("order", [(1, 2), (2, 1)], ids=["older first", "newer first"])
def test_of_two_revisions_in_a_shard_the_newer_is_held(order: Sequence[int], state: State) -> None:
    stories = [make_story(revision=n, extra=[f"Version {n}."], targets=()) for n in order]
    state.commit(_waiting(*stories))
    assert [article.revision for article in state.held()] == [2]


def test_older_revision_that_comes_again_is_not_held(state: State) -> None:
    newer = make_story(revision=2, extra=["More."], targets=())
    state.commit(_waiting(newer))
    state.commit(_waiting(make_story(targets=())))
    assert state.held() == [newer.article]


def test_article_that_failed_is_still_held(state: State) -> None:
    story = make_story(targets=())
    state.commit(_waiting(story))
    failed = replace(story, entry=replace(story.entry, language="und", is_stored=False, has_row=False))
    state.commit(make_contents(failed))
    assert state.held() == [story.article]


def test_article_found_to_be_in_the_target_language_waits_no_longer(state: State) -> None:
    story = make_story(targets=())
    state.commit(_waiting(story, targets=("hy",)))
    state.commit(make_contents(replace(story, entry=replace(story.entry, language="hy"))))
    assert state.held() == []


@pytest.mark.parametrize("n_articles", [0, 1, 255, 256, 257, 600])
def test_any_number_comes_in_order_of_ids(n_articles: int, state: State) -> None:
    stories = [make_story(str(number), targets=()) for number in range(n_articles)]
    state.commit(_waiting(*stories))
    ids = [article.article_id for article in state.held()]
    assert ids == sorted(story.article.article_id for story in stories)


def test_only_what_is_due_is_taken(state: State) -> None:
    due, other = make_story("a", language="ru", targets=()), make_story("b", targets=())
    state.commit(_waiting(due, other))
    assert list(state.waiting.articles(lambda known: known.source_lang == "ru")) == [due.article]


def test_shards_may_be_committed_while_articles_are_taken(state: State) -> None:
    stories = {story.article.article_id: story for story in (make_story(str(n), targets=("hy",)) for n in range(600))}
    state.commit(_waiting(*(replace(story, translated=()) for story in stories.values())))
    taken = []
    for article in state.waiting.articles(lambda known: known.work["hy"] is None):
        taken.append(article.article_id)
        state.commit(make_contents(stories[article.article_id]))
    assert taken == sorted(stories)
    assert state.held() == []


def test_content_that_another_run_has_dealt_with_meanwhile_is_left_out(state: State) -> None:
    state.commit(_waiting(make_story("a", targets=()), make_story("b", targets=())))
    articles = state.waiting.articles(lambda _: True)
    next(articles)
    state.connection.execute("DELETE FROM waiting")
    assert list(articles) == []


@pytest.mark.parametrize(
    "content",
    [b"no zlib", pack(make_story("other", extra=["Another."]).article)],
    ids=["damaged", "of another text"],
)
def test_damage_is_found(content: bytes, state: State) -> None:
    state.commit(_waiting(make_story(targets=())))
    assert list(state.waiting.damaged()) == []
    state.connection.execute("UPDATE waiting SET content = ?", (content,))
    ((article_id, revision, _),) = state.waiting.damaged()
    assert (article_id, revision) == (FULL.article_id, 1)
    with pytest.raises(StateError, match=rf"waiting article {FULL.article_id}\.1: its stored content"):
        state.held()


def test_content_without_article_is_damage(state: State) -> None:
    state.commit(_waiting(make_story(targets=())))
    state.connection.execute("DELETE FROM articles")
    assert len(list(state.waiting.damaged())) == 1
