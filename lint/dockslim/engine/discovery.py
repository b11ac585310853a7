"""Which files a call speaks of: the files it names, and the Dockerfiles in the folders it names."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

__all__ = ["STDIN", "discover", "is_dockerfile"]

STDIN = Path("-")

_NAMES = re.compile(r"(dockerfile|containerfile)([.-][\w.+-]+)?|[\w.+-]+\.(dockerfile|containerfile)", re.IGNORECASE)
_OTHERS = re.compile(
    r"\.(dockerignore|containerignore|md|rst|txt|html|py|pyc|sh|json|ya?ml|toml|j2|jinja2?|erb|tmpl|tpl|template|mustache|in|orig|bak|rej|swp|lock)$",
    re.IGNORECASE,
)
_PASSED = frozenset({"node_modules", "vendor", "third_party", "site-packages", "__pycache__", "venv"})


def is_dockerfile(name: str) -> bool:
    """Whether a file of this name is taken for a Dockerfile in a folder search."""
    return bool(_NAMES.fullmatch(name)) and not _OTHERS.search(name)


def discover(paths: list[Path], complain: Callable[[Path, str], None]) -> Iterator[Path]:
    """Yield each Dockerfile once: named files as they are, folders searched, ``-`` for standard input.

    In folders, hidden and vendored ones and what .gitignore spares are passed by and no symbolic link is followed.
    ``complain`` hears of what is missing or cannot be read; the search goes on.
    """
    seen: set[Path] = set()
    for path in paths:
        for found in _each(path, complain):
            key = found if found == STDIN else found.absolute()
            if key not in seen:
                seen.add(key)
                yield found


def _each(path: Path, complain: Callable[[Path, str], None]) -> Iterator[Path]:
    try:
        folder, there, link = path.is_dir(), path.exists(), path.is_symlink()
    except OSError as error:  # a folder above that may not be entered, a name that is too long
        complain(path, _reason(error))
        return
    if path == STDIN:
        yield path
    elif folder:
        yield from _walk(path, _above(path.absolute()), complain)
    elif there:
        yield path
    else:
        complain(path, "a symbolic link to nothing" if link else "no such file or folder")


_Ignores = list[tuple[Path, "GitIgnoreSpec"]]


def _walk(folder: Path, ignores: _Ignores, complain: Callable[[Path, str], None]) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        complain(folder, _reason(error))
        return
    if any(entry.name == ".gitignore" for entry in entries):
        ignores = [*ignores, *_read(folder.absolute())]
    for entry in entries:
        path = folder / entry.name
        if entry.is_symlink():
            continue
        if entry.is_dir():
            hidden = entry.name.startswith(".") or entry.name in _PASSED
            if not hidden and not _ignored(path, ignores, folder=True):
                yield from _walk(path, ignores, complain)
        elif is_dockerfile(entry.name) and not _ignored(path, ignores, folder=False):
            yield path


def _ignored(path: Path, ignores: _Ignores, *, folder: bool) -> bool:
    """What the nearest .gitignore that has an opinion says."""
    for base, spec in reversed(ignores):
        relative = path.absolute().relative_to(base).as_posix() + ("/" if folder else "")
        verdict = spec.check_file(relative).include
        if verdict is not None:
            return bool(verdict)
    return False


def _above(folder: Path) -> _Ignores:
    """The .gitignore files between the folder's repository and the folder, outermost first."""
    chain: list[Path] = []
    if _exists(folder / ".git"):
        return []
    for parent in folder.parents:
        chain.append(parent)
        if _exists(parent / ".git"):
            break
    else:
        return []
    return [each for parent in reversed(chain) for each in _read(parent)]


def _read(folder: Path) -> _Ignores:
    path = folder / ".gitignore"
    if not _exists(path):
        return []
    from pathspec import GitIgnoreSpec

    try:
        return [(folder, GitIgnoreSpec.from_lines(path.read_text("utf-8", "replace").splitlines()))]
    except OSError:
        return []


def _exists(path: Path) -> bool:
    """As ``Path.exists``, and False where one may not even ask."""
    return os.path.exists(path)  # noqa: PTH110 - it raises nothing


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
