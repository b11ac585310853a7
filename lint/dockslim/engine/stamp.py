"""What the answers depend on beside the files that are checked: the program, its rules and data, and those of plugins.

All of it is told by names, sizes and times of files: no rule need be imported to know that none has changed.
"""

from __future__ import annotations

import os
import sys

from dockslim import __version__
from dockslim.engine.entries import archives, entry_points, installed

__all__ = ["stamp"]

#: Folders of ours that say nothing of an answer: how it is asked for and told, and what makes the data.
APART = frozenset({"build", "commands", "lsp", "report", "verify"})


def stamp() -> tuple[object, ...] | None:
    """Return what changes whenever another answer could be given; None where that cannot be told."""
    if archives():
        return None
    points = entry_points()
    files: list[tuple[str, int, int]] = []
    try:
        _look(os.path.dirname(os.path.dirname(__file__)), files, APART)  # noqa: PTH120
        for name in sorted({point.value.partition(":")[0].partition("[")[0].strip() for point in points}):
            place = _place(name.partition(".")[0])
            if place is None:
                return None
            _look(place, files)
    except OSError:
        return None
    return (__version__, sys.version, sys.platform, points, tuple(name for _, name in installed()), tuple(files))


def _place(module: str) -> str | None:
    """The file of a module, or the folder of a package."""
    for finder in sys.meta_path:
        find = getattr(finder, "find_spec", None)
        spec = find(module, None) if find is not None else None
        if spec is not None:
            if spec.submodule_search_locations:
                return str(next(iter(spec.submodule_search_locations)))
            return spec.origin if spec.has_location else None
    return None


def _look(place: str, files: list[tuple[str, int, int]], apart: frozenset[str] = frozenset()) -> None:
    if not os.path.isdir(place):  # noqa: PTH112
        status = os.stat(place)  # noqa: PTH116
        files.append((place, status.st_mtime_ns, status.st_size))
        return
    folders = [place]
    while folders:
        folder = folders.pop()
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda each: each.name):
                if entry.is_dir():
                    if entry.name != "__pycache__" and entry.name not in apart:
                        folders.append(entry.path)
                else:
                    status = entry.stat()
                    files.append((entry.path, status.st_mtime_ns, status.st_size))
