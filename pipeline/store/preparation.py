"""Whether a place may hold a corpus, and the folders that its writer needs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from pipeline.disk import is_writable
from pipeline.errors import OutputError
from pipeline.store.layout import OWNER_FILE, STAGING, STATE_FILE, STATE_FOLDER, Location, data_folders


def check_folder(location: Location) -> None:
    """Look whether a corpus may lie at a location, as far as that is a folder on a disk; nothing is written.

    Whose a corpus is that has its state apart, `pipeline.store.owner` looks at.

    Raises:
        OutputError: it is a file, or holds data that is not of newsmt, or whose state is lost or elsewhere.
    """
    folder = location.out
    if not isinstance(folder, Path):
        return
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder}: is a file; --out takes a folder")
    check_option(location)
    strangers = data_folders(folder)
    if strangers and not location.is_apart and not location.has_state:
        raise OutputError(
            f"{folder}: holds {', '.join(strangers)} but no {STATE_FOLDER}/{STATE_FILE}; choose another --out, or, "
            f"where these are of newsmt, let `newsmt check --repair {folder}` make the state anew"
        )


def check_option(location: Location) -> None:
    """Look whether the state is where it was said to be.

    Raises:
        OutputError: `--state` is needed, or too much, or names another folder than that of the state.
    """
    folder = location.out
    if isinstance(folder, Path) and not location.is_apart and (folder / OWNER_FILE).exists():
        raise OutputError(f"{folder}: its state is in {_state_named_in(folder / OWNER_FILE)}; name it: --state")
    if isinstance(folder, Path) and location.is_apart and (own := folder / STATE_FOLDER / STATE_FILE).exists():
        raise OutputError(f"{folder}: has its state in {own}; leave out --state")


def check_has_state(location: Location) -> None:
    """Look whether there is a state to read.

    Raises:
        OutputError: there is none where `--state` says, or it is elsewhere.
    """
    check_option(location)
    if location.is_apart and not location.has_state:
        raise OutputError(
            f"{location}: no output of newsmt with a state in {location.state_folder} ({STATE_FILE} is missing); "
            "name as --state the folder that its runs name"
        )


def prepare_folder(location: Location) -> None:
    """Create the folders that a writer needs on disks.

    Raises:
        OutputError: one of them cannot be written, or the corpus may not lie there.
    """
    check_folder(location)
    if location.is_apart:
        folder = location.state_folder
        _make(folder, folder, option="--state")
        # A run that ends just now removes the files of its write-ahead log.
        _check_writable(folder, (folder, location.lock_file, *folder.glob(f"{STATE_FILE}*")), option="--state")
    if isinstance(out := location.out, Path):
        own = out / STATE_FOLDER
        _make(out / STAGING, out, option="--out")
        _check_writable(out, (own, *own.iterdir(), *(out / name for name in data_folders(out))), option="--out")


def _make(folder: Path, what: Path, *, option: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{what}: cannot be written ({error.strerror}); choose another {option}") from error


def _check_writable(what: Path, parts: Iterable[Path], *, option: str) -> None:
    if locked := [str(path) for path in parts if not is_writable(path) and path.exists()]:
        raise OutputError(f"{what}: cannot be written (no permission for {locked[0]}); choose another {option}")


def _state_named_in(mark: Path) -> str:
    try:
        found = json.loads(mark.read_bytes())
        return f"{found['state']} on {found['host']}"
    except (OSError, ValueError, KeyError, TypeError):
        return f"the folder that {mark} should tell of"
