"""Installing packages as users do: from an index, a file, a folder, an address; and what is refused."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import Result

from pipeline.errors import ModelError, PipelineError
from pipeline.install import depot as depot_module
from pipeline.install import transfer
from pipeline.install.depot import open_depot
from pipeline.models.folders import downloads_folder
from pipeline.models.registry import open_model_set
from tests.archives import demo_archive, demo_files, demo_package, index_of, zip_bytes, zip_special
from tests.commands import newsmt
from tests.package_server import Fault, PackageServer, serve
from tests.tiny_package import TinyPackage

EN_RU = "translate-en_ru-1_0"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[PackageServer]:
    with serve() as found:
        found.files["/index.json"] = index_of("en-ru", "ru-en")
        found.files[f"/{EN_RU}.argosmodel"] = demo_archive("en-ru")
        found.files["/translate-ru_en-1_0.argosmodel"] = demo_archive("ru-en")
        monkeypatch.setenv("NEWSMT_MODEL_INDEX", f"{found.url}/index.json")
        monkeypatch.setattr(transfer, "_PAUSES_S", (0, 0))
        yield found


def models(*arguments: str | Path) -> Result:
    """Run a command of the group."""
    return newsmt("models", *arguments)


def refused(*arguments: str | Path) -> str:
    """Run a command that must be refused with exit code 2, and return the one sentence of it."""
    try:
        result = models(*arguments)
    except PipelineError as error:
        code, sentences = int(error.exit_code), [str(error)]
    else:
        code = result.exit_code
        sentences = [line for line in result.stderr.splitlines() if line.startswith("newsmt: error:")]
    assert code == 2
    assert len(sentences) == 1
    return sentences[0]


def contents(folder: Path) -> list[str]:
    """Return the files below a folder, but for the lock of the kernel."""
    files = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())
    return sorted(file for file in files if file != ".newsmt/lock")


def left_over() -> list[Path]:
    folder = downloads_folder(os.environ)
    return list(folder.iterdir()) if folder.exists() else []


def lock_entry(own_packages: Path, name: str = EN_RU) -> dict[str, object]:
    entry: dict[str, object] = json.loads((own_packages / "models.lock").read_text("utf-8"))["packages"][name]
    return entry


@pytest.mark.usefixtures("server")
def test_packages_of_the_index_are_installed_and_translate(own_packages: Path) -> None:
    result = models("install", "en-ru", "ru-en")

    assert result.exit_code == 0, result.stderr
    assert "en-ru: translate-en_ru-1_0 installed, 5.4 MB, licence CC0-1.0" in result.stderr
    assert "trial en-ru: Франция и Индия" in result.stderr
    found = open_model_set("installed")
    assert [package.path.parent for package in found.packages.values()] == [own_packages, own_packages]
    assert found.packages[found.pairs[0]].sha256 == open_model_set("demo").packages[found.pairs[0]].sha256
    assert left_over() == []


def test_lock_file_holds_sizes_hashes_and_addresses(server: PackageServer, own_packages: Path) -> None:
    models("install", "en-ru")

    entry = lock_entry(own_packages)
    files = entry["files"]
    assert isinstance(files, dict)
    assert set(files) == {name.partition("/")[2] for name in demo_files("en-ru")}
    weights = demo_package("en-ru") / "model" / "model.bin"
    assert files["model/model.bin"]["size_bytes"] == weights.stat().st_size
    assert entry["archive"]["links"] == [f"{server.url}/{EN_RU}.argosmodel"]  # type: ignore[index]
    assert (entry["pairs"], entry["version"], entry["licence"]) == (["en-ru"], "1.0", "CC0-1.0")


def test_second_installation_asks_for_the_index_only(server: PackageServer) -> None:
    models("install", "en-ru")
    server.requests.clear()

    result = models("install", "en-ru")

    assert "1.0 is here already, and intact" in result.stderr
    assert [path for path, _ in server.requests] == ["/index.json"]


def test_newer_version_is_installed_beside_the_older_one(server: PackageServer, own_packages: Path) -> None:
    models("install", "en-ru")
    server.files["/index.json"] = index_of("en-ru", package_version="1.10")
    server.files[f"/{EN_RU}.argosmodel"] = demo_archive("en-ru", package_version="1.10")

    assert models("install", "en-ru").exit_code == 0

    assert sorted(path.name for path in own_packages.glob("translate-*")) == [EN_RU, "translate-en_ru-1_10"]
    (used,) = open_model_set("installed").packages.values()
    assert used.version == "1.10"


def test_first_link_fails_and_the_second_serves(server: PackageServer, own_packages: Path) -> None:
    links = ["http://127.0.0.1:9/x", "ipfs://QmX", "gone.argosmodel", f"{EN_RU}.argosmodel"]
    server.files["/index.json"] = index_of("en-ru", links={"en-ru": links})

    assert models("install", "en-ru").exit_code == 0

    assert (own_packages / EN_RU / "model" / "model.bin").is_file()


def test_redirects_and_truncated_bodies_are_no_obstacle(server: PackageServer) -> None:
    server.files["/deep/a.argosmodel"] = server.files[f"/{EN_RU}.argosmodel"]
    server.faults[f"/{EN_RU}.argosmodel"] = Fault(location="/deep/a.argosmodel")
    server.faults["/deep/a.argosmodel"] = Fault(n_times=2, cut_at=1 << 20)

    assert models("install", "en-ru").exit_code == 0

    assert server.ranges_of("/deep/a.argosmodel") == [None, "bytes=1048576-", "bytes=2097152-"]


@pytest.mark.usefixtures("server")
def test_one_that_fails_does_not_keep_the_others() -> None:
    result = models("install", "fr-en", "en-ru", "--json")

    assert result.exit_code == 2
    answer = json.loads(result.stdout.splitlines()[-1])
    assert [installed["package"] for installed in answer["installed"]] == [EN_RU]
    assert re.search(r"no package for fr-en that can be downloaded; it has ru-en$", answer["errors"][0])


def test_index_may_be_a_file_with_packages_beside_it(tmp_path: Path) -> None:
    (tmp_path / "index.json").write_bytes(index_of("en-ru"))
    (tmp_path / f"{EN_RU}.argosmodel").write_bytes(demo_archive("en-ru"))

    assert models("install", "en-ru", "--index", tmp_path / "index.json").exit_code == 0
    assert (tmp_path / f"{EN_RU}.argosmodel").is_file()


def test_index_is_taken_from_the_configuration(
    server: PackageServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NEWSMT_MODEL_INDEX")
    config = tmp_path / "newsmt.toml"
    config.write_text(f'model_index = "{server.url}/index.json"\n')

    assert models("install", "en-ru", "--config", config).exit_code == 0


@pytest.mark.parametrize("form", ["archive", "folder", "address"])
def test_package_is_added(form: str, server: PackageServer, tmp_path: Path, own_packages: Path) -> None:
    file = tmp_path / "my.argosmodel"
    file.write_bytes(demo_archive("en-ru"))
    address = {
        "archive": str(file),
        "folder": str(demo_package("en-ru")),
        "address": f"{server.url}/{EN_RU}.argosmodel",
    }[form]

    assert models("add", address).exit_code == 0

    assert (own_packages / EN_RU / "metadata.json").is_file()
    assert "here already, and intact" in models("add", address).stderr
    assert file.is_file()


def test_files_that_are_no_part_of_the_layout_are_left_out_and_told(tmp_path: Path, own_packages: Path) -> None:
    file = tmp_path / "my.argosmodel"
    file.write_bytes(demo_archive("en-ru", extra={f"{EN_RU}/stanza/x.pt": b"code", f"{EN_RU}/run.py": b"code"}))

    result = models("add", file)

    assert f"left out, since no part of the layout: {EN_RU}/stanza/x.pt, {EN_RU}/run.py" in result.stderr
    assert contents(own_packages / EN_RU) == sorted(name.partition("/")[2] for name in demo_files("en-ru"))


def test_copied_folder_is_recorded_by_adding_it_where_it_is(own_packages: Path) -> None:
    shutil.copytree(demo_package("en-ru"), own_packages / EN_RU)

    assert models("add", own_packages / EN_RU).exit_code == 0

    assert json.loads(models("verify", "--json").stdout)["packages"][0]["state"] == "intact"


def test_folder_that_was_copied_under_another_name_gets_its_own(own_packages: Path) -> None:
    shutil.copytree(demo_package("en-ru"), own_packages / "mine")
    assert "unrecorded mine" in models("verify").stdout

    models("add", own_packages / "mine")

    assert sorted(path.name for path in own_packages.iterdir()) == [".newsmt", "models.lock", EN_RU]


def test_package_for_something_else_than_translating_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.argosmodel"
    file.write_bytes(zip_bytes({"x/metadata.json": b'{"type": "sbd", "package_version": "1.0"}'}))

    assert "not for translating" in refused("add", file)


# --- what was recorded ---------------------------------------------------------------------------------------------


def test_install_of_all_that_is_recorded_needs_a_record(own_packages: Path) -> None:
    assert f"{own_packages}/models.lock: no packages are recorded" in refused("install", "--locked")


def test_address_that_is_known_is_not_asked_again(server: PackageServer) -> None:
    address = f"{server.url}/{EN_RU}.argosmodel"
    models("add", address)
    server.requests.clear()

    assert "is here already, and intact" in models("add", address).stderr
    assert server.requests == []


def test_changed_package_is_not_used(own_packages: Path) -> None:
    models("add", demo_package("en-ru"), demo_package("ru-en"))
    weights = own_packages / EN_RU / "model" / "model.bin"
    changed = bytearray(weights.read_bytes())
    changed[-1] ^= 1
    weights.write_bytes(changed)

    found = open_model_set("installed")

    assert [str(pair) for pair in found.pairs] == ["ru-en"]
    assert re.search(rf"{EN_RU}: is not what models\.lock recorded \(model/model\.bin is .*verify", found.damaged[0])
    assert found.damaged[0] in models("list").stderr


def test_folder_of_packages_may_have_a_lock_file(tmp_path: Path, own_packages: Path) -> None:
    models("add", demo_package("en-ru"))
    copied = Path(shutil.copytree(own_packages, tmp_path / "models"))
    (copied / EN_RU / "README.md").write_text("changed")

    assert open_model_set(str(copied)).pairs == []
    (copied / "models.lock").write_text("{")
    with pytest.raises(ModelError, match=r"models/models\.lock: not a lock file"):
        open_model_set(str(copied))


def test_package_that_takes_the_place_of_another_is_told(tmp_path: Path) -> None:
    newer, older = (
        TinyPackage(source="fr", target="ru", version=version).build(tmp_path) for version in ("1.1", "1.0")
    )

    assert "trial fr-ru: loaded; no sentences in 'fr' to try" in models("add", newer).stderr
    assert "fr-ru: translate-fr_ru-1_1 goes on translating" in models("add", older).stderr
    models("remove", "translate-fr_ru-1_1")
    assert "fr-ru: translates from now on, not translate-fr_ru-1_0" in models("add", newer).stderr


def test_another_archive_than_recorded_is_refused(server: PackageServer, own_packages: Path) -> None:
    models("install", "en-ru")
    shutil.rmtree(own_packages / EN_RU)
    server.files[f"/{EN_RU}.argosmodel"] = demo_archive("en-ru", extra={f"{EN_RU}/NOTICE": b"changed"})

    error = refused("install", "en-ru")

    assert re.search(r"translate-en_ru-1_0: is not what .*models\.lock recorded: .* recorded was [0-9a-f]{12}…", error)
    assert f"newsmt models remove {EN_RU}, then install it again" in error
    assert contents(own_packages) == ["models.lock"]
    assert left_over() == []


def test_another_folder_than_recorded_is_refused(tmp_path: Path) -> None:
    models("add", demo_package("en-ru"))
    changed = Path(shutil.copytree(demo_package("en-ru"), tmp_path / "changed"))
    (changed / "README.md").write_text("Another one.")

    assert "README.md is" in refused("add", changed)


def test_change_that_is_wanted_is_made_as_the_message_says(server: PackageServer, own_packages: Path) -> None:
    models("install", "en-ru")
    server.files[f"/{EN_RU}.argosmodel"] = demo_archive("en-ru", extra={f"{EN_RU}/NOTICE": b"changed"})

    assert models("remove", EN_RU).exit_code == 0
    assert models("install", "en-ru").exit_code == 0

    assert (own_packages / EN_RU / "NOTICE").is_file()


def test_sha256_of_the_index_must_be_that_of_the_archive(server: PackageServer, own_packages: Path) -> None:
    server.files["/index.json"] = index_of("en-ru", sha256="0" * 64)

    assert "the index says 000000000000…" in refused("install", "en-ru")
    assert contents(own_packages) == []


def test_locked_installation_takes_the_recorded_addresses_and_asks_no_index(
    server: PackageServer, own_packages: Path
) -> None:
    models("install", "en-ru", "ru-en")
    for path in own_packages.glob("translate-*"):
        shutil.rmtree(path)
    server.requests.clear()

    assert models("install", "--locked").exit_code == 0

    assert {path for path, _ in server.requests} == {f"/{EN_RU}.argosmodel", "/translate-ru_en-1_0.argosmodel"}
    assert models("verify").exit_code == 0


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("command", ["install", "add"])
def test_locked_refuses_what_is_not_recorded(command: str, own_packages: Path) -> None:
    wanted = "en-ru" if command == "install" else str(demo_package("en-ru"))

    error = refused(command, "--locked", wanted)

    assert "models.lock" in error
    assert "once without --locked" in error
    assert contents(own_packages) == []


@pytest.mark.usefixtures("server")
def test_locked_package_of_a_local_file_must_be_added_again(own_packages: Path) -> None:
    models("add", demo_package("en-ru"))
    shutil.rmtree(own_packages / EN_RU)

    assert "has no address, it was added from a file; add or convert it again" in refused("install", "--locked")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("{", id="no-json"),
        pytest.param("[]", id="no-object"),
        pytest.param('{"format": 1}', id="no-packages"),
        pytest.param('{"format": 1, "packages": {"x": {"files": 5}}}', id="bad-entry"),
    ],
)
def test_damaged_lock_file_is_named_and_left_alone(content: str, own_packages: Path) -> None:
    own_packages.mkdir()
    (own_packages / "models.lock").write_text(content)

    assert "models.lock: not a lock file of newsmt" in refused("add", demo_package("en-ru"))
    assert (own_packages / "models.lock").read_text() == content


def test_lock_file_of_a_newer_version_is_refused(own_packages: Path) -> None:
    own_packages.mkdir()
    (own_packages / "models.lock").write_text('{"format": 2, "packages": {}}')

    assert "format 2, this newsmt knows 1; upgrade newsmt" in refused("add", demo_package("en-ru"))


# --- bad packages --------------------------------------------------------------------------------------------------


def without(pair: str, ending: str) -> bytes:
    return zip_bytes({name: data for name, data in demo_files(pair).items() if not name.endswith(ending)})


def of_newer_version() -> bytes:
    files = demo_files("en-ru")
    name = f"{EN_RU}/model/model.bin"
    files[name] = struct.pack("<I", 99) + files[name][4:]
    return zip_bytes(files)


def with_damaged_weights() -> bytes:
    files = demo_files("en-ru")
    name = f"{EN_RU}/model/model.bin"
    files[name] = files[name][:1000]
    return zip_bytes(files)


BAD_PACKAGES: dict[str, tuple[Callable[[], bytes], str]] = {
    "no-zip": (lambda: b"<html>sorry</html>", "no package, or a damaged one"),
    "cut-zip": (lambda: demo_archive("en-ru")[:-5000], "no package, or a damaged one"),
    "zip-slip": (lambda: demo_archive("en-ru", extra={"../../evil": b"x"}), "leads out of the folder"),
    "absolute-path": (lambda: demo_archive("en-ru", extra={"/etc/evil": b"x"}), "leads out of the folder"),
    "link": (lambda: zip_special(demo_files("en-ru"), f"{EN_RU}/model/vmap.txt", 0o120000), "is a link"),
    "device": (lambda: zip_special(demo_files("en-ru"), f"{EN_RU}/NOTICE", 0o020000), "is a device"),
    "bomb": (
        lambda: zip_bytes({f"{EN_RU}/metadata.json": b"{}", f"{EN_RU}/model/model.bin": bytes(64 << 20)}),
        "which no package does",
    ),
    "no-metadata": (lambda: without("en-ru", "metadata.json"), r"metadata\.json is missing"),
    "no-weights": (lambda: without("en-ru", "model.bin"), r"model/model\.bin is missing"),
    "no-tokenizer": (lambda: without("en-ru", "sentencepiece.model"), "no tokenizer"),
    "number-as-code": (lambda: demo_archive("en-ru", from_code=5), "from_code must be a language code"),
    "list-as-version": (lambda: demo_archive("en-ru", package_version=[1]), "package_version must be a version"),
    "path-as-version": (lambda: demo_archive("en-ru", package_version="../x"), "package_version must be a version"),
    "newer-format": (lambda: demo_archive("en-ru", newsmt={"format": 2}), r"newsmt\.format is 2, .* upgrade newsmt"),
    "newer-engine": (of_newer_version, "needs a newer CTranslate2"),
    "damaged-weights": (with_damaged_weights, "CTranslate2 cannot load the model"),
    "another-pair": (lambda: demo_archive("ru-en"), "is ru-en, version 1.0, and the index says en-ru, version 1.0"),
    "another-version": (lambda: demo_archive("en-ru", package_version="1.1"), "and the index says en-ru, version 1.0"),
    "wrong-letters": (
        lambda: zip_bytes({**demo_files("en-hy"), "translate-en_hy-1_0/metadata.json": _metadata_of("en-ru")}),
        "not in the letters of 'ru'",
    ),
}


def _metadata_of(pair: str) -> bytes:
    return (demo_package(pair) / "metadata.json").read_bytes()


@pytest.mark.parametrize("kind", BAD_PACKAGES)
def test_bad_package_is_refused_and_leaves_nothing_behind(kind: str, server: PackageServer, own_packages: Path) -> None:
    build, expected = BAD_PACKAGES[kind]
    server.files[f"/{EN_RU}.argosmodel"] = build()

    error = refused("install", "en-ru")

    assert re.search(expected, error)
    assert f"{server.url}/{EN_RU}.argosmodel" in error
    assert contents(own_packages) == []
    assert left_over() == []
    assert not (own_packages / ".newsmt" / "staging").exists()


def test_package_that_fails_the_trial_can_be_forced(tmp_path: Path) -> None:
    package = TinyPackage(source="en", target="hy").build(tmp_path)

    assert "take it as it is with --no-trial" in refused("add", package)
    assert models("add", "--no-trial", package).exit_code == 0


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"<html>", "no index of packages, since it is no JSON", id="page"),
        pytest.param(b"{}", "expected a list, found dict", id="object"),
        pytest.param(b"[" * 100_000, "no index of packages", id="deep"),
        pytest.param(b"[]", "no package for en-ru that can be downloaded; it has 0 other pairs", id="empty"),
    ],
)
def test_bad_index_is_refused(content: bytes, expected: str, server: PackageServer) -> None:
    server.files["/index.json"] = content

    error = refused("install", "en-ru")

    assert expected in error
    assert f"{server.url}/index.json" in error


def test_no_network_is_one_sentence(monkeypatch: pytest.MonkeyPatch, own_packages: Path) -> None:
    monkeypatch.setattr(transfer, "_PAUSES_S", (0, 0))

    error = refused("install", "en-ru", "--index", "http://127.0.0.1:9/index.json")

    assert "http://127.0.0.1:9/index.json: the connection failed" in error
    assert contents(own_packages) == []


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param(["install"], "name at least one pair", id="none"),
        pytest.param(["install", "english"], "is no pair of languages", id="no-pair"),
        pytest.param(["install", "en-en"], "the same language", id="one-language"),
        pytest.param(["remove", "nothing"], "no package 'nothing'", id="remove-nothing"),
        pytest.param(["remove", "en-ru"], "no package for en-ru", id="remove-what-is-not-there"),
        pytest.param(["remove", "../x"], "no package '../x'", id="remove-a-path"),
    ],
)
def test_wrong_usage_is_told(arguments: list[str], expected: str) -> None:
    assert expected in refused(*arguments)


# --- the disk and other processes ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("server")
def test_full_disk_is_told_and_leaves_nothing(own_packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(depot_module, "sync_tree", full)

    assert "No space left on device; make room and install again" in refused("install", "en-ru")
    assert contents(own_packages) == []
    monkeypatch.undo()
    assert models("add", demo_package("en-ru")).exit_code == 0


def test_folder_that_cannot_be_made_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NEWSMT_PACKAGES_DIR", str(tmp_path / "file" / "packages"))

    error = refused("add", demo_package("en-ru"))

    assert re.search(r"file/packages.* cannot be used .* set NEWSMT_PACKAGES_DIR to another folder", error)


def test_second_installation_at_the_same_time_is_refused(own_packages: Path) -> None:
    with open_depot(own_packages):
        error = refused("add", demo_package("en-ru"))

    assert re.search(rf"another installation is at work here \(process {os.getpid()} on .*\); try again later", error)
    assert models("add", demo_package("en-ru")).exit_code == 0


def test_what_a_crash_left_is_removed_by_the_next_one(own_packages: Path) -> None:
    staged = own_packages / ".newsmt" / "staging" / "incoming"
    staged.mkdir(parents=True)
    (staged / "model.bin").write_bytes(b"half")

    models("add", demo_package("en-ru"))

    assert not staged.exists()
    assert len(open_model_set("installed").packages) == 1


@pytest.mark.usefixtures("server")
def test_damaged_package_is_replaced_by_the_recorded_one(own_packages: Path) -> None:
    models("install", "en-ru")
    (own_packages / EN_RU / "model" / "model.bin").write_bytes(b"damaged")

    assert models("verify").exit_code == 1
    assert models("install", "--locked", "en-ru").exit_code == 0

    assert models("verify").exit_code == 0


def test_package_that_is_there_with_other_content_is_not_overwritten(own_packages: Path) -> None:
    shutil.copytree(demo_package("en-ru"), own_packages / EN_RU)
    (own_packages / EN_RU / "README.md").write_text("mine")

    assert "is there already, with other content (README.md is" in refused("add", demo_package("en-ru"))
    assert (own_packages / EN_RU / "README.md").read_text() == "mine"


# --- removing, listing, verifying ----------------------------------------------------------------------------------


def test_package_is_removed_by_name_or_pair(own_packages: Path) -> None:
    models("add", demo_package("en-ru"), demo_package("ru-en"))

    assert json.loads(models("remove", "en-ru", "--json").stdout) == {"removed": [EN_RU]}
    assert "removed translate-ru_en-1_0" in models("remove", "translate-ru_en-1_0").stderr

    assert contents(own_packages) == ["models.lock"]
    assert json.loads((own_packages / "models.lock").read_text())["packages"] == {}


def test_pair_with_several_packages_is_removed_by_name_only(tmp_path: Path) -> None:
    for version in ("1.0", "1.1"):
        models("add", "--no-trial", TinyPackage(source="en", target="ru", version=version).build(tmp_path))

    assert "there are several packages, translate-en_ru-1_0, translate-en_ru-1_1" in refused("remove", "en-ru")


def test_packages_of_argos_are_used_and_never_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    argos = tmp_path / "argos"
    shutil.copytree(demo_package("en-ru"), argos / "en_ru")
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(argos))
    before = {path: path.stat().st_mtime_ns for path in argos.rglob("*")}

    assert "argospm remove translate-en_ru" in refused("remove", "en-ru")
    listed = json.loads(models("list", "--json").stdout)["packages"]
    checked = json.loads(models("verify", "--json").stdout)["packages"]

    assert [(package["name"], package["place"]) for package in listed] == [("en_ru", "argos")]
    assert [(check["name"], check["state"]) for check in checked] == [("en_ru", "unrecorded")]
    assert {path: path.stat().st_mtime_ns for path in argos.rglob("*")} == before


def test_list_shows_what_is_known_of_each_package() -> None:
    models("add", demo_package("en-ru"))

    row = models("list").stdout.splitlines()[1].split()
    (package,) = json.loads(models("list", "--json").stdout)["packages"]

    assert row == [
        "*",
        "en-ru",
        EN_RU,
        "1.0",
        "5.4",
        "MB",
        "CC0-1.0",
        package["sha256"][:12],
        "newsmt",
        "27.6",
        "0.848",
    ]
    assert package["size_bytes"] > 5_000_000


def test_list_of_nothing_says_where_it_looked(own_packages: Path) -> None:
    result = models("list")

    assert f"no packages in {own_packages} and " in result.stderr
    assert result.exit_code == 0


def test_demo_models_have_no_scores_of_others() -> None:
    packages = json.loads(models("list", "--models", "demo", "--json").stdout)["packages"]

    assert {package["place"] for package in packages} == {"demo"}
    assert {package["bleu"] for package in packages} == {None}


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        pytest.param("change", r"damaged    translate-en_ru-1_0\n.*model/config\.json is .* recorded was", id="change"),
        pytest.param("miss", r"model/config\.json is missing", id="missing-file"),
        pytest.param("add", r"model/vmap\.txt was added", id="added-file"),
        pytest.param("lose", r"missing    translate-en_ru-1_0\n.*its folder is gone", id="missing-folder"),
        pytest.param("stranger", r"unrecorded translate-ru_en-1_0\n.*newsmt models add", id="unrecorded"),
        pytest.param("broken", r"damaged    broken\n.*metadata\.json", id="broken"),
    ],
)
def test_verify_names_what_is_wrong(damage: str, expected: str, own_packages: Path) -> None:
    models("add", demo_package("en-ru"))
    config = own_packages / EN_RU / "model" / "config.json"
    actions: dict[str, Callable[[], object]] = {
        "change": lambda: config.write_text("{}"),
        "miss": config.unlink,
        "add": lambda: config.with_name("vmap.txt").write_text(""),
        "lose": lambda: shutil.rmtree(own_packages / EN_RU),
        "stranger": lambda: shutil.copytree(demo_package("ru-en"), own_packages / "translate-ru_en-1_0"),
        "broken": (own_packages / "broken").mkdir,
    }
    actions[damage]()

    result = models("verify")

    assert re.search(expected, result.stdout)
    assert result.exit_code == (0 if damage == "stranger" else 1)


def test_depot_error_of_another_kind_is_no_model_error(own_packages: Path) -> None:
    with pytest.raises(ZeroDivisionError), open_depot(own_packages):
        raise ZeroDivisionError
    with pytest.raises(ModelError, match="Input/output error"), open_depot(own_packages):
        raise OSError(errno.EIO, "Input/output error")
