"""A glossary changes a translation once, and nothing but wrong forms; its reader takes any bytes."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.checks.base import TextPair
from pipeline.editing.glossary import Entry, Glossary, PairGlossary
from pipeline.editing.glossary_file import GlossaryError, read_glossary
from pipeline.editing.inflection import load_inflection
from pipeline.editing.terms import Words
from pipeline.entities import find_entities
from pipeline.types import LanguagePair

LANGUAGES = st.sampled_from(["en", "ru", "hy", "fr"])
TEXTS = st.one_of(
    st.text(max_size=80),
    st.text(alphabet="Երևանեւաի՞՛՜ԵՎ .-իւ", max_size=40),
    st.text(alphabet="ёЁеЕ\u0301\u0307İıßẞΣς\u00ad a-", max_size=40),
)
SOURCES = ("Huddersfield", "Huddersfield Town", "Dee", "UN", "Velmora Inc.", "New Haven")
RIGHTS = ("Хаддерсфилд", "Хаддерсфилд Таун", "Ди", "ООН", "«Велмора»", "Нью-Хейвен")
WRONGS = (
    "Худдерсфилд|Гуддер*",
    "Худдерсфилд Таун|Хаддерсфилд Тайн",
    "Дии|Ди Ривер",
    "УН",
    "Вельмора Инк.|Дии УН",
    "Ньюхавен",
)
PIECES = (
    *"|".join((*RIGHTS, *WRONGS)).replace("*", "").split("|"),
    "#Дии",
    "http://дии.рф",
    "Худдерсфилда",
    "Таун",
    "–",
    "и",
)
TARGETS = st.lists(
    st.tuples(st.sampled_from(PIECES), st.sampled_from([" ", "-", ". ", "\n", "»"]), st.booleans()), max_size=9
).map(lambda drawn: "".join((piece.upper() if is_upper else piece) + gap for piece, gap, is_upper in drawn))


def glossary() -> PairGlossary:
    pair = LanguagePair(source="en", target="ru")
    entries = [
        Entry(pair=pair, sources=(source,), targets=(right,), wrong_forms=tuple(wrong.split("|")))
        for source, right, wrong in zip(SOURCES, RIGHTS, WRONGS, strict=True)
    ]
    found = Glossary(entries).for_pair("en", "ru")
    assert found is not None
    return found


NAMES = glossary()


@given(text=TEXTS, language=LANGUAGES)
def test_folding_keeps_the_words(text: str, language: str) -> None:
    words = Words(text, load_inflection(language))

    assert len(words.forms) == len(words.spans)


@settings(max_examples=400)
@given(sources=st.lists(st.sampled_from(SOURCES), max_size=5), target=st.one_of(TARGETS, TEXTS))
def test_wrong_forms_are_put_right_once(sources: list[str], target: str) -> None:
    source = " and ".join(sources)
    changed, terms = NAMES.enforced(source, target)

    assert set(terms) <= set(SOURCES)
    assert bool(terms) == (changed is not target)
    assert NAMES.enforced(source, changed) == (changed, ())
    assert [entity.text for entity in find_entities(target)] == [entity.text for entity in find_entities(changed)]


@given(sources=st.lists(st.sampled_from(SOURCES), max_size=5), target=st.one_of(TARGETS, TEXTS))
def test_terms_put_right_are_kept(sources: list[str], target: str) -> None:
    source = " and ".join(sources)
    changed, terms = NAMES.enforced(source, target)
    before, after = (TextPair(source, text, "en", "ru") for text in (target, changed))

    assert set(NAMES.missed(after)) <= set(NAMES.missed(before)) - set(terms)
    assert (NAMES.terms_kept(before) is None) == (not source or source.isupper())
    assert 0 <= (NAMES.terms_kept(before) or 0) <= (NAMES.terms_kept(after) or 0) <= 1


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.one_of(
        st.binary(max_size=80),
        st.lists(
            st.sampled_from(
                [
                    "source,target,pair",
                    "note",
                    "replace",
                    ",",
                    ";",
                    '"',
                    "\n",
                    "\r",
                    "|",
                    "*",
                    "en-ru",
                    "Riga",
                    "Рига",
                    "\0",
                ]
            ),
            max_size=30,
        ).map(lambda pieces: "".join(pieces).encode()),
        st.lists(st.text(max_size=9), min_size=3, max_size=3).map(
            lambda cells: ("source,target,pair\n" + ",".join(cells)).encode(errors="surrogatepass")
        ),
    )
)
def test_any_bytes_are_a_glossary_or_an_error_of_one(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "glossary.csv"
    file.write_bytes(data)

    problem = problem_of(file)

    assert problem is None or problem.startswith(str(file))


def problem_of(file: Path) -> str | None:
    try:
        read_glossary(file).for_pair("en", "ru")
    except GlossaryError as error:
        return str(error)
    return None
