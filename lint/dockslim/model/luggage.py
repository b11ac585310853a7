"""What a build context without .dockerignore would send along that no image needs."""

from __future__ import annotations

import os
from pathlib import Path

from dockslim.model.context import Context
from dockslim.records import NamedTuple

__all__ = ["Luggage", "luggage"]

#: Folders at the top of a project that are of no use in an image.
FOLDERS = (".git", "node_modules", ".venv", "venv", ".tox", ".nox", ".mypy_cache", ".ruff_cache", ".pytest_cache")
#: So many files are counted; more would cost more time than the figure is worth.
MOST = 20_000


class Luggage(NamedTuple):
    """Names of folders, with what their files weigh (decimal megabytes; a lower bound where ``counted`` is False)."""

    names: tuple[str, ...]
    megabytes: float
    counted: bool


def luggage(context: Context) -> Luggage | None:
    """Return what travels for nothing; None where the context has a .dockerignore, or nothing to leave out."""
    found = look(context)
    context.noted("luggage", "", None if found is None else tuple(found))
    return found


def look(context: Context) -> Luggage | None:
    """Weigh the folders that are of no use."""
    if context.has_ignore_file:
        return None
    names = tuple(name for name in FOLDERS if (context.folder / name).is_dir())
    if not names:
        return None
    size, left = 0, MOST
    for name in names:
        more, left = weigh(context.folder / name, left)
        size += more
    return Luggage(names, size / 1e6, left > 0)


def weigh(folder: Path, left: int) -> tuple[int, int]:
    """Return the bytes of the files below a folder, and how many entries may still be looked at."""
    size = 0
    todo = [str(folder)]
    while todo and left > 0:
        try:
            with os.scandir(todo.pop()) as entries:
                for entry in entries:
                    left -= 1
                    if entry.is_dir(follow_symlinks=False):
                        todo.append(entry.path)
                    elif entry.is_file(follow_symlinks=False):
                        size += entry.stat(follow_symlinks=False).st_size
        except OSError:
            continue
    return size, left
