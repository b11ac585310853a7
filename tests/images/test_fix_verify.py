"""`dockslim fix --verify`: what the knowledge does not know is found by building, and written as a static list."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

CORPUS = Path(__file__).parents[2] / "corpus"


@pytest.mark.image
def test_an_unknown_library_is_found_and_written(
    docker: str,
    base_image: Callable[[str], int],
    run: Callable[..., Result],
    tmp_path: Path,
    forget_runtime: Callable[[str, tuple[str, ...] | None], None],
) -> None:
    base_image("python:3.11-slim-bookworm")
    forget_runtime("unixodbc-dev", None)
    context = tmp_path / "case"
    shutil.copytree(CORPUS / "pyodbc-bookworm", context)
    dockerfile = context / "Dockerfile"

    plain = run("fix", "--write", dockerfile)
    assert plain.exit_code == 1
    assert "libodbc2" not in dockerfile.read_text()

    verified = run("fix", "--verify", "--write", "--network", "host", dockerfile)
    assert verified.exit_code == 0, verified.output
    text = dockerfile.read_text()
    assert "libodbc2" in text
    assert "FROM python:3.11-slim-bookworm AS builder" in text


def test_its_options_want_it(run: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    result = run("fix", "--smoke", "true", tmp_path / "Dockerfile")
    assert result.exit_code == 2
    assert "--smoke goes with --verify" in result.output


def test_without_an_engine_it_says_so(
    run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "FROM python:3.12-slim-bookworm\nRUN apt-get update && apt-get install -y gcc\nRUN pip install six\n"
    (tmp_path / "Dockerfile").write_text(text)
    monkeypatch.setenv("PATH", str(tmp_path))
    result = run("fix", "--verify", "--write", tmp_path / "Dockerfile")
    assert result.exit_code == 2
    assert (tmp_path / "Dockerfile").read_text() == text
