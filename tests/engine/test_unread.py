"""RUNs that nobody here could read: said beside the report, and no finding."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

FROM = "FROM python:3.12-slim\n"
HALF = FROM + "RUN apt-get update && \\\n    apt-get install -y gcc && \\\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = Path("Dockerfile")
    path.write_text(HALF)
    return path


@pytest.mark.parametrize("operator", ["&&", "||", "|"])
def test_a_half_written_run(operator: str, file: Path, run: Any) -> None:
    file.write_text(HALF.replace("gcc &&", f"gcc {operator}"))
    result = run("check", file)
    assert result.exit_code == 0  # BuildKit takes the file
    assert result.stdout == "Nothing to report in 1 file. 1 RUN could not be checked.\n"
    said = f"this RUN ends in {operator} where a command is missing, so it was not checked; complete it"
    assert result.stderr == f"dockslim: note: Dockerfile:2: {said}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'RUN echo "gcc\n',
            "was not understood as shell ('\"gcc'), so it was not checked; see whether `sh -n`",
        ),
        ("RUN if true; then echo\n", "was not understood as shell"),
        ('SHELL ["powershell"]\nRUN a\nRUN b\nRUN c\n', "powershell reads this RUN and 2 more, no shell"),
        ('SHELL ["mamba", "run"]\nRUN pip install six\n', "mamba reads this RUN, no shell"),
        ("RUN (\n" * 5, "was not understood as shell"),
    ],
)
def test_what_else_is_not_read(text: str, said: str, file: Path, run: Any) -> None:
    file.write_text(FROM + text)
    result = run("check", file)
    assert result.exit_code == 0
    assert said in result.stderr
    assert len(result.stderr.splitlines()) <= 3


@pytest.mark.parametrize(
    "text",
    [
        "RUN apt-get install -y gcc # and then &&\n",
        "RUN echo '&&'\n",
        "RUN apt-get check \\\n",
        "RUN python3 <<EOF\nimport os; print(os)\nEOF\n",
        "RUN <<EOF\n#!/usr/bin/env python3\nprint('&&')\nEOF\n",
        "RUN {{ x }}\n{% if y %}\nRUN a &&\n{% endif %}\n",
    ],
)
def test_what_was_read_or_is_no_shell_by_its_own_word(text: str, file: Path, run: Any) -> None:
    file.write_text(FROM + text)
    assert run("check", file).stderr == ""


def test_every_reader_hears_of_it(file: Path, run: Any) -> None:
    def output(name: str) -> tuple[str, str]:
        result = run("check", "--output-format", name, file)
        assert result.exit_code == 0
        return result.stdout, result.stderr

    stdout, stderr = output("json")
    assert json.loads(stdout)["notes"][0]["line"] == 2
    assert json.loads(stdout)["errors"] == []
    assert stderr == ""
    (invocation,) = json.loads(output("sarif")[0])["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is True
    assert [each["level"] for each in invocation["toolExecutionNotifications"]] == ["note"]
    assert output("github")[0].startswith("::notice title=dockslim,file=Dockerfile,line=2::this RUN ends in &&")
    assert "- Dockerfile:2: this RUN ends in &&" in output("markdown")[0]
    for name in ("junit", "checkstyle", "gitlab", "sonarqube", "json-lines"):
        assert "Dockerfile:2: this RUN" in output(name)[1]


def test_a_document_without_notes_is_as_ever(file: Path, run: Any) -> None:
    file.write_text(FROM)
    assert list(json.loads(run("check", "--output-format", "json", file).stdout)) == ["schema", "findings", "errors"]


def test_fix_says_it_too(file: Path, run: Any) -> None:
    result = run("fix", file)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "Dockerfile:2: this RUN ends in &&" in result.stderr
    assert json.loads(run("fix", "--output-format", "json", file).stdout)["notes"]


def test_neither_memory_nor_other_processes_swallow_it(tmp_path: Path, run: Any) -> None:
    for number in range(120):
        (tmp_path / f"{number:03}.Dockerfile").write_text(HALF if number % 40 == 7 else FROM)
    alone = run("check", "--jobs", "1", "--no-cache", tmp_path)
    assert [line.rpartition("/")[2][:16] for line in alone.stderr.splitlines()] == [
        f"{number:03}.Dockerfile:2" for number in (7, 47, 87)
    ]
    assert alone.stdout.endswith("3 RUNs could not be checked.\n")
    for _ in range(2):
        several = run("check", "--jobs", "3", tmp_path)
        assert (several.stdout, several.stderr) == (alone.stdout, alone.stderr)
