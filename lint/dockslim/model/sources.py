"""What the Python sources of a build context want of the image when they run, as far as their text tells."""

from __future__ import annotations

import os
import re
import time
from typing import NamedTuple

from dockslim.model.context import Context
from dockslim.model.luggage import FOLDERS

__all__ = ["Sources", "sources"]

#: So many files, and bytes, are read; an application has fewer.
MOST_FILES, MOST_BYTES = 2_000, 4_000_000
#: Folders whose files do not run in an image.
APART = {*FOLDERS, "tests", "test", "docs", "__pycache__"}

#: Files that serve those who develop, not the program that runs.
BUILD_SCRIPTS = frozenset({"setup.py", "build.py", "tasks.py", "noxfile.py", "fabfile.py", "conftest.py"})

#: A call whose first word is a string.  Whether it starts a program is looked at behind that, for most do not.
CALL = re.compile(r"""\(\s*[\[(]?\s*[bfr]?["']([A-Za-z][\w.+-]*)""")
STARTS = re.compile(
    r"(?:subprocess\.\w+|\bPopen|\bos\.(?:system|popen|execv\w*|execl\w*)|check_output|check_call|shutil\.which|"
    r"create_subprocess_(?:exec|shell))\Z"
)
#: A library by the name that only its development package has, and what loads by name.
UNVERSIONED = re.compile(r"""["'](?:/[\w./-]*/)?(lib[\w+-]+\.so)["']""")
COMPILES = re.compile(
    r"\btorch\.compile\b|^\s*(?:import|from)\s+(?:triton|pyximport|cppyy|pythran)\b|\bload_inline\(|\bcpp_extension\b|"
    r"\bffi\.verify\(|\bpyximport\b|\bdistutils\.ccompiler\b|\bnew_compiler\(|\bffi(?:builder)?\.compile\(",
    re.MULTILINE,
)
TKINTER = re.compile(r"^\s*(?:import\s+(?:[\w.]+\s*,\s*)*|from\s+)(?:tkinter|turtle|_tkinter)\b", re.MULTILINE)
MIME_TYPES = re.compile(r"mimetypes|StaticFiles|FileResponse|send_file|send_from_directory|staticfiles")
#: Words without which no pattern matches; to look for them first costs a tenth.
CALLERS = ("subprocess", "Popen", "os.", "check_", "which(")
COMPILERS = ("torch", "triton", "pyximport", "cppyy", "pythran", "verify(", "compiler", "ffi")


class Sources(NamedTuple):
    """Paths relative to the context, empty where nothing was found.

    ``programs`` are pairs of a program that is called and the file that calls it; ``compiles`` is a file that compiles
    while it runs, ``tkinter`` one that opens windows, ``mime_types`` one that asks for the type of a file by its name,
    ``library`` a file and the library that it names without a version, as only a development package has it.
    ``complete`` is False where there was too much to read.
    """

    programs: tuple[tuple[str, str], ...] = ()
    compiles: str = ""
    tkinter: str = ""
    mime_types: str = ""
    library: str = ""
    complete: bool = True


def sources(context: Context) -> Sources:
    """Return what the sources want."""
    known = context.asked.get(("sources", ""))
    if known is not None:
        return Sources(*known)  # type: ignore[misc]
    found = look(context)
    context.noted("sources", "", tuple(found))
    return found


def look(context: Context) -> Sources:
    """Read every Python file that a build would see."""
    programs: dict[str, str] = {}
    compiles = tkinter = mime_types = library = ""
    files = size = 0
    todo = [""]
    while todo:
        folder = todo.pop()
        for name, is_folder in entries(context, folder):
            path = f"{folder}/{name}" if folder else name
            if is_folder:
                if name not in APART and not name.startswith("."):
                    todo.append(path)
                continue
            apart = name.startswith("test_") or name in BUILD_SCRIPTS
            text = context.peek(path) if not apart else None
            if text is None:
                continue
            files, size = files + 1, size + len(text)
            if files > MOST_FILES or size > MOST_BYTES:
                return Sources(tuple(programs.items()), compiles, tkinter, mime_types, library, False)
            if any(word in text for word in CALLERS):
                for call in CALL.finditer(text):
                    if STARTS.search(text[max(call.start() - 40, 0) : call.start()]):
                        programs.setdefault(call[1], path)
            if not compiles and any(word in text for word in COMPILERS):
                compiles = path if COMPILES.search(text) else ""
            if not tkinter and ("tkinter" in text or "turtle" in text):
                tkinter = path if TKINTER.search(text) else ""
            if not library and ".so" in text:
                found = UNVERSIONED.search(text)
                library = f"{path}: {found[1]}" if found is not None else ""
            mime_types = mime_types or (path if MIME_TYPES.search(text) else "")
    return Sources(tuple(sorted(programs.items())), compiles, tkinter, mime_types, library)


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
