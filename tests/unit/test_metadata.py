from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import ModelError
from pipeline.models.metadata import Direction, parse_metadata, read_metadata, version_key
from pipeline.types import parse_pair

ARGOS: Mapping[str, Any] = {"from_code": "en", "to_code": "ru", "package_version": "1.9"}
DIRECTION = {"from_code": "hy", "to_code": "en", "source_prefix": ["hye_Armn"], "source_suffix": ["</s>"]}
OWN: Mapping[str, Any] = {
    "package_version": "1.0",
    "name": "NLLB 200: distilled",
    "licence": "CC-BY-NC-4.0",
    "newsmt": {
        "format": 1,
        "family": "nllb-200",
        "origin": "facebook/nllb",
        "tokenizers": ["source.spm", "target.spm"],
        "directions": [DIRECTION, {"from_code": "en", "to_code": "hy", "target_prefix": ["hye_Armn"]}],
    },
}


def test_package_of_argos_has_one_direction() -> None:
    metadata = parse_metadata({**ARGOS, "target_prefix": ">>ru<<"}, "m.json")

    assert metadata.directions == (Direction(pair=parse_pair("en-ru"), target_prefix=(">>ru<<",)),)
    assert (metadata.family, metadata.version, metadata.licence) == ("argos", "1.9", None)
    assert metadata.folder_name == "translate-en_ru-1_9"


def test_own_package_has_several() -> None:
    metadata = parse_metadata(OWN, "m.json")

    assert [str(direction.pair) for direction in metadata.directions] == ["hy-en", "en-hy"]
    assert metadata.directions[0].source_prefix == ("hye_Armn",)
    assert metadata.tokenizers == (("source.spm", "target.spm"),)
    assert (metadata.family, metadata.origin, metadata.licence) == ("nllb-200", "facebook/nllb", "CC-BY-NC-4.0")
    assert metadata.folder_name == "nllb-200-distilled-1_0"


def test_direction_stands_in_the_metadata_as_it_is_read() -> None:
    direction = parse_metadata(OWN, "m.json").directions[0]

    again = parse_metadata({**OWN, "newsmt": {**OWN["newsmt"], "directions": [direction.to_json()]}}, "m.json")

    assert again.directions == (direction,)


@pytest.mark.parametrize(
    ("around", "signature"),
    [
        pytest.param({}, "prefix \n", id="plain"),
        pytest.param({"target_prefix": ("a", "b")}, "prefix a b\n", id="target"),
        pytest.param({"source_prefix": ("s",)}, "prefix \naround s\naround \n", id="before"),
        pytest.param({"source_suffix": ("s",)}, "prefix \naround \naround s\n", id="after"),
    ],
)
def test_tokens_around_a_text_are_part_of_the_signature(around: dict[str, tuple[str, ...]], signature: str) -> None:
    assert Direction(pair=parse_pair("en-ru"), **around).signature == signature


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({"from_code": None}, "from_code must be a language code such as en, found None", id="no-code"),
        pytest.param({"from_code": "e/../n"}, "from_code must be a language code", id="path-as-code"),
        pytest.param({"to_code": ["ru"]}, "to_code must be a language code", id="list-as-code"),
        pytest.param({"to_code": "en"}, "from_code and to_code are both 'en'", id="one-language"),
        pytest.param({"package_version": True}, "package_version must be a version", id="flag-as-version"),
        pytest.param({"package_version": "1.0\x1b[2J"}, "package_version must be a version", id="escape-in-version"),
        pytest.param({"package_version": "9" * 40}, "package_version must be a version", id="long-version"),
        pytest.param({"target_prefix": 5}, "target_prefix must be a string", id="number-as-prefix"),
        pytest.param({"newsmt": []}, "newsmt must be an object", id="list-as-own"),
        pytest.param({"newsmt": {}}, "newsmt.format is None, this newsmt knows 1; upgrade newsmt", id="no-format"),
        pytest.param({"newsmt": {"format": 1}}, "m.json: newsmt: directions must be a list", id="no-directions"),
        pytest.param({"newsmt": {"format": 1, "directions": []}}, "directions must be a list", id="empty-directions"),
        pytest.param({"newsmt": {"format": 1, "directions": [5]}}, "directions must be a list", id="bad-direction"),
        pytest.param(
            {"newsmt": {"format": 1, "directions": [{**DIRECTION, "source_prefix": "x"}]}},
            "source_prefix must be a list of tokens",
            id="string-as-tokens",
        ),
        pytest.param(
            {"newsmt": {"format": 1, "directions": [DIRECTION], "tokenizers": ["../x.spm", "y.spm"]}},
            "tokenizers must be two file names",
            id="path-as-tokenizer",
        ),
        pytest.param(
            {"newsmt": {"format": 1, "directions": [DIRECTION], "tokenizers": ["source.spm"]}},
            "tokenizers must be two file names",
            id="one-tokenizer",
        ),
    ],
)
def test_wrong_values_are_named(change: dict[str, Any], expected: str) -> None:
    with pytest.raises(ModelError) as raised:
        parse_metadata({**ARGOS, **change}, "m.json")

    assert str(raised.value).startswith("m.json: ")
    assert expected in str(raised.value)


def test_number_is_a_version() -> None:
    assert parse_metadata({**ARGOS, "package_version": 1.9}, "m.json").version == "1.9"


def test_other_types_have_no_directions() -> None:
    assert parse_metadata({"type": "sbd"}, "m.json").directions == ()


def test_texts_for_people_hold_no_control_characters() -> None:
    metadata = parse_metadata({**ARGOS, "licence": "MIT\x1b[31m\n", "name": ""}, "m.json")

    assert (metadata.licence, metadata.name) == ("MIT[31m", None)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(None, "cannot be read", id="missing"),
        pytest.param(b"{", "cannot be read", id="cut"),
        pytest.param(b"\xff\xfe", "cannot be read", id="not-utf-8"),
        pytest.param(b"[" * 100_000, "cannot be read", id="deep"),
        pytest.param(b"[]", "expected a JSON object, found list", id="list"),
        pytest.param(b" " * ((1 << 20) + 1), "larger than 1,048,576 bytes", id="large"),
    ],
)
def test_damaged_file_is_named(content: bytes | None, expected: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "metadata.json").write_bytes(content)

    with pytest.raises(ModelError, match=expected) as raised:
        read_metadata(tmp_path)

    assert str(tmp_path / "metadata.json") in str(raised.value)


def test_metadata_is_read_from_a_folder(tmp_path: Path) -> None:
    (tmp_path / "metadata.json").write_text(json.dumps(ARGOS))

    assert read_metadata(tmp_path) == parse_metadata(ARGOS, "m.json")


@pytest.mark.parametrize(
    ("version", "key"),
    [pytest.param("1.10", (1, 10), id="two"), pytest.param("2020-02-26", (2020, 2, 26), id="date")],
)
def test_versions_are_ordered_by_their_numbers(version: str, key: tuple[int, ...]) -> None:
    assert version_key(version) == key
