"""A second, real package with a rule of its own comes in by the entry-point group."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip installed the example plugin; nothing is fetched."""
    target = tmp_path_factory.mktemp("site")
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation", "--no-index"]
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        *options,
        "--target",
        str(target),
        str(HERE / "dockslim-example"),
    ]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return target


def dockslim(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(site), "NO_COLOR": "1"}
    command = [sys.executable, "-m", "dockslim", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_its_rule_is_listed_explained_and_runs(installed: Path, tmp_path: Path) -> None:
    assert "EXM001 maintainer-instruction" in dockslim(installed, "rules").stdout
    assert "MAINTAINER is deprecated." in dockslim(installed, "explain", "EXM001").stdout
    file = tmp_path / "Dockerfile"
    file.write_text("FROM debian:12\nMAINTAINER somebody\n")
    result = dockslim(installed, "check", "--select", "EXM001", "--output-format", "json", str(file))
    (finding,) = json.loads(result.stdout)["findings"]
    assert (finding["code"], finding["line"], finding["column"], finding["end_column"]) == ("EXM001", 2, 1, 11)
    assert result.returncode == 1


def test_its_examples_hold(installed: Path) -> None:
    program = (
        "from dockslim.testing import complaints, examples\n"
        "for rule, example in examples('dockslim_example'):\n"
        "    assert list(complaints(rule, example)) == []\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import nothing_of_this_name\n", "ModuleNotFoundError"),
        (
            "from dockslim.api import Example, Rule\n"
            "class Double(Rule):\n"
            '    """Twice."""\n'
            '    code = "SLIM900"\n'
            '    name = "double"\n'
            '    examples = (Example(allow="FROM a\\n"),)\n',
            "has that code or name",
        ),
        ("from dockslim.api import Rule\nclass Bare(Rule):\n    code = 'BAR001'\n", "docstring"),
    ],
    ids=["broken", "double", "bare"],
)
def test_a_plugin_at_fault_costs_one_line(source: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "faulty.py").write_text(source)
    info = tmp_path / "faulty-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: faulty\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[dockslim.rules]\nfaulty = faulty\n")
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    result = dockslim(tmp_path, "check", str(tmp_path / "Dockerfile"))
    assert result.returncode == 2
    assert "in 1 file" in result.stdout
    (line,) = result.stderr.splitlines()
    assert said in line


def test_entry_points_are_those_of_importlib_metadata(installed: Path) -> None:
    program = (
        "from importlib import metadata\n"
        "from dockslim.engine import registry\n"
        "ours = [(p.name, p.value) for p in registry.entry_points()]\n"
        "theirs = [(p.name, p.value) for p in metadata.entry_points(group=registry.GROUP)]\n"
        "assert sorted(ours) == sorted(theirs) and len(ours) >= 2, (ours, theirs)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)
