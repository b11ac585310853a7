"""Our own Dockerfile: clean by our own rules, and its context is all that the wheel is made of."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

from dockslim.model import Context

ROOT = Path(__file__).parent.parent.parent


def test_dockslim_has_nothing_to_report(run: Any) -> None:
    result = run("check", "--isolated", "--select", "ALL", ROOT / "Dockerfile")
    assert result.exit_code == 0, result.output


def test_the_context_is_enough_for_the_wheel(tmp_path: Path) -> None:
    context = Context(ROOT)
    for name in ("pyproject.toml", "README.md", "LICENSE", "lint", "rules"):
        assert context.exists(name)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, tmp_path)
    for name in ("tests", ".git", ".venv", "corpus", "lint/dockslim/__pycache__"):
        assert not context.exists(name)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "out"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    (wheel,) = (tmp_path / "out").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "dockslim/cli.py" in names
    assert "dockslim_rules/__init__.py" in names
    assert any(name.startswith("dockslim/knowledge/data/") for name in names)
