from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from pipeline.decode.tokenizer import _Decoder, load_tokenizer
from pipeline.errors import ModelError
from pipeline.models.package import read_packages
from pipeline.models.registry import ModelSet
from pipeline.types import parse_pair
from tests.tiny_package import TinyPackage

SENTENCES = [
    pytest.param("The agency said on Monday.", id="en"),
    pytest.param("Премьер-министр прибыл в Париж.", id="ru"),
    pytest.param("Վարչապետը ժամանել է Փարիզ։", id="hy"),
    pytest.param("12 500 человек", id="no-break-space"),
]


@pytest.mark.parametrize("text", SENTENCES)
def test_sentencepiece_gives_the_text_back(tiny_folder: Path, text: str) -> None:
    tokenizer = load_tokenizer(read_packages(tiny_folder / "en_ru-1.0-1")[0])

    assert tokenizer.decode(tokenizer.encode([text])) == [text]


def test_sentencepiece_keeps_the_order_of_texts(tiny_folder: Path) -> None:
    tokenizer = load_tokenizer(read_packages(tiny_folder / "en_ru-1.0-1")[0])
    texts = ["в Париж", "Paris", "", "Փարիզ"]

    assert tokenizer.decode(tokenizer.encode(texts)) == texts


def test_source_word_copied_for_an_unknown_piece_keeps_its_blank(tiny_folder: Path) -> None:
    tokenizer = load_tokenizer(read_packages(tiny_folder / "en_ru-1.0-1")[0])

    assert tokenizer.decode([["▁в", "▁ZDF", "▁Париж"]]) == ["в ZDF Париж"]


def test_underscore_is_a_letter_like_others(tiny_folder: Path) -> None:
    tokenizer = load_tokenizer(read_packages(tiny_folder / "en_ru-1.0-1")[0])

    assert tokenizer.decode([["▁Paris", "_", "a"]]) == ["Paris_a"]


@pytest.mark.parametrize("pair", ["en-ru", "ru-en", "en-hy", "hy-en"])
def test_quick_ways_are_those_of_the_library(pair: str, demo_models: ModelSet) -> None:
    import sentencepiece

    package = demo_models.packages[parse_pair(pair)]
    tokenizer = load_tokenizer(package)
    processor = sentencepiece.SentencePieceProcessor(model_file=str(package.source_tokenizer))
    random = Random(20261126)  # noqa: S311 - chooses pieces
    pieces = processor.id_to_piece(list(range(processor.get_piece_size())))
    strange = ["漢", "a b", "▁", "▁▁", "<0x41>", "<unk>", "</s>"]
    tokens = [random.choices([*pieces, *strange], k=random.randrange(30)) for _ in range(300)]
    texts = ["The agency said on Monday.", "漢字 in a text", "", " \t ", "Ժամանել է Փարիզ։", "12 500", "<unk> </s>"]

    assert tokenizer.encode(texts) == processor.encode(texts, out_type=str)
    assert tokenizer.decode(tokens) == [text.replace("▁", " ").strip() for text in processor.decode_pieces(tokens)]


def test_model_with_rules_of_its_own_for_writing_is_left_to_the_library(tiny_folder: Path) -> None:
    class Shouting(_Decoder):
        def _by_library(self, tokens: Sequence[Sequence[str]]) -> list[str]:
            return [text.upper() for text in super()._by_library(tokens)]

    import sentencepiece

    file = tiny_folder / "en_ru-1.0-1" / "sentencepiece.model"
    decoder = Shouting(sentencepiece.SentencePieceProcessor(model_file=str(file)))

    assert decoder.decode([["▁Paris", "."]]) == ["PARIS."]


def test_damaged_sentencepiece_model_is_an_error(tmp_path: Path) -> None:
    package = read_packages(TinyPackage(source="en", target="ru").build(tmp_path))[0]
    package.source_tokenizer.write_bytes(b"no model")

    with pytest.raises(ModelError, match=r"sentencepiece\.model: not a SentencePiece model"):
        load_tokenizer(package)


@pytest.fixture(scope="module")
def bpe_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return TinyPackage(source="en", target="ru", tokenizer="bpe").build(tmp_path_factory.mktemp("bpe"))


def test_bpe_joins_frequent_pieces_and_cuts_rare_words(bpe_folder: Path) -> None:
    tokenizer = load_tokenizer(read_packages(bpe_folder)[0])

    assert tokenizer.encode(["Paris ab.", "Paris"]) == [["Paris", "a@@", "b", "."], ["Paris"]]


def test_bpe_gives_text_with_its_marks_in_place(bpe_folder: Path) -> None:
    tokenizer = load_tokenizer(read_packages(bpe_folder)[0])

    assert tokenizer.decode([["Париж", "голосует", "."], ["пони@@", "маю", "!"]]) == ["Париж голосует.", "понимаю!"]


@pytest.mark.parametrize(
    "content", [pytest.param(b"\xff\xfe\x00", id="binary"), pytest.param(b"#version: 0.2\nP a r\n", id="odd-line")]
)
def test_damaged_bpe_model_is_an_error(tmp_path: Path, content: bytes) -> None:
    package = read_packages(TinyPackage(source="en", target="ru", tokenizer="bpe").build(tmp_path))[0]
    package.source_tokenizer.write_bytes(content)

    with pytest.raises(ModelError, match=r"bpe\.model: not a BPE model"):
        load_tokenizer(package)
