"""What the Python sources of a build context want of the image when they run, as far as their text tells."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from dockslim.later import TYPE_CHECKING
from dockslim.model.context import Context
from dockslim.model.luggage import FOLDERS
from dockslim.records import NamedTuple

if TYPE_CHECKING:
    from dockslim.model.gleaning import Gleaned

__all__ = ["TESTS", "Sources", "left_out", "sources"]

#: So many files, and bytes, are read; an application has fewer.
MOST_FILES, MOST_BYTES = 2_000, 4_000_000
#: Folders whose files do not run in an image.
APART = {*FOLDERS, "tests", "test", "docs", "__pycache__", "site-packages"}

#: Among the places of sources: tests run, too.
TESTS = "<tests>"
OF_TESTS = frozenset({"tests", "test"})

#: Files that serve those who develop, not the program that runs.
BUILD_SCRIPTS = frozenset(
    {"setup.py", "build.py", "tasks.py", "noxfile.py", "fabfile.py", "conftest.py", "run_tests.py", "runtests.py"}
)


class Sources(NamedTuple):
    """Paths relative to the context, empty where nothing was found.

    ``commands`` are pairs of a file and a command line that it starts, as `python_calls` reads it, ``named`` those of
    one that it only holds, where some file starts programs; ``compiles`` is a file that compiles while it runs,
    ``tkinter`` one that opens windows, ``mime_types`` one that asks for the type of a file by its name, ``library`` a
    file and the library that it names without a version, as only a development package has it. ``complete`` is False
    where there was too much to read. ``spoken`` are pairs of a program and a file that names it, where some file
    starts programs; ``unread`` is a file that may start programs and that Python cannot read, ``installs`` one that
    installs packages while it runs, ``fonts`` one that opens fonts, ``find_library`` one that looks for libraries by
    name, ``loads`` one that loads them, ``system_python`` one that the distribution's own Python runs.
    """

    commands: tuple[tuple[str, str], ...] = ()
    named: tuple[tuple[str, str], ...] = ()
    compiles: str = ""
    tkinter: str = ""
    mime_types: str = ""
    library: str = ""
    complete: bool = True
    spoken: tuple[tuple[str, str], ...] = ()
    unread: str = ""
    installs: str = ""
    fonts: str = ""
    find_library: str = ""
    system_python: str = ""
    loads: str = ""


def sources(context: Context, places: str = "") -> Sources:
    """Return what the sources want; ``places`` are the files and folders that a build copies, one a line, or all."""
    known = context.asked.get(("sources", places))
    if known is not None:
        return Sources(*known)  # type: ignore[misc]
    found = look(context, places)
    context.noted("sources", places, tuple(found))
    return found


def left_out(parts: Sequence[str]) -> bool:
    """Whether a file, by the parts of its path, is none that is read unless a command names it."""
    name = parts[-1]
    folders = any(part in APART or part.startswith(".") for part in parts[:-1])
    return folders or name.startswith("test_") or name in BUILD_SCRIPTS


def look(context: Context, places: str = "") -> Sources:
    """Read every Python file that a build would see."""
    gleaned: Gleaned | None = None  # with its patterns, imported once there is something to read
    files = size = 0
    chosen = places.split("\n")
    tests = TESTS in chosen
    chosen = [path for path in chosen if path != TESTS]
    for path in chosen:
        if path.endswith(".py"):
            gleaned = gleaned or fresh()
            gleaned.read(path, context.peek(path) or "")
    todo = [path for path in chosen if not path.endswith(".py")]
    while todo:
        folder = todo.pop()
        for name, is_folder in entries(context, folder):
            path = f"{folder}/{name}" if folder else name
            if is_folder:
                if (name not in APART or (tests and name in OF_TESTS)) and not name.startswith("."):
                    todo.append(path)
                continue
            apart = left_out([name]) and not (tests and name.startswith(("test_", "conftest")))
            text = context.peek(path) if not apart else None
            if text is None:
                continue
            files, size = files + 1, size + len(text)
            gleaned = gleaned or fresh()
            if files > MOST_FILES or size > MOST_BYTES:
                return gleaned.result(complete=False)
            gleaned.read(path, text)
    return gleaned.result(complete=True) if gleaned is not None else Sources()


def fresh() -> Gleaned:
    from dockslim.model.gleaning import Gleaned

    return Gleaned()


#: What was in a folder, by its path, and when it was changed last: a folder of many Dockerfiles would otherwise be gone
#: through for each of them, and checking it would take the square of their number.
LISTED: dict[str, tuple[int, tuple[tuple[str, bool], ...]]] = {}
#: A folder that was changed so little ago (seconds) may be changed again without a new time.
FRESH = 2.0


def entries(context: Context, folder: str) -> tuple[tuple[str, bool], ...]:
    """Return the folders (True) and Python files (False) in a folder, by name; links are not followed."""
    place = os.path.join(context.folder, folder)  # noqa: PTH118
    try:
        changed = os.stat(place).st_mtime_ns  # noqa: PTH116
        at, known = LISTED.get(place, (-1, ()))
        if at == changed:
            return known
        with os.scandir(place) as listed:
            found = tuple(
                sorted(
                    (each.name, is_folder)
                    for each in listed
                    if (is_folder := each.is_dir(follow_symlinks=False)) or each.name.endswith(".py")
                )
            )
    except OSError:
        return ()
    if time.time() - changed / 1e9 > FRESH:
        if len(LISTED) >= 1000:
            LISTED.clear()
        LISTED[place] = changed, found
    return found
