from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import ModelError
from pipeline.install.index import ARGOS_INDEX, fetch_index, index_url, parse_index, read_fetched_index
from pipeline.models.folders import index_file
from pipeline.types import parse_pair

URL = "https://a.example/packages/index.json"
ENTRY = {"from_code": "en", "to_code": "ru", "package_version": "1.9", "links": ["x.argosmodel"]}


def entries(*values: Any, url: str = URL) -> list[tuple[str, str, tuple[str, ...]]]:
    found = parse_index(json.dumps(values).encode(), url).entries
    return [(str(entry.pair), entry.version, entry.links) for entry in found]


def test_links_are_relative_to_the_index() -> None:
    links = ["x.argosmodel", "/y", "https://b.example/z"]

    assert entries({**ENTRY, "links": links}) == [
        ("en-ru", "1.9", ("https://a.example/packages/x.argosmodel", "https://a.example/y", "https://b.example/z"))
    ]


def test_index_in_a_file_may_name_files() -> None:
    links = ["x.argosmodel", "file:///srv/y", "https://b.example/z"]

    assert entries({**ENTRY, "links": links}, url="/srv/mirror/index.json") == [
        ("en-ru", "1.9", ("/srv/mirror/x.argosmodel", "file:///srv/y", "https://b.example/z"))
    ]


def test_newest_of_a_pair_counts_and_pairs_are_sorted() -> None:
    older, newer = {**ENTRY, "package_version": "1.9"}, {**ENTRY, "package_version": "1.10"}
    other = {**ENTRY, "from_code": "de", "to_code": "en"}

    assert [(pair, version) for pair, version, _ in entries(newer, older, other)] == [
        ("de-en", "1.9"),
        ("en-ru", "1.10"),
    ]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(5, id="number"),
        pytest.param({**ENTRY, "type": "sbd"}, id="another-type"),
        pytest.param({**ENTRY, "links": []}, id="no-links"),
        pytest.param({**ENTRY, "links": "x"}, id="text-as-links"),
        pytest.param({**ENTRY, "links": ["ipfs://Qm", 5, ""]}, id="no-link-of-a-known-kind"),
        pytest.param({**ENTRY, "links": ["file:///etc/passwd"]}, id="file-named-on-the-network"),
        pytest.param({**ENTRY, "from_code": None}, id="no-code"),
        pytest.param({**ENTRY, "to_code": "en"}, id="one-language"),
        pytest.param({**ENTRY, "package_version": "1\x1b[2J"}, id="escape-in-version"),
    ],
)
def test_what_is_of_no_use_is_left_out(value: object) -> None:
    assert entries(value, ENTRY) == [("en-ru", "1.9", ("https://a.example/packages/x.argosmodel",))]


def test_hash_of_the_archive_is_read() -> None:
    (entry,) = parse_index(json.dumps([{**ENTRY, "sha256": "ab"}]).encode(), URL).entries

    assert entry.sha256 == "ab"


def test_missing_pair_is_told_with_what_comes_near() -> None:
    index = parse_index(json.dumps([ENTRY, {**ENTRY, "from_code": "de", "to_code": "fr"}]).encode(), URL)

    assert index.entry_for(parse_pair("en-ru")).version == "1.9"
    with pytest.raises(ModelError, match=r"no package for en-hy .*; it has en-ru; `newsmt models available en-hy`"):
        index.entry_for(parse_pair("en-hy"))
    with pytest.raises(ModelError, match=r"it has 2 other pairs$"):
        index.entry_for(parse_pair("ja-ko"))


def test_fetched_index_is_kept(tmp_path: Path) -> None:
    (tmp_path / "index.json").write_text(json.dumps([ENTRY]))
    assert read_fetched_index() is None

    fetched = fetch_index(str(tmp_path / "index.json"))

    assert read_fetched_index() == fetched


def test_index_of_a_folder_has_absolute_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / "index.json").write_text(json.dumps([ENTRY]))
    monkeypatch.chdir(tmp_path)

    (entry,) = fetch_index("mirror").entries

    assert entry.links == (str(tmp_path / "mirror" / "x.argosmodel"),)
    assert fetch_index("mirror/index.json").entries == (entry,)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"url": 5, "packages": {}}', '{"url": "x", "packages": 5}'])
def test_damaged_copy_is_as_none(content: str) -> None:
    file = index_file(os.environ)
    file.parent.mkdir(parents=True)
    file.write_text(content)

    assert read_fetched_index() is None


def test_index_that_cannot_be_kept_is_used_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "index.json").write_text(json.dumps([ENTRY]))
    (tmp_path / "cache").write_text("a file")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    assert len(fetch_index(str(tmp_path / "index.json")).entries) == 1
    assert read_fetched_index() is None


@pytest.mark.parametrize(
    ("given", "configured", "environment", "expected"),
    [
        pytest.param("a", "b", {"NEWSMT_MODEL_INDEX": "c"}, "a", id="command-line"),
        pytest.param(None, "b", {"NEWSMT_MODEL_INDEX": "c"}, "c", id="environment"),
        pytest.param(None, "b", {}, "b", id="configuration"),
        pytest.param(None, None, {}, ARGOS_INDEX, id="argos"),
    ],
)
def test_index_is_chosen_in_order(
    given: str | None, configured: str | None, environment: dict[str, str], expected: str
) -> None:
    assert index_url(given, configured, environment) == expected
