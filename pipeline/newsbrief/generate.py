"""Seeded sampling of news briefs.

``python -m pipeline.newsbrief.generate --seed 1 -n 30`` prints samples to proofread; ``--check`` validates.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final

from pipeline.newsbrief.grammar import Grammar
from pipeline.newsbrief.load import GrammarError, load_grammar

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterator, Sequence

    from pipeline.newsbrief.grammar import Pattern

# ruff: noqa: S311 -- the random numbers choose sentences and protect nothing
# ruff: noqa: T201 -- the command of this module prints

__all__ = ["Brief", "Grammar", "GrammarError", "load_grammar", "main", "sample"]

# Far more than chance needs: past it, everything the patterns can say must be excluded.
_MAX_REJECTED: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """A news sentence in three languages, and the pattern it is made from."""

    pattern_id: str
    topic: str
    kind: str
    en: str
    ru: str
    hy: str


def sample(
    grammar: Grammar,
    *,
    seed: int,
    n: int,
    exclude: Container[str] = (),
    topics: Collection[str] | None = None,
) -> Iterator[Brief]:
    """Yield ``n`` briefs, uniform over the patterns; the same seed gives the same briefs everywhere.

    Args:
        grammar: the patterns.
        seed: of the random numbers.
        n: how many; the same brief can come twice.
        exclude: a brief whose text in any language is in here is never yielded.
        topics: draw from these topics only; default all.

    Raises:
        ValueError: no pattern to draw from, or all of their briefs are excluded.
    """
    patterns = [p for p in grammar.patterns if topics is None or p.topic in topics]
    if not patterns:
        raise ValueError(f"no patterns for the topics {topics}; there are {', '.join(grammar.topics)}")
    # Only random() is promised to give the same sequence in every Python version.
    random = Random(seed).random
    for _ in range(n):
        for _ in range(_MAX_REJECTED):
            pattern = patterns[int(random() * len(patterns))]
            brief = _brief(pattern, pattern.draw(random))
            if not (brief.en in exclude or brief.ru in exclude or brief.hy in exclude):
                break
        else:
            raise ValueError(f"{_MAX_REJECTED} briefs in a row are excluded; the patterns have no others")
        yield brief


def main(argv: Sequence[str] | None = None) -> int:
    """Print samples for proofreading, or validate; return the exit status."""
    options = _parse(argv)
    try:
        grammar = load_grammar(options.root, topics=options.topic)
    except GrammarError as error:
        print(error, file=sys.stderr)
        return 1
    if options.check:
        _print_counts(grammar)
        return 0
    if options.per_pattern:
        random = Random(options.seed).random
        drawn = [_brief(p, p.draw(random)) for p in grammar.patterns for _ in range(options.per_pattern)]
    else:
        drawn = list(sample(grammar, seed=options.seed, n=options.n))
    for brief in drawn:
        print(f"[{brief.pattern_id}, {brief.kind}]", brief.en, brief.ru, brief.hy, sep="\n", end="\n\n")
    return 0


def _brief(pattern: Pattern, drawn: Sequence[int]) -> Brief:
    return Brief(
        pattern_id=pattern.id,
        topic=pattern.topic,
        kind=pattern.kind,
        en=pattern.render("en", drawn),
        ru=pattern.render("ru", drawn),
        hy=pattern.render("hy", drawn),
    )


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m pipeline.newsbrief.generate", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-n", type=int, default=30, help="number of briefs")
    parser.add_argument("--topic", action="append", help="read this topic only; can be repeated")
    parser.add_argument("--per-pattern", type=int, metavar="K", help="print K briefs of each pattern instead")
    parser.add_argument("--check", action="store_true", help="validate, print the number of patterns")
    parser.add_argument("--root", type=Path, help="folder with topics/ and, if it has its own, lexicon/")
    return parser.parse_args(argv)


def _print_counts(grammar: Grammar) -> None:
    counts = Counter((pattern.topic, pattern.kind) for pattern in grammar.patterns)
    for topic in grammar.topics:
        kinds = ", ".join(f"{n} {kind}" for (of, kind), n in sorted(counts.items()) if of == topic)
        print(f"{topic}: {kinds}")
    print(f"{len(grammar.patterns)} patterns")


if __name__ == "__main__":
    sys.exit(main())
