from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.sentences import RULE_MEANINGS, explain_sentences, split_sentences, wrap_span

LANGUAGES = st.sampled_from(["en", "ru", "hy", "hyw", "de", "und"])
TEXTS = st.one_of(
    st.text(),
    st.text(alphabet="aAбБԱա .!?…։:\n\t\u200b\u0301«»“”\"'()[]1-—•,;", max_size=80),
    st.lists(
        st.sampled_from(
            [
                "Mr.",
                "U. S.",
                "г.",
                "т. е.",
                "А.",
                "«Да!»",
                "—",
                "12.",
                "...",
                "։",
                "\n\n",
                "The",
                "1)",
                "2)",
                "•",
                "***",
                "😊",
                "«А",
                "– Я",
                "б»",
                "🙂 Б",
            ]
        )
    ).map(" ".join),
)


def assert_covers(text: str, spans: list[tuple[int, int]]) -> None:
    position = 0
    for start, end in spans:
        assert position <= start < end <= len(text)
        assert not text[position:start].strip()
        assert text[start:end] == text[start:end].strip()
        position = end
    assert not text[position:].strip()


@given(text=TEXTS, language=LANGUAGES)
def test_spans_are_exact_ordered_and_cover_everything_but_blanks(text: str, language: str) -> None:
    assert_covers(text, split_sentences(text, language))


@given(text=TEXTS, language=LANGUAGES, max_chars=st.integers(1, 50))
def test_wrapping_keeps_the_law_and_the_limit(text: str, language: str, max_chars: int) -> None:
    parts = [
        part
        for start, end in split_sentences(text, language)
        for part in wrap_span(text, start, end, language=language, max_chars=max_chars)
    ]

    assert_covers(text, parts)
    assert all(end - start <= max_chars for start, end in parts)


@given(texts=st.lists(TEXTS, max_size=4), language=LANGUAGES)
def test_blank_lines_separate_whatever_stands_around_them(texts: list[str], language: str) -> None:
    joined = "\n\n".join(texts)
    starts = [len("\n\n".join(texts[:number])) for number in range(1, len(texts))]

    spans = split_sentences(joined, language)

    assert not [span for span in spans for start in starts if span[0] < start and span[1] > start + 2]


@given(text=TEXTS, language=LANGUAGES)
def test_explanations_are_those_of_the_cuts(text: str, language: str) -> None:
    decisions = explain_sentences(text, language)
    cuts = [decision.offset for decision in decisions if decision.is_end]
    starts = [0, *cuts]
    pieces = [text[start:end] for start, end in zip(starts, [*cuts, len(text)], strict=True)]

    assert [piece.strip() for piece in pieces if piece.strip()] == [
        text[start:end] for start, end in split_sentences(text, language)
    ]
    assert [decision.offset for decision in decisions] == sorted(decision.offset for decision in decisions)
    assert {decision.rule for decision in decisions} <= set(RULE_MEANINGS)
