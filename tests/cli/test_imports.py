"""What is imported for a call: nothing that it does not use."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

#: Modules that take long to import, and what for they may be.
SLOW = (
    "click contextlib dataclasses datetime dockerfile_parse importlib.metadata inspect json lark logging "
    "multiprocessing packaging pathspec pygls random rich sqlite3 subprocess tempfile tomllib tree_sitter typing yaml"
).split()
OURS = (
    "dockslim.model.stage dockslim.rewrite dockslim.rewrite.planner dockslim.syntax.parser dockslim.knowledge".split()
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "Dockerfile").write_text(
        "FROM python:3.12-slim-bookworm\nRUN apt-get update && apt-get install -y gcc libpq-dev\n"
        "COPY requirements.txt .\nRUN pip install -r requirements.txt\n"
    )
    (tmp_path / "requirements.txt").write_text("psycopg2==2.9.9\n")
    return tmp_path


def imported(place: Path, *arguments: str) -> set[str]:
    """Which of the slow modules and of ours a call imports."""
    program = (
        "import sys\nfrom dockslim.start import main\nsys.argv[1:] = sys.argv[1:]\ntry: main()\n"
        "finally: sys.stderr.write('\\n'.join(sys.modules))"
    )
    environment = {**os.environ, "DOCKSLIM_CACHE_DIR": str(place / "cache")}
    called = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(called, cwd=place, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout
    return {*SLOW, *OURS, "dockslim_rules"} & set(done.stderr.splitlines())


def test_version(place: Path) -> None:
    found = imported(place, "--version")
    assert found.isdisjoint({"rich", "lark", "tree_sitter", "dockslim.syntax.parser", "dockslim.rewrite", "yaml"})


def test_cold_check(place: Path) -> None:
    found = imported(place, "check", "Dockerfile")
    assert {"dockslim.syntax.parser", "dockslim_rules"} <= found
    assert found & set(SLOW) == {"json"}  # its scripts are plain: the shell's grammar is not needed


def test_cold_check_of_a_script_with_quotes(place: Path) -> None:
    (place / "Dockerfile").write_text("FROM debian:12\nRUN echo 'a' > b\n")
    assert imported(place, "check", "Dockerfile") & set(SLOW) <= {"tree_sitter", "json"}


def test_check_of_what_is_remembered(place: Path) -> None:
    imported(place, "check", "Dockerfile")
    assert imported(place, "check", "Dockerfile") == set()


@pytest.mark.parametrize("option", ["--force-exclude", "--no-cache", "--output-format=concise", "--ignore=SLIM204"])
def test_common_options_need_no_click(place: Path, option: str) -> None:
    imported(place, "check", option, "Dockerfile")
    assert imported(place, "check", option, "Dockerfile").isdisjoint({"click", "rich"})


def test_fix_as_a_hook_calls_it_needs_no_click(place: Path) -> None:
    assert imported(place, "fix", "--write", "--force-exclude", "Dockerfile").isdisjoint({"click", "rich"})
    assert "AS builder" in (place / "Dockerfile").read_text()


def test_check_with_a_rare_option_adds_click_only(place: Path) -> None:
    imported(place, "check", "Dockerfile")
    assert imported(place, "check", "--exclude=x", "Dockerfile") & {"click", "rich"} == {"click"}
