"""Statistics of corpora written for the test, against the slow count of the same texts."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable
from math import log, log2
from pathlib import Path

import pytest

from pipeline.corpus.selection import DateRange, Selection
from pipeline.errors import UsageError
from pipeline.stats.flags import FlagCounts
from pipeline.stats.overview import Figures
from pipeline.stats.request import SECTIONS, StatsRequest
from pipeline.stats.statistics import Statistics, statistics_of
from tests.factories import NEWS as NEWS_OF_FACTORIES
from tests.factories import make_contents, make_story
from tests.folders import write_run
from tests.stats_corpus import Text, slow_words, write_corpus

NEWS = (
    Text(source="The bank raised rates.", targets={"ru": "Банк поднял ставки.", "hy": "Բանկը բարձրացրեց դրույքը։"}),
    Text(source="The bank’s profit fell – by 3.5%.", targets={"ru": "Прибыль банка – упала на 3,5%."}, segment=1),
    Text(
        source="Rates will fall, will they?",
        targets={"ru": "Ставки упадут?", "hy": "Դրույքը կնվազի՞։"},
        article="b",
        publisher="Courier",
        date="2026-02-01",
        quality=0.4,
        flags=("numbers", "quotes"),
    ),
    Text(
        source="Ставки упали.",
        targets={"en": "Rates fell."},
        article="c",
        lang="ru",
        publisher=None,
        date="2026-02-02",
        quality=None,
        flags=("untranslated",),
    ),
)


@pytest.fixture
def news(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "out", NEWS)


def stats(folder: Path, **asked: object) -> Statistics:
    return statistics_of(folder, StatsRequest(**asked))  # type: ignore[arg-type]


def recounted(texts: Iterable[Text], is_part: Callable[[Text, str], bool]) -> Figures:
    """Return the figures of the units for which `is_part` says so, counted one by one."""
    units = [(text, target, words) for text in texts for target, words in text.targets.items() if is_part(text, target)]
    sentences = {(text.article, text.revision, text.segment): text for text, _, _ in units}.values()
    source = [(text.lang, word) for text in sentences for word in slow_words(text.source)]
    targets = [(target, word) for _, target, translation in units for word in slow_words(translation)]
    return Figures(
        n_articles=len({text.article for text, _, _ in units}),
        n_units=len(units),
        n_sentences=len(sentences),
        n_source_words=len(source),
        n_source_types=len(set(source)),
        n_target_words=len(targets),
        n_target_types=len(set(targets)),
        n_types=len({*source, *targets}),
    )


def test_all_and_each_pair_publisher_and_month_are_counted(news: Path) -> None:
    found = stats(news).overview

    assert found is not None
    assert found.total == recounted(NEWS, lambda *_: True)
    assert found.by["pair"] == {
        pair: recounted(NEWS, lambda text, target, pair=pair: f"{text.lang}-{target}" == pair)  # type: ignore[misc]
        for pair in ("en-hy", "en-ru", "ru-en")
    }
    assert found.by["publisher"] == {
        name: recounted(NEWS, lambda text, _, name=name: text.publisher == name)  # type: ignore[misc]
        for name in ("Courier", "Herald", None)
    }
    assert found.by["month"] == {
        month: recounted(NEWS, lambda text, _, month=month: text.date.startswith(month))  # type: ignore[misc]
        for month in ("2026-01", "2026-02")
    }


def test_language_has_its_sources_and_its_targets(news: Path) -> None:
    found = stats(news, only=frozenset({"overview"})).overview

    assert found is not None
    assert list(found.by["language"]) == ["en", "hy", "ru"]
    # Three English sentences, however many targets; and one English target.
    assert found.by["language"]["en"] == Figures(
        n_articles=3,
        n_units=6,
        n_sentences=3,
        n_source_words=4 + 6 + 5,
        n_source_types=12,
        n_target_words=2,
        n_target_types=2,
        n_types=12,
    )
    assert found.by["language"]["hy"].n_source_words == 0
    assert found.by["language"]["hy"].n_target_words == 5


def test_corpus_of_a_run_is_counted(tmp_path: Path) -> None:
    write_run(
        tmp_path / "out",
        make_contents(make_story("a", targets=("ru", "hy")), make_story("b", language="ru", targets=("en",))),
    )

    found = stats(tmp_path / "out", top=100)

    assert found.n_units == 12
    assert found.overview is not None
    assert (found.overview.total.n_articles, found.overview.total.n_sentences) == (2, 8)
    # Once as the source of both targets, and once as a target.
    english = Counter(word for paragraph in NEWS_OF_FACTORIES["en"] for text in paragraph for word in slow_words(text))
    assert {one.word: one.n for one in (found.words or {})["en"]} == {word: 2 * n for word, n in english.items()}


def test_sections_that_were_not_asked_for_are_not_there(news: Path) -> None:
    for section in ("overview", "lengths", "quality", "flags", "words"):
        assert set(stats(news, only=frozenset({section})).to_json()) == {"n_units", section, "damaged"}
    assert set(stats(news).to_json()) == {*SECTIONS[:5], "n_units", "damaged"}


def test_lengths_ratio_and_quality_are_spread(news: Path) -> None:
    found = stats(news)

    assert found.lengths is not None
    assert found.quality is not None
    english = found.lengths.words["en", "source"]
    assert (english.n, english.mean, english.quantiles) == (3, 5, (4, 4, 4, 5, 6, 6, 6))
    assert found.lengths.ratio.n == 6
    assert found.lengths.ratio_by_pair["ru-en"].quantiles == (1.0,) * 7
    assert found.lengths.ratio_by_pair["en-hy"].quantiles[0] == 0.4
    assert found.quality.n_without == 1
    assert found.quality.total.n == 5
    assert found.quality.by_pair["en-hy"].mean == pytest.approx(0.65)
    assert [(one.first, one.n) for one in found.quality.total.histogram if one.n] == [(0.4, 2), (0.9, 3)]


def test_flags_are_counted_by_pair(news: Path) -> None:
    found = stats(news).flags

    assert found is not None
    assert found.total == FlagCounts(n_units=6, n_flagged=3, counts={"numbers": 2, "quotes": 2, "untranslated": 1})
    assert found.by_pair["en-hy"] == FlagCounts(n_units=2, n_flagged=1, counts={"numbers": 1, "quotes": 1})
    assert found.by_pair["en-hy"].per_thousand("numbers") == 500
    assert found.by_pair["en-hy"].per_thousand("names") == 0


def test_words_are_counted_in_sentences_once_and_in_targets(news: Path) -> None:
    words = stats(news, only=frozenset({"words"}), top=3).words

    assert words is not None
    assert [(one.word, one.n, one.n_source, one.n_target) for one in words["en"]] == [
        ("rates", 3, 2, 1),
        ("fell", 2, 1, 1),
        ("the", 2, 2, 0),
    ]
    assert words["en"][0].per_million == pytest.approx(1e6 * 3 / 17)
    assert [one.word for one in words["ru"]][:1] == ["ставки"]


def test_words_of_one_language_are_shown(news: Path) -> None:
    words = stats(news, only=frozenset({"words"}), language="hy").words

    assert list(words or {}) == ["hy"]


@pytest.mark.parametrize(
    ("selection", "n_units", "n_sentences"),
    [
        pytest.param(Selection(pairs=("en-hy",)), 2, 2, id="pair"),
        pytest.param(Selection(publishers=("Herald",)), 3, 2, id="publisher"),
        pytest.param(Selection(dates=DateRange.parse("2026-02")), 3, 2, id="date"),
        pytest.param(Selection(flags=("quotes",)), 2, 1, id="flag"),
        pytest.param(Selection(without_flags=("quotes",)), 4, 3, id="without-flag"),
        pytest.param(Selection(min_quality=0.5), 3, 2, id="quality"),
        pytest.param(Selection(publishers=("Nobody",)), 0, 0, id="nothing"),
    ],
)
def test_filters_choose_what_is_counted(news: Path, selection: Selection, n_units: int, n_sentences: int) -> None:
    found = stats(news, selection=selection)

    assert found.n_units == n_units
    assert found.overview is not None
    assert (found.overview.total.n_units, found.overview.total.n_sentences) == (n_units, n_sentences)
    assert found.flags is not None
    assert found.flags.total.n_units == n_units


def test_what_was_superseded_counts_only_where_it_is_asked_for(tmp_path: Path) -> None:
    later = Text(source="The bank cut rates.", targets={"ru": "Банк снизил ставки."}, revision=2, date="2026-01-06")
    folder = write_corpus(tmp_path / "out", [NEWS[0], later])

    latest, everything = (stats(folder, selection=Selection(all_revisions=value)) for value in (False, True))

    # The Armenian of the first revision is the latest there is.
    assert (latest.n_units, everything.n_units) == (2, 3)
    assert everything.overview is not None
    assert everything.overview.total.n_sentences == 2
    assert everything.keywords is None


def test_corpus_without_units_is_all_noughts(tmp_path: Path) -> None:
    found = stats(write_corpus(tmp_path / "out", []))

    assert found.n_units == 0
    assert found.overview is not None
    assert found.overview.total == Figures()
    assert found.words == {}
    assert found.flags is not None
    assert found.flags.total.per_thousand("names") == 0
    assert stats(tmp_path / "out", word="bank", only=frozenset({"frequency"})).to_json()["word"]["language"] is None


def test_pair_that_is_not_there_is_told(news: Path) -> None:
    with pytest.raises(UsageError, match="--pair hy-ru: there are no units of it, only of en-hy, en-ru, ru-en"):
        stats(news, selection=Selection(pairs=("hy-ru",)))


def test_strange_texts_are_counted(tmp_path: Path) -> None:
    texts = [
        Text(source="слово " * 4000, targets={"en": "word," * 4000}, lang="ru"),
        Text(source="\x1b[2J \x07", targets={"en": ""}, lang="ru", segment=1, publisher="A\x1b[31m"),
        Text(source="\u202eשלום\u202c עולם", targets={"en": "Hello"}, lang="he", article="b"),
    ]

    found = stats(write_corpus(tmp_path / "out", texts), top=1)

    assert found.overview is not None
    assert found.overview.by["language"]["ru"].n_source_words == 4000 + 1
    assert found.overview.by["language"]["he"].n_source_words == 2
    assert {lang: (words[0].word, words[0].n) for lang, words in (found.words or {}).items()} == {
        "en": ("word", 4000),
        "he": ("עולם", 1),
        "ru": ("слово", 4000),
    }


def test_damaged_file_is_named_and_the_rest_is_counted(news: Path) -> None:
    [path] = (news / "bitext" / "pair=en-hy" / "date=2026-02-01").glob("*.parquet")
    size = path.stat().st_size
    os.truncate(path, size // 2)

    found = stats(news)

    assert [file.path for file in found.damaged] == [path]
    assert found.n_units == 5
    assert found.to_json()["damaged"] == [str(path)]


def many(word: str, n: int, *, publisher: str, first: int, date: str = "2026-01-05") -> list[Text]:
    """Return articles of a publisher, each with a word among nine that all have."""
    nine = "one two three four five six seven eight nine"
    return [
        Text(source=f"{nine} {word}", targets={"ru": "да"}, article=str(number), publisher=publisher, date=date)
        for number in range(first, first + n)
    ]


@pytest.fixture
def two_papers(tmp_path: Path) -> Path:
    sport = many("goal", 30, publisher="Sport", first=0)
    return write_corpus(tmp_path / "out", [*sport, *many("vote", 60, publisher="News", first=100, date="2026-02-05")])


def test_key_words_of_a_selection_are_those_that_the_rest_lacks(two_papers: Path) -> None:
    [part] = stats(two_papers, selection=Selection(publishers=("Sport",)), only=frozenset({"keywords"})).keywords or ()

    [word] = part.words
    assert (part.language, part.name) == ("en", None)
    assert (word.word, word.n, word.n_others) == ("goal", 30, 0)
    assert word.g2 == pytest.approx(2 * 30 * log(3))
    assert word.log_ratio == pytest.approx(log2((30 / 300) / (0.5 / 600)))
    assert (word.per_million, word.per_million_others) == (100_000, 0)


def test_key_words_of_each_group_are_against_the_others(two_papers: Path) -> None:
    by_publisher = stats(two_papers, keywords_by="publisher").keywords or ()
    by_month = stats(two_papers, keywords_by="month", language="en").keywords or ()

    assert [(part.name, [word.word for word in part.words]) for part in by_publisher] == [
        ("News", ["vote"]),
        ("Sport", ["goal"]),
    ]
    assert [(part.name, part.words) for part in by_month] == [
        ("2026-01", by_publisher[1].words),
        ("2026-02", by_publisher[0].words),
    ]


def test_source_sentence_of_the_selection_is_not_in_the_rest(tmp_path: Path) -> None:
    sentence = Text(source="goal " * 50, targets={"ru": "гол", "hy": "գոլ"})
    folder = write_corpus(tmp_path / "out", [sentence, *many("vote", 20, publisher="News", first=1)])

    found = stats(folder, selection=Selection(pairs=("en-hy",)), only=frozenset({"keywords"})).keywords or ()

    assert [(part.language, part.words[0].word, part.words[0].n, part.words[0].n_others) for part in found] == [
        ("en", "goal", 50, 0)
    ]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param({"only": {"keywords"}}, "compared with what", id="keywords-of-all"),
        pytest.param({"only": {"collocates"}}, "--only collocates: belongs to a word", id="no-word"),
        pytest.param({"only": {"flags"}, "word": "bank"}, "name one with --only", id="word-without-section"),
        pytest.param({"only": {"flags"}, "keywords_by": "month"}, "add --only keywords", id="no-keywords"),
        pytest.param({"word": "prime minister"}, "is 2 words: prime, minister", id="two-words"),
        pytest.param({"word": "\ud800!"}, "has neither letters nor digits", id="lone-surrogate"),
        pytest.param({"word": ""}, "has neither letters nor digits", id="empty-word"),
    ],
)
def test_request_that_cannot_be_is_told(news: Path, asked: dict[str, object], expected: str) -> None:
    if "only" in asked:
        asked = {**asked, "only": frozenset(asked["only"])}  # type: ignore[call-overload]

    with pytest.raises(UsageError, match=expected):
        stats(news, **asked)


def near(texts: list[list[str]], word: str, window: int) -> Counter[str]:
    """Return how many places near a word have each other one."""
    return Counter(
        one
        for words in texts
        for place, one in enumerate(words)
        if one != word and word in words[max(0, place - window) : place + window + 1]
    )


def test_collocates_are_counted_within_the_window(tmp_path: Path) -> None:
    sources = ["a b rate x y rate c d", "rate rate z", "c d e f g h", "y rate y"] * 5 + ["q r s t u v w"] * 20
    folder = write_corpus(
        tmp_path / "out", [Text(source=text, targets={"ru": "да"}, article=str(n)) for n, text in enumerate(sources)]
    )
    expected = near([text.split() for text in sources], "rate", 1)
    counts = Counter(word for text in sources for word in text.split())

    profile = stats(folder, word="Rate", window=1, top=50, only=frozenset({"collocates"})).profile

    assert profile is not None
    assert profile.collocates is not None
    found = {one.word: one for one in profile.collocates.by_g2}
    assert found.keys() == {"y", "b", "x", "z"}
    assert {word: (one.n_near, one.n) for word, one in found.items()} == {
        word: (expected[word], counts[word]) for word in found
    }
    size, size_near = sum(counts.values()) - counts["rate"], sum(expected.values())
    cells = [(15, size_near * 15 / size), (size_near - 15, size_near * (size - 15) / size)]
    cells.append((size - size_near, (size - size_near) * (size - 15) / size))
    assert found["y"].g2 == pytest.approx(2 * sum(n * log(n / by_chance) for n, by_chance in cells))
    assert found["y"].log_dice == pytest.approx(14 + log2(2 * 15 / (counts["rate"] + 15)))
    assert {one.word for one in profile.collocates.by_log_dice} == found.keys()


def test_frequency_of_a_word_is_told_by_month_and_publisher(news: Path) -> None:
    profile = stats(news, word="RATES", only=frozenset({"frequency"})).profile

    assert profile is not None
    assert profile.frequency is not None
    assert (profile.word, profile.language, profile.languages) == ("rates", "en", {"en": 3})
    assert [(month, one.n, one.n_source, one.n_target) for month, one in profile.frequency.by_month.items()] == [
        ("2026-01", 1, 1, 0),
        ("2026-02", 2, 1, 1),
    ]
    assert {name: one.n for name, one in profile.frequency.by_publisher.items()} == {"Courier": 1, "Herald": 1, None: 1}
    assert profile.frequency.total.per_million == pytest.approx(1e6 * 3 / 17)


def test_word_of_several_languages_needs_one(tmp_path: Path) -> None:
    texts = [
        Text(source="Reuters 2026", targets={"ru": "Reuters 2026"}),
        Text(source="Reuters", targets={"ru": "да"}, segment=1),
    ]
    folder = write_corpus(tmp_path / "out", texts)
    only = frozenset({"frequency"})

    with pytest.raises(UsageError, match=r"--word 2026: a word of several languages: en \(1\), ru \(1\); .* --lang"):
        stats(folder, word="2026", only=only)
    profile = stats(folder, word="2026", language="ru", only=only).profile
    assert profile is not None
    assert profile.frequency is not None
    assert profile.frequency.total.n == 1


def test_word_that_is_mostly_of_one_language_is_of_that(tmp_path: Path) -> None:
    texts = [Text(source="Bank of", targets={"ru": "Bank" if n == 0 else "да"}, segment=n) for n in range(10)]

    profile = stats(write_corpus(tmp_path / "out", texts), word="bank", only=frozenset({"frequency"})).profile

    assert profile is not None
    assert (profile.language, profile.languages) == ("en", {"en": 10, "ru": 1})


def test_word_that_is_not_there_has_an_empty_profile(news: Path) -> None:
    profile = stats(news, word="Zebra").profile
    elsewhere = stats(news, word="bank", language="hy").profile

    assert profile is not None
    assert (profile.language, profile.languages, profile.frequency, profile.translations) == (None, {}, None, None)
    assert elsewhere is not None
    assert (elsewhere.language, elsewhere.languages, elsewhere.frequency) == ("hy", {"en": 1}, None)
