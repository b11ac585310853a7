"""What is remembered is what would be worked out: after edits of file, context, configuration; with a bad cache."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

CORPUS = Path(__file__).parents[2] / "corpus"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of its own, and a file with its context beside it."""
    monkeypatch.setenv("DOCKSLIM_CACHE_DIR", str(tmp_path / "cache"))
    shutil.copytree(CORPUS / "blog-pyodbc", tmp_path / "case")
    return tmp_path


def both(run: Callable[..., Result], path: Path) -> tuple[str, str]:
    """What is said with the cache, and what is worked out anew."""
    remembered = run("check", "--output-format", "json", path)
    anew = run("check", "--no-cache", "--output-format", "json", path)
    assert remembered.exit_code == anew.exit_code
    return remembered.stdout, anew.stdout


def test_edits_are_seen(run: Callable[..., Result], place: Path) -> None:
    dockerfile = place / "case" / "Dockerfile"
    seen = []
    for edit in (
        lambda: None,
        lambda: None,
        lambda: dockerfile.write_text(dockerfile.read_text() + "CMD gcc x.c\n"),
        lambda: shutil.copy(CORPUS / "blog-pyodbc" / "Dockerfile", dockerfile),
        lambda: (place / "case" / "requirements.txt").write_text("pytensor\n"),
        lambda: (place / "case" / "requirements.txt").unlink(),
        lambda: (place / "case" / "dockslim.toml").write_text('ignore = ["SLIM101"]\n'),
    ):
        edit()
        remembered, anew = both(run, dockerfile)
        assert remembered == anew
        seen.append(anew)
    assert seen[0] == seen[1] == seen[3]
    assert len(set(seen)) == 5


@pytest.mark.parametrize("damage", [b"", b"\x00\xff garbage", b"SQLite format 3\x00" + bytes(200)])
def test_a_damaged_cache_is_worked_around(run: Callable[..., Result], place: Path, damage: bytes) -> None:
    dockerfile = place / "case" / "Dockerfile"
    _, anew = both(run, dockerfile)
    kept = [path for path in (place / "cache").rglob("*") if path.is_file()]
    assert kept
    for path in kept:
        path.write_bytes(damage)
    assert run("check", "--output-format", "json", dockerfile).stdout == anew


def test_no_place_for_a_cache(run: Callable[..., Result], place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "file").write_text("no folder")
    monkeypatch.setenv("DOCKSLIM_CACHE_DIR", str(place / "file"))
    remembered, anew = both(run, place / "case" / "Dockerfile")
    assert remembered == anew


def test_clearing(run: Callable[..., Result], place: Path) -> None:
    run("check", place / "case" / "Dockerfile")
    assert [path for path in (place / "cache").rglob("*") if path.is_file()]
    assert run("cache", "clear").exit_code == 0
    assert not [path for path in (place / "cache").rglob("*") if path.is_file()]


def test_several_processes_say_what_one_says(run: Callable[..., Result], place: Path) -> None:
    folder = place / "many"
    for number in range(60):
        shutil.copytree(CORPUS / "blog-pyodbc", folder / str(number))
    one = run("check", "--no-cache", "--jobs", "1", "--output-format", "json", folder)
    two = run("check", "--no-cache", "--jobs", "2", "--output-format", "json", folder)
    assert one.stdout == two.stdout
    assert one.exit_code == two.exit_code == 1
