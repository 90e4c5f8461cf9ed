from __future__ import annotations

import pytest

from pipeline.protected_patterns import pattern_problems


@pytest.mark.parametrize(
    ("patterns", "exceptions", "expected"),
    [
        pytest.param([r"RFC \d+", r"(?i:en-\d{4})"], ["hashtag"], [], id="sound"),
        pytest.param(["(open"], [], ["'(open' is no regular expression"], id="syntax"),
        pytest.param(["(?i)rfc", r"(\w)\1x"], [], [], id="flags-and-references"),
        pytest.param(["x*"], [], ["matches where there is nothing"], id="matches-nothing"),
        pytest.param([".+"], [], ["would protect most of any sentence"], id="matches-all"),
        pytest.param([r"\w+"], [], ["would protect most of any sentence"], id="matches-each-word"),
        pytest.param([r"[A-Z][^.]*\."], [], ["would protect most of any sentence"], id="matches-with-the-mark"),
        pytest.param([r"[Ա-և]+"], [], ["would protect most of any sentence"], id="matches-armenian"),
        pytest.param([r"(a+)+b", r"(?:\w+-)+\d"], [], ["'(a+)+b' can take for ever"], id="takes-for-ever"),
        pytest.param(["RFC", "RFC"], [], ["'RFC' is there twice"], id="twice"),
        pytest.param([r"#\w+"], ["hashtag"], ["protects what except lets be translated, hashtag"], id="contradiction"),
        pytest.param([], ["hashtags"], ["except is 'hashtags'; choose one of"], id="unknown-kind"),
        pytest.param(
            [], ["code", "url", "email", "handle", "hashtag", "placeholder", "emoji"], ["nothing to protect"], id="all"
        ),
        pytest.param(["(", ".*?", "ok"], ["url", "no"], ["'('", "'.*?'", "except is 'no'"], id="all-at-once"),
    ],
)
def test_problems_are_told(patterns: list[str], exceptions: list[str], expected: list[str]) -> None:
    found = [str(problem) for problem in pattern_problems(patterns, exceptions)]

    assert len(found) == len(expected)
    for message, part in zip(found, expected, strict=True):
        assert part in message
