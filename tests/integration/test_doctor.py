from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline import doctor
from pipeline.cli.app import app
from pipeline.doctor import DEMO_PAIRS, PACKAGES, Finding, Level, examine
from pipeline.errors import ModelError
from pipeline.models import registry
from tests.tiny_package import TinyPackage

DEMO = registry.BUNDLED_SETS["demo"]
NEWSMT = (sys.executable, "-c", "from pipeline.cli.app import main; main()")


def run_doctor(*arguments: str, environment: Mapping[str, str] = {}) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*NEWSMT, "doctor", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, **environment},
        check=False,
    )


def findings_on(subject: str) -> list[Finding]:
    return [finding for finding in examine() if finding.subject == subject]


def test_good_installation_has_no_problem() -> None:
    process = run_doctor("--json", environment={"ARGOS_PACKAGES_DIR": str(DEMO)})

    report = json.loads(process.stdout)

    assert [finding for finding in report["findings"] if finding["level"] != "ok"] == []
    assert report["ok"] is True
    assert process.returncode == 0
    assert {finding["subject"] for finding in report["findings"]} == {
        "python", "cores", "package", "models", "demo", "languages", "sqlite", "parquet", "cuda",
    }  # fmt: skip


def test_people_read_one_line_for_each_finding() -> None:
    process = run_doctor(environment={"ARGOS_PACKAGES_DIR": str(DEMO)})

    lines = process.stdout.splitlines()

    assert any(re.fullmatch(r"ok +package +ctranslate2 \d.*", line) for line in lines)
    assert any(re.fullmatch(r"ok +models +en_ru@1\.0#\w+: Франция и Индия .*", line) for line in lines)
    assert len([line for line in lines if line.split()[1] == "demo"]) == len(DEMO_PAIRS)


def test_missing_models_are_a_warning_with_a_hint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(tmp_path / "nothing"))

    (finding,) = findings_on("models")

    assert finding.level == "warning"
    assert "nothing" in finding.message
    assert finding.hint is not None
    assert "newsmt models install en-ru" in finding.hint
    assert "--models demo" in finding.hint


def test_damaged_package_is_a_warning_that_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "translate-en_ru-1_9").mkdir()
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(tmp_path))

    findings = findings_on("models")

    assert [finding.level for finding in findings] == ["warning", "warning"]
    assert "translate-en_ru-1_9" in findings[1].message


def test_installed_package_that_does_not_load_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = TinyPackage(source="en", target="ru").build(tmp_path)
    (package / "model" / "model.bin").write_bytes(b"cut")
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(tmp_path))

    (finding,) = findings_on("models")

    assert finding.level == "problem"
    assert finding.hint == "see newsmt models verify; or remove the package and get it again"
    assert "CTranslate2 cannot load the model" in finding.message


def test_installed_package_that_translates_badly_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    TinyPackage(source="en", target="hy").build(tmp_path)
    TinyPackage(source="fr", target="hy").build(tmp_path)
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(tmp_path))

    doubted, untried = findings_on("models")

    assert doubted.level == "warning"
    assert "the trial translation failed" in doubted.message
    assert untried.level == "ok"
    assert untried.message.endswith(": loads; there are no sentences here to try it with")


def test_missing_demo_package_is_a_problem(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.BUNDLED_SETS, "demo", tiny_folder)

    findings = findings_on("demo")

    assert [finding.message for finding in findings if finding.message.endswith("no package")] == ["hy-en: no package"]
    assert next(finding for finding in findings if finding.message == "hy-en: no package").level == "problem"


def test_damaged_demo_package_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "translate-en_ru-1_0").mkdir()
    monkeypatch.setitem(registry.BUNDLED_SETS, "demo", tmp_path)

    findings = findings_on("demo")

    assert "translate-en_ru-1_0" in findings[0].message
    assert {finding.level for finding in findings} == {"problem"}


def test_missing_package_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PACKAGES", ("pyarrow", "newsmt-no-such-package"))

    assert [finding.level for finding in findings_on("package")] == ["ok", "problem"]


def test_packages_are_those_of_the_project_file() -> None:
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    table = text.partition("\ndependencies = [")[2].partition("\n]")[0]

    assert set(PACKAGES) == {name for name in re.findall(r'"([\w-]+)', table) if name != "tomli"}


def test_folder_that_cannot_be_written_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nothing"))

    findings = [finding for finding in examine() if finding.subject in ("sqlite", "parquet")]

    assert [finding.level for finding in findings] == ["problem", "problem"]
    assert all("TMPDIR" in (finding.hint or "") for finding in findings)


def test_subject_that_fails_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Iterator[Finding]:
        raise ModelError("no model set here")
        yield

    def succeed() -> Iterator[Finding]:
        yield Finding(level="ok", subject="after", message="fine")

    monkeypatch.setattr(doctor, "SUBJECTS", (("before", "mend it", fail), ("after", "", succeed)))

    assert list(examine()) == [
        Finding(level="problem", subject="before", message="failed: ModelError: no model set here", hint="mend it"),
        Finding(level="ok", subject="after", message="fine"),
    ]


@pytest.mark.parametrize(
    ("level", "exit_code"), [pytest.param("warning", 0, id="warning"), pytest.param("problem", 1, id="problem")]
)
def test_exit_code_tells_of_problems_only(level: Level, exit_code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    finding = Finding(level=level, subject="models", message="not in order", hint="mend it")
    monkeypatch.setattr(doctor, "SUBJECTS", (("models", "", lambda: iter([finding])),))

    result = CliRunner().invoke(app, ["doctor"])

    assert result.exit_code == exit_code
    assert "not in order" in result.output
    assert "-> mend it" in result.output


@pytest.mark.parametrize(
    ("name", "stand_in", "finding"),
    [
        pytest.param(
            "pipeline.langid.detect_language",
            lambda text: ("et" if "Փարիզ" in text else "ru" if "Париж" in text else "en", 1.0),
            Finding(level="problem", subject="languages", message="hy taken for et", hint=doctor._REINSTALL),
            id="language",
        ),
        pytest.param(
            "ctranslate2.get_cuda_device_count",
            lambda: 2,
            Finding(level="ok", subject="cuda", message="2 usable, choose with --device cuda"),
            id="gpus",
        ),
    ],
)
def test_finding_follows_what_is_there(
    name: str, stand_in: object, finding: Finding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(name, stand_in)

    assert findings_on(finding.subject) == [finding]


def test_storage_that_gives_back_something_else_is_a_problem() -> None:
    assert doctor._judge_storage("sqlite", "SQLite", ["?"]).level == "problem"
