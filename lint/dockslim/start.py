"""Where the program starts: the commonest calls do without click (see ``commands.plain``), all others go to ``cli``."""

from __future__ import annotations

import gc
import sys

from dockslim.commands.ending import ended, prepare_streams
from dockslim.commands.plain import plain_call

__all__ = ["main"]


def main() -> None:
    """The program."""
    # What is imported stays, and so much a few files do not leave behind that looking for cycles would be worth it.
    gc.set_threshold(100_000, 20, 50)
    call = None if sys.platform == "win32" else plain_call(sys.argv[1:])  # there click opens patterns and speaks UTF-8
    if call is None:
        from dockslim.cli import main as whole

        whole()
        return
    prepare_streams()
    try:
        from dockslim.commands import calling

        command, chosen = call
        code = calling.check(chosen) if command == "check" else calling.fix(chosen)
        sys.stdout.flush()
    except BaseException as error:
        code = ended(error)
    gc.freeze()  # the end of the process need not look through everything for cycles
    sys.exit(code)
