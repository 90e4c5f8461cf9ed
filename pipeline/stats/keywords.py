"""Key words: those that are more frequent in a part of the corpus than in the rest of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pipeline.stats.frequent import language_condition
from pipeline.stats.measures import MIN_G2, keyness_sql, log_ratio_sql
from pipeline.stats.request import Grouping

if TYPE_CHECKING:
    import duckdb

_DIGITS = 2
_G2 = keyness_sql("n", "n_others", "size", "size_others")
_LOG_RATIO = log_ratio_sql("n", "n_others", "size", "size_others")
# A word is compared with all others of its language, on both sides.
_KEYWORDS = """
WITH counted AS (
    SELECT lang, {group} AS name, word, sum(n) AS n
    FROM stats_counts JOIN stats_groups USING (group_id) WHERE {condition} GROUP BY ALL
),
sized AS (
    SELECT *, sum(n) OVER (PARTITION BY lang, word) - n AS n_others,
        sum(n) OVER (PARTITION BY lang, name) AS size, sum(n) OVER (PARTITION BY lang) AS size_all
    FROM counted
),
compared AS (SELECT *, size_all - size AS size_others FROM sized WHERE size_all > size AND {wanted})
SELECT lang, name, word, n, n_others, 1e6 * n / size, 1e6 * n_others / size_others, {g2} AS g2, {log_ratio}
FROM compared WHERE n * size_others > n_others * size AND g2 >= {min_g2}
QUALIFY row_number() OVER (PARTITION BY lang, name ORDER BY g2 DESC, word) <= {top}
ORDER BY lang, name NULLS LAST, g2 DESC, word
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyword:
    """A word and how often it is in the part and in the rest: times, times in a million words, G2 and log ratio."""

    word: str
    n: int
    n_others: int
    per_million: float
    per_million_others: float
    g2: float
    log_ratio: float

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values, rounded."""
        return {
            name: round(value, _DIGITS) if isinstance(value, float) else value for name, value in asdict(self).items()
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class KeywordsOfPart:
    """The key words of a part in one language, those with the highest G2 first.

    `name` is the publisher or month; of the selection it is None, as that of articles without a publisher.
    """

    language: str
    name: str | None
    words: tuple[Keyword, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return {"language": self.language, "name": self.name, "words": [word.to_json() for word in self.words]}


def keywords_of_selection(
    cursor: duckdb.DuckDBPyConnection, *, top: int, language: str | None = None
) -> tuple[KeywordsOfPart, ...]:
    """Return the key words of the selection against all other units, by language."""
    return _read(cursor, group="is_selected", condition="true", wanted="name", top=top, language=language)


def keywords_by(
    cursor: duckdb.DuckDBPyConnection, grouping: Grouping, *, top: int, language: str | None = None
) -> tuple[KeywordsOfPart, ...]:
    """Return the key words of each publisher or month against the others of the selection, by language."""
    return _read(cursor, group=grouping, condition="is_selected", wanted="true", top=top, language=language)


def _read(
    cursor: duckdb.DuckDBPyConnection, *, group: str, condition: str, wanted: str, top: int, language: str | None
) -> tuple[KeywordsOfPart, ...]:
    sql = _KEYWORDS.format(
        group=group,
        condition=f"{condition} AND {language_condition(language)}",
        wanted=wanted,
        g2=_G2,
        log_ratio=_LOG_RATIO,
        min_g2=MIN_G2,
        top=top,
    )
    found: dict[tuple[str, Any], list[Keyword]] = {}
    for lang, name, word, n, n_others, rate, rate_others, g2, ratio in cursor.execute(sql).fetchall():
        one = Keyword(
            word=word,
            n=int(n),
            n_others=int(n_others),
            per_million=float(rate),
            per_million_others=float(rate_others),
            g2=g2,
            log_ratio=ratio,
        )
        found.setdefault((lang, name), []).append(one)
    return tuple(
        # The selection is a truth value to the query, and has no name.
        KeywordsOfPart(language=lang, name=name if isinstance(name, str) else None, words=tuple(words))
        for (lang, name), words in found.items()
    )
