"""The chosen units as tables of DuckDB, from which all statistics are computed; no file is read after that.

`stats_units`: the units, and where key words need the rest of the corpus, all others too (`is_selected`).
`stats_sources`: the source sentences, each once, however many targets it has.
`stats_groups`, `stats_counts`: how often each word is in each group of texts, see `count_words`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.corpus.corpus import Corpus
from pipeline.corpus.selection import Selection
from pipeline.stats.words import n_words_sql, words_sql

if TYPE_CHECKING:
    import duckdb

_COLUMNS = "unit_id, article_id, revision, pair, substr(date, 1, 7) AS month, source_lang, target_lang, quality, flags"
_SPAN = "source_start, source_end"
_TEXTS = "source_text, target_text"
_READ = """
CREATE OR REPLACE TABLE stats_rows AS
SELECT rows.*, latest_articles.publisher FROM ({rows}) AS rows LEFT JOIN latest_articles USING (article_id)
"""
# Apart from reading: the database would make all expressions anew for each file, which takes as long as their use.
_UNITS = """
CREATE OR REPLACE TABLE stats_units AS
SELECT *, {n_source_words} AS n_source_words, {n_target_words} AS n_target_words FROM stats_rows
"""
_PAIRS = """
CREATE OR REPLACE TABLE stats_pairs AS
SELECT pair, 1::HUGEINT << (row_number() OVER (ORDER BY pair) - 1)::INTEGER AS bit
FROM (SELECT DISTINCT pair FROM stats_units)
"""
# A sentence is a span of a revision. Those of its units that are chosen say to which pairs it belongs.
_SOURCES = """
CREATE OR REPLACE TABLE stats_sources AS
SELECT article_id, source_lang AS lang, any_value(publisher) AS publisher, min(month) AS month,
    bit_or(CASE WHEN is_selected THEN bit ELSE 0 END) AS pairs, bool_or(is_selected) AS is_selected,
    any_value(source_text) AS text, any_value(n_source_words) AS n_words
FROM stats_units JOIN stats_pairs USING (pair)
GROUP BY article_id, revision, source_start, source_end, source_lang
"""
_GROUP = ("side", "lang", "publisher", "month", "pairs", "is_selected")
_TEXTS_BY_GROUP = """
CREATE OR REPLACE VIEW stats_texts AS
SELECT 'source' AS side, lang, publisher, month, pairs, is_selected, text FROM stats_sources
UNION ALL
SELECT 'target' AS side, target_lang, publisher, month, bit, is_selected, target_text
FROM stats_units JOIN stats_pairs USING (pair)
"""
_GROUPS = f"""
CREATE OR REPLACE TABLE stats_groups AS
SELECT row_number() OVER ()::INTEGER AS group_id, * FROM (SELECT DISTINCT {", ".join(_GROUP)} FROM stats_texts)
"""
# Texts are parted at blanks, which no word holds, and only what is different is looked at more closely.
_TOKENS = f"""
CREATE OR REPLACE TABLE stats_tokens AS
SELECT group_id, token, count(*) AS n
FROM (
    SELECT group_id, unnest(string_split(text, ' ')) AS token
    FROM stats_texts AS texts JOIN stats_groups AS groups
    ON {" AND ".join(f"texts.{name} IS NOT DISTINCT FROM groups.{name}" for name in _GROUP)}
) GROUP BY group_id, token
"""
_FORMS = f"""
CREATE OR REPLACE TABLE stats_forms AS
SELECT token, unnest({words_sql("token")}) AS word FROM (SELECT DISTINCT token FROM stats_tokens)
"""
# Numbers are told apart sooner than words.
_WORDS = """
CREATE OR REPLACE TABLE stats_words AS
SELECT row_number() OVER ()::INTEGER AS word_id, word FROM (SELECT DISTINCT word FROM stats_forms)
"""
_NUMBERS = """
CREATE OR REPLACE TABLE stats_numbers AS
SELECT group_id, word_id, sum(n)::BIGINT AS n
FROM stats_tokens JOIN (SELECT token, word_id FROM stats_forms JOIN stats_words USING (word)) USING (token)
GROUP BY group_id, word_id
"""
_COUNTS = """
CREATE OR REPLACE VIEW stats_counts AS
SELECT group_id, word, n FROM stats_numbers JOIN stats_words USING (word_id)
"""


def gather_units(corpus: Corpus, selection: Selection, *, has_rest: bool, has_texts: bool, has_lengths: bool) -> None:
    """Make `stats_units`.

    Args:
        corpus: where they are.
        selection: which of them are wanted.
        has_rest: take the others too, as not selected.
        has_texts: with their texts and spans.
        has_lengths: with the numbers of their words.
    """
    wanted = Selection(all_revisions=selection.all_revisions) if has_rest else selection
    is_selected = " AND ".join(selection.conditions()) if has_rest else ""
    columns = [_COLUMNS, f"coalesce({is_selected or 'true'}, false) AS is_selected"]
    columns += [_SPAN, _TEXTS] if has_texts or has_lengths else []
    rows = corpus.sql("bitext", wanted, ", ".join(columns))
    corpus.reading(lambda cursor: cursor.execute(_READ.format(rows=rows)))
    n_words = {f"n_{side}_words": n_words_sql(f"{side}_text") if has_lengths else "0" for side in ("source", "target")}
    corpus.connection.execute(_UNITS.format(**n_words))
    corpus.connection.execute("DROP TABLE stats_rows")


def gather_sources(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make `stats_sources` of the units, which must have texts."""
    cursor.execute(_PAIRS)
    cursor.execute(_SOURCES)


def count_words(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make `stats_counts`: `group_id`, `word`, `n`; and `stats_numbers`: the same with `word_id`.

    A group of texts has the same side (`source` or `target`), language, publisher, month and pairs; `pairs` has a bit
    for each pair in `stats_pairs`.
    """
    for statement in (_TEXTS_BY_GROUP, _GROUPS, _TOKENS, _FORMS, _WORDS, _NUMBERS, _COUNTS):
        cursor.execute(statement)
    cursor.execute("DROP TABLE stats_tokens")
    cursor.execute("DROP TABLE stats_forms")
