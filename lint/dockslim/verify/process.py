"""Running the engine's command line: with a deadline, line by line, and never leaving a child behind."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dockslim.later import TYPE_CHECKING
from dockslim.verify.faults import Fault, Interrupted

if TYPE_CHECKING:
    from typing import IO

__all__ = ["Cancel", "Ran", "run", "shielded", "stream"]

_KEPT_LINES = 4000
_KEPT_BYTES = 64 * 1024 * 1024
_GRACE_SECONDS = 10.0


class Cancel:
    """A flag that stops every command that was started with it; threads look at it, signals cannot reach them."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        """Ask all to stop."""
        self._event.set()

    @property
    def requested(self) -> bool:
        """Whether somebody asked."""
        return self._event.is_set()


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that ended: ``exit_code``, its two outputs as text (undecodable bytes replaced), and its time."""

    exit_code: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def output(self) -> str:
        """Both outputs, standard error last."""
        return "\n".join(part for part in (self.stdout, self.stderr) if part)


class TimedOutError(Exception):
    """The command did not end in time; it was killed.  ``output`` is what it had said."""

    def __init__(self, output: str) -> None:
        super().__init__("timed out")
        self.output = output


def run(
    argv: Sequence[str],
    *,
    stdin: bytes | None = None,
    timeout: float | None = None,
    on_line: Callable[[str], None] | None = None,
    cancel: Cancel | None = None,
    env: Mapping[str, str] | None = None,
    grace: float = _GRACE_SECONDS,
) -> Ran:
    """Run ``argv`` to its end and return what it said.

    ``on_line`` is called in this thread with each line of either output as it comes.  Raises TimedOutError, Interrupted
    when ``cancel`` is set, and Fault("no-engine") when there is no such program.  The child leads a session of its
    own: a Ctrl-C of the terminal reaches us alone, and we decide in which order things end.  ``grace`` is how long
    (seconds) a child that is to stop may take over it.
    """
    started = time.monotonic()
    child = _start(argv, env)
    lines: queue.Queue[tuple[int, str] | None] = queue.Queue()
    readers = [
        threading.Thread(target=_read_lines, args=(pipe, number, lines), daemon=True)
        for number, pipe in ((1, child.stdout), (2, child.stderr))
    ]
    for thread in readers:
        thread.start()
    writer = threading.Thread(target=_write, args=(child.stdin, stdin), daemon=True)
    writer.start()
    kept: dict[int, list[str]] = {1: [], 2: []}
    try:
        open_pipes = len(readers)
        while open_pipes:
            _check(started, timeout, cancel, kept)
            with contextlib.suppress(queue.Empty):
                item = lines.get(timeout=0.1)
                if item is None:
                    open_pipes -= 1
                    continue
                number, line = item
                kept[number].append(line)
                if number == 2 and len(kept[2]) > 2 * _KEPT_LINES:
                    del kept[2][:_KEPT_LINES]
                if on_line is not None:
                    on_line(line)
        while child.poll() is None:
            _check(started, timeout, cancel, kept)
            time.sleep(0.02)
    except BaseException:
        _end(child, grace)
        raise
    finally:
        for pipe in (child.stdout, child.stderr):
            if pipe is not None:
                for thread in readers:
                    thread.join(timeout=1)
                with contextlib.suppress(OSError):
                    pipe.close()
    return Ran(child.returncode, "\n".join(kept[1]), "\n".join(kept[2]), time.monotonic() - started)


@contextlib.contextmanager
def stream(argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> Iterator[IO[bytes]]:
    """Run ``argv`` and give its standard output as a stream of bytes; the child is gone when the block ends."""
    child = _start(argv, env)
    _write(child.stdin, None)
    said: list[bytes] = []
    assert child.stdout is not None
    assert child.stderr is not None
    reader = threading.Thread(target=lambda pipe: said.append(pipe.read(65536)), args=(child.stderr,), daemon=True)
    reader.start()
    try:
        yield child.stdout
        child.stdout.read()
        if child.wait(timeout=60) != 0:
            reader.join(timeout=1)
            raise Fault("engine-lost", f"{argv[0]} {argv[1]} failed", b"".join(said).decode("utf-8", "replace").strip())
    finally:
        _end(child, _GRACE_SECONDS)
        child.stdout.close()
        child.stderr.close()


@contextlib.contextmanager
def shielded() -> Iterator[None]:
    """Hold off Ctrl-C and SIGTERM: cleaning up must not be cut in half by an impatient second one."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in held.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)


def _start(argv: Sequence[str], env: Mapping[str, str] | None) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            list(argv),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise Fault("no-engine", f"{argv[0]} is not installed (not found on PATH)") from error
    except PermissionError as error:
        raise Fault("no-engine", f"{argv[0]} may not be run by this user") from error


def _check(started: float, timeout: float | None, cancel: Cancel | None, kept: dict[int, list[str]]) -> None:
    if cancel is not None and cancel.requested:
        raise Interrupted
    if timeout is not None and time.monotonic() - started > timeout:
        raise TimedOutError("\n".join(kept[1] + kept[2]))


def _read_lines(pipe: IO[bytes], number: int, lines: queue.Queue[tuple[int, str] | None]) -> None:
    taken = 0
    with contextlib.suppress(OSError, ValueError):
        for raw in iter(lambda: pipe.readline(_KEPT_BYTES), b""):
            taken += len(raw)
            if taken <= _KEPT_BYTES:
                lines.put((number, raw.decode("utf-8", "replace").rstrip("\r\n")))
    lines.put(None)


def _write(pipe: IO[bytes] | None, data: bytes | None) -> None:
    if pipe is None:
        return
    with contextlib.suppress(OSError):
        if data:
            pipe.write(data)
        pipe.close()


def _end(child: subprocess.Popen[bytes], grace: float) -> None:
    """Stop the child and all of its session: politely first, because a build client tells its daemon to cancel."""
    for number, patience in ((signal.SIGTERM, grace), (signal.SIGKILL, _GRACE_SECONDS)):
        if child.poll() is not None and number == signal.SIGTERM:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=patience)
            return
