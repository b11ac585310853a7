from __future__ import annotations

from pathlib import Path

import pytest

from dockslim.model import Context


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    context = tmp_path / "context"
    (context / "app").mkdir(parents=True)
    (context / "requirements.txt").write_text("six\n")
    (context / "app" / "main.py").write_text("print()\n")
    (tmp_path / "secret.txt").write_text("secret\n")
    return context


def test_reads_inside_only(folder: Path) -> None:
    context = Context(folder)
    assert context.read("requirements.txt") == "six\n"
    assert context.read("/requirements.txt") == "six\n"
    assert context.read("../secret.txt") is None
    assert context.read("app/../../secret.txt") is None


def test_a_link_that_leads_outside_is_not_there(folder: Path) -> None:
    (folder / "link.txt").symlink_to(folder.parent / "secret.txt")
    assert Context(folder).read("link.txt") is None


def test_what_is_no_text_is_not_read(folder: Path) -> None:
    (folder / "data.bin").write_bytes(b"\xff\xfe\x00")
    assert Context(folder).read("data.bin") is None


@pytest.mark.parametrize(
    ("patterns", "path", "there"),
    [
        ("*.txt\n", "requirements.txt", False),
        ("*\n!requirements.txt\n", "requirements.txt", True),
        ("app\n", "app/main.py", False),
        ("**/*.py\n", "app/main.py", False),
        ("/app/*.txt\n", "app/main.py", True),
        ("# requirements.txt\n", "requirements.txt", True),
        ("app/\n!app/main.py\n", "app/main.py", True),
    ],
)
def test_dockerignore(folder: Path, patterns: str, path: str, there: bool) -> None:
    (folder / ".dockerignore").write_text(patterns)
    assert (Context(folder).read(path) is not None) is there
