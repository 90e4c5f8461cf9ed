"""Downloads from a real server, with what real servers do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.errors import ModelError
from pipeline.install import transfer
from pipeline.install.download import Downloaded, download, fetch_bytes, is_remote, local_file
from pipeline.models.folders import downloads_folder
from tests.package_server import Fault, PackageServer, serve

CONTENT = bytes(range(256)) * 4096
MAX_BYTES = 1 << 30
CHUNK = 1 << 16


@pytest.fixture
def server() -> Iterator[PackageServer]:
    with serve() as found:
        found.files["/file"] = CONTENT
        yield found


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "_PAUSES_S", (0, 0))


def get(*links: str, max_bytes: int = MAX_BYTES) -> Downloaded:
    return download(links, max_bytes=max_bytes, on_bytes=lambda _done, _size: None)


def kept() -> list[str]:
    folder = downloads_folder(os.environ)
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_file_comes_whole_and_is_gone_after_use(server: PackageServer) -> None:
    found = get(f"{server.url}/file")

    assert found.file.read_bytes() == CONTENT
    found.discard()
    assert kept() == []


def test_listener_hears_of_bytes_and_size(server: PackageServer) -> None:
    heard: list[tuple[int, int | None]] = []

    download(
        [f"{server.url}/file"], max_bytes=MAX_BYTES, on_bytes=lambda done, size: heard.append((done, size))
    ).discard()

    assert heard[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)


def test_size_may_be_unknown(server: PackageServer) -> None:
    server.has_lengths = False

    assert get(f"{server.url}/file").file.read_bytes() == CONTENT


def test_redirects_are_followed(server: PackageServer) -> None:
    server.faults["/first"] = Fault(location="/second")
    server.faults["/second"] = Fault(location=f"{server.url}/file")

    assert get(f"{server.url}/first").file.read_bytes() == CONTENT


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault(status=404), id="not-found"),
        pytest.param(Fault(status=500), id="server-error"),
        pytest.param(Fault(cut_at=0), id="nothing-comes"),
        pytest.param(Fault(location="/bad"), id="redirects-in-a-circle"),
        pytest.param(Fault(location="ftp://localhost/file"), id="redirect-to-another-kind"),
    ],
)
def test_next_link_is_taken_where_one_fails(fault: Fault, server: PackageServer) -> None:
    server.files["/bad"] = CONTENT
    server.faults["/bad"] = fault

    found = get(f"{server.url}/bad", f"{server.url}/file")

    assert found.link == f"{server.url}/file"
    assert found.file.read_bytes() == CONTENT
    found.discard()
    assert kept() == []


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        pytest.param("{url}/nothing", "the server answered 404 Not Found", id="not-found"),
        pytest.param("http://127.0.0.1:9/x", "Connection refused", id="no-server"),
        pytest.param("http://no-such-host.invalid/x", "no-such-host.invalid", id="no-such-host"),
        pytest.param("ipfs://QmX", "only http, https and paths", id="other-kind"),
        pytest.param("http://[bad/x", "not known here", id="no-address"),
        pytest.param("/nowhere/x.argosmodel", "no such file", id="no-file"),
    ],
)
def test_failure_names_the_link_and_the_reason(link: str, reason: str, server: PackageServer) -> None:
    link = link.format(url=server.url)

    with pytest.raises(ModelError, match=reason) as raised:
        get(link)

    assert link in str(raised.value)
    assert "check the address and the network" in str(raised.value)
    assert kept() == []


def test_all_links_that_failed_are_named(server: PackageServer) -> None:
    with pytest.raises(ModelError) as raised:
        get(f"{server.url}/a", f"{server.url}/b")

    assert f"{server.url}/a: the server answered 404" in str(raised.value)
    assert f"{server.url}/b: the server answered 404" in str(raised.value)


def test_busy_server_is_asked_again(server: PackageServer) -> None:
    server.faults["/file"] = Fault(n_times=2, status=503)

    assert get(f"{server.url}/file").file.read_bytes() == CONTENT
    assert len(server.requests) == 3


def test_truncated_body_goes_on_where_it_ended(server: PackageServer) -> None:
    server.faults["/file"] = Fault(n_times=2, cut_at=6 * CHUNK + 17)

    assert get(f"{server.url}/file").file.read_bytes() == CONTENT
    assert server.ranges_of("/file") == [None, f"bytes={6 * CHUNK}-", f"bytes={12 * CHUNK}-"]


def test_server_that_always_cuts_is_given_up_and_the_part_is_kept(server: PackageServer) -> None:
    server.has_ranges = False
    server.faults["/file"] = Fault(cut_at=CHUNK)

    with pytest.raises(ModelError, match="the connection failed"):
        get(f"{server.url}/file")

    assert [name.rpartition(".")[2] for name in kept()] == ["json", "part"]


def test_interrupted_download_goes_on_next_time(server: PackageServer) -> None:
    def interrupt(done: int, _size: int | None) -> None:
        if done > len(CONTENT) // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download([f"{server.url}/file"], max_bytes=MAX_BYTES, on_bytes=interrupt)
    found = get(f"{server.url}/file")

    assert found.file.read_bytes() == CONTENT
    first, second = server.ranges_of("/file")
    assert first is None
    assert second is not None
    assert int(second.removeprefix("bytes=").removesuffix("-")) > len(CONTENT) // 2


def test_file_that_changed_meanwhile_is_fetched_anew(server: PackageServer) -> None:
    def interrupt(_done: int, _size: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download([f"{server.url}/file"], max_bytes=MAX_BYTES, on_bytes=interrupt)
    server.files["/file"] = CONTENT[::-1]

    assert get(f"{server.url}/file").file.read_bytes() == CONTENT[::-1]


def test_without_a_version_nothing_is_put_together(server: PackageServer) -> None:
    server.has_validators = False
    server.faults["/file"] = Fault(n_times=1, cut_at=CHUNK)

    assert get(f"{server.url}/file").file.read_bytes() == CONTENT
    assert server.ranges_of("/file") == [None, None]


def test_damaged_note_of_a_part_is_as_none(server: PackageServer) -> None:
    server.has_ranges = False
    server.faults["/file"] = Fault(cut_at=CHUNK)
    with pytest.raises(ModelError):
        get(f"{server.url}/file")
    server.has_ranges = True
    next(downloads_folder(os.environ).glob("*.json")).write_text("[")
    server.faults.clear()

    assert get(f"{server.url}/file").file.read_bytes() == CONTENT
    assert server.ranges_of("/file")[-1] is None


def test_server_that_does_not_agree_on_the_range_is_asked_anew(
    server: PackageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.faults["/file"] = Fault(n_times=1, cut_at=CHUNK)
    monkeypatch.setattr(transfer.Transfer, "_goes_on", lambda *_: False)

    assert get(f"{server.url}/file").file.read_bytes() == CONTENT
    assert server.ranges_of("/file") == [None, f"bytes={CHUNK}-", None]


def test_slow_chunks_arrive(server: PackageServer) -> None:
    server.faults["/file"] = Fault(chunk_pause_s=0.05)

    assert get(f"{server.url}/file").file.read_bytes() == CONTENT


@pytest.mark.parametrize("told", ["size told", "size not told"])
def test_file_that_is_too_large_is_given_up(told: str, server: PackageServer) -> None:
    server.has_lengths = told == "size told"

    with pytest.raises(ModelError, match="larger than 1,000 bytes"):
        get(f"{server.url}/file", max_bytes=1000)

    assert kept() == []


def test_want_of_space_is_told_before_anything_comes(server: PackageServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(100, 90, 10))

    with pytest.raises(ModelError, match=r"1,048,576 bytes are needed and 10 are free; make room, or set XDG_CACHE"):
        get(f"{server.url}/file")

    assert kept() == []


def test_folder_that_cannot_be_written_is_named(
    server: PackageServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").write_text("a file")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    with pytest.raises(ModelError, match=r"cache/newsmt/downloads: cannot be written .*XDG_CACHE_HOME"):
        get(f"{server.url}/file")


def test_file_of_this_machine_is_taken_where_it_is(tmp_path: Path) -> None:
    file = tmp_path / "a package"
    file.write_bytes(CONTENT)

    for link in (str(file), file.as_uri()):
        found = get(link)
        assert found.file == file
        found.discard()
    with pytest.raises(ModelError, match="larger than 5 bytes"):
        get(str(file), max_bytes=5)

    assert file.read_bytes() == CONTENT


def test_small_file_leaves_nothing_behind(server: PackageServer) -> None:
    assert fetch_bytes(f"{server.url}/file", max_bytes=MAX_BYTES) == CONTENT
    assert kept() == []


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        pytest.param("https://a.example/x", (True, None), id="https"),
        pytest.param("HTTP://a.example/x", (True, None), id="capitals"),
        pytest.param("/srv/x", (False, Path("/srv/x")), id="path"),
        pytest.param("x:y/z", (False, Path("x:y/z")), id="path-with-a-colon"),
        pytest.param("file:///srv/a%20b", (False, Path("/srv/a b")), id="file"),
        pytest.param("file://host/srv", (False, None), id="file-of-another-host"),
        pytest.param("ipfs://QmX", (False, None), id="other"),
    ],
)
def test_addresses_are_told_apart(address: str, expected: tuple[bool, Path | None]) -> None:
    assert (is_remote(address), local_file(address)) == expected
