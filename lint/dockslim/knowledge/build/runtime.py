"""Which runtime packages a -dev package stands for, read off the relations of the packages."""

from __future__ import annotations

from collections.abc import Iterator

from dockslim.knowledge.build.control import Package
from dockslim.knowledge.build.universe import Universe
from dockslim.knowledge.names import is_development_name

__all__ = ["is_development", "is_header_package", "runtime_of"]

DEVELOPMENT_SECTIONS = frozenset({"devel", "libdevel"})
# what a -dev package may be locked to without a compiled program ever loading it
NOT_LOADED_SECTIONS = DEVELOPMENT_SECTIONS | {"doc", "debug"}
LIBRARY_SECTIONS = frozenset({"libs", "oldlibs"})


def is_development(package: Package) -> bool:
    """Whether a package is for building: by its section, or by its name where it sits elsewhere (oldlibs)."""
    return package.section in DEVELOPMENT_SECTIONS or is_development_name(package.name)


def is_header_package(package: Package) -> bool:
    """Whether a package holds headers; a compiler is for building too, but stands for no library of its own."""
    return package.section == "libdevel" or is_development_name(package.name)


def runtime_of(name: str, universe: Universe) -> tuple[str, ...]:
    """Return the runtime packages that ``name`` stands for, the base image's own ones included.

    A -dev package is locked to the libraries whose headers it holds (``= its own version``).  One that is locked to
    none, and a transitional one, stands for the libraries of its source that it depends on, and for what the -dev
    packages that it depends on stand for.
    """
    found: dict[str, None] = {}
    seen: set[str] = set()
    pending = [name]
    while pending:
        package = universe.packages.get(pending.pop())
        if package is None or package.name in seen:
            continue
        seen.add(package.name)
        locked = [] if package.section == "oldlibs" else list(locked_to(package, universe))
        libraries = [other for other in locked if not is_development(other)]
        followed = [other for other in locked if is_development(other)]
        if not followed and not any(other.section in LIBRARY_SECTIONS for other in libraries):
            libraries += [other for other in needs_of_source(package, universe) if not is_development(other)]
            followed = [other for _, other in needs(package, universe) if is_header_package(other)]
        found.update(dict.fromkeys(o.name for o in libraries if o.section not in NOT_LOADED_SECTIONS))
        pending += [other.name for other in reversed(followed)]
    return tuple(found)


def needs(package: Package, universe: Universe) -> Iterator[tuple[str, Package]]:
    """Yield each dependency that is met by a real package, with the version it is locked to (or an empty text)."""
    for group in package.depends:
        names = universe.alternatives(group)
        if names:
            exact = group[0].version if group[0].operator == "=" else ""
            yield exact, universe.packages[names[0]]


def locked_to(package: Package, universe: Universe) -> Iterator[Package]:
    """Yield the dependencies that must have the version of the package itself."""
    for exact, other in needs(package, universe):
        if exact and exact == package.version:
            yield other


def needs_of_source(package: Package, universe: Universe) -> Iterator[Package]:
    """Yield the libraries of the same source that a package depends on."""
    for _, other in needs(package, universe):
        if other.source == package.source and other.section in LIBRARY_SECTIONS:
            yield other
