"""What `dockslim fix` says of a file, for a person, for `patch` and for a program."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SLIM = "FROM python:3.12-slim-bookworm\nRUN apt-get update && apt-get install -y gcc\nRUN pip install cffi==1.17.1\n"
OPEN = "FROM python:3.12-slim-bookworm\nRUN apt-get update && apt-get install -y gcc\nRUN pip install -r gone.txt\n"
CALLS = SLIM + "CMD gcc x.c\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("Dockerfile")


SPARED = [
    ("", "line 1 SLIM900 the file is empty"),
    ("# nothing yet\n", "line 1 SLIM900 the file is empty"),
    ("ARG A=1\n", "line 1 SLIM900 there is no FROM"),
    ("FROM {{ base }}\n{% if x %}\nRUN true\n{% endif %}\n", "line 1 SLIM902 the file is a Jinja template"),
    ("FROM a\nRUNN x\n", "line 2 SLIM900 does not read as a Dockerfile: unknown instruction RUNN"),
]


@pytest.mark.parametrize(("text", "said"), SPARED)
@pytest.mark.parametrize("options", [(), ("--write",), ("--diff",)])
def test_a_file_that_is_left_alone_is_told_of(
    options: tuple[str, ...], text: str, said: str, file: Path, run: Any
) -> None:
    file.write_text(text)
    result = run("fix", *options, file)
    assert (result.exit_code, result.stderr) == (1, "")
    heading, reason, *_ = result.stdout.splitlines()
    assert heading == "Dockerfile: left as it was:"
    assert reason.strip().startswith(said)
    assert file.read_text() == text


@pytest.mark.parametrize(("text", "said"), SPARED)
def test_of_standard_input_it_is_told_beside(text: str, said: str, file: Path, run: Any) -> None:
    result = run("fix", "-", stdin=text.encode())
    assert (result.exit_code, result.stdout) == (1, text)
    assert said in result.stderr


@pytest.mark.parametrize(("text", "said"), SPARED)
def test_a_program_is_told_too(text: str, said: str, file: Path, run: Any) -> None:
    file.write_text(text)
    (entry,) = json.loads(run("fix", "--output-format", "json", file).stdout)["files"]
    (reason,) = entry["reasons"]
    assert (entry["changed"], entry["rewrite"]) == (False, "none")
    assert said.startswith(f"line {reason['line']} {reason['code']} ")


def test_it_is_told_whatever_rules_were_asked_for(file: Path, run: Any) -> None:
    file.write_text("FROM {{ base }}\nRUN true\n")
    result = run("fix", "--select", "SLIM101", file)
    assert result.exit_code == 0  # nothing that was asked for is left
    assert "the file is a Jinja template" in result.stdout


def test_findings_without_a_fix_are_counted(file: Path, run: Any) -> None:
    file.write_text("FROM python:3.12-slim\nENV PASSWORD=hunter2secret\nENV API_TOKEN=hunter2secret\n")
    result = run("fix", "--select", "SLIM5", file)
    assert result.exit_code == 1
    assert result.stdout.startswith("Dockerfile: ")
    assert "without a fix: SLIM" in result.stdout
    assert "`dockslim check` shows them" in result.stdout


def test_nothing_to_do_is_no_news(file: Path, run: Any) -> None:
    file.write_text("FROM scratch\n")
    result = run("fix", file)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


def test_a_folder_without_a_dockerfile_is_news(file: Path, run: Any) -> None:
    for words in (["fix"], ["fix", "--write"], ["check"]):
        result = run(*words, ".")
        assert (result.exit_code, result.stdout, result.stderr) == (0, "No Dockerfile found.\n", "")
    assert json.loads(run("fix", "--output-format", "json", ".").stdout)["files"] == []


BYTES = (
    b"# Jos\xe9, \xc3\xa9t\xc3\xa9\r\nFROM python:3.12-slim-bookworm\nRUN apt-get update && apt-get install -y gcc\n"
    b'LABEL by="Jos\xe9"\nRUN pip install cffi==1.17.1'
)


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "ascii"])
@pytest.mark.parametrize("tool", [["patch", "-p1", "--binary"], ["git", "apply", "-"]], ids=["patch", "git"])
def test_a_diff_holds_the_bytes_of_the_file(tool: list[str], encoding: str, file: Path, run: Any) -> None:
    if shutil.which(tool[0]) is None:
        pytest.skip(f"no {tool[0]} here")
    file.write_bytes(BYTES)
    command = [sys.executable, "-m", "dockslim", "fix", "--select", "SLIM1", "--diff", "Dockerfile"]
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    shown = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert (shown.returncode, shown.stderr) == (1, b"")
    diff, _, rest = shown.stdout.partition(b"\nwhy:\n")
    assert rest
    subprocess.run(tool, input=diff, check=True, capture_output=True)
    patched = file.read_bytes()
    file.write_bytes(BYTES)
    run("fix", "--select", "SLIM1", "--write", file)
    assert file.read_bytes() == patched != BYTES


def test_in_colour_such_bytes_are_pictures(file: Path) -> None:
    file.write_bytes(BYTES)
    command = [sys.executable, "-m", "dockslim", "fix", "Dockerfile"]
    environment = {**os.environ, "FORCE_COLOR": "1"}
    shown = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert (shown.returncode, shown.stderr) == (1, b"")
    assert "Jos\ufffd" in shown.stdout.decode()


def told(run: Any, *options: str) -> dict[str, Any]:
    document = json.loads(run("fix", "--select", "SLIM1", "--output-format", "json", *options, "Dockerfile").stdout)
    entry: dict[str, Any] = document["files"][0]
    return entry


def test_a_program_can_tell_a_withheld_rewrite_from_a_declined_one(file: Path, run: Any) -> None:
    file.write_text(OPEN)
    withheld = told(run)
    assert (withheld["rewrite"], withheld["refusal"]) == ("refused", "unsafe")
    assert told(run, "--unsafe-fixes")["rewrite"] == "done"
    file.write_text(CALLS)
    declined = told(run, "--unsafe-fixes")
    assert (declined["rewrite"], declined["refusal"]) == ("refused", "declined")
    file.write_text(SLIM)
    done = told(run)
    assert done["rewrite"] == "done"
    assert "refusal" not in done
    file.write_text("FROM scratch\n")
    assert "refusal" not in told(run)


def test_a_rewrite_that_is_shown_only(file: Path, run: Any) -> None:
    file.write_text(SLIM)
    Path("dockslim.toml").write_text('fix-safety = {SLIM1 = "display"}\n')
    assert told(run, "--unsafe-fixes")["refusal"] == "display"
