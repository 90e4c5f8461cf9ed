"""Word alignment, and what it tells of the translations of a word."""

from __future__ import annotations

import re
import sys
from contextlib import nullcontext
from pathlib import Path
from random import Random

import pytest

from pipeline.errors import UsageError
from pipeline.stats import alignment
from pipeline.stats.alignment import align, symmetrised
from pipeline.stats.request import StatsRequest
from pipeline.stats.statistics import WordProfile, statistics_of
from pipeline.stats.translations import PairTranslations, run_of_places
from tests.stats_corpus import Text, write_corpus

LEXICON = {
    "bank": "банк",
    "vote": "выборы",
    "court": "суд",
    "river": "река",
    "winter": "зима",
    "doctor": "врач",
    "border": "граница",
    "harbour": "порт",
    "market": "рынок",
    "school": "школа",
    "bridge": "мост",
    "forest": "лес",
    "engine": "двигатель",
    "castle": "замок",
    "premier": "глава правительства",
}
N_TEXTS = 600


def make_texts(*, article: str, is_russian: bool = False) -> list[Text]:
    """Return texts of random words whose translations are those of the lexicon, with two neighbours changed over."""
    random = Random(7)  # noqa: S311 - texts for a test
    found = []
    for number in range(N_TEXTS):
        words = random.sample(sorted(LEXICON), 6)
        targets = [LEXICON[word] for word in words]
        place = random.randrange(5)
        targets[place : place + 2] = reversed(targets[place : place + 2])
        sides = [" ".join(words), " ".join(targets)]
        source, target = reversed(sides) if is_russian else sides
        lang, other = ("ru", "en") if is_russian else ("en", "ru")
        found.append(Text(source=source, targets={other: target}, lang=lang, article=f"{article}{number}"))
    return found


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("invented") / "out"
    return write_corpus(folder, [*make_texts(article="a"), *make_texts(article="b", is_russian=True)])


def profile_of(folder: Path, word: str, **asked: object) -> WordProfile:
    found = statistics_of(folder, StatsRequest(word=word, **asked)).profile  # type: ignore[arg-type]
    assert found is not None
    return found


def translations(folder: Path, word: str, **asked: object) -> list[PairTranslations]:
    return list(profile_of(folder, word, only=frozenset({"translations"}), **asked).translations or ())


def test_links_of_both_directions_are_kept_and_neighbours_added() -> None:
    # 0-0 is sure; 0-1 touches it and brings a new word; 3-3 touches nothing.
    assert symmetrised({(0, 0), (0, 1)}, {(0, 0), (3, 3)}) == {(0, 0), (0, 1)}
    # 1-1 touches 0-0, then 2-2 touches 1-1.
    assert symmetrised({(0, 0), (1, 1)}, {(0, 0), (2, 2)}) == {(0, 0), (1, 1), (2, 2)}
    # Both words of 0-1 have links already.
    assert symmetrised({(0, 0), (1, 1), (0, 1)}, {(0, 0), (1, 1)}) == {(0, 0), (1, 1)}
    assert symmetrised({(0, 1)}, {(1, 0)}) == set()


def test_aligner_links_places_of_both_texts() -> None:
    pairs = [(text.source.split(), text.targets["ru"].split()) for text in make_texts(article="a")]

    found = list(align(pairs))

    assert len(found) == len(pairs)
    for (source, target), links in zip(pairs, found, strict=True):
        assert all(i < len(source) and j < len(target) for direction in links for i, j in direction)


def test_words_that_an_aligner_would_cut_are_one_to_it() -> None:
    pairs = [(["10\u00a0800", "a"], ["\u2028", "b"])] * 50

    assert all(i < 2 and j < 2 for both in align(pairs) for links in both for i, j in links)


def test_translations_of_a_word_are_counted_in_both_directions(invented: Path) -> None:
    there, back = translations(invented, "Bank")

    assert [(one.pair, one.side, one.n_sampled) for one in (there, back)] == [
        ("en-ru", "source", N_TEXTS),
        ("ru-en", "target", N_TEXTS),
    ]
    for one in (there, back):
        assert one.n_units == one.n_aligned == one.n_occurrences > 100
        assert one.variants[0].text == "банк"
        assert one.share(one.variants[0]) > 0.9
        assert sum(variant.n for variant in one.variants) == one.n_occurrences - one.n_without
        assert len(set(one.variants[0].unit_ids)) == 3
    assert all(unit_id.endswith("/ru/20260110T060000Z") for unit_id in there.variants[0].unit_ids)


def test_variants_of_several_words_are_neighbours(invented: Path) -> None:
    for one in translations(invented, "premier"):
        found = {variant.text: one.share(variant) for variant in one.variants}
        assert sum(found.get(text, 0) for text in ("глава правительства", "глава", "правительства")) > 0.9


@pytest.mark.parametrize(
    ("places", "sure", "expected"),
    [
        pytest.param([3, 4, 6], [3], [3, 4], id="adjacent"),
        pytest.param([3, 4, 6], [6], [6], id="sure"),
        pytest.param([1, 3, 4], [], [3, 4], id="longest"),
        pytest.param([1, 3], [1, 3], [1], id="first"),
        pytest.param([], [], [], id="none"),
    ],
)
def test_places_with_a_gap_are_not_one_variant(places: list[int], sure: list[int], expected: list[int]) -> None:
    assert run_of_places(places, sure) == expected


def test_sample_is_bounded_and_half_of_it_has_the_word(invented: Path) -> None:
    there, _ = translations(invented, "bank", n_units_to_align=100)

    assert (there.n_sampled, there.n_aligned) == (100, 50)
    assert there.n_units > 100


def test_texts_that_say_nothing_are_not_aligned(tmp_path: Path) -> None:
    texts = [
        Text(source="bank", targets={"ru": ""}, article="a"),
        Text(source="bank", targets={"ru": "bank"}, article="b"),
        Text(source="bank", targets={"ru": "bank"}, article="c"),
        Text(source="bank " * 300, targets={"ru": "банк"}, article="d"),
    ]

    [found] = translations(write_corpus(tmp_path / "out", texts), "bank", language="en")

    assert (found.n_units, found.n_aligned, found.n_sampled, found.variants) == (4, 0, 0, ())


def test_without_an_aligner_the_rest_is_told(invented: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "eflomal", None)

    profile = profile_of(invented, "bank")

    assert profile.translations is None
    assert "pip install 'newsmt[align]'" in profile.notes[0]
    assert profile.frequency is not None
    assert profile.collocates is not None
    with pytest.raises(UsageError, match=r"pip install 'newsmt\[align\]'"):
        translations(invented, "bank")


def test_aligner_that_fails_is_told(invented: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alignment, "TemporaryDirectory", lambda **_: nullcontext(tmp_path / "nowhere"))

    profile = profile_of(invented, "bank")

    assert profile.translations is None
    assert profile.frequency is not None
    assert re.match(r"no translations: eflomal ended with -?\d+; try again", profile.notes[0])
