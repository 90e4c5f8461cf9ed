"""Look at a corpus: `python samples/look.py out [N]` prints the first N units of each pair (default 8)."""
# ruff: noqa: INP001 - a script, not a package

import sys

import pyarrow.dataset as ds
from rich.console import Console
from rich.table import Table
from rich.text import Text

COLUMNS = ["source_text", "target_text", "quality", "flags"]


def main(folder: str, n_units: int) -> None:
    """Print one table for each pair."""
    # `pair` and `date` are names of folders and become columns; a filter on them opens only the files it needs.
    bitext = ds.dataset(f"{folder}/bitext", format="parquet", partitioning="hive")
    console = Console()
    for pair in sorted(set(bitext.to_table(columns=["pair"])["pair"].to_pylist())):
        units = bitext.head(n_units, columns=COLUMNS, filter=ds.field("pair") == pair)
        table = Table("source", "translation", title=pair, show_lines=True, expand=True)
        for row in units.to_pylist():
            # `Text` keeps brackets in the news from being read as markup.
            translation = Text(row["target_text"])
            if row["flags"]:
                translation.append(f"\n{', '.join(row['flags'])}; quality {row['quality']:.2f}", style="yellow")
            table.add_row(Text(row["source_text"]), translation)
        console.print(table)


if __name__ == "__main__":
    if not sys.argv[1:]:
        sys.exit("usage: python samples/look.py OUT [N]")
    main(sys.argv[1], int(sys.argv[2]) if sys.argv[2:] else 8)
