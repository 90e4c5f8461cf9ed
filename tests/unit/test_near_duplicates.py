from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from pipeline.duplicates import DuplicateFinder
from pipeline.near_duplicates import (
    MAX_IN_BUCKET,
    Duplicate,
    Fingerprint,
    Fingerprinted,
    OriginalsAhead,
    duplicate_of,
    fingerprint,
    fingerprint_of,
    similarity,
)
from pipeline.store.fingerprints import StoredFingerprints
from pipeline.store.state import open_empty_state
from tests.factories import make_segmented

EN = (
    "The council of Lasten voted on Monday to close the old harbour bridge for two months. Engineers found cracks in "
    "three of its pillars during an inspection in spring, and traffic has been limited to one lane since then. "
    "The mayor said that the works cannot wait until the tourist season is over. Buses will take the ring road, and "
    "the ferry is going to run until midnight. Shop owners near the harbour fear that they will lose half of their "
    "customers, and ask the town to pay for it. A decision about that is expected before the end of the year."
)
EN_CHANGED = EN.replace("The mayor said that the works cannot wait", "Critics say that repairs can very well wait")
RU = (
    "Совет города Ластен решил в понедельник закрыть старый мост через гавань на два месяца. Весной инженеры нашли "
    "трещины в трёх опорах, и с тех пор движение открыто только по одной полосе. По словам мэра, ждать окончания "
    "туристического сезона нельзя. Автобусы пойдут по объездной дороге, а паром будет работать до полуночи."
)
HY = (
    "Լաստենի ավագանին երկուշաբթի օրը որոշեց երկու ամսով փակել նավահանգստի հին կամուրջը։ Գարնանը ճարտարագետները ճաքեր "
    "են գտել երեք հենասյուներում, և դրանից հետո երթևեկությունը բաց է միայն մեկ գոտիով։ Քաղաքապետի խոսքով՝ հնարավոր չէ "
    "սպասել զբոսաշրջային շրջանի ավարտին։ Ավտոբուսները կգնան շրջանցիկ ճանապարհով, իսկ լաստանավը կաշխատի մինչև կեսգիշեր։"
)


@pytest.fixture
def stored() -> Iterator[StoredFingerprints]:
    with closing(open_empty_state()) as connection:
        yield StoredFingerprints(connection)


def article(article_id: str, text: str, *, revision: int = 1, language: str = "en") -> Fingerprinted:
    return Fingerprinted(article_id, revision, fingerprint(text, title=None, language=language))


def found(*articles: Fingerprinted) -> dict[str, Duplicate]:
    with closing(open_empty_state()) as connection:
        return dict(DuplicateFinder(StoredFingerprints(connection)).examine(0, articles))


@pytest.mark.parametrize("text", [EN, RU, HY], ids=["en", "ru", "hy"])
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda text: text, id="same"),
        pytest.param(str.upper, id="capitals"),
        pytest.param(lambda text: text.replace(". ", ".\n\n").replace("։ ", "։\n\n"), id="paragraphs"),
        pytest.param(lambda text: text.replace(",", " —"), id="marks"),
    ],
)
def test_what_readers_take_for_the_same_is_the_same(text: str, change: object) -> None:
    one, other = article("a", text), article("b", change(text))  # type: ignore[operator]
    assert found(one, other) == {"b.1": Duplicate("a", 1.0)}


@pytest.mark.parametrize(("text", "language"), [(EN, "en"), (RU, "ru"), (HY, "hy")], ids=["en", "ru", "hy"])
def test_another_headline_makes_no_difference(text: str, language: str) -> None:
    one = fingerprint(f"Bridge\n\n{text}", title="Bridge", language=language)
    assert one == fingerprint(f"No way over the harbour\n\n{text}", title="No way over the harbour", language=language)


def test_changed_sentence_is_found_with_its_similarity() -> None:
    duplicates = found(article("a", EN), article("b", EN_CHANGED))
    assert duplicates.keys() == {"b.1"}
    assert 0.8 <= duplicates["b.1"].similarity < 1


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(article("b", EN[: len(EN) // 2]), id="half of it"),
        pytest.param(article("b", RU, language="ru"), id="other text"),
        pytest.param(article("b", EN, language="ru"), id="other language"),
        pytest.param(article("a", EN, revision=2), id="revision of it"),
    ],
)
def test_what_is_no_near_duplicate(other: Fingerprinted) -> None:
    assert found(article("a", EN), other) == {}


def test_all_copies_name_the_original() -> None:
    copies = [article(name, EN) for name in "abcd"]
    assert found(*copies) == dict.fromkeys(("b.1", "c.1", "d.1"), Duplicate("a", 1.0))


def test_the_earliest_of_several_is_named_also_where_it_is_stored(stored: StoredFingerprints) -> None:
    stored.record([article("z", EN), article("y", RU, language="ru")])
    finder = DuplicateFinder(stored)
    finder.examine(0, [article("c", EN)])
    copies = [article("a", EN_CHANGED), article("y", EN), article("b", RU, language="ru")]
    duplicates = finder.examine(1, copies)
    assert {key: duplicate.article_id for key, duplicate in duplicates.items()} == {"a.1": "z", "y.1": "z", "b.1": "y"}


def test_originals_of_shards_under_way_count_as_if_they_were_stored(stored: StoredFingerprints) -> None:
    finder = DuplicateFinder(stored)
    assert finder.examine(0, [article("a", EN)]) == {}
    assert finder.examine(1, [article("b", EN), article("c", RU, language="ru")]) == {"b.1": Duplicate("a", 1.0)}
    stored.record([article("a", EN)])
    finder.committed(0)
    assert finder.examine(2, [article("d", EN)]) == {"d.1": Duplicate("a", 1.0)}
    assert finder.is_settled(1, {"c.1"})
    assert finder.is_settled(2, set())


def test_copies_of_an_article_that_met_a_bug_are_none_and_others_stay_what_they_are(stored: StoredFingerprints) -> None:
    finder = DuplicateFinder(stored)
    finder.examine(0, [article("a", EN), article("r", RU, language="ru")])
    finder.examine(1, [article("b", EN), article("q", RU, language="ru")])
    finder.examine(2, [article("c", EN)])
    assert finder.is_settled(0, {"r.1"})
    stored.record([article("r", RU, language="ru")])
    finder.committed(0)
    assert not finder.is_settled(1, set())
    again = finder.examine(1, [article("b", EN), article("q", RU, language="ru")])
    assert again == {"q.1": Duplicate("r", 1.0)}
    assert finder.is_settled(1, {"b.1"})
    stored.record([article("b", EN)])
    finder.committed(1)
    assert not finder.is_settled(2, set())
    assert finder.examine(2, [article("c", EN)]) == {"c.1": Duplicate("b", 1.0)}
    assert finder.is_settled(2, set())


def test_copy_in_the_same_shard_as_an_article_that_met_a_bug_is_none(stored: StoredFingerprints) -> None:
    finder = DuplicateFinder(stored)
    both = [article("a", EN), article("b", EN)]
    assert finder.examine(0, both) == {"b.1": Duplicate("a", 1.0)}
    assert not finder.is_settled(0, set())
    assert finder.examine(0, both) == {}
    assert finder.is_settled(0, {"b.1"})


@pytest.mark.parametrize("text", ["Closed.", "Fog in Lasten: ferries wait.", ""], ids=["word", "line", "nothing"])
def test_of_few_words_only_the_same_text_is_a_duplicate(text: str) -> None:
    one = fingerprint(f"News\n\n{text}", title="News", language="en")
    other = fingerprint(f"Sports\n\n{text}", title="Sports", language="en")
    assert one.signature == b""
    assert not {*one.keys} & {*other.keys}
    copies = [Fingerprinted("a", 1, one), Fingerprinted("b", 1, other), Fingerprinted("c", 1, one)]
    assert found(*copies) == {"c.1": Duplicate("a", 1.0)}


@pytest.mark.parametrize("n_stored", [0, 10, MAX_IN_BUCKET, 2 * MAX_IN_BUCKET])
def test_crowd_of_stories_alike_is_compared_in_part_but_equal_ones_are_found(
    stored: StoredFingerprints, n_stored: int
) -> None:
    shared = Fingerprint(keys=(7,), signature=b"")
    crowd = [
        Fingerprinted(f"{n}", 1, Fingerprint(keys=(7, 100 + n), signature=bytes([n]) * 128))
        for n in range(2 * MAX_IN_BUCKET)
    ]
    stored.record(crowd[:n_stored])
    ahead = OriginalsAhead(stored)
    for one in crowd[n_stored:]:
        ahead.add(0, one)
    ahead.look_up(crowd)
    assert [name for name, _ in ahead.sharing(shared, shard=0)] == [str(n) for n in range(MAX_IN_BUCKET)]
    copy = crowd[-1]._replace(article_id="copy")
    assert duplicate_of(copy, ahead.sharing(copy.fingerprint, shard=1)) == Duplicate("99", 1.0)


def test_very_long_article_is_known_by_its_beginning() -> None:
    long = " ".join(f"{n}" for n in range(100_000))
    assert found(article("a", long), article("b", long + " end")) == {"b.1": Duplicate("a", 1.0)}


def test_signatures_of_different_lengths_have_nothing_in_common() -> None:
    assert (similarity(b"", b"\x01"), similarity(b"", b""), similarity(b"\x01\x02", b"\x03\x04")) == (0.0, 1.0, 0.0)


def test_fingerprint_of_an_article_leaves_out_its_headline() -> None:
    source = make_segmented(extra=[EN])
    text = source.article.text
    assert fingerprint_of(source.article, "en") == fingerprint(text, title=source.article.title, language="en")


def test_fingerprints_stay_what_they_are_in_every_corpus() -> None:
    # Where this fails, raise the scheme: stored fingerprints must not meet other ones.
    keys, signature = fingerprint(HY, title=None, language="hy")
    assert (keys[0], keys[1], len(keys)) == (907928490775784358, -803472884178599198, 13)
    assert signature[:8].hex() == "b3d5dd338e439edd"
    assert fingerprint("Fog.", title=None, language="en") == Fingerprint(keys=(-493309602932161162,), signature=b"")
