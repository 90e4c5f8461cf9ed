"""Second tries: what an engine made a mess of is decoded again in other ways, and the best of all is kept.

The ways are a ladder. A text climbs as long as all that it became so far is bad, and each rung is tried once, so that
nothing is decoded more than `len(LADDER)` times again. Which one is best is decided by the checks alone, from texts and
scores: the same texts come to the same end, whether they were decoded now or are remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from pipeline.checks.base import TextPair
from pipeline.checks.examination import is_bad, worth
from pipeline.decode.hypothesis import Hypothesis, mean_score
from pipeline.decode.ways import LADDER, Way
from pipeline.editing.fragments import fitted
from pipeline.editing.marks import mended
from pipeline.types import LanguagePair

VERSION = 1

KEPT_FIRST = "kept-first"
"""What `retry` says where other ways were tried and none was better."""


def joined_retries(retries: Iterable[str | None]) -> str | None:
    """Return what `retry` says of a text of several parts: the names, each once, joined by `+`."""
    return "+".join(dict.fromkeys(filter(None, retries))) or None


class Choice(NamedTuple):
    """A hypothesis, whether all that led to it is older than the job, and what `retry` says of it."""

    hypothesis: Hypothesis
    is_older: bool
    retry: str | None = None


Fetcher = Callable[[Sequence[str], Way], Mapping[str, Choice]]
"""Returns what texts become in a way, from the memory or decoded."""


def rescued(pair: LanguagePair, firsts: Mapping[str, Choice], fetch: Fetcher) -> dict[str, Choice]:
    """Return the best of what each text became, in the order of `firsts`; what is sound says so."""
    best = {text: _judged(pair, text, choice) for text, choice in firsts.items()}
    climbing = {text: _worth(pair, text, choice) for text, choice in best.items() if not choice.hypothesis.is_sound}
    for way in LADDER:
        if not climbing:
            break
        parts = {text: way.parts(text) for text in climbing}
        found = fetch(list(dict.fromkeys(part for some in parts.values() for part in some)), way)
        for text, some in parts.items():
            own = [found[part] for part in some]
            is_older = best[text].is_older and all(choice.is_older for choice in own)
            best[text] = best[text]._replace(is_older=is_older, retry=best[text].retry or KEPT_FIRST)
            if not own:
                continue
            tried = _judged(
                pair, text, Choice(_joined(some, [choice.hypothesis for choice in own]), is_older, way.name)
            )
            if (value := _worth(pair, text, tried)) > climbing[text]:
                best[text], climbing[text] = tried, value
        climbing = {text: value for text, value in climbing.items() if not best[text].hypothesis.is_sound}
    return best


def _joined(sources: Sequence[str], hypotheses: Sequence[Hypothesis]) -> Hypothesis:
    """Return the hypotheses of the parts of a text as one."""
    if len(hypotheses) == 1:
        return hypotheses[0]
    first, second = hypotheses
    one, other = (fitted(source, h.text) for source, h in zip(sources, hypotheses, strict=True))
    score = mean_score(((first.score, one), (second.score, other)))
    return Hypothesis(f"{one} {other}".strip(), score, first.is_truncated or second.is_truncated)


def _worth(pair: LanguagePair, text: str, choice: Choice) -> float:
    hypothesis = choice.hypothesis
    # As it will stand in the corpus: what is mended anyway shall not decide.
    target, _ = mended(text, hypothesis.text, source_lang=pair.source, target_lang=pair.target)
    return worth(TextPair(text, target, *pair), hypothesis.score, is_truncated=hypothesis.is_truncated)


def _judged(pair: LanguagePair, text: str, choice: Choice) -> Choice:
    hypothesis = choice.hypothesis
    if hypothesis.is_sound or hypothesis.is_truncated or is_bad(TextPair(text, hypothesis.text, *pair)):
        return choice
    return choice._replace(hypothesis=hypothesis._replace(is_sound=True))
