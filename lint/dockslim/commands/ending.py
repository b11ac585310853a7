"""How a run that was cut short ends: in one line and an exit code, never in a traceback."""

from __future__ import annotations

import os
import sys

__all__ = ["ended"]

FAILED, INTERRUPTED = 2, 130


def ended(error: BaseException) -> int:
    """Say why, and return the exit code; what is no exception of ours to end with is raised again.

    click is asked only if somebody has imported it: else no exception is of its kind.
    """
    click = sys.modules.get("click")
    if isinstance(error, BrokenPipeError):
        # The reader of a pipe has gone; the interpreter must not try to flush into it once more.
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115
        return FAILED
    if isinstance(error, KeyboardInterrupt) or (click is not None and isinstance(error, click.Abort)):
        return _say("interrupted", INTERRUPTED)
    if click is not None and isinstance(error, click.ClickException):
        return _say(f"dockslim: error: {' '.join(error.format_message().split())}", FAILED)
    if not isinstance(error, Exception) or "--verbose" in sys.argv or "-v" in sys.argv:
        raise error
    return _say(f"dockslim: internal error: {type(error).__name__}: {error} (--verbose shows where)", FAILED)


def _say(line: str, code: int) -> int:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
    return code
