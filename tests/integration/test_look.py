from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from pipeline.store.rows import Table
from pipeline.store.schema import COLUMNS

LOOK = Path(__file__).parents[2] / "samples" / "look.py"


def write_units(out: Path, pair: str, rows: list[dict[str, object]]) -> None:
    path = f"bitext/pair={pair}/date=2020-11-13/run-00000.parquet"
    columns = {name: [row.get(name) for row in rows] for name in COLUMNS["bitext"]}
    table = Table(path=path, name="bitext", columns=columns)
    (out / path).parent.mkdir(parents=True)
    (out / path).write_bytes(table.to_parquet())


def unit(source: str, target: str, *, flags: Sequence[str] = (), quality: float = 1.0) -> dict[str, object]:
    return {"source_text": source, "target_text": target, "flags": list(flags), "quality": quality}


def look(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, LOOK, *arguments], capture_output=True, encoding="utf-8", check=False)


def test_units_of_each_pair_are_shown(tmp_path: Path) -> None:
    good = unit("The talks ended.", "Переговоры [вчера] завершились.")
    doubtful = unit("Yes.", "Այո։", flags=["length-ratio"], quality=0.45)
    write_units(tmp_path, "en-ru", [good] * 9)
    write_units(tmp_path, "en-hy", [doubtful])

    shown = look(str(tmp_path), "3")

    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.index("en-hy") < shown.stdout.index("en-ru")
    assert shown.stdout.count("The talks ended.") == 3
    assert "[вчера]" in shown.stdout
    assert "length-ratio; quality 0.45" in shown.stdout


def test_long_texts_are_wrapped(tmp_path: Path) -> None:
    text = "Переговоры завершились. " * 40
    write_units(tmp_path, "en-ru", [unit(text, text)])

    shown = look(str(tmp_path))

    assert max(map(len, shown.stdout.splitlines())) <= 80
    assert shown.stdout.count("завершились") == 80


def test_usage_is_told_without_a_folder() -> None:
    assert "usage: python samples/look.py OUT" in look().stderr
