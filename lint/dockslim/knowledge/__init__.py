"""What packages are: build tool, development headers, runtime library; what they need and what they weigh."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dockslim.knowledge.images import python_image
from dockslim.knowledge.kinds import Closure, Kind, KnowledgeError, Needs, PythonImage, Role
from dockslim.knowledge.names import package_name, project_name

__all__ = [
    "Closure",
    "Kind",
    "KnowledgeError",
    "Needs",
    "PythonImage",
    "Role",
    "base_packages",
    "closure",
    "commands_of_packages",
    "data_date",
    "exists",
    "full_image_commands",
    "full_image_runtime_libraries",
    "package_name",
    "package_of_command",
    "project_name",
    "python_image",
    "python_needs",
    "releases",
    "role",
    "runtime_packages",
    "successor",
]

TOOLS = re.compile(
    r"(gcc|g\+\+|clang|gfortran|cpp|binutils)(-\d+)?|build-essential|make|cmake|ninja-build|autoconf|automake|libtool|pkg-config"
    r"|pkgconf|rustc|cargo|golang.*|swig.*|m4|patch|patchelf|bison|flex|cython3|gdb|valgrind|.*-jdk.*|maven|meson|gettext|dpkg-dev"
)
FETCH = frozenset("curl wget git gnupg gnupg2 dirmngr lsb-release software-properties-common apt-transport-https unzip".split())
SOFT = {"gettext": "Django compiles messages with it", "make": "CMD may call it", "binutils": "ctypes.util.find_library asks it"}
RUNTIME = {
    "bullseye": {"unixodbc-dev": ("libodbc1", "odbcinst"), "libpq-dev": ("libpq5",), "libffi-dev": (), "libssl-dev": ()},
    "bookworm": {"unixodbc-dev": ("libodbc2", "odbcinst"), "libpq-dev": ("libpq5",), "libffi-dev": (), "libssl-dev": ()},
    "trixie": {"unixodbc-dev": ("libodbc2", "odbcinst"), "libpq-dev": ("libpq5",), "libffi-dev": (), "libssl-dev": ()},
}


def role(package: str, release: str | None) -> Role:
    """Return what a package is for, in a release or (None) in general."""
    if TOOLS.fullmatch(package):
        return Role(Kind.BUILD_TOOL, "a build tool", SOFT.get(package))
    if re.search(r"(-dev|-devel|-headers)$", package):
        return Role(Kind.DEV_HEADER, "named as development headers")
    if package in FETCH:
        return Role(Kind.FETCH_TOOL, "fetches or sets up")
    return Role(Kind.UNKNOWN, "not in the package data")


def releases() -> tuple[str, ...]:
    """Return the releases that are known, oldest first."""
    return ("bullseye", "bookworm", "trixie", "forky", "jammy", "noble", "alpine", "rpm")


def runtime_packages(dev_package: str, release: str) -> tuple[str, ...] | None:
    """Return the runtime packages that a -dev package stands for, beyond the slim base; None where it is not known."""
    return RUNTIME.get(release, {}).get(dev_package)


def closure(packages: Iterable[str], release: str, base: str = "slim", recommends: bool = True) -> Closure:
    """Return what installing the packages adds to a base image ("slim", "full", "debian")."""
    return Closure((), 0.0, 0.0, tuple(packages))


def base_packages(release: str, base: str) -> frozenset[str]:
    """Return the packages that a base image holds."""
    return frozenset()


def exists(package: str, release: str) -> bool | None:
    """Return whether the release has such a package; None where that is not known."""
    return None


def successor(package: str, release: str) -> str | None:
    """Return what took the place of a package that the release no longer has."""
    return None


def package_of_command(command: str, release: str) -> str | None:
    """Return the package that brings a command ("xz" is in xz-utils)."""
    return {"xz": "xz-utils", "make": "make", "git": "git", "ps": "procps", "curl": "curl"}.get(command)


def commands_of_packages(packages: Iterable[str], release: str) -> frozenset[str]:
    """Return the commands that are known to be in the packages."""
    return frozenset()


def full_image_commands(release: str) -> frozenset[str]:
    """Return the commands that the full Python image has and the slim one lacks."""
    return frozenset()


def full_image_runtime_libraries(release: str) -> tuple[str, ...]:
    """Return the runtime library packages that the full Python image has and the slim one lacks."""
    return ()


def python_needs(project: str, release: str) -> Needs:
    """Return the system packages that a project of the Python package index needs when it runs."""
    return Needs(False)


def data_date() -> str:
    """Return the day the data was compiled from, as ``2026-11-24``."""
    return "2026-11-24"
