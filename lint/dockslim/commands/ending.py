"""How a run that was cut short ends: in one line and an exit code, never in a traceback."""

from __future__ import annotations

import errno
import os
import sys

from dockslim.commands.mistake import Mistake

__all__ = ["ended", "prepare_streams"]

FAILED, INTERRUPTED = 2, 130
#: What writing into a stream may end with; a file of ours would be named.
_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)


def prepare_streams() -> None:
    """Make standard output and error take any text, and be there even where the caller has closed them."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def ended(error: BaseException) -> int:
    """Say why, and return the exit code; what is no exception of ours to end with is raised again.

    click is asked only if somebody has imported it: else no exception is of its kind.
    """
    click = sys.modules.get("click")
    if isinstance(error, BrokenPipeError):
        _give_up_output()  # the reader of a pipe has gone
        return FAILED
    if isinstance(error, KeyboardInterrupt) or (click is not None and isinstance(error, click.Abort)):
        return _say("interrupted", INTERRUPTED)
    if isinstance(error, Mistake):
        return _say(f"dockslim: error: {' '.join(str(error).split())}", FAILED)
    if click is not None and isinstance(error, click.ClickException):
        said = error.format_message()
        if type(error).__name__ == "NoArgsIsHelpError":  # it is the help; click before 8.2 prints it itself
            return _say(said, FAILED)
        return _say(f"dockslim: error: {' '.join(said.split())}", FAILED)
    if isinstance(error, OSError) and error.filename is None:
        why = (error.strerror or str(error)).lower()
        if error.errno in _UNWRITABLE:
            _give_up_output()
            return _say(f"dockslim: error: standard output: not written: {why}", FAILED)
        if isinstance(error, FileNotFoundError) and not _current_folder():
            return _say("dockslim: error: the current folder is no longer there; go to another one", FAILED)
    if not isinstance(error, Exception) or "--verbose" in sys.argv or "-v" in sys.argv:
        raise error
    return _say(f"dockslim: internal error: {type(error).__name__}: {error} (--verbose shows where)", FAILED)


def _say(line: str, code: int) -> int:
    if line.startswith("dockslim: ") and sys.stderr.isatty():
        from dockslim.commands.telling import say

        say(line)
    else:
        sys.stderr.write(line + "\n")
    sys.stderr.flush()
    return code


def _give_up_output() -> None:
    """Keep the interpreter from flushing once more into what cannot be written."""
    sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115


def _current_folder() -> bool:
    try:
        os.getcwd()  # noqa: PTH109 - pathlib is slow to import
    except OSError:
        return False
    return True
