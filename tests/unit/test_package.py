from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.errors import ModelError
from pipeline.models.package import read_packages
from pipeline.types import LanguagePair


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that looks like a package; nothing in it can be loaded."""
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.bin").write_bytes(b"weights")
    (tmp_path / "model" / "config.json").write_text("{}")
    (tmp_path / "sentencepiece.model").write_bytes(b"pieces")
    write_metadata(tmp_path, {"from_code": "en", "to_code": "RU", "package_version": "1.9"})
    return tmp_path


def write_metadata(folder: Path, metadata: object) -> None:
    (folder / "metadata.json").write_text(json.dumps(metadata), encoding="utf-8")


def test_package_knows_its_pair_files_and_size(folder: Path) -> None:
    package = read_packages(folder)[0]

    assert package.pair == LanguagePair(source="en", target="ru")
    assert package.name == "en_ru"
    assert package.label == f"en_ru@1.9#{package.sha256[:12]}"
    assert package.model_folder == folder / "model"
    assert package.source_tokenizer == folder / "sentencepiece.model"
    assert package.size_bytes == len(b"weights" + b"{}" + b"pieces")


def test_package_with_bpe_has_the_older_tokenizer(folder: Path) -> None:
    (folder / "sentencepiece.model").rename(folder / "bpe.model")

    package = read_packages(folder)[0]

    assert package.tokenizer_kind == "bpe"
    assert package.source_tokenizer.name == "bpe.model"


@pytest.mark.parametrize(
    ("metadata", "licence", "prefix", "version"),
    [
        pytest.param({}, None, "", "0", id="nothing"),
        pytest.param({"licence": "CC0-1.0"}, "CC0-1.0", "", "0", id="licence"),
        pytest.param({"license": "MIT"}, "MIT", "", "0", id="license"),
        pytest.param({"licence": ["MIT"]}, None, "", "0", id="licence-of-another-type"),
        pytest.param({"target_prefix": ">>rus<<"}, None, ">>rus<<", "0", id="target-prefix"),
        pytest.param({"target_prefix": None}, None, "", "0", id="null-target-prefix"),
        pytest.param({"package_version": 1.5}, None, "", "1.5", id="number-as-version"),
    ],
)
def test_optional_metadata_are_read(
    folder: Path, metadata: dict[str, object], licence: str | None, prefix: str, version: str
) -> None:
    write_metadata(folder, {"from_code": "en", "to_code": "ru", **metadata})

    package = read_packages(folder)[0]

    assert (package.licence, "".join(package.direction.target_prefix), package.version) == (licence, prefix, version)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(("model/model.bin", b"other weights"), id="weights"),
        pytest.param(("model/vocabulary.txt", b"words"), id="one-more-file"),
        pytest.param(("sentencepiece.model", b"other pieces"), id="tokenizer"),
        pytest.param(
            ("metadata.json", b'{"from_code": "en", "to_code": "ru", "target_prefix": ">>rus<<"}'), id="target-prefix"
        ),
    ],
)
def test_hash_changes_with_what_can_change_a_translation(folder: Path, change: tuple[str, bytes]) -> None:
    before = read_packages(folder)[0].sha256
    (folder / change[0]).write_bytes(change[1])

    assert read_packages(folder)[0].sha256 != before


def test_hash_does_not_depend_on_place_and_description(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    before = read_packages(folder)[0].sha256
    (folder / "README.md").write_text("A model.")
    write_metadata(folder, {"from_code": "en", "to_code": "ru", "package_version": "2.0"})
    moved = folder.rename(tmp_path_factory.mktemp("elsewhere") / "en_ru")

    assert read_packages(moved)[0].sha256 == before


@pytest.mark.parametrize(
    ("file", "message"),
    [
        pytest.param("metadata.json", r"metadata\.json: cannot be read", id="metadata"),
        pytest.param("model/model.bin", r"model\.bin is missing", id="weights"),
        pytest.param("sentencepiece.model", r"no tokenizer \(sentencepiece\.model or bpe\.model\)", id="tokenizer"),
    ],
)
def test_incomplete_package_is_an_error_that_names_the_file(folder: Path, file: str, message: str) -> None:
    (folder / file).unlink()

    with pytest.raises(ModelError, match=message):
        read_packages(folder)[0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("{", "cannot be read", id="not-json"),
        pytest.param("[]", "expected a JSON object", id="no-object"),
        pytest.param('{"to_code": "ru"}', "from_code must be a language code such as en, found None", id="no-source"),
        pytest.param('{"from_code": "en", "to_code": 7}', "to_code must be .*found 7", id="number"),
        pytest.param('{"from_code": "", "to_code": "ru"}', "from_code must be .*found ''", id="empty-source"),
    ],
)
def test_wrong_metadata_are_an_error(folder: Path, content: str, message: str) -> None:
    (folder / "metadata.json").write_text(content)

    with pytest.raises(ModelError, match=message):
        read_packages(folder)[0]
