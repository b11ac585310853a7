"""Saying what is being done while it takes long: live on a terminal, plain lines everywhere else."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from typing import IO, Protocol

from dockslim.verify.engines.buildlog import step

__all__ = ["Live", "Plain", "Progress", "Silent", "progress_for"]


class Progress(Protocol):
    """Where progress goes.  Threads call it at the same time when many files are verified."""

    def say(self, path: str, what: str) -> None:
        """Something begins: a build, a look."""

    def log(self, path: str, line: str) -> None:
        """One line of a build's log."""

    def close(self) -> None:
        """Nothing more comes."""


class Silent:
    """No progress at all."""

    def say(self, path: str, what: str) -> None:
        """Ignore it."""

    def log(self, path: str, line: str) -> None:
        """Ignore it."""

    def close(self) -> None:
        """Nothing to end."""


class Plain:
    """One line for each thing that begins, with the time since the start; what CI logs can show."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream, self._start, self._lock = stream, time.monotonic(), threading.Lock()

    def say(self, path: str, what: str) -> None:
        """Write a line."""
        with self._lock:
            self._stream.write(f"[{time.monotonic() - self._start:6.1f}s] {path}: {what}\n")
            self._stream.flush()

    def log(self, path: str, line: str) -> None:
        """Write a line for each build step that begins."""
        begins = step(line)
        if begins is not None:
            self.say(path, f"  {begins}"[:160])

    def close(self) -> None:
        """Nothing to end."""


class Live:
    """One moving line for each file that is being worked on."""

    def __init__(self, stream: IO[str]) -> None:
        from rich.console import Console
        from rich.progress import Progress as Bars
        from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

        self._bars = Bars(
            SpinnerColumn(),
            TextColumn("{task.fields[path]}", style="bold", markup=False),
            TextColumn("{task.description}", style="dim", markup=False),
            TimeElapsedColumn(),
            console=Console(file=stream),
            transient=True,
        )
        self._tasks: dict[str, object] = {}
        self._said: dict[str, str] = {}
        self._lock = threading.Lock()
        self._bars.start()

    def say(self, path: str, what: str) -> None:
        """Show it as the file's line."""
        with self._lock:
            self._said[path] = what
            self._show(path, what)

    def log(self, path: str, line: str) -> None:
        """Show the step that runs."""
        begins = step(line)
        if begins is not None:
            with self._lock:
                self._show(path, f"{self._said.get(path, '')} {begins}"[:100])

    def _show(self, path: str, text: str) -> None:
        from rich.progress import TaskID

        known = self._tasks.get(path)
        if known is None:
            self._tasks[path] = self._bars.add_task(text, total=None, path=path)
        else:
            assert isinstance(known, int)
            self._bars.update(TaskID(known), description=text)

    def close(self) -> None:
        """Take the lines away: the report follows."""
        self._bars.stop()


def progress_for(stream: IO[str] | None = None, isatty: Callable[[], bool] | None = None) -> Progress:
    """Return live progress on a terminal that can move and plain lines elsewhere (the report has standard output)."""
    stream = stream or sys.stderr
    if (isatty or stream.isatty)() and os.environ.get("TERM") != "dumb":
        return Live(stream)
    return Plain(stream)
