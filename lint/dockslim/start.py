"""Where the program starts: the commonest call, ``dockslim check PATH...``, does without click.

Importing click takes longer than checking a file.  Whatever has an option, or is no ``check``, goes to ``cli``.
"""

from __future__ import annotations

import gc
import os
import sys

__all__ = ["main", "plain_paths"]


def main() -> None:
    """The program."""
    # What is imported stays, and what is read of one file is freed as it goes: looking for cycles now and then will do.
    gc.set_threshold(20_000, 20, 50)
    paths = plain_paths(sys.argv[1:])
    if paths is None:
        from dockslim.cli import main as whole

        whole()
        return
    from dockslim.commands.ending import ended, prepare_streams

    prepare_streams()
    try:
        from pathlib import Path

        from dockslim.commands.checking import check_plainly

        code = check_plainly([Path(path) for path in paths])
        sys.stdout.flush()
    except BaseException as error:
        code = ended(error)
    gc.freeze()  # the end of the process need not look through everything for cycles
    sys.exit(code)


def plain_paths(arguments: list[str]) -> list[str] | None:
    """The paths of a ``check`` without any option; None for every other call."""
    if arguments[:1] != ["check"] or sys.platform == "win32" or "_DOCKSLIM_COMPLETE" in os.environ:
        return None
    paths = arguments[1:]
    return None if any(not path or path.startswith("-") for path in paths) else paths
