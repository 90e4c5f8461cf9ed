"""Conversion against the reference: tiny models of each family say the same here as `transformers` lets them say."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from pipeline.config import DecodingSettings
from pipeline.convert import ConversionRequest, convert
from pipeline.decode.engine import Engine, load_weights
from pipeline.decode.queue import decode
from pipeline.decode.tokenizer import load_tokenizer
from pipeline.errors import ModelError
from pipeline.models.package import ModelPackage, read_packages
from pipeline.types import parse_pair
from tests.tiny_models import (
    M2M100_CODES,
    NLLB_CODES,
    SENTENCES,
    build_m2m100,
    build_marian,
    build_nllb,
    write_original_marian,
)

torch = pytest.importorskip("torch", reason="the extra `convert` is not installed", exc_type=ImportError)
safetensors = pytest.importorskip(
    "safetensors.torch", reason="the extra `convert` is not installed", exc_type=ImportError
)
transformers = pytest.importorskip("transformers", reason="the extra `convert` is not installed", exc_type=ImportError)


pytestmark = pytest.mark.slow

UNSEEN = {
    "en": ("Nine boats crossed the river on Tuesday.", "The bridge opens.", "340 fishermen, both new."),
    "ru": ("Новый мост откроется в девять.", "Рыбаки насчитали оба берега.", "Вторник."),
    "hy": ("Սևանի նոր կամուրջը կբացվի երեքշաբթի։", "Ձկնորսները հաշվեցին գետի ափերը։", "340 նավակ։"),
}
TEXTS = {language: (*SENTENCES[language], *UNSEEN[language]) for language in SENTENCES}
MAX_TOKENS = 40
CASES = [
    pytest.param("marian", "hy-en", id="opus-mt-hy-en"),
    pytest.param("original", "hy-en", id="marian-hy-en"),
    pytest.param("multi", "en-hy", id="opus-mt-multi-en-hy"),
    pytest.param("multi", "en-ru", id="opus-mt-multi-en-ru"),
    pytest.param("m2m100", "hy-ru", id="m2m100-hy-ru"),
    pytest.param("m2m100", "ru-en", id="m2m100-ru-en"),
    pytest.param("m2m100", "en-hy", id="m2m100-en-hy"),
    pytest.param("nllb", "ru-hy", id="nllb-200-ru-hy"),
    pytest.param("nllb", "hy-en", id="nllb-200-hy-en"),
    pytest.param("nllb", "en-ru", id="nllb-200-en-ru"),
]
PAIRS = {
    "marian": ("hy-en",),
    "original": ("hy-en",),
    "multi": ("en-hy", "en-ru"),
    "m2m100": ("hy-ru", "ru-en", "en-hy"),
    "nllb": ("ru-hy", "hy-en", "en-ru"),
}
OPUS_TOKENS = {"hy": ">>hye<<", "ru": ">>rus<<"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A model in `transformers`, and how it is told the languages."""

    kind: str
    model: Any
    tokenizer: Any

    def encode(self, text: str, pair: str) -> list[int]:
        source, target = pair.split("-")
        if self.kind == "multi":
            text = f"{OPUS_TOKENS[target]} {text}"
        if codes := self._codes:
            self.tokenizer.src_lang = codes[source]
        ids: list[int] = self.tokenizer(text).input_ids
        return ids

    def first_id(self, pair: str) -> int | None:
        if codes := self._codes:
            code = codes[pair.split("-")[1]]
            token = code if self.kind == "nllb" else f"__{code}__"
            return int(self.tokenizer.convert_tokens_to_ids(token))
        return None

    def generate(self, text: str, pair: str, *, beam: int) -> list[str]:
        output = self.model.generate(
            torch.tensor([self.encode(text, pair)]),
            num_beams=beam,
            length_penalty=0.0,
            max_new_tokens=MAX_TOKENS,
            forced_bos_token_id=self.first_id(pair),
            bad_words_ids=[[self.model.config.pad_token_id]],
        )
        tokens: list[str] = self.tokenizer.convert_ids_to_tokens(output[0].tolist()[1:])
        return tokens[: tokens.index("</s>")] if "</s>" in tokens else tokens

    def log_probs(self, source: str, target: Sequence[str], pair: str) -> list[float]:
        """Return the log-probability of each token of a target and of its end; nothing may be said of the padding."""
        model = self.model
        ids = [*self.tokenizer.convert_tokens_to_ids(list(target)), model.config.eos_token_id]
        logits = model(
            input_ids=torch.tensor([self.encode(source, pair)]),
            decoder_input_ids=torch.tensor([[model.config.decoder_start_token_id, *ids[:-1]]]),
        ).logits[0]
        if self._codes is None:
            logits[:, model.config.pad_token_id] = -torch.inf
        found: list[float] = logits.log_softmax(-1)[range(len(ids)), ids].tolist()
        return found

    @property
    def _codes(self) -> dict[str, str] | None:
        return {"m2m100": M2M100_CODES, "nllb": NLLB_CODES}.get(self.kind)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a conversion asked the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("models")
    marian = build_marian(root / "marian")
    return {
        "marian": marian,
        "original": write_original_marian(root / "original", marian),
        "multi": build_marian(root / "multi", source="en", targets=("hy", "ru")),
        "m2m100": build_m2m100(root / "m2m100"),
        "nllb": build_nllb(root / "nllb"),
    }


@pytest.fixture(scope="module")
def packages(folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    output = tmp_path_factory.mktemp("packages")
    return {kind: run(folders[kind], PAIRS[kind], output / kind, quantization="float32") for kind in folders}


@pytest.fixture(scope="module")
def references(folders: dict[str, Path]) -> dict[str, Reference]:
    found = {}
    for kind, folder in folders.items():
        path = folders["marian"] if kind == "original" else folder
        multilingual = transformers.M2M100ForConditionalGeneration
        model_class = multilingual if kind in {"m2m100", "nllb"} else transformers.MarianMTModel
        found[kind] = Reference(
            kind=kind,
            model=model_class.from_pretrained(path, local_files_only=True),
            tokenizer=transformers.AutoTokenizer.from_pretrained(path, local_files_only=True),
        )
    return found


def run(folder: Path, pairs: Sequence[str], output: Path, **options: Any) -> Path:
    return convert(ConversionRequest(folder=folder, pairs=tuple(map(parse_pair, pairs)), **options), output)


def direction_of(package: Path, pair: str) -> ModelPackage:
    return next(found for found in read_packages(package) if found.pair == parse_pair(pair))


def source_tokens(package: ModelPackage, text: str) -> list[str]:
    direction = package.direction
    return [*direction.source_prefix, *load_tokenizer(package).encode([text])[0], *direction.source_suffix]


def decoded_tokens(package: ModelPackage, texts: Sequence[str], *, beam: int) -> list[list[str]]:
    """Return the tokens as the engine decodes them, those that it begins with included."""
    translator = load_weights(package, DecodingSettings(jobs=1))
    results = translator.translate_batch(
        [source_tokens(package, text) for text in texts],
        target_prefix=[list(package.direction.target_prefix)] * len(texts),
        beam_size=beam,
        # CTranslate2 and transformers count the end differently into the length that scores are divided by.
        length_penalty=0,
        max_decoding_length=MAX_TOKENS,
    )
    return [result.hypotheses[0] for result in results]


@pytest.mark.parametrize(("kind", "pair"), CASES)
def test_sources_are_the_input_ids_of_transformers(
    kind: str, pair: str, packages: dict[str, Path], references: dict[str, Reference]
) -> None:
    reference, package = references[kind], direction_of(packages[kind], pair)
    end = ["</s>"] if kind == "original" else []

    ours = [source_tokens(package, text) + end for text in TEXTS[pair[:2]]]

    theirs = [reference.encode(text, pair) for text in TEXTS[pair[:2]]]
    ids = {token: index for index, token in enumerate(read_written_vocabulary(package))}
    assert [[ids.get(token, ids["<unk>"]) for token in tokens] for tokens in ours] == theirs


@pytest.mark.parametrize("beam", [1, 4])
@pytest.mark.parametrize(("kind", "pair"), CASES)
def test_decoded_tokens_are_those_of_transformers(
    kind: str, pair: str, beam: int, packages: dict[str, Path], references: dict[str, Reference]
) -> None:
    package = direction_of(packages[kind], pair)

    decoded = decoded_tokens(package, TEXTS[pair[:2]], beam=beam)

    assert decoded == [references[kind].generate(text, pair, beam=beam) for text in TEXTS[pair[:2]]]
    assert len({tuple(tokens) for tokens in decoded}) >= 3


@pytest.mark.parametrize(("kind", "pair"), CASES)
def test_probabilities_are_those_of_transformers(
    kind: str, pair: str, packages: dict[str, Path], references: dict[str, Reference]
) -> None:
    reference, package = references[kind], direction_of(packages[kind], pair)
    sources = TEXTS[pair[:2]]
    targets = [reference.generate(text, pair, beam=1) for text in reversed(sources)]

    translator = load_weights(package, DecodingSettings(jobs=1))
    scored = translator.score_batch([source_tokens(package, text) for text in sources], targets)

    for source, target, result in zip(sources, targets, scored, strict=True):
        assert result.log_probs == pytest.approx(reference.log_probs(source, target, pair), abs=2e-4)


@pytest.mark.parametrize(("kind", "pair"), CASES)
def test_smaller_numbers_say_the_same_through_the_engine(
    kind: str, pair: str, folders: dict[str, Path], tmp_path: Path
) -> None:
    package = direction_of(run(folders[kind], [pair], tmp_path), pair)

    hypotheses = decode(Engine(package, DecodingSettings(jobs=1)), SENTENCES[pair[:2]])

    assert package.size_bytes > 0
    assert all(hypothesis.text and not hypothesis.is_truncated for hypothesis in hypotheses)
    assert any(hypothesis.text in SENTENCES[pair[3:]] for hypothesis in hypotheses)


def test_package_names_what_it_was_made_of(folders: dict[str, Path], tmp_path: Path) -> None:
    package = run(folders["marian"], ["hy-en"], tmp_path, origin="org/opus-mt-hy-en")

    metadata = json.loads((package / "metadata.json").read_text(encoding="utf-8"))
    weights = folders["marian"] / "model.safetensors"
    assert package.name == "opus-mt-hy_en-1_0"
    assert (metadata["name"], metadata["licence"]) == ("opus-mt-hy-en", "CC-BY-4.0")
    assert (metadata["from_code"], metadata["to_code"], metadata["package_version"]) == ("hy", "en", "1.0")
    assert metadata["newsmt"] == {
        "format": 1,
        "family": "opus-mt",
        "origin": "org/opus-mt-hy-en",
        "origin_sha256": {"model.safetensors": sha256(weights.read_bytes()).hexdigest()},
        "converted_with": {
            "ctranslate2": version("ctranslate2"),
            "transformers": version("transformers"),
            "quantization": "int8",
        },
        "tokenizers": ["source.spm", "target.spm"],
        "directions": [
            {
                "from_code": "hy",
                "to_code": "en",
                "source_prefix": [],
                "source_suffix": ["</s>"],
                "target_prefix": [],
            }
        ],
    }
    assert (package / "README.md").read_bytes() == (folders["marian"] / "README.md").read_bytes()


def test_directions_of_one_model_share_its_folder(packages: dict[str, Path]) -> None:
    found = read_packages(packages["nllb"])

    assert packages["nllb"].name == "nllb-200-nllb-1_0"
    assert len({package.model_folder for package in found}) == 1
    assert [package.direction.source_prefix for package in found] == [("rus_Cyrl",), ("hye_Armn",), ("eng_Latn",)]
    assert [package.direction.target_prefix for package in found] == [("hye_Armn",), ("eng_Latn",), ("rus_Cyrl",)]
    assert {package.source_tokenizer.name for package in found} == {"sentencepiece.model"}


@pytest.mark.parametrize(
    ("kind", "pair", "change"),
    [
        pytest.param("marian", "hy-en", "bin", id="opus-mt-weights-of-pytorch"),
        pytest.param("m2m100", "hy-ru", "bin", id="m2m100-weights-of-pytorch"),
        pytest.param("m2m100", "hy-ru", "shards", id="m2m100-shards"),
        pytest.param("m2m100", "ru-en", "ids", id="m2m100-ids-of-languages-in-a-file"),
        pytest.param("nllb", "en-ru", "no-tokenizer-json", id="nllb-200-pieces-only"),
        pytest.param("nllb", "en-ru", "no-tokenizer-config", id="nllb-200-told-by-its-files"),
    ],
)
def test_other_layouts_make_the_same_package(
    kind: str, pair: str, change: str, folders: dict[str, Path], packages: dict[str, Path], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(folders[kind], tmp_path / "model"))
    CHANGES[change](folder)

    package = direction_of(run(folder, [pair], tmp_path, quantization="float32"), pair)

    expected = direction_of(packages[kind], pair)
    assert package.family == expected.family
    assert read_written_vocabulary(package) == read_written_vocabulary(expected)
    assert decoded_tokens(package, TEXTS[pair[:2]], beam=1) == decoded_tokens(expected, TEXTS[pair[:2]], beam=1)


def use_pytorch_weights(folder: Path) -> None:
    """Keep the weights as they were kept before safetensors, positions and all."""
    weights = safetensors.load_file(folder / "model.safetensors")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    if config["model_type"] == "marian":
        model = transformers.MarianMTModel.from_pretrained(folder, local_files_only=True)
        weights |= {
            f"model.{side}.embed_tokens.weight": weights["model.shared.weight"] for side in ("encoder", "decoder")
        }
        weights |= {"model.encoder.embed_positions.weight": model.model.encoder.embed_positions.weight.detach()}
    torch.save(weights, folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()


def cut_into_shards(folder: Path) -> None:
    model = transformers.M2M100ForConditionalGeneration.from_pretrained(folder, local_files_only=True)
    (folder / "model.safetensors").unlink()
    model.save_pretrained(folder, max_shard_size="60KB")
    assert (folder / "model.safetensors.index.json").is_file()


def write_language_ids(folder: Path) -> None:
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    (folder / "added_tokens.json").write_text(json.dumps(tokenizer.lang_token_to_id), encoding="utf-8")


CHANGES: dict[str, Callable[[Path], None]] = {
    "bin": use_pytorch_weights,
    "shards": cut_into_shards,
    "ids": write_language_ids,
    "no-tokenizer-json": lambda folder: (folder / "tokenizer.json").unlink(),
    "no-tokenizer-config": lambda folder: (folder / "tokenizer_config.json").unlink(),
}


def test_older_fine_tunes_of_nllb_name_the_source_behind_its_end(folders: dict[str, Path], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(folders["nllb"], tmp_path / "model"))
    settings = {"tokenizer_class": "NllbTokenizer", "legacy_behaviour": True}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, src_lang="hye_Armn", local_files_only=True)

    package = direction_of(run(folder, ["hy-en"], tmp_path), "hy-en")

    tokens = source_tokens(package, SENTENCES["hy"][0])
    assert tokens[-2:] == ["</s>", "hye_Armn"]
    assert tokens == tokenizer.convert_ids_to_tokens(tokenizer(SENTENCES["hy"][0]).input_ids)


def test_nothing_is_printed(folders: dict[str, Path], tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run(folders["m2m100"], ["hy-en"], tmp_path)

    assert capfd.readouterr() == ("", "")
    assert transformers.utils.logging.is_progress_bar_enabled()


@pytest.mark.parametrize(
    ("kind", "damage", "expected"),
    [
        pytest.param("m2m100", "truncate", "cannot be converted", id="truncated-safetensors"),
        pytest.param("m2m100", "pickle", "cannot be converted", id="pickle-with-code"),
        pytest.param(
            "m2m100", "fewer", "1 weights are missing or of another size, as model.encoder.layers.1", id="fewer"
        ),
        pytest.param("nllb", "larger", "weights are missing or of another size", id="embeddings-of-another-size"),
    ],
)
def test_damaged_weights_are_refused(
    kind: str, damage: str, expected: str, folders: dict[str, Path], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(folders[kind], tmp_path / "model"))
    DAMAGES[damage](folder)

    with pytest.raises(ModelError, match=expected):
        run(folder, ["hy-en"], tmp_path / "out")

    assert list((tmp_path / "out").iterdir()) == []
    assert not (tmp_path / "executed").exists()


def truncate(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-2000])


def write_pickle_with_code(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    torch.save(Code(folder.parent / "executed"), folder / "pytorch_model.bin")


class Code:
    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.file,)


def drop_a_weight(folder: Path) -> None:
    weights = safetensors.load_file(folder / "model.safetensors")
    del weights["model.encoder.layers.1.fc1.weight"]
    safetensors.save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def enlarge(folder: Path) -> None:
    file = folder / "config.json"
    config = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(config | {"vocab_size": config["vocab_size"] + 1}), encoding="utf-8")


DAMAGES: dict[str, Callable[[Path], None]] = {
    "truncate": truncate,
    "pickle": write_pickle_with_code,
    "fewer": drop_a_weight,
    "larger": enlarge,
}


def read_written_vocabulary(package: ModelPackage) -> list[str]:
    tokens: list[str] = json.loads((package.model_folder / "shared_vocabulary.json").read_text(encoding="utf-8"))
    return tokens
