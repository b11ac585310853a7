"""The hooks, run by the real pre-commit on a scratch repository, from a clone of this checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SLIM = "FROM python:3.12-slim-bookworm\nRUN apt-get update && apt-get install -y gcc\nRUN pip install cffi==1.17.1\n"
TAKEN = [
    "Dockerfile",
    "a/dockerfile",
    "a/app.dockerfile",
    "a/Dockerfile-dev",
    "a/Containerfile",
    "b c/prod.Dockerfile",
    "docker/Dockerfile.prod",
    "docker/Dockerfile.py3.12-slim",
]
SPARED = [
    "a/Dockerfile.dockerignore",
    "x.dockerignore",
    ".dockerignore",
    "Dockerfiles",
    "myDockerfile",
    "dockerfile.d/notes",
    "a/Dockerfile.md",
    "a/Dockerfile.py",
    "a/Dockerfile.j2",
    "a/notes.txt",
    "old/Dockerfile",
]


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
    base = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, env=base, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This checkout as a repository of its own: what git follows, with what is not committed yet."""
    clone = tmp_path_factory.mktemp("hooks")
    git(ROOT, "clone", "--quiet", "--depth=1", f"file://{ROOT}", str(clone))
    changed = git(ROOT, "ls-files", "--modified", "--others", "--exclude-standard", "-z").split("\0")
    for name in changed:
        source, place = ROOT / name, clone / name
        if name and source.is_file():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(source.read_bytes())
    git(clone, "add", ".")
    git(clone, "commit", "--quiet", "--allow-empty", "-m", "as it is")
    return clone


@pytest.fixture
def scratch(tmp_path: Path, hooks: Path) -> Path:
    scratch = tmp_path / "scratch"
    for name in [*TAKEN, *SPARED]:
        (scratch / name).parent.mkdir(parents=True, exist_ok=True)
        (scratch / name).write_text(SLIM)
    (scratch / "dockslim.toml").write_text('select = ["SLIM101"]\nexclude = ["old/"]\n')
    git(scratch, "init", "--quiet")
    (scratch / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {hooks}\n    rev: {git(hooks, 'rev-parse', 'HEAD')}\n"
        "    hooks:\n      - id: dockslim\n      - id: dockslim-fix\n"
    )
    git(scratch, "add", ".")
    return scratch


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit keeps the hook's environment; made once for this module."""
    return tmp_path_factory.mktemp("pre-commit")


def pre_commit(scratch: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    base = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "FORCE_", "NO_COLOR"))}
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", *arguments, "--color", "never"],
        cwd=scratch,
        env={**base, "PRE_COMMIT_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 3 and "No matching distribution found" in done.stdout + done.stderr:
        pytest.skip("pip reaches no index, so pre-commit cannot install the hook")
    return done


def test_both_hooks(scratch: Path, home: Path) -> None:
    checked = pre_commit(scratch, home, "run", "dockslim", "--all-files")
    assert checked.returncode == 1, checked.stdout + checked.stderr
    assert "dockslim (check)" in checked.stdout
    told = {line.split(":2:42: SLIM101")[0] for line in checked.stdout.splitlines() if ":2:42: SLIM101" in line}
    assert told == set(TAKEN)
    assert {name: (scratch / name).read_text() for name in TAKEN} == dict.fromkeys(TAKEN, SLIM)

    fixed = pre_commit(scratch, home, "run", "dockslim-fix", "--all-files")
    assert fixed.returncode == 1, fixed.stdout + fixed.stderr
    assert "files were modified by this hook" in fixed.stdout
    for name in TAKEN:
        assert "AS builder" in (scratch / name).read_text()
    assert {name: (scratch / name).read_text() for name in SPARED} == dict.fromkeys(SPARED, SLIM)

    git(scratch, "add", ".")
    again = pre_commit(scratch, home, "run", "--all-files")
    assert again.returncode == 0, again.stdout + again.stderr
    assert again.stdout.count("Passed") == 2


def test_a_commit_is_held_back(scratch: Path, home: Path) -> None:
    """As it is used: installed into git, and only what is committed is looked at."""
    assert pre_commit(scratch, home, "install").returncode == 0
    with pytest.raises(subprocess.CalledProcessError) as held:
        git_commit(scratch, home)
    assert "SLIM101" in held.value.stderr
    git(scratch, "add", ".")
    git_commit(scratch, home)
    assert git(scratch, "log", "--format=%s") == "first"


def git_commit(scratch: Path, home: Path) -> None:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    base = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    subprocess.run(
        ["git", *identity, "commit", "-m", "first"],
        cwd=scratch,
        env={**base, "PRE_COMMIT_HOME": str(home)},
        check=True,
        capture_output=True,
        text=True,
    )
