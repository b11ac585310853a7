"""Completion in the shells, as their users get it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_sound(shell: str, run: Any, tmp_path: Path) -> None:
    result = run("completion", shell)
    assert result.exit_code == 0
    assert "_DOCKSLIM_COMPLETE" in result.stdout
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed: its script was made, not read")
    script = tmp_path / "script"
    script.write_text(result.stdout)
    subprocess.run([shell, "-n", str(script)], check=True)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["che"], ["check"]),
        (["ver"], ["verify"]),
        (["verify", "--engi"], ["--engine"]),
        (["check", "--extend-s"], ["--extend-select"]),
        (["check", "--select", "build-tools-in"], ["build-tools-in-final-stage"]),
        (["check", "--select", "SLIM202,SLIM101"], ["SLIM202,SLIM101"]),
        (["check", "--output-format", "sa"], ["sarif"]),
        (["check", "--fail-on", "w"], ["warning"]),
        (["explain", "SLIM900"], ["SLIM900"]),
        (["config", "sch"], ["schema"]),
    ],
    ids=" ".join,
)
def test_bash_completes(words: list[str], expected: list[str]) -> None:
    """What the script asks of the program when Tab is pressed behind these words."""
    line = ["dockslim", *words]
    environment = {"_DOCKSLIM_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(line), "COMP_CWORD": str(len(words))}
    program = str(Path(sys.executable).with_name("dockslim"))
    done = subprocess.run(
        [program], env={**os.environ, "PATH": PATH, **environment}, capture_output=True, text=True, check=True
    )
    assert [answer.partition(",")[2] for answer in done.stdout.splitlines()] == expected
