"""From a model as it was downloaded to rows that name it: convert, install, run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.dataset as ds
import pytest

from pipeline.errors import ModelError
from pipeline.models.registry import open_model_set
from tests.commands import newsmt
from tests.tiny_models import build_m2m100, build_marian, build_nllb, build_random_marian

ARMENIAN = "Գրադարան\n\nԳրադարանը կբացվի երեքշաբթի ժամը իննին։ Սևանի ձկնորսները հաշվեցին 340 նավակ։\n"


def run_into(target: str, tmp_path: Path) -> tuple[list[dict[str, object]], dict[str, object]]:
    """Translate an Armenian article with what is installed; return rows and manifest."""
    (tmp_path / "a.txt").write_text(ARMENIAN, encoding="utf-8")
    done = newsmt("run", tmp_path / "a.txt", "--to", target, "--out", tmp_path / "out", "--json")
    assert done.exit_code == 0, done.stderr
    manifest = json.loads(done.stdout.splitlines()[-1])
    return ds.dataset(tmp_path / "out" / "bitext", partitioning="hive").to_table().to_pylist(), manifest


def test_model_of_marian_is_installed_without_pytorch(tmp_path: Path, own_packages: Path) -> None:
    folder = build_random_marian(tmp_path / "opus", source="hy", targets=("en",))

    done = newsmt("models", "convert", folder, "--from", "hy", "--to", "en", "--no-trial", "--json")

    (installed,) = json.loads(done.stdout.splitlines()[-1])["installed"]
    assert installed["path"] == str(own_packages / "opus-mt-hy_en-1_0")
    assert newsmt("models", "verify").exit_code == 0
    (listed,) = json.loads(newsmt("models", "list", "--json").stdout)["packages"]
    assert (listed["family"], listed["licence"], listed["bleu"]) == ("opus-mt", "CC-BY-4.0", 12.8)
    rows, manifest = run_into("en", tmp_path)
    label = f"hy_en@1.0#{installed['sha256']['hy-en'][:12]}"
    assert {tuple(row["models"]) for row in rows} == {(label,)}  # type: ignore[arg-type]
    assert manifest["models"] == [
        {"label": label, "pair": "hy-en", "sha256": installed["sha256"]["hy-en"], "licence": "CC-BY-4.0"}
    ]


def test_conversion_again_finds_the_package_in_place(tmp_path: Path) -> None:
    folder = build_random_marian(tmp_path / "opus", source="hy", targets=("en",))
    command = ("models", "convert", folder, "--from", "hy", "--to", "en", "--no-trial")

    newsmt(*command)

    assert "is here already, and intact" in newsmt(*command).stderr


def test_conversion_into_a_folder_installs_nothing(tmp_path: Path) -> None:
    folder = build_random_marian(tmp_path / "opus", source="hy", targets=("en",))

    done = newsmt("models", "convert", folder, "--from", "hy", "--to", "en", "--output", tmp_path / "set", "--json")

    path = Path(json.loads(done.stdout.splitlines()[-1])["path"])
    assert path.parent == tmp_path / "set"
    assert open_model_set(str(tmp_path / "set")).pairs
    assert open_model_set("installed").pairs == []


def test_model_that_fails_the_trial_is_refused(tmp_path: Path, own_packages: Path) -> None:
    folder = build_random_marian(tmp_path / "opus", source="hy", targets=("en",))

    done = newsmt("models", "convert", folder, "--from", "hy", "--to", "en")

    assert done.exit_code == 2
    assert f"{folder}: the trial translation hy-en failed" in done.stderr
    assert [path.name for path in own_packages.iterdir()] == [".newsmt"]


def test_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    done = newsmt("models", "convert", tmp_path, "--from", "hy", "--to", "en")

    assert done.exit_code == 2
    assert "neither config.json (Hugging Face) nor decoder.yml (Marian) is here" in done.stderr


def test_no_direction_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no direction to convert"):
        newsmt("models", "convert", tmp_path, "--from", "hy", "--to", "hy", "--output", tmp_path / "set")


FAMILIES: dict[str, Callable[[Path], Path]] = {"opus-mt": build_marian, "m2m100": build_m2m100, "nllb-200": build_nllb}


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_is_converted_and_translates(family: str, tmp_path: Path) -> None:
    for module in ("torch", "transformers"):
        pytest.importorskip(module, reason="the extra `convert` is not installed", exc_type=ImportError)
    folder = FAMILIES[family](tmp_path / "downloaded")

    newsmt("models", "convert", folder, "--from", "hy", "--to", "en", "--no-trial")

    rows, _ = run_into("en", tmp_path)
    (package,) = open_model_set("installed").packages.values()
    assert package.family == family
    assert {tuple(row["models"]) for row in rows} == {(package.label,)}  # type: ignore[arg-type]
    assert all(row["target_text"] for row in rows)


@pytest.mark.slow
def test_directions_of_one_model_make_a_route_through_english(tmp_path: Path) -> None:
    for module in ("torch", "transformers"):
        pytest.importorskip(module, reason="the extra `convert` is not installed", exc_type=ImportError)
    folder = build_nllb(tmp_path / "downloaded")

    options = ("--from", "hy", "--from", "en", "--to", "en", "--to", "ru", "--no-trial")
    newsmt("models", "convert", folder, *options)
    newsmt("models", "remove", "nllb-200-downloaded-1_0")
    newsmt("models", "convert", folder, "--from", "hy", "--to", "en", "--no-trial")
    newsmt("models", "convert", folder, "--from", "en", "--to", "ru", "--no-trial")

    rows, manifest = run_into("ru", tmp_path)
    assert {row["pivot_lang"] for row in rows} == {"en"}
    labels = [package.label for _, package in sorted(open_model_set("installed").packages.items(), reverse=True)]
    assert manifest["routes"] == {"en-ru": labels[1:], "hy-ru": labels}
