"""Input of extreme shapes: one giant article, 100,000 single words, segments that no model takes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapreplace
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.dataset as ds
import pytest

from pipeline import api
from pipeline.arrivals import arrived
from pipeline.config import DecodingSettings, RunConfig, ShardSettings
from pipeline.decode.planner import plan_batches
from pipeline.errors import Flag
from pipeline.intake import Intake, Review, Work
from pipeline.store.dataset import open_dataset
from pipeline.store.verify import verify
from pipeline.types import Article, Paragraph
from tests.bench import processes
from tests.factories import NOW
from tests.folders import table_rows
from tests.tiny_package import TinyPackage

GIANT_BYTES = 12_000_000
"""A line of JSON Lines may hold 16 MiB."""
MAX_BYTES_PER_BYTE = 45
"""Peak memory over that of a run without a giant, per byte of it.

Measured: 33 for the sentences below, 25 for wrapped segments (64 for sentences of which no two are the same). It is the
rows that take it, 3 to 5 kB each: tokens, texts on both sides, the row itself, and the columns of the Parquet file.
"""
WORDS = ("prime", "minister", "France", "arrived", "Paris", "on", "Monday", "more", "people", "took", "part", "vote")
ARMENIAN_WORDS = ("վարչապետը", "երկուշաբթի", "օրը", "ժամանել", "է", "քվեարկությանը", "մասնակցել", "ավելի", "մարդ")
STEMS = ("Եղանակ", "Բյուջե", "Քաղաք", "Վարչապետ", "Գործակալ", "Փարիզ", "Օրենք", "Elections")
LATIN_ENDINGS = ("ba", "ce", "di", "fo", "gu", "ka", "le", "mi", "no", "pu")
ARMENIAN_ENDINGS = "բվդգժկլմնպ"
N_HEADLINES = 100_000
N_IN_MANY_SHARDS = 10_000

Translations = dict[tuple[str, str], tuple[str, float]]
"""Text and score of the translations by language and text of their sources."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A run that ended: its corpus, its counts, and the peak of its memory in MB."""

    out: Path
    counts: dict[str, Any]
    peak_mb: float

    def translations(self, urls: Collection[str] = ()) -> Translations:
        """Return all translations, or those of some articles."""
        names = ["source_lang", "source_text", "target_text", "score"]
        chosen = ds.field("url").isin(list(urls)) if urls else None
        table = ds.dataset(self.out / "bitext").to_table(columns=names, filter=chosen)
        languages, sources, targets, scores = (table[name].to_pylist() for name in names)
        return {
            (language, source): (target, score or 0.0)
            for language, source, target, score in zip(languages, sources, targets, scores, strict=True)
        }


@dataclass(frozen=True, slots=True)
class Desk:
    """A folder for runs, and the models of all of them."""

    folder: Path

    @property
    def models(self) -> Path:
        return self.folder / "models"

    def run(self, name: str, records: Iterable[dict[str, Any]], settings: str = "") -> Done:
        """Run over `records` in a process of its own."""
        news, config, out = (self.folder / f"{name}{suffix}" for suffix in (".jsonl", ".toml", ""))
        with news.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        decoding = "[decoding]\nbeam = 1\nmax_target_tokens = 2\njobs = 2\nmax_batch_tokens = 8192\n"
        # The noise of random weights would be decoded again and again.
        config.write_text(f"config_version = 1\nraw = true\n{decoding}{settings}", encoding="utf-8")
        options = ("--to", "ru", "--models", self.models, "--out", out, "--config", config, "--json")
        done = processes.newsmt("run", news, *options)
        counts: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])["counts"]
        assert counts["n_read"] == counts["n_articles"] + counts["n_rejected"] + counts["n_known"]
        return Done(out=out, counts=counts, peak_mb=done.peak_mb)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = Desk(tmp_path_factory.mktemp("extremes"))
    TinyPackage(source="en", target="ru", end_bias=2, seed=7).build(desk.models)
    TinyPackage(source="hy", target="ru", end_bias=4, seed=5).build(desk.models)
    return desk


def share_of_equals(one: Translations, other: Translations) -> float:
    """Return how many of the translations in both are the same; scores tell more than the texts of such models."""
    common = one.keys() & other.keys()
    assert len(common) >= 0.99 * min(len(one), len(other)) > 0
    return sum(one[key][0] == other[key][0] and abs(one[key][1] - other[key][1]) < 1e-3 for key in common) / len(common)


def url_of(number: int) -> str:
    return f"https://news.example/{number}"


def ordinary_article(number: int) -> dict[str, Any]:
    return {
        "url": url_of(number),
        "title": f"Town {number} opens a market",
        "text": f"The mayor of town {number} opened the market on Friday. About {number + 20} traders came by boat.",
    }


def sentences(n_bytes: int) -> str:
    """Return paragraphs of many sentences, of which 20,000 are different: the others are decoded only once."""
    random = Random(1)  # noqa: S311 - for test data
    some = [f"The {' '.join(random.choices(WORDS, k=14))} in {1000 + number}." for number in range(20_000)]
    n_rounds = n_bytes // len(" ".join(some)) + 1
    paragraphs = [" ".join(some[start : start + 8]) for _ in range(n_rounds) for start in range(0, len(some), 8)]
    return "\n\n".join(paragraphs)[:n_bytes]


def wall_of_text(n_bytes: int) -> str:
    """Return words without any mark or line break, two bytes a letter."""
    words = Random(2).choices(ARMENIAN_WORDS, k=n_bytes // 12)  # noqa: S311 - for test data
    return " ".join(words).encode()[:n_bytes].decode(errors="ignore")


FIRST_SHARD, WITH_GIANT, LAST_SHARD = (frozenset(map(url_of, some)) for some in (range(4), range(4, 7), range(8, 11)))


def articles_around(article: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield ten ordinary articles; `article` is the last one of the second of three shards."""
    yield from map(ordinary_article, range(7))
    yield article
    yield from map(ordinary_article, range(8, 11))


@pytest.fixture(scope="module")
def without_giant(desk: Desk) -> Done:
    return desk.run("ordinary", articles_around(ordinary_article(7)), "[shard]\nmax_articles = 4\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "n_bytes_a_row", "wrapped_share"),
    [
        pytest.param(sentences, 120, 0.0, id="many-sentences"),
        pytest.param(wall_of_text, 800, 1.0, id="one-paragraph-without-marks"),
    ],
)
def test_giant_article_is_in_the_corpus_and_its_neighbours_are_as_without_it(
    desk: Desk,
    without_giant: Done,
    request: pytest.FixtureRequest,
    text: Callable[[int], str],
    n_bytes_a_row: int,
    wrapped_share: float,
) -> None:
    giant = {"url": url_of(7), "title": "Ledger of the town council", "text": text(GIANT_BYTES)}

    done = desk.run(request.node.callspec.id, articles_around(giant), "[shard]\nmax_articles = 4\n")

    assert done.counts["n_articles"] == 11
    assert done.counts["n_units"] > GIANT_BYTES / n_bytes_a_row
    n_wrapped = done.counts["flags"].get("wrapped", 0)
    assert n_wrapped / done.counts["n_units"] == pytest.approx(wrapped_share, abs=0.01)
    assert not verify(done.out).problems
    for shard in (FIRST_SHARD, LAST_SHARD):
        assert done.translations(shard) == without_giant.translations(shard)
    assert share_of_equals(done.translations(WITH_GIANT), without_giant.translations(WITH_GIANT)) >= 0.995
    bytes_per_byte = (done.peak_mb - without_giant.peak_mb) * 2**20 / GIANT_BYTES
    assert bytes_per_byte < MAX_BYTES_PER_BYTE


def headline(number: int) -> str:
    """Return a made-up word that begins as a real one; no two are the same."""
    stem = STEMS[number % len(STEMS)]
    endings = LATIN_ENDINGS if stem.isascii() else ARMENIAN_ENDINGS
    return stem + "".join(endings[int(digit)] for digit in f"{number:05d}")


def headline_articles(n: int) -> Iterator[dict[str, Any]]:
    return ({"url": url_of(number), "title": headline(number)} for number in range(n))


@pytest.fixture(scope="module")
def one_shard(desk: Desk) -> Done:
    settings = f"[shard]\nmax_articles = {N_HEADLINES}\nmax_chars = 1_000_000_000\n"
    return desk.run("one-shard", headline_articles(N_HEADLINES), settings)


@pytest.fixture(scope="module")
def of_one_shard(one_shard: Done) -> Translations:
    return one_shard.translations()


@pytest.mark.slow
def test_shard_of_100000_headlines_ends_well(one_shard: Done) -> None:
    assert one_shard.counts["n_read"] == N_HEADLINES
    assert one_shard.counts["n_rejected"] < 0.01 * N_HEADLINES
    assert len(list((one_shard.out / "bitext" / "pair=hy-ru").rglob("*.parquet"))) == 1
    assert not verify(one_shard.out).problems
    assert one_shard.peak_mb < 900


@pytest.mark.slow
def test_headlines_in_shards_of_the_usual_size_are_translated_alike_in_little_memory(
    desk: Desk, of_one_shard: Translations
) -> None:
    done = desk.run("many-shards", headline_articles(N_IN_MANY_SHARDS))

    assert done.counts["n_read"] == N_IN_MANY_SHARDS
    assert not verify(done.out).problems
    assert share_of_equals(done.translations(), of_one_shard) >= 0.995
    assert done.peak_mb < 250


@pytest.mark.slow
def test_article_of_100000_paragraphs_of_one_word_is_translated_alike(desk: Desk, of_one_shard: Translations) -> None:
    article = {"url": url_of(0), "title": "Օրվա բառերը", "paragraphs": list(map(headline, range(N_HEADLINES)))}

    done = desk.run("one-article", [article])

    assert done.counts["n_articles"] == 1
    assert done.counts["n_units"] == N_HEADLINES + 1
    assert not verify(done.out).problems
    assert share_of_equals(done.translations(), of_one_shard) >= 0.995
    assert done.peak_mb < 700


TOO_LONG = {
    "sentence-without-blanks": "thebridgeovertheriverisclosed" * 172 + "today12345.",
    "word": "The" + "bridgeovertheriverisclosed" * 770,
    "digits": "3141592653" * 300,
}


@pytest.mark.parametrize(
    ("name", "max_chars", "flag"),
    [
        pytest.param("sentence-without-blanks", 400, Flag.WRAPPED, id="sentence-cut-into-segments"),
        pytest.param("word", 400, Flag.WRAPPED, id="word-cut-into-segments"),
        pytest.param("digits", 400, Flag.WRAPPED, id="digits-cut-and-copied"),
        pytest.param("sentence-without-blanks", 10_000, Flag.TRUNCATED, id="sentence-cut-by-the-engine"),
        pytest.param("word", 10_000, Flag.WRAPPED, id="word-cut-into-halves"),
    ],
)
def test_segment_longer_than_the_models_limit_is_flagged_and_harms_no_other(
    desk: Desk, tmp_path: Path, name: str, max_chars: int, flag: Flag
) -> None:
    text, before, after = (
        TOO_LONG[name],
        "The old bridge is closed for repairs.",
        "Boats carry people to the other side.",
    )

    rows = {}
    for out, paragraphs in {"long": [before, text, after], "short": [before, after]}.items():
        news = tmp_path / f"{out}.jsonl"
        news.write_text(json.dumps({"title": "Bridge closed", "paragraphs": paragraphs}), encoding="utf-8")
        config = RunConfig(
            inputs=(str(news),),
            to=("ru",),
            out=tmp_path / out,
            models=str(desk.models),
            max_segment_chars=max_chars,
            decoding=DecodingSettings(beam=1, max_target_tokens=40, jobs=2),
        )
        assert api.run_config(config).counts.n_articles == 1
        assert not verify(tmp_path / out).problems
        rows[out] = table_rows(tmp_path / out, "bitext")

    long = [row for row in rows["long"] if row["source_text"] in text]
    assert "".join(row["source_text"] for row in long) == text
    assert all(flag in row["flags"] for row in long)
    others = [row for row in rows["long"] if row not in long]
    assert [(row["source_text"], row["target_text"], row["flags"]) for row in others] == [
        (row["source_text"], row["target_text"], row["flags"]) for row in rows["short"]
    ]


def test_article_of_a_large_shard_is_remembered_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    articles = [Article(source_uri=f"{n}.txt", paragraphs=(Paragraph(text=f"Vote {n}"),)) for n in range(1000)]
    remembered: Counter[str] = Counter()
    remember = Intake._remember

    def counted(intake: Intake, work: Work) -> Work:
        remembered[work.article.article_id] += 1
        return remember(intake, work)

    monkeypatch.setattr(Intake, "_remember", counted)
    with open_dataset(tmp_path / "out") as dataset:
        limits = ShardSettings(max_articles=5000, max_chars=1_000_000)
        intake = Intake(dataset.ledger, review=lambda _: Review(is_done=True), now=NOW, limits=limits)
        (shard,) = intake.shards(arrived([*articles, *articles]))

    assert (len(shard.work), shard.n_known) == (1000, 1000)
    assert set(remembered.values()) == {1}


BATCH_TOKENS = 1024


def lengths_of_mixed_jobs() -> list[list[int]]:
    """Return the lengths in tokens of the texts of three jobs: a giant article among shards of a few headlines."""
    random = Random(3)  # noqa: S311 - for test data
    giant = [random.randint(5, 60) for _ in range(20_000)] + [490, 3000]
    return [[3, 4, 5] * 20, giant, [3, 4, 5] * 20]


def plan(lengths: Sequence[int]) -> list[int]:
    """Return the size in tokens of each batch, padding included."""
    batches = plan_batches([["x"] * length for length in lengths], max_tokens=BATCH_TOKENS)
    return [len(batch) * max(lengths[index] for index in batch) for batch in batches]


def test_text_longer_than_a_batch_is_alone_and_no_other_batch_is_too_large() -> None:
    _, giant, _ = lengths_of_mixed_jobs()

    batches = plan_batches([["x"] * length for length in giant], max_tokens=BATCH_TOKENS)

    assert [giant[index] for index in batches[0]] == [3000]
    assert max(plan(giant)[1:]) <= BATCH_TOKENS


def test_last_batches_of_a_giant_article_are_small() -> None:
    _, giant, _ = lengths_of_mixed_jobs()

    sizes = plan(giant)

    assert max(sizes[-4:]) <= BATCH_TOKENS // 4
    assert max(sizes[-8:]) < BATCH_TOKENS * 3 // 4


@pytest.mark.parametrize("n_workers", [2, 4, 16])
def test_no_worker_is_left_without_work_before_the_end(n_workers: int) -> None:
    sizes = [size for lengths in lengths_of_mixed_jobs() for size in plan(lengths)]
    free_at = [0] * n_workers

    for size in sizes:  # each batch goes to the worker that is free first
        heapreplace(free_at, free_at[0] + size)

    assert max(free_at) - min(free_at) <= BATCH_TOKENS
    assert sum(sizes) / (n_workers * max(free_at)) > 0.97
