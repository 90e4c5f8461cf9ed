from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from pipeline.convert import QUANTIZATIONS, ConversionRequest, convert
from pipeline.convert.checkpoint import Checkpoint, Family, read_checkpoint
from pipeline.convert.conversion import folder_name, model_name
from pipeline.convert.languages import find_directions
from pipeline.convert.notices import find_notices, read_licence, read_origin
from pipeline.convert.vocabulary import Vocabulary, read_vocabulary
from pipeline.errors import ModelError
from pipeline.types import parse_pair

MARIAN = {"model_type": "marian"}
MULTILINGUAL = {"model_type": "m2m_100"}
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 300000000\n"
Files: TypeAlias = dict[str, Any]
OPUS_FILES: Files = {"config.json": MARIAN, "pytorch_model.bin": "w", "source.spm": "s", "target.spm": "t"}
SHARED_FILES: Files = {"config.json": MULTILINGUAL, "model.safetensors": "w", "sentencepiece.bpe.model": "s"}
MARIAN_FILES: Files = {
    "decoder.yml": "models: [model.npz]\nvocabs: [vocab.yml]\n",
    "model.npz": "w",
    "vocab.yml": "</s>: 0\n",
    "source.spm": "s",
    "target.spm": "t",
}


def write(folder: Path, files: Files) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def request(folder: Path, *pairs: str, **options: Any) -> ConversionRequest:
    return ConversionRequest(folder=folder, pairs=tuple(map(parse_pair, pairs or ("hy-en",))), **options)


def checkpoint(folder: Path, family: Family = "nllb-200", **options: Any) -> Checkpoint:
    spm = folder / "sentencepiece.bpe.model"
    return Checkpoint(folder=folder, family=family, weights=(), tokenizers=(spm, spm), **options)


def vocabulary(*tokens: str) -> Vocabulary:
    return Vocabulary(source=tokens, target=tokens)


@pytest.mark.parametrize(
    ("files", "family", "weights"),
    [
        pytest.param(OPUS_FILES, "opus-mt", ["pytorch_model.bin"], id="opus-mt"),
        pytest.param(OPUS_FILES | {"model.safetensors": "w"}, "opus-mt", ["model.safetensors"], id="both-weights"),
        pytest.param(MARIAN_FILES, "opus-mt", ["model.npz"], id="marian"),
        pytest.param(
            SHARED_FILES | {"tokenizer_config.json": {"tokenizer_class": "NllbTokenizerFast"}, "vocab.json": {}},
            "nllb-200",
            ["model.safetensors"],
            id="nllb-200-by-its-tokenizer",
        ),
        pytest.param(
            SHARED_FILES | {"tokenizer_config.json": {"tokenizer_class": "M2M100Tokenizer"}},
            "m2m100",
            ["model.safetensors"],
            id="m2m100-by-its-tokenizer",
        ),
        pytest.param(
            SHARED_FILES | {"config.json": MULTILINGUAL | {"tokenizer_class": "M2M100Tokenizer"}},
            "m2m100",
            ["model.safetensors"],
            id="m2m100-by-its-configuration",
        ),
        pytest.param(SHARED_FILES | {"vocab.json": {}}, "m2m100", ["model.safetensors"], id="m2m100-by-its-vocabulary"),
        pytest.param(
            SHARED_FILES | {"tokenizer_config.json": {"tokenizer_class": "TokenizersBackend"}},
            "nllb-200",
            ["model.safetensors"],
            id="nllb-200-without-a-vocabulary",
        ),
        pytest.param(
            {name: content for name, content in OPUS_FILES.items() if name != "pytorch_model.bin"}
            | {"pytorch_model.bin.index.json": {"weight_map": {"a": "2.bin", "b": "1.bin", "c": "2.bin"}}}
            | {"1.bin": "w", "2.bin": "w"},
            "opus-mt",
            ["1.bin", "2.bin"],
            id="shards",
        ),
    ],
)
def test_family_is_told_by_the_files(files: Files, family: str, weights: list[str], tmp_path: Path) -> None:
    found = read_checkpoint(write(tmp_path, files))

    assert (found.family, [file.name for file in found.weights]) == (family, weights)
    assert found.is_original_marian == ("decoder.yml" in files)
    assert found.has_shared_tokenizer == ("sentencepiece.bpe.model" in files)


def without(files: Files, *names: str) -> Files:
    return {name: content for name, content in files.items() if name not in names}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({}, "neither config.json .* nor decoder.yml .* is here; name the folder", id="nothing"),
        pytest.param({"config.json": "{"}, "config.json: cannot be read as JSON", id="damaged-configuration"),
        pytest.param({"config.json": "[]"}, "expected a JSON object, found list", id="no-object"),
        pytest.param(
            {"config.json": {"model_type": "mbart"}}, "is 'mbart'; OPUS-MT .* M2M100 and NLLB-200", id="another-type"
        ),
        pytest.param({"config.json": {}}, "model_type is None", id="no-type"),
        pytest.param(
            SHARED_FILES | {"tokenizer_config.json": {"tokenizer_class": "SMALL100Tokenizer"}},
            "'SMALL100Tokenizer' is neither",
            id="another-tokenizer",
        ),
        pytest.param(
            OPUS_FILES | {"config.json": MARIAN | {"share_encoder_decoder_embeddings": False}},
            "a vocabulary for each side",
            id="two-vocabularies",
        ),
        pytest.param(
            without(OPUS_FILES, "pytorch_model.bin") | {"tf_model.h5": "w"},
            "no weights: neither model.safetensors nor pytorch_model.bin is here; .* hf download",
            id="no-weights",
        ),
        pytest.param(
            without(OPUS_FILES, "pytorch_model.bin") | {"pytorch_model.bin.index.json": {"weight_map": {"a": "1.bin"}}},
            "1.bin: missing; download the model again",
            id="shard-missing",
        ),
        pytest.param(
            without(OPUS_FILES, "pytorch_model.bin") | {"pytorch_model.bin.index.json": {"weight_map": {"a": "/1"}}},
            "/1 is outside of the folder",
            id="shard-outside",
        ),
        pytest.param(
            without(OPUS_FILES, "pytorch_model.bin") | {"pytorch_model.bin.index.json": {}},
            "weight_map is missing",
            id="no-shards",
        ),
        pytest.param(OPUS_FILES | {"pytorch_model.bin": POINTER}, "only a pointer of Git LFS", id="pointer"),
        pytest.param(
            without(OPUS_FILES, "target.spm"), "target.spm missing; download it, as in hf", id="no-target-spm"
        ),
        pytest.param(without(SHARED_FILES, "sentencepiece.bpe.model"), "sentencepiece.bpe.model missing", id="no-spm"),
        pytest.param(
            without(MARIAN_FILES, "source.spm", "target.spm") | {"source.bpe": "b"}, "made with BPE", id="older-opus-mt"
        ),
    ],
)
def test_incomplete_folder_is_refused(files: Files, expected: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=expected) as caught:
        convert(request(write(tmp_path, files)), tmp_path / "out")

    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param({"pairs": ()}, "no direction to convert; add", id="no-direction"),
        pytest.param({"pairs": (parse_pair("hy-en"),) * 2}, "hy-en is named twice", id="twice"),
        pytest.param({"quantization": "int4"}, "'int4'; choose one of int8, .* float32", id="number-type"),
        pytest.param({"version": "../1"}, "write one such as --version 1.0", id="version"),
        pytest.param({}, "no such folder; download a model first", id="no-folder"),
    ],
)
def test_request_that_cannot_be_met_is_refused(options: dict[str, Any], expected: str, tmp_path: Path) -> None:
    values = {"folder": tmp_path / "missing", "pairs": (parse_pair("hy-en"),), **options}

    with pytest.raises(ModelError, match=expected):
        convert(ConversionRequest(**values), tmp_path)


def test_number_types_are_those_of_the_converters() -> None:
    from ctranslate2.specs.model_spec import ACCEPTED_MODEL_TYPES

    assert sorted(QUANTIZATIONS) == sorted(ACCEPTED_MODEL_TYPES)


def test_missing_extra_is_named_with_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.convert.extra.find_spec", lambda _: None)
    files = SHARED_FILES | {"vocab.json": {"</s>": 0, "<unk>": 1}, "config.json": MULTILINGUAL | {"vocab_size": 9}}

    with pytest.raises(ModelError, match=r"torch and transformers not .* pip install \"newsmt\[convert\]\""):
        convert(request(write(tmp_path, files)), tmp_path / "out")


@pytest.mark.parametrize(
    ("family", "tokens", "pair", "around"),
    [
        pytest.param("opus-mt", ["</s>"], "hy-en", ((), ("</s>",), ()), id="opus-mt"),
        pytest.param("opus-mt", [">>hye<<", ">>rus<<"], "en-hy", ((">>hye<<",), ("</s>",), ()), id="opus-mt-multi"),
        pytest.param("opus-mt", [">>hy<<", ">>ru<<"], "en-ru", ((">>ru<<",), ("</s>",), ()), id="opus-mt-two-letters"),
        pytest.param(
            "opus-mt", [">>cmn_Hans<<", ">>cmn_Hant<<"], "en-zh", ((">>cmn_Hans<<",), ("</s>",), ()), id="script"
        ),
        pytest.param("opus-mt", [">>hye<<", ">>hyw<<"], "en-hyw", ((">>hyw<<",), ("</s>",), ()), id="variety"),
        pytest.param("m2m100", ["__hy__", "__ru__"], "hy-ru", (("__hy__",), ("</s>",), ("__ru__",)), id="m2m100"),
        pytest.param(
            "nllb-200", ["hye_Armn", "rus_Cyrl"], "ru-hy", (("rus_Cyrl",), ("</s>",), ("hye_Armn",)), id="nllb-200"
        ),
        pytest.param(
            "nllb-200",
            ["ceb_Latn", "arb_Arab"],
            "ceb-ar",
            (("ceb_Latn",), ("</s>",), ("arb_Arab",)),
            id="three-letters-in-one-script",
        ),
    ],
)
def test_tokens_of_a_direction(
    family: Family, tokens: list[str], pair: str, around: tuple[tuple[str, ...], ...], tmp_path: Path
) -> None:
    (direction,) = find_directions(checkpoint(tmp_path, family), vocabulary(*tokens), [parse_pair(pair)])

    assert (direction.source_prefix, direction.source_suffix, direction.target_prefix) == around


@pytest.mark.parametrize(
    ("family", "tokens", "pairs", "expected"),
    [
        pytest.param(
            "m2m100", ["__hy__", "__hu__"], ["hx-hy"], "'hx'; of its 2 languages, near ones are h", id="m2m100"
        ),
        pytest.param("nllb-200", ["rus_Cyrl", "eng_Latn"], ["en-hy"], "does not know the language 'hy'", id="nllb-200"),
        pytest.param("nllb-200", ["kas_Arab", "kas_Deva"], ["kas-en"], "near ones are kas_", id="which-script"),
        pytest.param("m2m100", [], ["en-hy"], "of its 0 languages, it knows none", id="no-tokens"),
        pytest.param("opus-mt", [">>rus<<"], ["en-hy"], "'hy'; of its 1 languages, ", id="opus-mt"),
        pytest.param(
            "opus-mt", [], ["en-hy", "en-ru"], "into one language, and hy, ru are asked for", id="two-targets"
        ),
    ],
)
def test_language_that_the_model_does_not_know_is_refused(
    family: Family, tokens: Sequence[str], pairs: list[str], expected: str, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match=expected):
        find_directions(checkpoint(tmp_path, family), vocabulary(*tokens), [*map(parse_pair, pairs)])


@pytest.mark.parametrize(
    ("said", "pair", "refused"),
    [
        pytest.param({"source_lang": "hye", "target_lang": "eng"}, "hy-en", None, id="three-letters"),
        pytest.param({"source_lang": "hy", "target_lang": "en"}, "hy-en", None, id="two-letters"),
        pytest.param({"source_lang": "mul", "target_lang": "zle"}, "hy-en", None, id="groups"),
        pytest.param({}, "hy-en", None, id="nothing"),
        pytest.param({"source_lang": ["hye"]}, "hy-en", None, id="no-code"),
        pytest.param({"source_lang": "hye"}, "ru-en", "source_lang is 'hye'.*--from hy", id="source"),
        pytest.param({"target_lang": "eng"}, "hy-ru", "target_lang is 'eng'.*--to en", id="target"),
    ],
)
def test_direction_must_be_that_of_the_model(
    said: dict[str, Any], pair: str, refused: str | None, tmp_path: Path
) -> None:
    opus = checkpoint(tmp_path, "opus-mt", tokenizer_config=said)

    if refused is None:
        assert len(find_directions(opus, vocabulary(), [parse_pair(pair)])) == 1
        return
    with pytest.raises(ModelError, match=refused):
        find_directions(opus, vocabulary(), [parse_pair(pair)])


def test_vocabulary_of_nllb_is_read_from_its_tokenizer(tmp_path: Path) -> None:
    added = [{"id": 4, "content": "hye_Armn"}, {"id": 0, "content": "<s>"}]
    model = {"vocab": {"<s>": 0, "</s>": 2, "<unk>": 3, "<pad>": 1}}
    write(tmp_path, {"tokenizer.json": {"model": model, "added_tokens": added}})

    found = read_vocabulary(checkpoint(tmp_path, config={"vocab_size": 6}))

    assert found.source == found.target == ("<s>", "<pad>", "</s>", "<unk>", "hye_Armn", "madeupword5")


@pytest.mark.parametrize(
    ("tokenizer", "config", "expected"),
    [
        pytest.param({"model": {}}, {"vocab_size": 4}, "no vocabulary in it", id="no-vocabulary"),
        pytest.param({"model": {"vocab": {"a": 0}}}, {"vocab_size": 4}, "</s> and <unk> missing", id="no-specials"),
        pytest.param(
            {"model": {"vocab": {"a": 9}}}, {"vocab_size": 4}, "4 embeddings, and the tokenizer 10", id="too-many"
        ),
        pytest.param({"model": {"vocab": {"a": 0}}}, {}, "vocab_size is missing", id="no-size"),
        pytest.param(
            {"model": {"vocab": [["a", 0.0], ["b", 0.0]]}, "added_tokens": [{"id": 1, "content": "a"}]},
            {"vocab_size": 2},
            "1 tokens stand twice",
            id="twice",
        ),
    ],
)
def test_vocabulary_that_does_not_fit_is_refused(
    tokenizer: Files, config: dict[str, Any], expected: str, tmp_path: Path
) -> None:
    write(tmp_path, {"tokenizer.json": tokenizer})

    with pytest.raises(ModelError, match=expected):
        read_vocabulary(checkpoint(tmp_path, config=config))


@pytest.mark.parametrize(
    "decoder", [pytest.param([1], id="list"), pytest.param({"x": {}}, id="ids"), pytest.param({"5": {}}, id="content")]
)
def test_added_tokens_that_cannot_be_read_are_refused(decoder: object, tmp_path: Path) -> None:
    write(tmp_path, {"vocab.json": {"</s>": 0}})
    damaged = checkpoint(
        tmp_path, "m2m100", config={"vocab_size": 9}, tokenizer_config={"added_tokens_decoder": decoder}
    )

    with pytest.raises(ModelError, match="added tokens cannot be read"):
        read_vocabulary(damaged)


@pytest.mark.parametrize("ids", [pytest.param({}, id="empty"), pytest.param({"a": "b"}, id="no-ids")])
def test_vocabulary_without_ids_is_refused(ids: Files, tmp_path: Path) -> None:
    write(tmp_path, {"vocab.json": ids})

    with pytest.raises(ModelError, match="expected tokens and their ids"):
        read_vocabulary(checkpoint(tmp_path, "opus-mt", config={"vocab_size": 9}))


@pytest.mark.parametrize(
    ("files", "licence"),
    [
        pytest.param({"README.md": "---\nlicense: cc-by-4.0\n---\n"}, "CC-BY-4.0", id="creative-commons"),
        pytest.param({"README.md": "---\nlicense: apache-2.0\n---\ntext\n"}, "Apache-2.0", id="apache"),
        pytest.param({"README.md": "---\nlicense:\n- mit\n- x\n---\n"}, "MIT", id="list"),
        pytest.param({"README.md": "---\nlicense: other\nlicense_name: our-own\n---\n"}, "our-own", id="name"),
        pytest.param({"README.md": "---\r\nlicense: mit\r\n---\r\n"}, "MIT", id="carriage-returns"),
        pytest.param({"README.md": "---\nlicense: other\n---\n"}, None, id="other-without-name"),
        pytest.param({"README.md": "---\na: [\n---\n", "LICENSE": "MIT License\n\n"}, "MIT", id="damaged-front-matter"),
        pytest.param({"README.md": "license: mit\n"}, None, id="no-front-matter"),
        pytest.param(
            {"LICENSE.txt": "\nApache License\n  Version 2.0, January 2004\n"}, "Apache-2.0", id="apache-text"
        ),
        pytest.param({"LICENSE": "Attribution 4.0 International\n"}, "CC-BY-4.0", id="attribution"),
        pytest.param({"LICENCE": "Attribution-NonCommercial 4.0 International"}, "CC-BY-NC-4.0", id="non-commercial"),
        pytest.param({"LICENSE": "All rights reserved.\n"}, None, id="unknown-text"),
        pytest.param({}, None, id="nothing"),
    ],
)
def test_licence_is_read(files: Files, licence: str | None, tmp_path: Path) -> None:
    assert read_licence(write(tmp_path, files)) == licence


def test_notices_are_found(tmp_path: Path) -> None:
    write(
        tmp_path,
        dict.fromkeys(("LICENSE", "LICENSE-CC.txt", "NOTICE.md", "README.md", "licences.py", "vocab.yml"), "x"),
    )
    write(tmp_path, {"COPYING": "x" * ((1 << 20) + 1)})

    assert [file.name for file in find_notices(tmp_path)] == ["LICENSE", "LICENSE-CC.txt", "NOTICE.md", "README.md"]


@pytest.mark.parametrize(
    ("name", "origin"),
    [
        pytest.param("Helsinki-NLP/opus-mt-hy-en", "Helsinki-NLP/opus-mt-hy-en", id="hub"),
        pytest.param("/home/me/model", "my model", id="path"),
        pytest.param("./a/b", "my model", id="relative-path"),
        pytest.param(None, "my model", id="nothing"),
    ],
)
def test_origin_is_the_name_on_the_hub_or_that_of_the_folder(name: str | None, origin: str, tmp_path: Path) -> None:
    folder = write(tmp_path / "my model", {})

    assert read_origin(checkpoint(folder, config={"_name_or_path": name})) == origin


@pytest.mark.parametrize(
    ("family", "pairs", "options", "expected"),
    [
        pytest.param("opus-mt", ["hy-en"], {}, "opus-mt-hy_en-1_0", id="one-direction"),
        pytest.param("m2m100", ["hy-en"], {"version": "1.9-rc/1"}, "m2m100-hy_en-1_9_rc_1", id="version"),
        pytest.param(
            "nllb-200",
            ["hy-en", "en-hy"],
            {"origin": "facebook/nllb-200-distilled-600M"},
            "nllb-200-distilled-600m-1_0",
            id="origin",
        ),
        pytest.param("m2m100", ["hy-en", "en-hy"], {"name": "../Մոդել x"}, "m2m100-x-1_0", id="unsafe-name"),
        pytest.param("m2m100", ["hy-en", "en-hy"], {"name": "Մոդել"}, "m2m100-1_0", id="nothing-safe-in-it"),
    ],
)
def test_folder_name_is_safe(
    family: Family, pairs: list[str], options: dict[str, str], expected: str, tmp_path: Path
) -> None:
    assert folder_name(request(tmp_path, *pairs, **options), checkpoint(tmp_path, family)) == expected


def test_model_is_called_as_its_origin_ends(tmp_path: Path) -> None:
    assert model_name(request(tmp_path, origin="https://example.org/opus-2020/"), checkpoint(tmp_path)) == "opus-2020"


def test_nothing_heavy_is_imported_by_the_room_itself() -> None:
    import subprocess

    heavy = ("torch", "transformers", "ctranslate2", "sentencepiece", "yaml")
    code = f"import sys, pipeline.convert; print([name for name in {heavy} if name in sys.modules])"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert printed == "[]\n"
