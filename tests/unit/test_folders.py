from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.models.folders import downloads_folder, index_file, own_folder

HOME = {"HOME": "/h"}


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        pytest.param(HOME, "/h/.local/share/newsmt/packages", id="home"),
        pytest.param({**HOME, "XDG_DATA_HOME": "/d"}, "/d/newsmt/packages", id="xdg"),
        pytest.param({**HOME, "XDG_DATA_HOME": "/d", "NEWSMT_PACKAGES_DIR": "/p"}, "/p", id="own-variable"),
        pytest.param({**HOME, "NEWSMT_PACKAGES_DIR": ""}, "/h/.local/share/newsmt/packages", id="empty-variable"),
    ],
)
def test_own_folder_follows_the_environment(environment: dict[str, str], expected: str) -> None:
    assert own_folder(environment) == Path(expected)


def test_own_folder_without_home_is_that_of_the_user() -> None:
    assert own_folder({}) == Path.home() / ".local" / "share" / "newsmt" / "packages"


def test_what_can_be_had_again_lies_in_the_cache() -> None:
    assert index_file(HOME) == Path("/h/.cache/newsmt/index.json")
    assert downloads_folder({**HOME, "XDG_CACHE_HOME": "/c"}) == Path("/c/newsmt/downloads")
