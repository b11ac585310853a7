"""What `dockslim why` says: each package's role and what an install of them all pulls in and weighs."""

from __future__ import annotations

from collections.abc import Iterable

from dockslim.knowledge.declared import declared
from dockslim.knowledge.kinds import Kind
from dockslim.knowledge.lookups import closure, exists, role, runtime_packages, successor, suite_of
from dockslim.knowledge.names import package_name
from dockslim.knowledge.release_names import normal_release, releases
from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

__all__ = ["render", "why"]


def why(packages: Iterable[str], release: str, base: str = "slim", recommends: bool = True) -> dict[str, Any]:
    """Return what is known of some packages and of installing them, as JSON-ready values.

    ``{"release", "packages": [{"name", "role", "reason", "runtime", "known", "soften", "exists", "successor"}],
    "install": {"packages", "size_mb", "lists_mb", "unknown"}}``; sizes are decimal megabytes, unrounded.  Words are
    taken as people write them on an install line (``gcc=4:12``, ``gcc/bookworm-backports``); one that names no package
    is unknown.
    """
    words = list(packages)
    names = {word: package_name(word) for word in words}
    installed = closure([name for name in names.values() if name is not None], release, base, recommends)
    return {
        "release": normal_release(release) or release,
        "packages": [describe(word, names[word], release, base) for word in words],
        "install": {
            "packages": list(installed.packages),
            "size_mb": installed.size_mb,
            "lists_mb": installed.lists_mb,
            "unknown": [*installed.unknown, *(word for word in words if names[word] is None)],
        },
    }


def describe(word: str, name: str | None, release: str, base: str) -> dict[str, Any]:
    """Return what is known of one word of an install line."""
    if name is None:
        return entry(word, Kind.UNKNOWN, "names no single package of an archive", None)
    found = role(name, release)
    kind, reason = found.kind, found.reason
    present = exists(name, release)
    own = declared(name) is not None
    if present is False and not own:
        reason = f"{normal_release(release)} has no such package" + (
            f"; otherwise: {reason}" if kind is not Kind.UNKNOWN else ""
        )
    runtime = None if kind in (Kind.UNKNOWN, Kind.RUNTIME, Kind.FETCH_TOOL) else runtime_packages(name, release, base)
    known = kind is not Kind.UNKNOWN and (own or present is not False) and normal_release(release) is not None
    result = entry(name, kind, reason, runtime, known=known)
    result["soften"] = found.soften
    result["exists"] = present
    result["successor"] = successor(name, release)
    return result


def entry(name: str, kind: Kind, reason: str, runtime: Iterable[str] | None, known: bool = False) -> dict[str, Any]:
    """Return the record of one package."""
    return {
        "name": name,
        "role": kind.value,
        "reason": reason,
        "runtime": list(runtime or ()),
        "known": known,
        "soften": None,
        "exists": None,
        "successor": None,
    }


def render(facts: dict[str, Any]) -> str:
    """Return the facts of `why` as text for a person, ending with a line break."""
    lines = []
    for package in facts["packages"]:
        lines.append(f"{package['name']}: {package['role']} ({package['reason']})")
        if package["soften"]:
            lines.append(f"  but: {package['soften']}")
        if package["runtime"]:
            lines.append(f"  runtime: {' '.join(package['runtime'])}")
        elif package["known"] and package["role"] in (Kind.BUILD_TOOL.value, Kind.DEV_HEADER.value):
            lines.append("  runtime: nothing")
        if package["successor"]:
            lines.append(f"  successor: {package['successor']}")
    install = facts["install"]
    if install["packages"] or not install["unknown"] or suite_of(facts["release"]) is None:
        lines.append(install_line(facts["release"], install))
    if install["unknown"]:
        lines.append(f"not known in {facts['release']}: {' '.join(install['unknown'])}")
    return "\n".join(lines) + "\n"


def install_line(release: str, install: dict[str, Any]) -> str:
    """Return the line on the install as a whole."""
    if suite_of(release) is None:
        known = ", ".join(releases())
        return f"no package index of {release} is known" + (
            "" if release in releases() else f"; known releases: {known}"
        )
    count = len(install["packages"])
    if not count:
        return f"installing them on {release} adds nothing"
    lists = f"; package lists left behind add {install['lists_mb']:.0f} MB"
    packages = f"{count} package{'s' if count != 1 else ''}"
    return f"installing them on {release} adds {packages}, about {rounded(install['size_mb'])}{lists}"


def rounded(megabytes: float) -> str:
    """Return megabytes as precisely as they are known: about two digits."""
    if megabytes >= 100:
        return f"{round(megabytes, -1):.0f} MB"
    return f"{megabytes:.0f} MB" if megabytes >= 10 else f"{megabytes:.1f} MB"
