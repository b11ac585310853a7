"""Projects of the Python package index: which system packages they need when they run."""

from __future__ import annotations

import functools
from collections.abc import Iterable

from dockslim.knowledge.curated import rows
from dockslim.knowledge.kinds import Needs
from dockslim.knowledge.lookups import first_that_exist, rows_that_fit, suite_of
from dockslim.knowledge.names import project_name
from dockslim.knowledge.store import Suite
from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

__all__ = ["jit_tools", "python_needs"]


def python_needs(project: str, release: str) -> Needs:
    """Return the system packages that a project of the Python package index needs when it runs.

    A curated row comes first; what it leaves open is taken from Debian's own packaging of the project in that
    suite.  On a release without a package index, curated rows alone answer, and only where they need no package.
    """
    name = project_name(project)
    suite = suite_of(release)
    row = next(iter(rows_that_fit("projects.project", name)), None)
    fact = suite.project(name) if suite is not None else None
    jit = bool(jit_tools(name))
    if row is not None:
        return from_row(row, fact, suite, jit)
    if fact is None:
        return Needs(False, jit=jit, reason=f"neither Debian's packaging nor the curated table knows {name}")
    linked, loaded, compiled = fact
    kind = "compiled" if compiled else "pure Python"
    return Needs(True, linked, loaded, compiled, jit, f"{kind}, as {suite.meta('suite') if suite else ''} packages it")


def from_row(
    row: dict[str, Any], fact: tuple[tuple[str, ...], tuple[str, ...], bool] | None, suite: Suite | None, jit: bool
) -> Needs:
    """Return what a curated row says, completed by what Debian's packaging says."""
    linked, loaded = row.get("linked"), row.get("loaded")
    compiled = row.get("compiled", fact[2] if fact else None)
    if suite is None:
        # names of packages differ between distributions: without an index only "nothing" can be said
        known = not linked and not loaded and (linked is not None or not compiled or bool(row.get("bundled")))
        return Needs(known, (), (), compiled, jit, row["reason"], row.get("bundled", False))
    if linked is None and compiled and fact is None and not row.get("bundled"):
        return Needs(False, (), (), compiled, jit, row["reason"], False)
    return Needs(
        True,
        resolved(suite, linked, fact[0] if fact else ()),
        resolved(suite, loaded, fact[1] if fact else ()),
        compiled,
        jit,
        row["reason"],
        row.get("bundled", False),
    )


def resolved(suite: Suite, choices: Iterable[str] | None, otherwise: tuple[str, ...]) -> tuple[str, ...]:
    """Return the suite's names of what a row asks for; where the row is silent, what Debian's packaging says."""
    return otherwise if choices is None else first_that_exist(suite, choices)


@functools.cache
def jit_table() -> dict[str, tuple[str, ...]]:
    """Return the tools that projects compile with while they run; those that do so only when told to are left out."""
    return {
        project: tuple(row["tools"])
        for row in rows("roles.jit")
        for project in row["projects"]
        if project not in row.get("only_when_used", ())
    }


def jit_tools(project: str, only_when_used: bool = False) -> tuple[str, ...]:
    """Return the build tools that a project needs while it runs (``only_when_used``: for optional features too)."""
    name = project_name(project)
    if only_when_used:
        return tuple(tool for row in rows("roles.jit") if name in row["projects"] for tool in row["tools"])
    return jit_table().get(name, ())
