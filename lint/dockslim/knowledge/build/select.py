"""Which packages of a suite ship: what people install, what they build with, and all that these pull in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from dockslim.knowledge.build.control import Package
from dockslim.knowledge.build.universe import Universe

__all__ = ["seen_names", "selection", "wanted_name"]

SEEN = Path(__file__).with_name("seen.txt")
# headers of other languages' libraries and of cross compilers: thousands that no Python image installs
LEFT_OUT = re.compile(
    r"(librust|libghc|golang|elpa|ruby|node|r-cran|libocaml|libghc6)-.*|.*-cross|.*-ocaml-dev|lib(32|n32|x32|hf|soft)\w*-.*"
    r"|.*-(aarch64|alpha|arc|arm|arm64|armel|armhf|hppa|hurd|i386|i686|ia64|m68k|mips\w*|powerpc\w*|ppc64\w*|riscv64|s390x|sh3|sh4|sparc64"
    r"|x32)(-.*)?"
)


def seen_names() -> tuple[str, ...]:
    """Return the package names that public Dockerfiles install, as counted when this list was made."""
    return tuple(line for line in SEEN.read_text(encoding="utf-8").split() if not line.startswith("#"))


def selection(universe: Universe, more: Iterable[str]) -> list[str]:
    """Return the names of the packages to ship, sorted: seen ones, headers, ``more``, and what they pull in."""
    seen = {real for name in (*seen_names(), *more) if (real := universe.real(name)) is not None}
    chosen = reached(universe, seen, recommends=True)
    headers = {package.name for package in universe.packages.values() if wanted_header(package)}
    return sorted(chosen | reached(universe, headers - chosen, recommends=False))


def wanted_header(package: Package) -> bool:
    """Whether a package is headers that some Python image might build with."""
    return package.section == "libdevel" and wanted_name(package.name)


def wanted_name(name: str) -> bool:
    """Whether a name is not one of another language's libraries or of a cross compiler."""
    return LEFT_OUT.fullmatch(name) is None


def reached(universe: Universe, names: Iterable[str], recommends: bool) -> set[str]:
    """Return the names and what they pull in, the first alternative of each group."""
    found = set(names)
    pending = list(found)
    while pending:
        facts = universe.facts(pending.pop())
        for group in (*facts.depends, *(facts.recommends if recommends else ())) if facts else ():
            if group[0] not in found:
                found.add(group[0])
                pending.append(group[0])
    return found
