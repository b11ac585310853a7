"""Commands and the packages that bring them."""

from __future__ import annotations

import functools
from collections.abc import Iterable

from dockslim.knowledge.curated import rows
from dockslim.knowledge.images import full_image_packages
from dockslim.knowledge.lookups import suite_of
from dockslim.knowledge.release_names import normal_release
from dockslim.knowledge.store import Suite

__all__ = ["commands_of_packages", "full_image_commands", "full_image_runtime_libraries", "package_of_command"]

# the same commands in Alpine's and the RPM family's packages, where the names differ from Debian's
OTHER_NAMES = {
    "alpine": {
        "xz-utils": "xz",
        "openssh-client": "openssh-client-default",
        "g++": "g++",
        "netcat-openbsd": "netcat-openbsd",
    },
    "rpm": {
        "xz-utils": "xz",
        "procps": "procps-ng",
        "g++": "gcc-c++",
        "gnupg": "gnupg2",
        "openssh-client": "openssh-clients",
    },
}


@functools.cache
def by_command() -> dict[str, list[str]]:
    """Return, for each command, the packages that bring it, the usual one first."""
    packages: dict[str, list[str]] = {}
    for row in rows("commands.package"):
        for command in row["commands"]:
            packages.setdefault(command, []).append(row["name"])
    return packages


@functools.cache
def by_package() -> dict[str, tuple[str, ...]]:
    """Return the commands of each package in the table."""
    return {row["name"]: tuple(row["commands"]) for row in rows("commands.package")}


def package_of_command(command: str, release: str) -> str | None:
    """Return the package to install for a command (``xz``: xz-utils), None where none is known or the release lacks it.

    A path is taken by its last part.
    """
    names = by_command().get(command.rpartition("/")[2], [])
    release_name = normal_release(release)
    suite = suite_of(release_name)
    if suite is not None:
        return next((name for name in names if suite.number(name) is not None), None)
    if not names:
        return None
    return OTHER_NAMES.get(release_name or "", {}).get(names[0], names[0])


def commands_of_packages(packages: Iterable[str], release: str) -> frozenset[str]:
    """Return the commands that the table knows to be in the packages."""
    table = by_package()
    return frozenset(command for package in packages for command in table.get(package, ()))


def full_image_commands(release: str) -> frozenset[str]:
    """Return the commands that the full Python image has and the slim one lacks."""
    suite = suite_of(release)
    if suite is None:
        return commands_of_packages(full_image_packages(""), release)
    return commands_of_packages(map(suite.name, added_by_full(suite)), release)


def full_image_runtime_libraries(release: str) -> tuple[str, ...]:
    """Return the runtime library packages that the full Python image has and the slim one lacks, sorted."""
    suite = suite_of(release)
    if suite is None:
        return ()
    names = (suite.name(number) for number in added_by_full(suite) if suite.section(number) == "o")
    return tuple(sorted(name for name in names if name.startswith("lib") and not name.endswith(OTHER_PARTS)))


# what is named like a library but holds none: modules of Perl, data, programs
OTHER_PARTS = ("-perl", "-common", "-data", "-bin", "-doc", "-dev", "-modules", "-base", "-utils")


def added_by_full(suite: Suite) -> frozenset[int]:
    """Return the packages of the full image that the slim one lacks."""
    return suite.held("full") - suite.held("slim")
