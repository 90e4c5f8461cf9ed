"""Models as Marian writes them become packages without PyTorch."""

from __future__ import annotations

import errno
import json
import os
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from pipeline.config import DecodingSettings
from pipeline.convert import ConversionRequest, convert
from pipeline.convert import weights as weights_module
from pipeline.decode.engine import Engine
from pipeline.decode.queue import decode
from pipeline.errors import ModelError
from pipeline.models.package import read_packages
from pipeline.types import parse_pair
from tests.tiny_models import SENTENCES, build_random_marian


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return build_random_marian(tmp_path / "opus-ru-hy")


def run(folder: Path, output: Path, pairs: Sequence[str] = ("ru-hy",), **options: Any) -> Path:
    return convert(ConversionRequest(folder=folder, pairs=tuple(map(parse_pair, pairs)), **options), output)


def test_package_decodes(folder: Path, tmp_path: Path) -> None:
    package = run(folder, tmp_path / "out", version="2020.05")

    (direction,) = read_packages(package)
    hypotheses = decode(Engine(direction, DecodingSettings(jobs=1, max_target_tokens=20)), SENTENCES["ru"])

    assert package.name == "opus-mt-ru_hy-2020_05"
    assert (direction.label[:13], direction.licence, direction.family) == ("ru_hy@2020.05", "CC-BY-4.0", "opus-mt")
    assert (direction.direction.source_prefix, direction.direction.source_suffix) == ((), ())
    assert all(hypothesis.text for hypothesis in hypotheses)


def test_converter_adds_the_end_of_the_source_itself(folder: Path, tmp_path: Path) -> None:
    package = run(folder, tmp_path / "out")

    assert json.loads((package / "model" / "config.json").read_text(encoding="utf-8"))["add_source_eos"] is True


def test_metadata_name_no_package_that_took_no_part(folder: Path, tmp_path: Path) -> None:
    package = run(folder, tmp_path / "out", name="Tiny", licence="CC0-1.0", origin="https://example.org/tiny.zip")

    metadata = json.loads((package / "metadata.json").read_text(encoding="utf-8"))
    assert (metadata["name"], metadata["licence"]) == ("Tiny", "CC0-1.0")
    assert metadata["newsmt"]["origin"] == "https://example.org/tiny.zip"
    assert metadata["newsmt"]["converted_with"]["transformers"] is None
    assert list(metadata["newsmt"]["origin_sha256"]) == ["model.npz"]


def test_token_of_the_target_stands_first(tmp_path: Path) -> None:
    folder = build_random_marian(tmp_path / "opus-en-mul", source="en", targets=("hy", "ru"))

    package = run(folder, tmp_path / "out", ["en-hy", "en-ru"])

    assert package.name == "opus-mt-opus-en-mul-1_0"
    assert [found.direction.source_prefix for found in read_packages(package)] == [(">>hye<<",), (">>rus<<",)]


def test_several_sources_into_one_language_need_no_token(folder: Path, tmp_path: Path) -> None:
    package = run(folder, tmp_path / "out", ["ru-hy", "en-hy"])

    assert [found.pair for found in read_packages(package)] == [parse_pair("ru-hy"), parse_pair("en-hy")]


def test_existing_package_is_left_alone(folder: Path, tmp_path: Path) -> None:
    package = run(folder, tmp_path / "out")
    before = (package / "metadata.json").stat().st_mtime_ns

    with pytest.raises(ModelError, match="exists already; remove it, or give another --version"):
        run(folder, tmp_path / "out")

    assert (package / "metadata.json").stat().st_mtime_ns == before


def truncate(folder: Path) -> None:
    file = folder / "model.npz"
    file.write_bytes(file.read_bytes()[:3000])


def drop_a_weight(folder: Path) -> None:
    file = folder / "model.npz"
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name != "decoder_l2_ffn_W1.npy"}
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def shorten_vocabulary(folder: Path) -> None:
    file = folder / "vocab.yml"
    file.write_text("".join(file.read_text(encoding="utf-8").splitlines(keepends=True)[:-5]), encoding="utf-8")


def swap_tokenizer(folder: Path) -> None:
    other = build_random_marian(folder.parent / "other", source="en", targets=("en",))
    (folder / "source.spm").write_bytes((other / "source.spm").read_bytes())


def write(name: str, text: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / name).write_text(text, encoding="utf-8")

    return change


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        pytest.param(truncate, "model.npz: no NumPy archive, or a truncated one; download", id="truncated"),
        pytest.param(drop_a_weight, r"model.npz: cannot be converted \(", id="weight-missing"),
        pytest.param(shorten_vocabulary, "vocabulary 0 has size", id="vocabulary-too-short"),
        pytest.param(
            swap_tokenizer, "source.spm: only .* pieces are in the vocabulary", id="tokenizer-of-another-model"
        ),
        pytest.param(write("source.spm", "no model"), "source.spm: not a SentencePiece model", id="tokenizer-damaged"),
        pytest.param(write("vocab.yml", "a\nb: c\n"), "vocab.yml: cannot be read", id="vocabulary-damaged"),
        pytest.param(write("vocab.yml", "a: 0\n"), "vocab.yml: </s> or <unk> is missing", id="vocabulary-of-another"),
        pytest.param(write("decoder.yml", "models: ["), "decoder.yml: cannot be read as YAML", id="no-yaml"),
        pytest.param(write("decoder.yml", "models: []\n"), "decoder.yml: models and vocabs must be", id="no-names"),
        pytest.param(
            write("decoder.yml", "models: [../x.npz]\nvocabs: [vocab.yml]\n"), "x.npz is outside", id="outside"
        ),
        pytest.param(
            write("decoder.yml", "models: [x.npz]\nvocabs: [vocab.yml]\n"), "x.npz: missing; download", id="no-weights"
        ),
    ],
)
def test_damaged_model_is_refused_and_nothing_left(
    damage: Callable[[Path], None], expected: str, folder: Path, tmp_path: Path
) -> None:
    damage(folder)

    with pytest.raises(ModelError, match=expected):
        run(folder, tmp_path / "out")

    assert list((tmp_path / "out").glob("*")) == []


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(
            OSError(errno.ENOSPC, "No space left on device"), "no space left on the device; make room", id="disk"
        ),
        pytest.param(MemoryError(), "not enough memory to convert; close other programs", id="memory"),
    ],
)
def test_machine_at_its_limits_is_named(
    error: Exception, expected: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        def convert(self, output: str, **_: object) -> None:
            Path(output).mkdir()
            raise error

    monkeypatch.setattr(weights_module, "_converter", lambda *_: Full())

    with pytest.raises(ModelError, match=expected):
        run(folder, tmp_path / "out")

    assert list((tmp_path / "out").iterdir()) == []


def test_other_tokens_than_those_of_the_model_are_noticed(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ctranslate2.specs.model_spec import SequenceToSequenceModelSpec

    def save(_spec: object, output: str) -> None:
        Path(output, "shared_vocabulary.json").write_text('["</s>"]', encoding="utf-8")

    monkeypatch.setattr(SequenceToSequenceModelSpec, "save", save)

    with pytest.raises(ModelError, match="the converter wrote other tokens than the model has"):
        run(folder, tmp_path / "out")


def test_folder_that_cannot_be_made_is_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file", encoding="utf-8")

    with pytest.raises(ModelError, match="out/opus-mt-ru_hy-1_0: cannot be created"):
        run(folder, tmp_path / "out")


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        pytest.param(errno.ENOSPC, r"cannot be written \(No space left on device\); make room, then", id="full"),
        pytest.param(errno.EIO, r"cannot be written \(Input/output error\); choose another", id="broken"),
    ],
)
def test_failure_beside_the_weights_leaves_nothing(
    number: int, expected: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("pipeline.convert.conversion.shutil.copyfile", fail)

    with pytest.raises(ModelError, match=expected):
        run(folder, tmp_path / "out")

    assert list((tmp_path / "out").iterdir()) == []
