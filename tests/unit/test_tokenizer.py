from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.decode.tokenizer import load_tokenizer
from pipeline.errors import ModelError
from pipeline.models.package import read_packages
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
