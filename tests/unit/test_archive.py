from __future__ import annotations

import os
import shutil
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from pipeline.errors import ModelError
from pipeline.install.archive import Limits, unpack
from pipeline.install.folder import copy_package
from tests.archives import demo_archive, demo_files, demo_package, zip_bytes, zip_special

PACKAGE = {
    "p/metadata.json": b"{}",
    "p/README.md": b"read me",
    "p/LICENSE": b"free",
    "p/sentencepiece.model": b"pieces",
    "p/model/model.bin": b"weights",
    "p/model/config.json": b"{}",
    "p/model/shared_vocabulary.json": b"[]",
}


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "staging" / "incoming"
    folder.mkdir(parents=True)
    return folder


def write(tmp_path: Path, content: bytes) -> Path:
    file = tmp_path / "p.argosmodel"
    file.write_bytes(content)
    return file


def names_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_package_is_unpacked_without_its_outer_folder(tmp_path: Path, target: Path) -> None:
    assert unpack(write(tmp_path, zip_bytes(PACKAGE)), target) == ()

    assert names_in(target) == sorted(name.removeprefix("p/") for name in PACKAGE)
    assert (target / "model" / "model.bin").read_bytes() == b"weights"


def test_package_may_lie_at_the_top(tmp_path: Path, target: Path) -> None:
    unpack(write(tmp_path, zip_bytes({name.removeprefix("p/"): data for name, data in PACKAGE.items()})), target)

    assert (target / "metadata.json").is_file()


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("p/stanza/ru/tokenize/combined.pt", id="stanza"),
        pytest.param("p/run.py", id="code"),
        pytest.param("p/model/more.bin", id="unknown-in-model"),
        pytest.param("p/deeper/model/model.bin", id="deeper"),
        pytest.param("__MACOSX/p/._metadata.json", id="of-a-mac"),
        pytest.param("other.txt", id="beside-the-package"),
    ],
)
def test_file_that_the_layout_does_not_know_is_left_out(name: str, tmp_path: Path, target: Path) -> None:
    assert unpack(write(tmp_path, zip_bytes(PACKAGE | {name: b"?"})), target) == (name,)

    assert names_in(target) == sorted(known.removeprefix("p/") for known in PACKAGE)


@pytest.mark.parametrize(
    ("name", "finding"),
    [
        pytest.param("../evil.txt", "leads out of the folder", id="zip-slip"),
        pytest.param("p/../../evil.txt", "leads out of the folder", id="zip-slip-inside"),
        pytest.param("p/model/../../../evil", "leads out of the folder", id="zip-slip-deep"),
        pytest.param("/elsewhere/evil.txt", "leads out of the folder", id="absolute"),
        pytest.param("p\\..\\..\\evil.txt", "leads out of the folder", id="backslashes"),
        pytest.param("p/METADATA.JSON", "is in it twice", id="twice-but-for-capitals"),
    ],
)
def test_hostile_name_is_refused(name: str, finding: str, tmp_path: Path, target: Path) -> None:
    archive = write(tmp_path, zip_bytes(PACKAGE | {name: b"evil"}))

    with pytest.raises(ModelError, match=finding) as raised:
        unpack(archive, target)

    assert str(archive) in str(raised.value)
    assert names_in(tmp_path) == ["p.argosmodel"]


@pytest.mark.parametrize(
    ("kind", "finding"),
    [
        pytest.param(stat.S_IFLNK, "is a link", id="link"),
        pytest.param(stat.S_IFCHR, "is a device or a pipe", id="device"),
        pytest.param(stat.S_IFIFO, "is a device or a pipe", id="pipe"),
    ],
)
@pytest.mark.parametrize("name", ["p/model/model.bin.link", "p/README", "elsewhere"])
def test_what_is_no_file_is_refused(kind: int, finding: str, name: str, tmp_path: Path, target: Path) -> None:
    with pytest.raises(ModelError, match=finding):
        unpack(write(tmp_path, zip_special(PACKAGE, name, kind)), target)

    assert names_in(target) == []


def test_bomb_is_refused_by_its_ratio(tmp_path: Path, target: Path) -> None:
    bomb = zip_bytes(PACKAGE | {"p/model/vmap.txt": bytes(64 << 20)})

    with pytest.raises(ModelError, match=r"bytes would become 67,\d{3},\d{3}, which no package does"):
        unpack(write(tmp_path, bomb), target)


def test_ratio_is_that_of_the_archive_itself_where_its_directory_lies(tmp_path: Path, target: Path) -> None:
    """All members may be the same bytes; then the packed sizes in the directory add up to far more than there is."""
    content = bytearray(zip_bytes(PACKAGE | {"p/model/vmap.txt": bytes(64 << 20)}))
    place = content.rindex(b"p/model/vmap.txt") - 46 + 20
    content[place : place + 4] = struct.pack("<I", 60 << 20)

    with pytest.raises(ModelError, match=r"which no package does|damaged"):
        unpack(write(tmp_path, bytes(content)), target)


@pytest.mark.parametrize(
    ("limits", "finding"),
    [
        pytest.param(Limits(max_bytes=10), "bytes unpacked, a package at most 10", id="size"),
        pytest.param(Limits(max_files=3), "holds 7 files, a package at most 3", id="files"),
    ],
)
def test_limits_hold(limits: Limits, finding: str, tmp_path: Path, target: Path) -> None:
    with pytest.raises(ModelError, match=finding):
        unpack(write(tmp_path, zip_bytes(PACKAGE)), target, limits=limits)


def test_member_that_is_longer_than_the_directory_says_is_damage(tmp_path: Path, target: Path) -> None:
    content = bytearray(zip_bytes({**PACKAGE, "p/model/vmap.txt": b"x" * 5000}))
    place = content.rindex(b"p/model/vmap.txt") - 46 + 24
    content[place : place + 4] = struct.pack("<I", 10)

    with pytest.raises(ModelError, match="damaged"):
        unpack(write(tmp_path, bytes(content)), target)


@pytest.mark.parametrize(
    ("content", "finding"),
    [
        pytest.param(b"", "no package, or a damaged one", id="empty"),
        pytest.param(b"<html>not found</html>", "no package, or a damaged one", id="page"),
        pytest.param(zip_bytes(PACKAGE)[:-40], "no package, or a damaged one", id="truncated"),
        pytest.param(zip_bytes({}), "metadata.json is missing", id="nothing-in-it"),
        pytest.param(zip_bytes({"a/b/metadata.json": b"{}"}), "metadata.json is missing", id="too-deep"),
        pytest.param(
            zip_bytes({"a/metadata.json": b"{}", "b/metadata.json": b"{}"}), "stands in several folders", id="two"
        ),
    ],
)
def test_what_is_no_package_is_refused(content: bytes, finding: str, tmp_path: Path, target: Path) -> None:
    with pytest.raises(ModelError, match=finding):
        unpack(write(tmp_path, content), target)


def test_damaged_content_is_found_by_its_sum(tmp_path: Path, target: Path) -> None:
    content = bytearray(demo_archive("en-ru"))
    content[len(content) // 2] ^= 0xFF

    with pytest.raises(ModelError, match="damaged"):
        unpack(write(tmp_path, bytes(content)), target)


@pytest.mark.parametrize(
    ("field", "value", "finding"),
    [pytest.param(8, 0x1, "is encrypted", id="encrypted"), pytest.param(10, 12, "is packed as packages", id="bzip2")],
)
def test_unusual_member_is_refused(field: int, value: int, finding: str, tmp_path: Path, target: Path) -> None:
    content = bytearray(zip_bytes(PACKAGE))
    place = content.index(b"PK\x01\x02") + field
    content[place : place + 2] = struct.pack("<H", value)

    with pytest.raises(ModelError, match=finding):
        unpack(write(tmp_path, bytes(content)), target)


def test_want_of_space_is_told_before_anything_is_written(
    tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(100, 90, 10))

    with pytest.raises(ModelError, match="bytes are needed and 10 are free; make room"):
        unpack(write(tmp_path, zip_bytes(PACKAGE)), target)

    assert names_in(target) == []


def test_written_files_can_not_be_run(tmp_path: Path, target: Path) -> None:
    file = tmp_path / "p.argosmodel"
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in PACKAGE.items():
            member = zipfile.ZipInfo(name)
            member.external_attr = 0o100777 << 16
            archive.writestr(member, content)

    unpack(file, target)

    assert not any(path.stat().st_mode & 0o111 for path in target.rglob("*") if path.is_file())


def test_folder_is_copied_as_an_archive_is_unpacked(tmp_path: Path, target: Path) -> None:
    source = Path(shutil.copytree(demo_package("en-ru"), tmp_path / "mine"))
    (source / "stanza").mkdir()
    (source / "stanza" / "x.pt").write_bytes(b"code")
    (source / "notes.txt").write_text("mine")

    assert sorted(copy_package(source, target)) == ["notes.txt", "stanza/x.pt"]

    assert names_in(target) == sorted(name.partition("/")[2] for name in demo_files("en-ru"))


@pytest.mark.parametrize("name", ["README.txt", "model/vmap.txt", "other"])
def test_link_in_a_folder_is_refused(name: str, tmp_path: Path, target: Path) -> None:
    source = Path(shutil.copytree(demo_package("en-ru"), tmp_path / "mine"))
    (source / name).symlink_to("/etc/passwd")

    with pytest.raises(ModelError, match=rf"{name}: is a link; refused"):
        copy_package(source, target)


def test_pipe_in_a_folder_is_refused(tmp_path: Path, target: Path) -> None:
    source = Path(shutil.copytree(demo_package("en-ru"), tmp_path / "mine"))
    os.mkfifo(source / "LICENSE")

    with pytest.raises(ModelError, match="is a device or a pipe"):
        copy_package(source, target)


def test_folder_without_metadata_is_no_package(tmp_path: Path, target: Path) -> None:
    with pytest.raises(ModelError, match=r"metadata\.json is missing"):
        copy_package(tmp_path, target)
