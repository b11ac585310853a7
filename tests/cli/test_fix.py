from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

SLIM = "FROM python:3.12-slim-bookworm\nRUN apt-get update && apt-get install -y gcc\nRUN pip install cffi==1.17.1\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = Path("Dockerfile")
    path.write_text(SLIM)
    return path


def test_it_shows_a_diff_that_patch_takes(file: Path, run: Any) -> None:
    result = run("fix", "--select", "SLIM101", "--diff", file)
    assert result.exit_code == 1
    assert file.read_text() == SLIM
    diff, _, rest = result.stdout.partition("\nwhy:\n")
    assert "SLIM101 moved: gcc" in rest
    assert "safety: safe" in rest
    subprocess.run(["patch", "-p1"], input=diff.encode(), check=True, capture_output=True)
    assert run("check", "--select", "SLIM101", file).exit_code == 0


def test_write(file: Path, run: Any) -> None:
    result = run("fix", "--select", "SLIM101", "--write", file)
    assert result.exit_code == 0
    assert file.read_text() != SLIM
    again = run("fix", "--select", "SLIM101", "--write", file)
    assert again.exit_code == 0


def test_standard_input_gives_the_new_text_alone(file: Path, run: Any) -> None:
    result = run("fix", "--select", "SLIM101", "-", stdin=SLIM.encode())
    assert result.exit_code == 0
    run("fix", "--select", "SLIM101", "--write", file)
    assert result.stdout == file.read_text()
    clean = run("fix", "-", stdin=b"FROM scratch\r\n")
    assert clean.stdout_bytes == b"FROM scratch\r\n"
    assert run("fix", "--select", "SLIM101", "--diff", "-", stdin=SLIM.encode()).stdout.startswith("--- a/Dockerfile")


def test_json(file: Path, run: Any) -> None:
    result = run("fix", "--select", "SLIM101", "--output-format", "json", file, "nowhere")
    assert result.exit_code == 2
    document = json.loads(result.stdout)
    assert list(document) == ["schema", "files", "errors"]
    (entry,) = document["files"]
    assert list(entry) == ["path", "changed", "rewrite", "safety", "obligations", "reasons", "text"]
    assert (entry["path"], entry["changed"], entry["rewrite"], entry["safety"]) == ("Dockerfile", True, "done", "safe")
    assert all(list(reason) == ["code", "line", "message"] for reason in entry["reasons"])
    assert all(list(each) == ["name", "proof", "why"] for each in entry["obligations"])
    run("fix", "--select", "SLIM101", "--write", file)
    assert entry["text"] == file.read_text()


@pytest.mark.parametrize("silence", ["comment", "ignore"])
def test_what_is_suppressed_or_deselected_stays(silence: str, file: Path, run: Any) -> None:
    comment = "# dockslim: ignore=SLIM102 the program compiles\n" if silence == "comment" else ""
    file.write_text(
        "FROM python:3.12-slim-bookworm\n"
        f"RUN apt-get update && apt-get install -y \\\n    gcc \\\n{comment}    libffi-dev\n"
        "RUN pip install cffi==1.17.1\n"
    )
    options = ["--select", "SLIM1", *(["--ignore", "SLIM102"] if silence == "ignore" else [])]
    result = run("fix", "--write", "--unsafe-fixes", *options, file)
    assert result.exit_code == 0
    final = file.read_text().rpartition("FROM")[2]
    assert "libffi-dev" in final
    assert "gcc" not in final


def test_the_context_and_build_arguments_are_read(file: Path, run: Any) -> None:
    file.write_text(
        "ARG TAG\nFROM python:${TAG}\n"
        "RUN apt-get update && apt-get install -y libffi-dev gcc\n"
        "COPY needs.txt .\nRUN pip install -r needs.txt\n"
    )
    Path("context").mkdir()
    Path("context/needs.txt").write_text("cffi==1.17.1\npycparser==2.22\n")
    options = ["fix", "--output-format", "json", "--select", "SLIM101,SLIM102", file]
    there = ["--context", "context", "--build-arg", "TAG=3.12-slim-bookworm"]

    def rewritten(*more: str) -> tuple[str, str]:
        (entry,) = json.loads(run(*options, *more).stdout)["files"]
        return entry["rewrite"], entry["safety"]

    assert rewritten(*there) == ("done", "safe")
    assert rewritten(*there[2:]) != ("done", "safe")
    assert rewritten(*there[:2]) != ("done", "safe")


def test_wheels_by_copy(file: Path, run: Any) -> None:
    assert "--mount=type=bind" in run("fix", "--select", "SLIM101", file).stdout
    by_option = run("fix", "--select", "SLIM101", "--wheel-transfer", "copy", file).stdout
    assert "--mount" not in by_option
    assert "COPY --from=builder" in by_option
    Path("dockslim.toml").write_text('wheel-transfer = "copy"\n')
    assert run("fix", "--select", "SLIM101", file).stdout == by_option


def test_nothing_to_do(file: Path, run: Any) -> None:
    file.write_text("FROM scratch\n")
    result = run("fix", "--output-format", "json", file)
    assert result.exit_code == 0
    (entry,) = json.loads(result.stdout)["files"]
    assert (entry["changed"], entry["rewrite"], entry["safety"], entry["reasons"]) == (False, "none", None, [])


def test_what_cannot_be_written_is_told(file: Path, run: Any) -> None:
    Path("tree").mkdir()
    link = Path("tree/Dockerfile")
    link.symlink_to(file.absolute())
    result = run("fix", "--select", "SLIM101", "--write", link)
    assert result.exit_code == 2
    assert "out of its folder" in result.stderr
    assert file.read_text() == SLIM


def test_write_and_diff_exclude_each_other(file: Path, run: Any) -> None:
    result = run("fix", "--write", "--diff", file)
    assert result.exit_code == 2
