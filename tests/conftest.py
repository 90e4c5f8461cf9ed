from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.models.registry import ModelSet, open_model_set
from tests.tiny_package import TinyPackage


@pytest.fixture(autouse=True)
def own_packages(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of installed packages, empty: what is installed on this machine is no matter of the tests."""
    home = tmp_path_factory.mktemp("home")
    for name in ("ARGOS_PACKAGES_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))
    folder = home / "packages"
    monkeypatch.setenv("NEWSMT_PACKAGES_DIR", str(folder))
    return folder


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of packages with random weights: en-ru, ru-en, en-hy; nothing reads Armenian."""
    folder = tmp_path_factory.mktemp("models")
    for seed, (source, target) in enumerate((("en", "ru"), ("ru", "en"), ("en", "hy")), 1):
        TinyPackage(source=source, target=target, seed=seed).build(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_models(tiny_folder: Path) -> ModelSet:
    """The packages of `tiny_folder` as a model set."""
    return open_model_set(str(tiny_folder))


@pytest.fixture(scope="session")
def demo_models() -> ModelSet:
    """The bundled set."""
    return open_model_set("demo")
