"""How a word was translated: the words that are linked to it in the aligned units of each pair of languages."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pipeline.corpus.sql import literal
from pipeline.stats.alignment import MAX_WORDS, Link, align, symmetrised
from pipeline.stats.words import has_word_sql, words_sql

if TYPE_CHECKING:
    import duckdb

Side = Literal["source", "target"]

_DIGITS = 4
_N_EXAMPLES = 3

_PAIRS = """
SELECT source_lang, target_lang, count(*) FROM stats_units
WHERE is_selected AND {side}_lang = {lang} AND source_lang <> target_lang AND {has_word} GROUP BY ALL ORDER BY ALL
"""
# Units are chosen by a hash of their id: without chance, and from all parts of the corpus.
_SAMPLE = """
WITH units AS (
    SELECT unit_id, source_text, target_text, {has_word} AS has_word, md5(unit_id) AS place FROM stats_units
    WHERE is_selected AND source_lang = {source} AND target_lang = {target} AND source_text <> target_text
),
sampled AS (
    (FROM units WHERE has_word ORDER BY place LIMIT {n_with})
    UNION ALL (FROM units WHERE NOT has_word ORDER BY place LIMIT {n_all})
)
SELECT unit_id, has_word, {source_words} AS source_words, {target_words} AS target_words FROM sampled
WHERE len(source_words) BETWEEN 1 AND {max_words} AND len(target_words) BETWEEN 1 AND {max_words}
ORDER BY has_word DESC, place LIMIT {n_all}
"""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """Words that a word was translated with, how often, and some units where it was."""

    text: str
    n: int
    unit_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairTranslations:
    """What stands for a word on the other side of the units of a pair of languages, the most frequent first.

    Attributes:
        pair: that of the units' own languages.
        side: on which the word is.
        n_units: units that have the word.
        n_aligned: those of them that were aligned.
        n_sampled: all that were aligned, with the word or without.
        n_occurrences: how often the word is in these.
        n_without: how often nothing is linked to it.
        variants: the most frequent ones.
    """

    pair: str
    side: Side
    n_units: int
    n_aligned: int
    n_sampled: int
    n_occurrences: int
    n_without: int
    variants: tuple[Variant, ...]

    def share(self, variant: Variant) -> float:
        """Return which part of the linked occurrences a variant has, 0 to 1."""
        return variant.n / (self.n_occurrences - self.n_without)

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        variants = [
            {
                "text": one.text,
                "n": one.n,
                "share": round(self.share(one), _DIGITS),
                "unit_ids": list(one.unit_ids),
            }
            for one in self.variants
        ]
        return {
            "pair": self.pair,
            "side": self.side,
            "n_units": self.n_units,
            "n_aligned": self.n_aligned,
            "n_sampled": self.n_sampled,
            "n_occurrences": self.n_occurrences,
            "n_without": self.n_without,
            "variants": variants,
        }


class _Unit(NamedTuple):
    unit_id: str
    has_word: bool
    source: list[str]
    target: list[str]


def translations_of(
    cursor: duckdb.DuckDBPyConnection, word: str, language: str, *, n_units: int, top: int
) -> Iterator[PairTranslations]:
    """Yield what stands for a word in each pair of its language: its translations, then what it translates.

    Args:
        cursor: the material.
        word: as words are counted.
        language: that of the word.
        n_units: so many units of a pair are aligned; half of them may have the word.
        top: so many variants are told of each pair.

    Raises:
        AlignmentError: the aligner failed.
    """
    sides: tuple[Side, ...] = ("source", "target")
    for side in sides:
        has_word = has_word_sql(f"{side}_text", word)
        rows = cursor.execute(_PAIRS.format(side=side, lang=literal(language), has_word=has_word)).fetchall()
        for source, target, n_with_word in rows:
            _log.debug("%s-%s: aligned for %s", source, target, word)
            units = _sample(cursor, has_word, source=source, target=target, n_units=n_units)
            yield _translations(units, word, side, pair=f"{source}-{target}", n_units=n_with_word, top=top)


def _sample(cursor: duckdb.DuckDBPyConnection, has_word: str, *, source: str, target: str, n_units: int) -> list[_Unit]:
    sql = _SAMPLE.format(
        has_word=has_word,
        source=literal(source),
        target=literal(target),
        source_words=words_sql("source_text"),
        target_words=words_sql("target_text"),
        n_with=(n_units + 1) // 2,
        n_all=n_units,
        max_words=MAX_WORDS,
    )
    return [_Unit(*row) for row in cursor.execute(sql).fetchall()]


def _translations(
    units: Sequence[_Unit], word: str, side: Side, *, pair: str, n_units: int, top: int
) -> PairTranslations:
    counts: Counter[str] = Counter()
    examples: dict[str, list[str]] = {}
    for unit_id, variant in _variants(units, word, side):
        counts[variant] += 1
        seen = examples.setdefault(variant, [])
        if len(seen) < _N_EXAMPLES and unit_id not in seen:
            seen.append(unit_id)
    n_without = counts.pop("", 0)
    often = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return PairTranslations(
        pair=pair,
        side=side,
        n_units=n_units,
        n_aligned=sum(unit.has_word for unit in units),
        n_sampled=len(units),
        n_occurrences=sum(counts.values()) + n_without,
        n_without=n_without,
        variants=tuple(Variant(text=text, n=n, unit_ids=tuple(examples[text])) for text, n in often[:top]),
    )


def _variants(units: Sequence[_Unit], word: str, side: Side) -> Iterator[tuple[str, str]]:
    """Yield for each occurrence of the word its unit and what is linked to it; nothing linked is an empty text."""
    if not any(unit.has_word for unit in units):
        return
    for unit, (forward, backward) in zip(units, align([unit[2:] for unit in units]), strict=True):
        if not unit.has_word:
            continue
        both, either = forward & backward, symmetrised(forward, backward)
        here, there = (unit.source, unit.target) if side == "source" else (unit.target, unit.source)
        for place, one in enumerate(here):
            if one == word:
                sure, linked = (_linked(links, place, side) for links in (both, either))
                yield unit.unit_id, " ".join(there[number] for number in run_of_places(linked, sure))


def _linked(links: Iterable[Link], place: int, side: Side) -> list[int]:
    """Return the places on the other side that are linked to a place."""
    here, there = (0, 1) if side == "source" else (1, 0)
    return sorted(link[there] for link in links if link[here] == place)


def run_of_places(places: Sequence[int], sure: Sequence[int]) -> list[int]:
    """Return the longest run of places without a gap: of those with a sure link where there are any, the first one."""
    runs: list[list[int]] = []
    for place in places:
        if runs and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return max(runs, key=lambda run: (any(place in sure for place in run), len(run)), default=[])
