"""The progress line: only for a terminal, only where it is worth it, and never among findings."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockslim.report.progress import watched


@pytest.fixture(autouse=True)
def _can_move(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def ticking(seconds: float) -> Iterator[float]:
    now = 0.0
    while True:
        yield now
        now += seconds


def last_screen(stream: io.StringIO) -> str:
    return stream.getvalue().rpartition("\r")[2].replace("\x1b[K", "")


def seen(seconds: float, stream: io.StringIO, total: int = 10) -> list[str]:
    """What a screen shows each time an item that speaks is handed back."""
    clock = ticking(seconds)
    items = watched(range(total), total, lambda item: item % 5 == 0, stream, lambda: next(clock))
    screens = [last_screen(stream) for item in items if item % 5 == 0]
    screens.append(last_screen(stream))
    return screens


def test_a_long_check_is_told_and_leaves_nothing() -> None:
    terminal = Terminal()
    assert seen(0.5, terminal) == ["", "", ""]
    lines = [line.replace("\x1b[K", "") for line in terminal.getvalue().split("\r") if "files" in line]
    assert lines[0].endswith(" 1/10 files, 4 s ahead")
    assert lines[-1].startswith("█" * 27 + "░" * 3)


def test_a_short_check_is_not() -> None:
    terminal = Terminal()
    seen(0.01, terminal)
    assert terminal.getvalue() == ""


def test_a_terminal_that_cannot_move(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    terminal = Terminal()
    assert seen(5, terminal) == ["", "", ""]
    assert terminal.getvalue() == ""


def test_nobody_looks_on() -> None:
    stream = io.StringIO()
    assert list(watched(range(3), 3, stream=stream)) == [0, 1, 2]
    seen(5, stream)
    assert stream.getvalue() == ""


def test_on_a_real_terminal(tmp_path: Path) -> None:
    """A pseudo-terminal for standard error, a file for standard output."""
    import os
    import subprocess
    import sys

    pty = __import__("pytest").importorskip("pty", reason="no pseudo-terminals here")
    for number in range(3):
        (tmp_path / f"Dockerfile.{number}").write_text("FROM scratch\n")
    ours, theirs = pty.openpty()
    code = (
        "import time, dockslim.report.progress as p; p.AHEAD = 0.0001; p.BETWEEN = 0\n"
        "import sys; from dockslim.cli import main; sys.argv[1:] = ['check', '.']; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, stdout=subprocess.PIPE, stderr=theirs, check=False
    )
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert "1/3 files" in shown
    assert shown.endswith("\r\x1b[K")
    assert b"files," not in done.stdout
