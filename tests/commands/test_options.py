from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "Dockerfile"
    path.write_text("FROM python:3.12-slim\nRUN apt-get install -y gcc\n")
    return path


@pytest.mark.parametrize("option", ["--select", "--extend-select", "--ignore"])
@pytest.mark.parametrize("value", ["", " ", ","])
@pytest.mark.parametrize("command", ["check", "fix"])
def test_no_rule_is_not_every_rule(command: str, value: str, option: str, file: Path, run: Any) -> None:
    result = run(command, option, value, file)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{option}: {value!r} names no rule" in result.stderr


def test_a_comma_too_many_does_no_harm(file: Path, run: Any) -> None:
    assert run("check", "--select", "SLIM101,", file).exit_code == 1


@pytest.mark.parametrize("command", [["fix", "--verify"], ["verify"]])
def test_an_engine_that_there_is_not(command: list[str], file: Path, run: Any) -> None:
    result = run(*command, "--engine", "zork", file)
    assert result.exit_code == 2
    assert "'zork' is not one of 'auto', 'docker', 'podman', 'buildah'" in result.stderr
