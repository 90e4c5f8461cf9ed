from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config_paths import ARTICLE_SUFFIXES, OWN_FOLDERS, path_problems
from pipeline.ingest.names import KNOWN_SUFFIXES
from pipeline.places import place_of
from pipeline.store.layout import DATA_FOLDERS, STATE_FOLDER


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("inbox", "folder", "corpus"):
        (tmp_path / name).mkdir()
    (tmp_path / "link").symlink_to("corpus")
    (tmp_path / "inbox" / "a[1].txt").write_text("")
    return tmp_path


def problems(*inputs: str, out: str = "corpus", log: str | None = None, metrics: str | None = None) -> list[str]:
    written = {"log.file": Path(log) if log else None, "metrics": Path(metrics) if metrics else None}
    return [str(problem) for problem in path_problems(inputs, place_of(out), written)]


@pytest.mark.parametrize(
    ("inputs", "out", "begin"),
    [
        pytest.param(["inbox"], "inbox", "out is the folder of the input 'inbox'", id="same"),
        pytest.param(["inbox"], "./folder/../inbox", "out is the folder of the input", id="same-otherwise-written"),
        pytest.param(["link"], "corpus", "out is the folder of the input 'link'", id="same-over-a-link"),
        pytest.param(["corpus/*.jsonl"], "corpus", "out is the folder of the input", id="glob-in-out"),
        pytest.param(["corpus/articles"], "corpus", "'corpus/articles' lies inside out, 'corpus'", id="inside"),
        pytest.param(["corpus/in/**/*.txt"], "corpus", "'corpus/in/**/*.txt' lies inside out", id="glob-inside"),
        pytest.param(["inbox/a[1].txt"], "inbox", "'inbox/a[1].txt' lies inside out", id="file-that-looks-like-a-glob"),
        pytest.param(["."], ".", "out is the folder of the input '.'", id="here"),
    ],
)
def test_inputs_and_out_must_lie_apart(inputs: list[str], out: str, begin: str) -> None:
    (told,) = problems(*inputs, out=out)

    assert told.startswith(begin)


@pytest.mark.parametrize(
    ("inputs", "out"),
    [
        pytest.param(["inbox"], "corpus", id="apart"),
        pytest.param(["."], "corpus", id="out-inside-an-input"),
        pytest.param(["*/*.txt"], "corpus", id="glob-above-out"),
        pytest.param(["-"], "corpus", id="standard-input"),
        pytest.param(["corpus2"], "corpus", id="same-beginning"),
        pytest.param(["-"], "-", id="folder-named-as-standard-input"),
    ],
)
def test_what_does_not_stand_in_its_own_way_passes(inputs: list[str], out: str) -> None:
    assert not problems(*inputs, out=out)


@pytest.mark.parametrize(
    ("log", "metrics", "begin"),
    [
        pytest.param("x", "./x", "metrics is the same file as log.file", id="same-file"),
        pytest.param("corpus/runs/log", None, "log.file is 'corpus/runs/log', where the corpus is kept", id="in-runs"),
        pytest.param(None, "link/.newsmt/a.prom", "metrics is 'link/.newsmt/a.prom', where", id="in-the-state"),
        pytest.param("folder", None, "log.file is 'folder', a folder; name a file", id="folder"),
        pytest.param("inbox", None, "log.file is 'inbox', a folder", id="folder-of-inputs"),
        pytest.param("inbox/log.txt", None, "log.file is 'inbox/log.txt', which would be read", id="as-an-article"),
        pytest.param("inbox/b/log.JSONL.gz", None, "log.file is 'inbox/b/log.JSONL.gz', which", id="as-articles"),
        pytest.param("news.jsonl", None, "log.file is 'news.jsonl', an input; name another file", id="input"),
    ],
)
def test_log_and_metrics_must_not_be_in_the_way(log: str | None, metrics: str | None, begin: str) -> None:
    (told,) = problems("inbox", "news.jsonl", log=log, metrics=metrics)

    assert told.startswith(begin)


@pytest.mark.parametrize("name", ["x.log", "inbox/x.log", "inbox/.log.txt", "corpus/x.log", "folder/x.txt"])
def test_other_places_are_good_for_a_log(name: str) -> None:
    assert not problems("inbox", log=name)


def test_folder_that_cannot_be_looked_at_is_left_to_the_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bool:
        raise PermissionError(path)

    monkeypatch.setattr(Path, "is_dir", refuse)

    assert not problems("inbox", log=str(folder / "closed" / "x.log"))


def test_names_are_those_of_the_rooms_above() -> None:
    assert (*DATA_FOLDERS, STATE_FOLDER) == OWN_FOLDERS
    assert set(KNOWN_SUFFIXES) == set(ARTICLE_SUFFIXES)


@pytest.mark.parametrize(
    ("name", "out", "begin"),
    [
        ("s3://b/news/", "s3://b/news", "out is the folder of the input 's3://b/news/'"),
        (
            "s3://K:secret@b/news/*.jsonl",
            "s3://b/news/?region=x",
            "out is the folder of the input 's3://b/news/*.jsonl'",
        ),
        ("gs://b/out/news", "gcs://b/out", "'gs://b/out/news' lies inside out, 'gcs://b/out'"),
        ("s3://b/out/news/*/a.txt", "s3://b/out", "'s3://b/out/news/*/a.txt' lies inside out"),
        ("s3://b/news", "s3://b", "'s3://b/news' lies inside out, 's3://b'"),
    ],
)
def test_inputs_and_out_must_lie_apart_in_a_storage_too(name: str, out: str, begin: str) -> None:
    [problem] = problems(name, out=out)

    assert problem.startswith(begin)
    assert "secret" not in problem


@pytest.mark.parametrize(
    ("name", "out"),
    [
        ("s3://b/news", "s3://b/newsmt"),
        ("s3://b", "s3://b/out"),
        ("s3://b/*/a.txt", "s3://b/out"),
        ("s3://b/news", "s3://other/news"),
        ("s3://b/news", "gs://b/news"),
        ("s3://b/corpus", "corpus"),
        ("inbox", "s3://b/inbox"),
    ],
)
def test_inputs_apart_from_out_in_a_storage_are_no_problem(name: str, out: str) -> None:
    assert problems(name, out=out) == []
