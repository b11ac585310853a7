"""The answers that the look-ups give: small immutable records."""

from __future__ import annotations

import enum

from dockslim.records import NamedTuple

__all__ = ["Closure", "Kind", "KnowledgeError", "Needs", "PythonImage", "Role"]


class KnowledgeError(Exception):
    """The knowledge data cannot be used; the message is one line and names the file."""


class Kind(enum.Enum):
    """What a package is for, seen from an image that ships."""

    BUILD_TOOL = "build tool"
    DEV_HEADER = "development headers"
    FETCH_TOOL = "fetching and set-up tool"
    RUNTIME = "runtime"
    UNKNOWN = "unknown"


class Role(NamedTuple):
    """What a package is, and how that is known.

    ``soften`` is None, or the circumstance in which a build tool is needed by the running program after all.
    """

    kind: Kind
    reason: str
    soften: str | None = None


class Closure(NamedTuple):
    """What an install pulls in on top of a base image.

    ``packages`` are the package names that the base lacks, sorted; ``size_mb`` is their weight on disk and ``lists_mb``
    the weight of the package lists that stay where nothing removes them, both in decimal megabytes, unrounded.
    ``unknown`` are the names asked for that the suite's data does not hold: their weight is not in the sum.
    """

    packages: tuple[str, ...]
    size_mb: float
    lists_mb: float
    unknown: tuple[str, ...] = ()


class Needs(NamedTuple):
    """The system packages that a project of the Python package index needs when it runs.

    ``linked``: libraries that its compiled modules link when built from source.  ``loaded``: libraries and programs
    that it opens by name at run time, whatever it was built from.  ``bundled``: its binary wheels bring the linked
    libraries along.  ``compiled`` is None where it is not known whether the project has compiled modules; ``jit`` says
    that it compiles while running.  With ``known`` False nothing is known and both tuples are empty.
    """

    known: bool
    linked: tuple[str, ...] = ()
    loaded: tuple[str, ...] = ()
    compiled: bool | None = None
    jit: bool = False
    reason: str = ""
    bundled: bool = False


class PythonImage(NamedTuple):
    """What a tag of the official Python image stands for.

    ``version`` is the minor version ("3.11"), ``release`` the Debian suite or the Alpine version, ``variant`` one of
    "slim", "full", "alpine", "windows"; ``release_in_tag`` is False where the release follows from the date of the
    data.
    """

    version: str | None
    release: str | None
    variant: str
    release_in_tag: bool
