"""docs/analysis.ipynb: valid, without outputs, and it runs from top to bottom."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tests.commands import newsmt

ROOT = Path(__file__).parents[2]


@pytest.fixture
def notebook() -> Any:
    return nbformat.reads((ROOT / "docs" / "analysis.ipynb").read_text("utf-8"), as_version=4)  # type: ignore[no-untyped-call]


def run(notebook: Any, folder: Path) -> dict[str, str]:
    """Run all cells in a folder, and return what each code cell showed, as text, by its id."""
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    return {cell.id: "".join(map(_text, cell.outputs)) for cell in notebook.cells if cell.cell_type == "code"}


def _text(output: Any) -> str:
    if output.output_type == "stream":
        return str(output.text)
    return "".join(str(value) for value in output.data.values())


def test_notebook_is_valid_and_without_outputs(notebook: Any) -> None:
    nbformat.validate(notebook)

    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [(cell.outputs, cell.execution_count) for cell in code] == [([], None)] * len(code)
    assert notebook.metadata.kernelspec.name == "python3"
    assert (ROOT / "docs" / "analysis.ipynb").stat().st_size < 10_000


@pytest.mark.slow
def test_notebook_runs_on_the_demo_corpus(notebook: Any, tmp_path: Path) -> None:
    options = ("--models", "demo", "--to", "en", "--to", "ru", "--to", "hy", "--out", tmp_path / "out")
    assert newsmt("run", ROOT / "samples", *options).exit_code == 0

    shown = run(notebook, tmp_path)

    texts = list(shown.values())
    assert texts[0] == "[]"
    assert all(pair in texts[1] for pair in ("en-hy", "en-ru", "hy-en", "hy-ru", "ru-en", "ru-hy"))
    assert "<svg" in texts[2]
    assert all(word in texts[3] for word in ("minister", "министр", "translation"))
    assert texts[4].count("<tr") == 11


@pytest.mark.slow
def test_notebook_without_a_corpus_says_so(notebook: Any, tmp_path: Path) -> None:
    with pytest.raises(CellExecutionError, match="out: no output of newsmt here; run `newsmt run` first"):
        run(notebook, tmp_path)
