from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config_file import read_config
from pipeline.errors import ConfigError
from pipeline.settings_file import write_decoding

BEFORE = """# nightly
to = ["ru"]  # and hy later

[decoding]
beam = 4 # measured
jobs = 1

[shard]
max_articles = 10
"""


def test_comments_order_and_mode_stay(tmp_path: Path) -> None:
    file = tmp_path / "newsmt.toml"
    file.write_text(BEFORE)
    file.chmod(0o640)

    write_decoding(file, {"jobs": 2, "max_batch_tokens": 8192})

    assert file.read_text() == BEFORE.replace("jobs = 1\n", "jobs = 2\nmax_batch_tokens = 8192\n")
    assert file.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["newsmt.toml"]


@pytest.mark.parametrize("content", [None, "", 'to = ["ru"]\n'], ids=["no-file", "empty", "no-section"])
def test_section_is_made_where_it_is_missing(content: str | None, tmp_path: Path) -> None:
    file = tmp_path / "newsmt.toml"
    if content is not None:
        file.write_text(content)

    write_decoding(file, {"jobs": 3})

    assert read_config(file).decoding.jobs == 3


def test_line_ends_and_mark_at_the_beginning_stay(tmp_path: Path) -> None:
    file = tmp_path / "newsmt.toml"
    file.write_bytes(b"\xef\xbb\xbf" + BEFORE.replace("\n", "\r\n").encode())

    write_decoding(file, {"jobs": 2, "max_batch_tokens": 8192})

    after = BEFORE.replace("jobs = 1\n", "jobs = 2\nmax_batch_tokens = 8192\n").replace("\n", "\r\n")
    assert file.read_bytes() == b"\xef\xbb\xbf" + after.encode()
    assert read_config(file).decoding.jobs == 2


def test_link_stays_a_link(tmp_path: Path) -> None:
    file = tmp_path / "real.toml"
    file.write_text("")
    (tmp_path / "newsmt.toml").symlink_to(file)

    write_decoding(tmp_path / "newsmt.toml", {"jobs": 3})

    assert (tmp_path / "newsmt.toml").is_symlink()
    assert read_config(file).decoding.jobs == 3


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"a = ", "not valid TOML", id="no-toml"),
        pytest.param(b"\xff", "not valid TOML", id="no-utf-8"),
        pytest.param(b"decoding = 5", "decoding must be a table", id="no-table"),
    ],
)
def test_file_that_cannot_be_changed_is_left_alone(content: bytes, expected: str, tmp_path: Path) -> None:
    file = tmp_path / "newsmt.toml"
    file.write_bytes(content)

    with pytest.raises(ConfigError, match=expected):
        write_decoding(file, {"jobs": 3})

    assert file.read_bytes() == content


def test_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigError, match=r"file/newsmt\.toml: cannot be written"):
        write_decoding(tmp_path / "file" / "newsmt.toml", {"jobs": 3})
