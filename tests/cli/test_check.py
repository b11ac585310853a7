from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SLIM = (
    "FROM python:3.12-slim-bookworm\nRUN apt-get update && apt-get install -y gcc g++\nRUN pip install cffi==1.17.1\n"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_clean_and_found(folder: Path, run: Any) -> None:
    Path("Dockerfile").write_text("FROM scratch\n")
    assert run("check").exit_code == 0
    Path("Dockerfile").write_text(SLIM)
    assert run("check").exit_code == 1
    assert run("check", "--exit-zero").exit_code == 0


def test_json(folder: Path, run: Any) -> None:
    Path("Dockerfile").write_text(SLIM)
    result = run("check", "--output-format", "json", "--select", "SLIM101", "Dockerfile", "nowhere")
    assert result.exit_code == 2
    document = json.loads(result.stdout)
    assert list(document) == ["schema", "findings", "errors"]
    assert document["schema"] == 1
    assert document["errors"] == [{"path": "nowhere", "message": "no such file or folder"}]
    first, second = document["findings"]
    assert list(first) == [
        "code",
        "name",
        "message",
        "path",
        "line",
        "column",
        "end_line",
        "end_column",
        "severity",
        "cost_mb",
        "fix",
    ]
    assert (first["code"], first["name"], first["path"]) == ("SLIM101", "build-tools-in-final-stage", "Dockerfile")
    assert (first["line"], first["column"], first["end_line"], first["end_column"]) == (2, 42, 2, 45)
    assert (second["line"], second["column"], second["end_line"], second["end_column"]) == (2, 46, 2, 49)
    assert first["severity"] == "warning"
    assert first["fix"]["id"] == second["fix"]["id"]


def test_text_underlines_the_word(folder: Path, run: Any) -> None:
    Path("Dockerfile").write_text(SLIM)
    lines = run("check", "--select", "SLIM101").stdout.splitlines()
    assert lines[0].startswith("Dockerfile:2:42: SLIM101 ")
    assert lines[0].endswith("[build-tools-in-final-stage]")
    assert lines[2] == "2 │ RUN apt-get update && apt-get install -y gcc g++"
    assert lines[3].startswith("  │                                          ^^^")
    assert lines[-1].startswith("2 findings in 1 file; `dockslim fix` mends 2")


def test_concise(folder: Path, run: Any) -> None:
    Path("Dockerfile").write_text(SLIM)
    lines = run("check", "--select", "SLIM101", "--output-format", "concise").stdout.splitlines()
    assert [line.partition(" ")[0] for line in lines[:2]] == ["Dockerfile:2:42:", "Dockerfile:2:46:"]


def test_github(folder: Path, run: Any) -> None:
    Path("Dockerfile").write_text(SLIM)
    line = run("check", "--select", "SLIM101", "--output-format", "github").stdout.splitlines()[0]
    assert line.startswith(
        "::warning title=SLIM101 build-tools-in-final-stage,file=Dockerfile,line=2,col=42,endLine=2,endColumn=45::"
    )


def test_sarif(folder: Path, run: Any) -> None:
    Path("a b").mkdir()
    Path("a b/Dockerfile").write_text(SLIM)
    result = run("check", "--select", "SLIM101", "--output-format", "sarif", "a b", "nowhere")
    assert result.exit_code == 2
    document = json.loads(result.stdout)
    assert document["version"] == "2.1.0"
    (entry,) = document["runs"]
    first = entry["results"][0]
    descriptor = entry["tool"]["driver"]["rules"][first["ruleIndex"]]
    assert (first["ruleId"], descriptor["id"]) == ("SLIM101", "SLIM101")
    assert all(descriptor[key]["text"] for key in ("shortDescription", "fullDescription", "help"))
    (place,) = first["locations"]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": "a%20b/Dockerfile", "uriBaseId": "SRCROOT"},
        "region": {"startLine": 2, "startColumn": 42, "endLine": 2, "endColumn": 45},
    }
    assert first["fixes"][0]["artifactChanges"][0]["replacements"]
    (problem,) = entry["invocations"][0]["toolExecutionNotifications"]
    assert problem["message"]["text"] == "nowhere: no such file or folder"


def test_statistics(folder: Path, run: Any) -> None:
    Path("Dockerfile").write_text(SLIM)
    assert "     2 SLIM101 build-tools-in-final-stage" in run("check", "--select", "SLIM101", "--statistics").stdout


def test_standard_input(folder: Path, run: Any) -> None:
    result = run("check", "--select", "SLIM101", "-", stdin=SLIM.encode())
    assert result.exit_code == 1
    assert result.stdout.startswith("Dockerfile:2:42:")
    result = run("check", "--select", "SLIM101", "--stdin-filename", "a/b.Dockerfile", "-", stdin=SLIM.encode())
    assert result.stdout.startswith("a/b.Dockerfile:2:42:")


def test_configuration_of_each_file(folder: Path, run: Any) -> None:
    for name in ("a", "b"):
        Path(name).mkdir()
        Path(name, "Dockerfile").write_text(SLIM)
    Path("a", "dockslim.toml").write_text('select = ["SLIM9"]\n')
    Path("pyproject.toml").write_text(
        '[tool.dockslim]\nselect = ["SLIM101"]\n[tool.dockslim.severity]\nSLIM101 = "error"\n'
    )
    document = json.loads(run("check", "--output-format", "json").stdout)
    assert [(each["path"], each["severity"]) for each in document["findings"]] == [("b/Dockerfile", "error")] * 2
    assert run("check", "--isolated", "a").exit_code == 1
    Path("a", "dockslim.toml").write_text('selekt = ["SLIM9"]\n')
    result = run("check")
    assert result.exit_code == 2
    assert "dockslim.toml: unknown key 'selekt'; did you mean select?" in result.stderr
    assert "b/Dockerfile:2:42" in result.stdout


@pytest.mark.parametrize(
    ("data", "code", "said"),
    [
        (b"", 1, "Dockerfile:1:1: SLIM900"),
        (b"\n\n", 1, "SLIM900"),
        (b"\x7fELF\x00\x01", 2, "a binary file"),
        ("FROM scratch\n".encode("utf-16"), 2, "UTF-16"),
        (b"FROM scratch\n# caf\xe9\n", 1, "Dockerfile:2:6: SLIM904"),
        (b"FROM {{ base }}\n{% if x %}\nRUN y\n{% endif %}\n", 1, "SLIM902"),
        (b"ARG X=1\n", 1, "SLIM900"),
    ],
    ids=["empty", "blank", "binary", "utf-16", "latin-1", "template", "no-from"],
)
def test_strange_files(data: bytes, code: int, said: str, folder: Path, run: Any) -> None:
    Path("Dockerfile").write_bytes(data)
    Path("sound.Dockerfile").write_text(SLIM)
    result = run("check", "Dockerfile", "sound.Dockerfile", "--select", "SLIM101,SLIM9")
    assert result.exit_code == code
    assert said in result.stdout + result.stderr
    assert "sound.Dockerfile:2:42: SLIM101" in result.stdout
    assert all(len(line.splitlines()) == 1 for line in result.stderr.splitlines())


def test_missing_and_unreadable(folder: Path, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("closed").mkdir()
    Path("Dockerfile").write_text(SLIM)
    import os

    real = os.scandir

    def scandir(path: Any) -> Any:
        if str(path) == "closed":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    result = run("check", "nowhere", "closed", "Dockerfile")
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "dockslim: error: nowhere: no such file or folder",
        "dockslim: error: closed: permission denied",
    ]
    assert "Dockerfile:2:42" in result.stdout


def test_a_target_that_is_not_there(folder: Path, run: Any) -> None:
    Path("Dockerfile").write_text("FROM scratch AS a\n")
    result = run("check", "--target", "b")
    assert result.exit_code == 2
    assert "Dockerfile: no stage 'b'" in result.stderr


def test_the_target_decides_what_ships(folder: Path, run: Any) -> None:
    Path("Dockerfile").write_text(SLIM.replace("bookworm\n", "bookworm AS dev\n", 1) + "FROM scratch\n")
    assert run("check", "--select", "SLIM101").exit_code == 0
    assert run("check", "--select", "SLIM101", "--target", "dev").exit_code == 1


def test_nothing_reaches_the_terminal_unclean(folder: Path, run: Any) -> None:
    Path("Dockerfile").write_bytes(b"FROM scratch\nRUNN \x1b[31m \xe2\x80\xae\n")
    output = run("check").stdout
    assert "\x1b" not in output
    assert "\u202e" not in output
