from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from dockslim.engine.discovery import discover, is_dockerfile

ROOT = Path(__file__).parent.parent.parent
TAKEN = [
    "Dockerfile",
    "dockerfile",
    "Dockerfile.prod",
    "Dockerfile.py3",
    "Dockerfile.cuda-12.4",
    "Dockerfile-dev",
    "prod.Dockerfile",
    "app.dockerfile",
    "Containerfile",
    "Containerfile.test",
    "app.containerfile",
]
SPARED = [
    "Dockerfile.dockerignore",
    "Dockerfile.md",
    "Dockerfile.py",
    "Dockerfile.j2",
    "Dockerfile.jinja2",
    "Dockerfile.erb",
    "Dockerfile.tmpl",
    "Dockerfile.prod.template",
    "Dockerfile.orig",
    "MyDockerfile",
    "Dockerfiles",
    "dockerfile_parser.py",
    "docker-compose.yaml",
    ".dockerignore",
    "Dockerfile~",
]


@pytest.mark.parametrize("name", TAKEN)
def test_is_a_dockerfile(name: str) -> None:
    assert is_dockerfile(name)


@pytest.mark.parametrize("name", SPARED)
def test_is_none(name: str) -> None:
    assert not is_dockerfile(name)


def test_the_hooks_for_pre_commit_take_the_same_names() -> None:
    names = [*TAKEN, *SPARED]
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")):
        files, exclude = re.compile(hook["files"]), re.compile(hook["exclude"])
        taken = [name for name in names if files.search(f"a/{name}") and not exclude.search(f"a/{name}")]
        assert taken == TAKEN


def plant(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("FROM scratch\n")


def found(*paths: Path) -> tuple[list[str], list[str]]:
    complaints: list[str] = []
    files = [path.as_posix() for path in discover(list(paths), lambda path, why: complaints.append(f"{path}: {why}"))]
    return files, complaints


def test_a_folder_is_searched_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(
        tmp_path,
        "Dockerfile",
        "b/Dockerfile.x",
        "a/y.dockerfile",
        ".hidden/Dockerfile",
        "node_modules/p/Dockerfile",
        "a/notes.md",
    )
    monkeypatch.chdir(tmp_path)
    assert found(Path()) == (["Dockerfile", "a/y.dockerfile", "b/Dockerfile.x"], [])
    assert found(Path("a"), Path("a/y.dockerfile"), Path()) == (["a/y.dockerfile", "Dockerfile", "b/Dockerfile.x"], [])


def test_a_named_file_needs_no_name_of_a_dockerfile(tmp_path: Path) -> None:
    plant(tmp_path, "strange.txt")
    assert found(tmp_path / "strange.txt")[0] == [(tmp_path / "strange.txt").as_posix()]


def test_gitignore_is_honoured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(tmp_path, "Dockerfile", "build/Dockerfile", "a/Dockerfile.gen", "a/Dockerfile.keep.gen", "a/b/Dockerfile")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("build/\n*.gen\n")
    (tmp_path / "a" / ".gitignore").write_text("!*.keep.gen\n/b\n")
    monkeypatch.chdir(tmp_path)
    assert found(Path())[0] == ["Dockerfile", "a/Dockerfile.keep.gen"]
    # The same seen from below: the repository's .gitignore still speaks.
    assert found(Path("a"))[0] == ["a/Dockerfile.keep.gen"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    plant(tmp_path, "real/Dockerfile")
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "loop").symlink_to(tmp_path)
    (tmp_path / "tree" / "Dockerfile").symlink_to(tmp_path / "real" / "Dockerfile")
    assert found(tmp_path / "tree") == ([], [])


def test_a_name_that_no_system_takes_is_told() -> None:
    _, complaints = found(Path("x" * 5000))
    assert complaints == [f"{'x' * 5000}: file name too long"]


def test_what_is_missing_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    plant(tmp_path, "Dockerfile")
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    files, complaints = found(tmp_path / "no", tmp_path / "dangling", tmp_path)
    assert files == [(tmp_path / "Dockerfile").as_posix()]
    assert [complaint.rpartition(": ")[2] for complaint in complaints] == [
        "no such file or folder",
        "a symbolic link to nothing",
    ]


needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")


@needs_pipes
def test_a_named_pipe_is_never_waited_for(tmp_path: Path) -> None:
    plant(tmp_path, "a/Dockerfile")
    for name in ("Dockerfile", "compose.yaml", ".gitignore"):
        os.mkfifo(tmp_path / name)
    said = "a named pipe: nothing may ever be written to it; hand its text over with -"
    paths, complaints = found(tmp_path, tmp_path / "Dockerfile", tmp_path / "compose.yaml")
    assert [Path(path).relative_to(tmp_path).as_posix() for path in paths] == ["a/Dockerfile"]
    assert complaints == [f"{tmp_path / name}: {said}" for name in ("Dockerfile", "compose.yaml")]


@needs_pipes
@pytest.mark.parametrize("word", ["/dev/stdin", "/dev/fd/0", "-"])
def test_a_pipe_of_the_process_is_read_once(word: str) -> None:
    if not Path("/dev/fd/0").exists():
        pytest.skip("no /dev/fd here")
    command = [sys.executable, "-m", "dockslim", "check", "--isolated", word]
    for _ in range(2):
        done = subprocess.run(command, input=b"FROM scratch\n", capture_output=True, timeout=60)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"Nothing to report in 1 file.\n", b"")
