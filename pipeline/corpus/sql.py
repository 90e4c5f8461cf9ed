"""Values and lists as SQL text, so that pieces of a query can be put together without numbering parameters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from glob import escape
from pathlib import Path

Value = str | int | float | date


def literal(value: Value) -> str:
    """Return a value as a literal of SQL."""
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, str):
        # DuckDB has no escapes inside quotes but the doubled quote. It ends a text at a zero character, and takes no
        # half of a character; a text with one equals none of a corpus.
        whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return "'" + whole.replace("\0", "\ufffd").replace("'", "''") + "'"
    return repr(value)


def literals(values: Iterable[Value]) -> str:
    """Return values as a list of SQL, without brackets."""
    return ", ".join(map(literal, values))


def parquet_source(paths: Iterable[Path], *, is_uniform: bool = False) -> str:
    """Return what reads files as one table, in their order; columns that some lack are null there.

    `pair` and `date` come from the folders' names. Where all files have the columns of the first one (`is_uniform`),
    none is opened before it is read; of thousands of small files, that is most of the time.
    """
    # The database takes a name that begins with ~ for one in the home folder.
    listed = literals(escape(str(path.absolute())) for path in paths)
    by_name = literal(not is_uniform).lower()
    return f"read_parquet([{listed}], union_by_name = {by_name}, hive_partitioning = true, hive_types_autocast = false)"
