"""The program as it is called: a process of its own, its streams, its last word."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import dockslim

SLIM = "FROM python:3.12-slim-bookworm\nRUN apt-get install -y gcc\nRUN pip install cffi\n"


def program(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    base = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    command = [sys.executable, "-m", "dockslim", *arguments]
    return subprocess.run(command, env={**base, **environment}, capture_output=True, check=False)


def test_version_and_help(run: Any) -> None:
    version = run("--version").stdout
    assert re.fullmatch(rf"dockslim, version {dockslim.__version__} \(package data of \d{{4}}-\d\d-\d\d\)\n", version)
    text = run("--help").stdout
    for command in ("check", "fix", "rules", "explain", "verify"):
        assert f"  {command} " in text


def test_help_and_check_import_no_more_than_they_need() -> None:
    code = (
        "import sys\nfrom dockslim.cli import main\nsys.argv[1:] = {arguments}\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\nprint([each for each in {heavy} if each in sys.modules])"
    )
    heavy = ["rich", "importlib.metadata", "pathspec", "tomllib", "dockerfile_parse", "lark", "tree_sitter"]
    for arguments, more in ((["--help"], ["dockslim.engine", "json"]), (["check", "--isolated", "nowhere"], [])):
        text = code.format(arguments=arguments, heavy=[*heavy, *more])
        result = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
        assert result.stdout.splitlines()[-1] == "[]"


def test_rules_and_explain(run: Any) -> None:
    listed = run("rules")
    assert listed.exit_code == 0
    assert listed.stdout.splitlines()[0].startswith("SLIM101 build-tools-in-final-stage")
    for word in ("SLIM101", "slim101", "build-tools-in-final-stage"):
        assert run("explain", word).stdout.startswith("# SLIM101 build-tools-in-final-stage\n")
    wrong = run("explain", "SLIM1O1")
    assert wrong.exit_code == 2
    assert "did you mean SLIM101?" in wrong.stderr


def test_colour(tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text(SLIM)
    assert b"\x1b[" not in program("check", str(file)).stdout
    assert b"\x1b[" in program("check", str(file), FORCE_COLOR="1").stdout
    assert b"\x1b[" not in program("check", str(file), FORCE_COLOR="1", NO_COLOR="1").stdout


def test_colour_changes_no_letter(tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text(SLIM)
    plain = program("check", str(file)).stdout
    assert re.sub(rb"\x1b\[[0-9;]*m", b"", program("check", str(file), FORCE_COLOR="1").stdout) == plain


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "--select", "SLIM1O1"], "no rule is called 'SLIM1O1'; did you mean SLIM101?"),
        (["check", "--ignore", "zzz"], "no rule is called 'zzz'"),
        (["check", "--selct", "SLIM101"], "No such option"),
        (["check", "--output-format", "yaml"], "'yaml' is not one of"),
        (["check", "--context", "/nowhere"], "does not exist"),
        (["chekc"], "No such command"),
        (["explain"], "Missing argument"),
    ],
)
def test_a_wrong_call_costs_one_line(arguments: list[str], said: str) -> None:
    result = program(*arguments)
    assert result.returncode == 2
    (line,) = result.stderr.decode().splitlines()
    assert line.startswith("dockslim: error: ")
    assert said in line


def test_a_reader_that_leaves_is_no_accident(tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text("FROM python:3.12-slim\n" + "RUNN apt\n" * 20_000)
    pipe = f"{sys.executable} -m dockslim check --output-format concise {file} | head -n 1"
    result = subprocess.run(["bash", "-c", pipe], capture_output=True, check=True)
    assert result.stderr == b""


def test_a_terminal_that_knows_no_unicode(tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text(SLIM)
    result = program("check", str(file), PYTHONIOENCODING="latin-1")
    assert result.returncode == 1
    assert b"SLIM101" in result.stdout
    assert result.stderr == b""


def test_why(run: Any) -> None:
    text = run("why", "gcc", "libpq-dev", "--release", "bookworm").stdout
    assert text.startswith("gcc: build tool (")
    assert "libpq5" in text
    document = json.loads(run("why", "gcc", "--release", "bookworm", "--output-format", "json").stdout)
    assert document["schema"] == 1
    assert document["packages"][0]["role"] == "build tool"
    assert run("why").exit_code == 2
