"""Collocates: the words that stand near a word more often than by chance."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pipeline.corpus.sql import literal
from pipeline.stats.measures import MIN_G2, association_sql, log_dice_sql
from pipeline.stats.words import has_word_sql, words_sql

if TYPE_CHECKING:
    import duckdb

_DIGITS = 2
_MIN_TOGETHER = 2
# Each place near the word counts once, also where two of it are near; places of the word itself are left out. What is
# not near is the rest of the language.
_COLLOCATES = """
CREATE OR REPLACE TABLE stats_collocates AS
WITH texts AS (
    SELECT row_number() OVER () AS number, {words} AS words FROM stats_texts
    WHERE is_selected AND lang = {lang} AND {has_word}
),
places AS (SELECT number, unnest(words) AS word, generate_subscripts(words, 1) AS place FROM texts),
near AS (
    SELECT word FROM places
    QUALIFY bool_or(word = {word}) OVER (
        PARTITION BY number ORDER BY place ROWS BETWEEN {window} PRECEDING AND {window} FOLLOWING)
),
together AS (SELECT word, count(*) AS n_near FROM near WHERE word <> {word} GROUP BY word),
counted AS (
    SELECT word, sum(n)::BIGINT AS n FROM stats_counts JOIN stats_groups USING (group_id)
    WHERE is_selected AND lang = {lang} GROUP BY word
),
sizes AS (
    SELECT (SELECT sum(n_near) FROM together) AS size_near, coalesce(sum(n) FILTER (word = {word}), 0) AS n_word,
        sum(n) FILTER (word <> {word}) AS size FROM counted
)
SELECT word, n, n_near, {g2} AS g2, {log_dice} AS log_dice
FROM together JOIN counted USING (word), sizes
WHERE n_near >= {min_together} AND n_near * size > size_near * n
"""
_G2 = association_sql("n_near", "size_near", "n", "size")
_LOG_DICE = log_dice_sql("n_near", "n_word", "n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Collocate:
    """A word near another one: how often it is there at all, how often near, G2 and logDice."""

    word: str
    n: int
    n_near: int
    g2: float
    log_dice: float

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values, rounded."""
        return {**asdict(self), "g2": round(self.g2, _DIGITS), "log_dice": round(self.log_dice, _DIGITS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Collocates:
    """The collocates with the highest G2, and those with the highest logDice; `window` words on either side."""

    window: int
    by_g2: tuple[Collocate, ...]
    by_log_dice: tuple[Collocate, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return {
            "window": self.window,
            "by_g2": [one.to_json() for one in self.by_g2],
            "by_log_dice": [one.to_json() for one in self.by_log_dice],
        }


def collocates_of(cursor: duckdb.DuckDBPyConnection, word: str, language: str, *, window: int, top: int) -> Collocates:
    """Return the words that are near a word in the texts of its language."""
    cursor.execute(
        _COLLOCATES.format(
            words=words_sql("text"),
            has_word=has_word_sql("text", word),
            word=literal(word),
            lang=literal(language),
            window=window,
            g2=_G2,
            log_dice=_LOG_DICE,
            min_together=_MIN_TOGETHER,
        )
    )
    return Collocates(
        window=window,
        by_g2=_first(cursor, f"g2 >= {MIN_G2}", "g2", top),
        by_log_dice=_first(cursor, f"g2 >= {MIN_G2}", "log_dice", top),
    )


def _first(cursor: duckdb.DuckDBPyConnection, condition: str, measure: str, top: int) -> tuple[Collocate, ...]:
    sql = f"FROM stats_collocates WHERE {condition} ORDER BY {measure} DESC, word LIMIT {top}"
    return tuple(
        Collocate(word=word, n=n, n_near=n_near, g2=g2, log_dice=log_dice)
        for word, n, n_near, g2, log_dice in cursor.execute(sql).fetchall()
    )
