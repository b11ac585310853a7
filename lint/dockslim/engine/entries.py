"""The entry points of the installed distributions, read without ``importlib.metadata``, which is slow to import."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import lru_cache

from dockslim.records import NamedTuple

__all__ = ["GROUP", "EntryPoint", "archives", "entry_points", "installed"]

GROUP = "dockslim.rules"


class EntryPoint(NamedTuple):
    """One line of an installed distribution's ``entry_points.txt``."""

    name: str
    value: str
    distribution: str


def entry_points() -> tuple[EntryPoint, ...]:
    """All entry points of the group, our own first, then by distribution and name; as first found."""
    return _known(tuple(sys.path))


@lru_cache(maxsize=1)
def _known(path: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    """Look for them once for each ``sys.path``: the rules of a plugin are loaded once, too."""
    points = _ask_metadata() if archives() else _scan()
    return tuple(sorted(points, key=lambda point: (point.distribution != "dockslim", point.distribution, point.name)))


def archives() -> bool:
    """Whether ``sys.path`` holds files: their distributions are not to be seen by looking into folders."""
    return any(os.path.isfile(entry) for entry in sys.path)  # noqa: PTH113 - pathlib is slow to import


def installed() -> Iterator[tuple[str, str]]:
    """The folder and name of the metadata of each distribution, in the order of ``sys.path``."""
    for folder in [entry or "." for entry in sys.path]:
        try:
            names = sorted(entry.name for entry in os.scandir(folder) if entry.name.endswith(_METADATA))
        except OSError:
            continue
        for name in names:
            yield folder, name


_METADATA = (".dist-info", ".egg-info")


def _ask_metadata() -> list[EntryPoint]:
    from importlib import metadata

    return [
        EntryPoint(each.name, each.value, each.dist.name if each.dist else "?")
        for each in metadata.entry_points(group=GROUP)
    ]


def _scan() -> list[EntryPoint]:
    points: list[EntryPoint] = []
    seen: set[str] = set()
    for folder, entry in installed():
        distribution = entry.rpartition(".")[0].partition("-")[0].replace("_", "-").lower()
        # As importlib.metadata has it: the first of two distributions of one name hides the other.
        if distribution in seen:
            continue
        seen.add(distribution)
        try:
            with open(f"{folder}/{entry}/entry_points.txt", encoding="utf-8") as file:  # noqa: PTH123
                text = file.read()
        except (OSError, UnicodeDecodeError):
            continue
        if GROUP in text:
            points.extend(_read(text, distribution))
    return points


def _read(text: str, distribution: str) -> Iterator[EntryPoint]:
    inside = False
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("["):
            inside = line == f"[{GROUP}]"
        elif inside and "=" in line and not line.startswith(("#", ";")):
            name, _, value = line.partition("=")
            yield EntryPoint(name.strip(), value.strip(), distribution)
