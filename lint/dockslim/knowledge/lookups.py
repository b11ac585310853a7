"""The look-ups on system packages: what they are for, what they need, what they weigh."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from dockslim.knowledge.curated import rows
from dockslim.knowledge.declared import declared
from dockslim.knowledge.kinds import Closure, Kind, Role
from dockslim.knowledge.names import is_development_name
from dockslim.knowledge.release_names import family, normal_release
from dockslim.knowledge.resolve import Resolver
from dockslim.knowledge.store import SUITES, Suite, open_suite
from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "base_packages",
    "closure",
    "data_date",
    "exists",
    "hidden_tools",
    "role",
    "runtime_packages",
    "successor",
]

# Which set of packages a base image holds.  Only images called slim leave out documentation and translations.
BASES = {"debian": "debian", "debian-slim": "debian", "slim": "slim", "full": "full"}
SLIMMED = frozenset({"slim", "debian-slim"})
# What apt, dpkg, debconf and ldconfig write beside the packages' own files (bytes): dpkg's status and its copy, logs,
# debconf's texts; for each package its part of the status and the logs; debconf's texts again where a package has some.
INSTALL_BYTES = 1_030_000
PACKAGE_BYTES = 2_300
QUESTIONS_BYTES = 830_000


def suite_of(release: str | None) -> Suite | None:
    """Return the data of a Debian suite, None where the release is another one or not known."""
    name = normal_release(release)
    return open_suite(name) if name in SUITES else None


def role(package: str, release: str | None) -> Role:
    """Return what a package is for, in a release or (None) in general, and how that is known.

    What the configuration declares comes first, then curated rows, then the section of the package in the suite, then
    its name.  A package that the release's data does not hold and whose name says nothing is unknown.
    """
    said = declared(package)
    if said is not None and said.kind is not None:
        return Role(said.kind, "the configuration says so")
    return known_role(package, release)


@functools.lru_cache(maxsize=4000)
def known_role(package: str, release: str | None) -> Role:
    """Return what the data says of a package's role; declarations come and go, this stays."""
    for row in rows_that_fit("roles.role", package):
        return Role(Kind(row["kind"]), row["reason"], row.get("soften"))
    suite = suite_of(release)
    number = suite.number(package) if suite else None
    if suite and number is not None:
        section = suite.section(number)
        if section == "l" or (section == "d" and is_development_name(package)):
            return Role(
                Kind.DEV_HEADER, f"section {'libdevel' if section == 'l' else 'devel'} of {suite.meta('suite')}"
            )
        if section == "d" and not package.startswith(("lib", "python3-")):
            return Role(Kind.BUILD_TOOL, f"section devel of {suite.meta('suite')}")
    if is_development_name(package):
        return Role(Kind.DEV_HEADER, "named as development headers")
    if number is not None:
        return Role(Kind.RUNTIME, "not for building, by its section and its name")
    if package in foreign_runtime(normal_release(release)):
        return Role(Kind.RUNTIME, "the runtime part of a package with headers")
    return Role(Kind.UNKNOWN, f"not in the package data of {release}" if release else "no release is known")


@functools.lru_cache(maxsize=4000)
def rows_that_fit(table: str, name: str) -> tuple[dict[str, Any], ...]:
    """Return the curated rows with a pattern that a name fits, those with the plain name first."""
    exact, patterns = patterns_of(table)
    fitting = [
        row
        for head, tail, pattern, row in patterns
        if name.startswith(head)
        and name.endswith(tail)
        and ((pattern == f"{head}*{tail}" and len(name) >= len(pattern) - 1) or fnmatchcase(name, pattern))
    ]
    return (*exact.get(name, ()), *fitting)


@functools.cache
def patterns_of(table: str) -> tuple[dict[str, list[dict[str, Any]]], list[tuple[str, str, str, dict[str, Any]]]]:
    """Return a table's rows by plain name, and its patterns in their order, each after its plain beginning and end.

    A name that begins or ends otherwise does not fit: no regular expression need be made of the pattern to tell that.
    """
    exact: dict[str, list[dict[str, Any]]] = {}
    patterns = []
    for row in rows(table):
        for name in row["names"]:
            if any(sign in name for sign in "*?["):
                head, tail = re.split(r"[*?[]", name, maxsplit=1)[0], re.split(r"[*?\]]", name)[-1]
                patterns.append((head, tail, name, row))
            else:
                exact.setdefault(name, []).append(row)
    return exact, patterns


def runtime_packages(dev_package: str, release: str, base: str = "slim") -> tuple[str, ...] | None:
    """Return the runtime packages that a -dev package or a compiler stands for, beyond what the base image holds.

    ``()`` says that nothing is needed, None that it is not known.  ``base`` is "slim" or "full" (official Python
    images, whose Python is not Debian's) or "debian" (any other image of the release).
    """
    name = normal_release(release)
    said = declared(dev_package)
    if said is not None:
        found = said.runtime_in(name)
        if found is None:
            found = known_runtime(dev_package, name, base)
        return () if found is None and said.kind is Kind.BUILD_TOOL else found
    return known_runtime(dev_package, name, base)


def known_runtime(dev_package: str, name: str | None, base: str) -> tuple[str, ...] | None:
    """Return what the data says of the runtime packages in a release."""
    if name is None:
        return None
    if name not in SUITES:
        return foreign_packages(dev_package, name, base)
    suite = open_suite(name)
    number = suite.number(dev_package)
    names = list(suite.runtime(number)) if number is not None else None
    for row in rows_that_fit("runtime.override", dev_package):
        if row.get("on") == ("distribution" if base in ("slim", "full") else "python"):
            continue
        added = first_that_exist(suite, row.get("replace", row.get("add", ())))
        names = list(added) if "replace" in row else [*(names or ()), *added]
        break
    else:
        if number is None or (
            not names and known_role(dev_package, name).kind not in (Kind.BUILD_TOOL, Kind.DEV_HEADER)
        ):
            return None
    held = suite.held(BASES.get(base, "debian"))
    found = (suite.number(runtime) for runtime in names or ())
    return tuple(dict.fromkeys(suite.name(n) for n in found if n is not None and n not in held))


def first_that_exist(suite: Suite, choices: Iterable[str]) -> tuple[str, ...]:
    """Return, of each ``a|b``, the first name that the suite has; a choice without any is left out."""
    found = (next((n for n in choice.split("|") if suite.number(n) is not None), None) for choice in choices)
    return tuple(name for name in found if name is not None)


def foreign_packages(dev_package: str, release: str, base: str) -> tuple[str, ...] | None:
    """Return the runtime packages of a -dev package where only a curated table is at hand."""
    column = "runtime" if family(release) != "deb" else release
    for row in rows_that_fit(
        "foreign." + {"apk": "alpine", "rpm": "rpm", "deb": "ubuntu"}[family(release)], dev_package
    ):
        if base in ("slim", "full") and dev_package.startswith("python3"):
            return ()
        return tuple(row[column])
    plain_tool = role(dev_package, None).kind is Kind.BUILD_TOOL and not is_development_name(dev_package)
    return () if plain_tool else None


@functools.cache
def foreign_runtime(release: str | None) -> frozenset[str]:
    """Return the runtime packages named in the table of a release without an index."""
    tables = {"alpine": "alpine", "rpm": "rpm", "jammy": "ubuntu", "noble": "ubuntu"}
    if release not in tables:
        return frozenset()
    column = release if release in ("jammy", "noble") else "runtime"
    return frozenset(name for row in rows(f"foreign.{tables[release]}") for name in row[column])


def closure(packages: Iterable[str], release: str, base: str = "slim", recommends: bool = True) -> Closure:
    """Return what installing the packages adds to a base image ("slim", "full", "debian" or "debian-slim").

    It is what apt itself would choose, with recommended packages or without; sizes are estimates (about 1 % on a slim
    image).  A release without a package index knows none of the packages, and no size.
    """
    return closure_of(tuple(dict.fromkeys(packages)), release, base, recommends)


@functools.lru_cache(maxsize=1000)
def closure_of(asked: tuple[str, ...], release: str, base: str, recommends: bool) -> Closure:
    """The same, each answer kept: files of one house ask for the same packages again and again."""
    suite = suite_of(release)
    if suite is None:
        return Closure((), 0.0, 0.0, asked)
    numbers = {name: suite.number(name) for name in asked}
    held = suite.held(BASES.get(base, "debian"))
    resolver: Resolver[int] = Resolver(suite.facts, held, recommends)
    added = resolver.install(number for number in numbers.values() if number is not None)
    size = suite.weight(added, slim=base in SLIMMED) * 1024 + len(added) * PACKAGE_BYTES + INSTALL_BYTES
    if any(map(suite.asks_questions, added)):
        size += QUESTIONS_BYTES
    return Closure(
        packages=tuple(sorted(map(suite.name, added))),
        size_mb=size / 1e6 if added else 0.0,
        lists_mb=suite.meta("lists") / 1e6,
        unknown=tuple(name for name, number in numbers.items() if number is None),
    )


def base_packages(release: str, base: str) -> frozenset[str]:
    """Return the packages that a base image holds; empty where that is not known."""
    suite = suite_of(release)
    return frozenset(map(suite.name, suite.held(BASES.get(base, "debian")))) if suite else frozenset()


def exists(package: str, release: str) -> bool | None:
    """Return whether asking apt for the package works in the release; None where that is not known.

    False is certain for Debian's own components; a third-party repository may have the package all the same.
    """
    suite = suite_of(release)
    return suite.exists(package) if suite else None


def successor(package: str, release: str) -> str | None:
    """Return what took the place of a package that the release no longer has, None where nothing (known) did."""
    name = normal_release(release)
    if name not in SUITES or exists(package, name):
        return None
    for row in rows("runtime.successor"):
        if row["name"] == package and SUITES.index(row["from"]) <= SUITES.index(name):
            found = first_that_exist(open_suite(name), [row["to"]] if row["to"] else [])
            return found[0] if found else None
    return None


def hidden_tools(package: str) -> tuple[str, ...]:
    """Return the build tools that a package brings by recommendation, though nobody asked for them."""
    return tuple(tool for row in rows_that_fit("roles.hidden", package) for tool in row["brings"])


def data_date() -> str:
    """Return the day of the newest package index in the data, as ``2026-11-23``."""
    return max(str(open_suite(name).meta("date")) for name in SUITES if name != "forky")
