from __future__ import annotations

import gzip
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from pipeline.errors import InputError, UsageError
from tests.commands import newsmt

RECORD = {"title": "Lake opens", "text": "The lake opened to boats on Friday.", "url": "https://news.example/lake"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text("Bridge closed\n\nThe bridge was closed on Friday.\n", encoding="utf-8")
    (folder / "b.jsonl.gz").write_bytes(gzip.compress(json.dumps(RECORD).encode() * 1 + b"\n"))
    (folder / "c.json").write_text(json.dumps([RECORD, {"nothing": 1}]), encoding="utf-8")
    with zipfile.ZipFile(folder / "d.zip", "w") as archive:
        archive.writestr("x/e.csv", "title,text\nRoad opens,The road opened on Monday.\n")
    monkeypatch.chdir(tmp_path)
    return folder


def test_inputs_are_told_with_their_first_articles(folder: Path) -> None:
    done = newsmt("inspect", "in", "--json")

    inputs = json.loads(done.stdout.splitlines()[-1])["inputs"]
    assert [(one["name"], one["formats"], one["n_articles"]) for one in inputs] == [
        ("in/a.txt", {"text": 1}, 1),
        ("in/b.jsonl.gz", {"JSON Lines": 1}, 1),
        ("in/c.json", {"JSON": 1}, 1),
        ("in/d.zip", {"CSV": 1}, 1),
    ]
    assert inputs[1]["articles"][0]["url"] == RECORD["url"]
    assert inputs[1]["articles"][0]["paragraphs"] == [["headline", RECORD["title"]], ["body", RECORD["text"]]]
    assert inputs[3]["articles"][0]["source_uri"] == "in/d.zip!/x/e.csv#2"
    assert inputs[2]["rejects"][0]["source_uri"] == "in/c.json#2"
    assert done.exit_code == 3
    assert "The bridge was closed on Friday." in newsmt("inspect", "in").stdout
    assert list(folder.parent.iterdir()) == [folder]


def test_only_the_first_articles_are_read(tmp_path: Path) -> None:
    file = tmp_path / "day.jsonl"
    file.write_text((json.dumps(RECORD) + "\n") * 50 + "broken\n", encoding="utf-8")

    done = newsmt("inspect", file, "--articles", "2", "--json")

    [found] = json.loads(done.stdout.splitlines()[-1])["inputs"]
    assert (found["n_articles"], found["is_whole"], found["n_rejected"], done.exit_code) == (2, False, 0, 0)


def test_fields_of_the_configuration_are_used(tmp_path: Path) -> None:
    file, config = tmp_path / "day.jsonl", tmp_path / "newsmt.toml"
    file.write_text(json.dumps({"head": "Lake", "content": {"body": "The lake opened."}}) + "\n", encoding="utf-8")
    config.write_text('[input.fields]\ntitle = "head"\ntext = "content.body"\n', encoding="utf-8")

    done = newsmt("inspect", file, "--config", config, "--json")

    [found] = json.loads(done.stdout.splitlines()[-1])["inputs"]
    assert found["articles"][0]["paragraphs"] == [["headline", "Lake"], ["body", "The lake opened."]]


def test_lists_of_files_are_read_by_inspect_and_run(folder: Path, tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    names.write_text("# what to read\nin/a.txt\n\nin/d.zip\n", encoding="utf-8")

    shown = newsmt("inspect", "--files-from", names, "--json")
    done = newsmt("run", "--files-from", names, "--to", "ru", "--models", "demo", "--out", tmp_path / "out", "--json")

    assert [one["name"] for one in json.loads(shown.stdout.splitlines()[-1])["inputs"]] == ["in/a.txt", "in/d.zip"]
    assert json.loads(done.stdout.splitlines()[-1])["counts"]["n_articles"] == 2
    assert folder.is_dir()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        pytest.param([], UsageError, "no input", id="nothing"),
        pytest.param(["nowhere"], InputError, "no such file", id="missing"),
        pytest.param(["in", "--encoding", "klingon"], UsageError, "is no encoding of text", id="encoding"),
        pytest.param(["--files-from", "none.txt"], InputError, "none.txt", id="list"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_wrong_arguments_are_told(arguments: list[str], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        newsmt("inspect", *arguments)


def test_packed_articles_are_the_same_articles(tmp_path: Path) -> None:
    plain = tmp_path / "day.jsonl"
    plain.write_text(json.dumps(RECORD) + "\n", encoding="utf-8")
    packed = tmp_path / "day.tar.xz"
    with tarfile.open(packed, "w:xz") as archive:
        archive.add(plain, "day.jsonl")

    ids = [
        json.loads(newsmt("inspect", file, "--json").stdout.splitlines()[-1])["inputs"][0]["articles"][0]["article_id"]
        for file in (plain, packed)
    ]

    assert ids[0] == ids[1]
