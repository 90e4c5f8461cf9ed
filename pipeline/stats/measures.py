"""Measures of how much more often a word is somewhere than by chance, as SQL of DuckDB."""

from __future__ import annotations

MIN_G2 = 6.63
"""What G2 is by chance in one of a hundred words (chi-squared with one degree of freedom)."""

_NO_OCCURRENCE = 0.5
_LOG_DICE_OF_COMPANIONS = 14


def keyness_sql(n: str, n_others: str, size: str, size_others: str) -> str:
    """Return the SQL of the log-likelihood of a word in two corpora; 0 where it is as frequent in both.

    Args:
        n: how often it is in the corpus, as SQL; so are the others.
        n_others: how often in the reference.
        size: words of the corpus, more than 0.
        size_others: words of the reference, more than 0.

    Source: Rayson and Garside, Comparing corpora using frequency profiling, 2000.
    """
    expected = f"(({n}) + ({n_others}))::DOUBLE / (({size}) + ({size_others}))"
    return f"2 * ({_term(n, f'({size}) * {expected}')} + {_term(n_others, f'({size_others}) * {expected}')})"


def log_ratio_sql(n: str, n_others: str, size: str, size_others: str) -> str:
    """Return the SQL of how many times as frequent a word is, as a binary logarithm: 1 is twice, -1 is half.

    A word that one of both lacks counts as half an occurrence there.

    Source: Hardie, Log Ratio: an informal introduction, 2014.
    """
    return f"log2({_rate(n, size)} / {_rate(n_others, size_others)})"


def association_sql(n_both: str, n_first: str, n_second: str, n: str) -> str:
    """Return the SQL of the log-likelihood of a table of four cells.

    Args:
        n_both: how many are both, as SQL; so are the others.
        n_first: how many are the first.
        n_second: how many are the second.
        n: how many there are.

    Source: Dunning, Accurate methods for the statistics of surprise and coincidence, 1993.
    """
    cells = (
        (f"({n_both})", f"({n_first})", f"({n_second})"),
        (f"(({n_first}) - ({n_both}))", f"({n_first})", f"(({n}) - ({n_second}))"),
        (f"(({n_second}) - ({n_both}))", f"(({n}) - ({n_first}))", f"({n_second})"),
        (f"(({n}) - ({n_first}) - ({n_second}) + ({n_both}))", f"(({n}) - ({n_first}))", f"(({n}) - ({n_second}))"),
    )
    terms = (_term(cell, f"{row}::DOUBLE * {column} / ({n})") for cell, row, column in cells)
    return f"2 * ({' + '.join(terms)})"


def log_dice_sql(n_both: str, n_first: str, n_second: str) -> str:
    """Return the SQL of logDice: 14 for words that are nowhere but together, 1 less for half as much.

    Source: Rychlý, A lexicographer-friendly association score, 2008.
    """
    return f"{_LOG_DICE_OF_COMPANIONS} + log2(2 * ({n_both})::DOUBLE / (({n_first}) + ({n_second})))"


def _rate(n: str, size: str) -> str:
    return f"(greatest({n}, {_NO_OCCURRENCE})::DOUBLE / ({size}))"


def _term(observed: str, expected: str) -> str:
    """Return observed times the logarithm of observed to expected; nothing observed is 0."""
    return f"CASE WHEN ({observed}) > 0 THEN ({observed}) * ln(({observed})::DOUBLE / ({expected})) ELSE 0 END"
