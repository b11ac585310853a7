"""Which files a call speaks of: those it names, those in the folders it names, and those that compose files name."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from dockslim.later import TYPE_CHECKING
from dockslim.records import NamedTuple

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

    from dockslim.engine.builds import Build

__all__ = ["STDIN", "Found", "discover", "find", "is_dockerfile"]

STDIN = Path("-")

_NAMES = re.compile(r"(dockerfile|containerfile)([.-][\w.+-]+)?|[\w.+-]+\.(dockerfile|containerfile)", re.IGNORECASE)
_OTHERS = re.compile(
    r"\.(dockerignore|containerignore|md|rst|txt|html|py|pyc|sh|json|ya?ml|toml|j2|jinja2?|erb|tmpl|tpl|template|mustache|in|orig|bak|rej|swp|lock)$",
    re.IGNORECASE,
)
#: A first look, so that the reader of compose files is imported only where there is one.
_BUILDS = re.compile(r"(docker-)?compose.*\.ya?ml|docker-bake.*\.(json|hcl)", re.IGNORECASE)
_PASSED = frozenset({"node_modules", "vendor", "third_party", "site-packages", "__pycache__", "venv"})


def is_dockerfile(name: str) -> bool:
    """Whether a file of this name is taken for a Dockerfile in a folder search."""
    return bool(_NAMES.fullmatch(name)) and not _OTHERS.search(name)


class Found(NamedTuple):
    """A Dockerfile; ``named`` where the call itself names it, ``builds`` what compose and bake files make of it."""

    path: Path
    named: bool
    builds: tuple[Build, ...] = ()


Complain = Callable[[Path, str], None]


def discover(paths: list[Path], complain: Complain) -> Iterator[Path]:
    """As ``find``, the paths alone."""
    for found in find(paths, complain):
        yield found.path


def find(paths: list[Path], complain: Complain) -> Iterator[Found]:
    """Yield each Dockerfile once: named files as they are, folders searched, ``-`` for standard input.

    In folders, hidden and vendored ones and what .gitignore spares are passed by and no symbolic link is followed.
    Compose and bake files, named or in a folder, stand for the Dockerfiles that they build.
    ``complain`` hears of what is missing or cannot be read; the search goes on.
    """
    seen: set[Path] = set()
    for path in paths:
        for found in _each(path, complain):
            key = found.path if found.path == STDIN else found.path.absolute()
            if key not in seen:
                seen.add(key)
                yield found


def _each(path: Path, complain: Complain) -> Iterator[Found]:
    try:
        folder, there, link = path.is_dir(), path.exists(), path.is_symlink()
    except OSError as error:  # a folder above that may not be entered, a name that is too long
        complain(path, _reason(error))
        return
    if path == STDIN:
        yield Found(path, True)
    elif folder:
        yield from _searched(path, complain)
    elif there and _names_builds(path.name) and path.is_file():
        yield from _built([], [path], complain)
    elif there and path.is_fifo() and not _handed_over(path):
        complain(path, "a named pipe: nothing may ever be written to it; hand its text over with -")
    elif there:
        yield Found(path, True)
    else:
        complain(path, "a symbolic link to nothing" if link else "no such file or folder")


def _searched(folder: Path, complain: Complain) -> Iterator[Found]:
    files: list[Path] = []
    declaring: list[Path] = []
    for path in _walk(folder, _above(folder.absolute()), complain):
        (files if is_dockerfile(path.name) else declaring).append(path)
    if not declaring:
        yield from (Found(path, False) for path in files)
        return
    home = folder.resolve()
    for found in _built(files, declaring, None):
        # A search stays where it was sent, and brings no news of files that are not there.
        if not found.builds or (found.path.is_file() and home in found.path.resolve().parents):
            yield found


def _built(files: list[Path], declaring: list[Path], complain: Complain | None) -> Iterator[Found]:
    """The files, and those that are declared; without ``complain`` what cannot be read is passed by."""
    from dockslim.engine.builds import BuildsError, builds

    by_place: dict[str, tuple[Path, list[Build]]] = {_place(file): (file, []) for file in files}
    for path in declaring:
        try:
            found = builds(path, None if complain is None else _about(path, complain))
        except BuildsError as error:
            if complain is not None:
                complain(path, str(error))
            continue
        for build in found:
            by_place.setdefault(_place(build.dockerfile), (build.dockerfile, []))[1].append(build)
    for file, declared in by_place.values():
        if complain is not None and not _exists(file):
            complain(file, f"no such file, though {declared[0].origin} builds it")
            continue
        different = {(build.context, build.target, tuple(build.args.items())): build for build in reversed(declared)}
        yield Found(file, complain is not None, tuple(reversed(different.values())))


def _about(path: Path, complain: Complain) -> Callable[[str], None]:
    return lambda message: complain(path, message)


def _place(path: Path) -> str:
    return os.path.normpath(path.absolute())


def _names_builds(name: str) -> bool:
    if not _BUILDS.fullmatch(name):
        return False
    from dockslim.engine.builds import names_builds

    return names_builds(name)


_Ignores = list[tuple[Path, "GitIgnoreSpec"]]


def _walk(folder: Path, ignores: _Ignores, complain: Complain) -> Iterator[Path]:
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
        elif not (is_dockerfile(entry.name) or _names_builds(entry.name)):
            continue
        elif entry.is_file() and not _ignored(path, ignores, folder=False):  # reading a named pipe may never end
            yield path


def _handed_over(path: Path) -> bool:
    """Whether it is a pipe of this process (/dev/stdin, a shell's `<(command)`), at whose end there is somebody."""
    return re.match(r"/dev/(stdin|fd/\d+)$|/proc/(self|\d+)/fd/\d+$", path.as_posix()) is not None


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
    if not os.path.isfile(path):  # noqa: PTH113 - it raises nothing
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
