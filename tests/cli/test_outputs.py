"""Where reports go, and what decides the exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SLIM = "FROM python:3.12-slim-bookworm\nRUN apt-get update && apt-get install -y gcc\nRUN pip install cffi==1.17.1\n"
SELECT = ("--select", "SLIM101")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("Dockerfile").write_text(SLIM)
    return tmp_path


def test_several_formats_at_once(run: Any) -> None:
    result = run(
        "check",
        *SELECT,
        "--output-format",
        "concise",
        "--output-format",
        "sarif=out.sarif",
        "--output-format=gitlab=out.json",
    )
    assert result.exit_code == 1
    assert result.stdout.startswith("Dockerfile:2:42: SLIM101")
    assert json.loads(Path("out.sarif").read_text())["version"] == "2.1.0"
    assert json.loads(Path("out.json").read_text())[0]["check_name"] == "SLIM101"


def test_output_file_takes_the_format_without_a_file(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    result = run("check", *SELECT, "--output-file", "out.txt")
    assert Path("out.txt").read_text().startswith("Dockerfile:2:42: SLIM101")
    assert "\x1b" not in Path("out.txt").read_text()
    assert "1 finding" in result.stdout
    run("check", *SELECT, "--output-format", "json", "--output-format", "junit=out.xml", "--output-file", "out.json")
    assert json.loads(Path("out.json").read_text())["findings"]
    assert Path("out.xml").read_text().startswith("<?xml")


def test_what_went_wrong_is_told_beside_a_file(run: Any) -> None:
    result = run("check", "nowhere", "--output-format", "json=out.json")
    assert result.exit_code == 2
    assert result.stderr == "dockslim: error: nowhere: no such file or folder\n"
    assert json.loads(Path("out.json").read_text())["errors"]


def test_statistics_beside_a_file(run: Any) -> None:
    result = run("check", *SELECT, "--statistics", "--output-format", "text", "--output-format", "json=out.json")
    assert result.stdout.splitlines()[0].split() == ["1", "SLIM101", "build-tools-in-final-stage"]
    assert len(json.loads(Path("out.json").read_text())["findings"]) == 1


@pytest.mark.parametrize(
    ("severity", "threshold", "code"),
    [
        ("info", "info", 1),
        ("info", "warning", 0),
        ("warning", "warning", 1),
        ("warning", "error", 0),
        ("error", "error", 1),
    ],
)
def test_fail_on(severity: str, threshold: str, code: int, run: Any) -> None:
    Path("dockslim.toml").write_text(f'select = ["SLIM101"]\nseverity = {{SLIM101 = "{severity}"}}\n')
    result = run("check", "--fail-on", threshold)
    assert result.exit_code == code
    assert "Dockerfile:2:42" in result.stdout


def test_fail_on_hides_no_error(run: Any) -> None:
    assert run("check", "--fail-on", "error", "nowhere").exit_code == 2
