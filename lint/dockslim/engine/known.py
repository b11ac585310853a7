"""The setting ``known-packages``: what a user says of packages that dockslim does not know, or knows wrongly."""

from __future__ import annotations

from collections.abc import Mapping

from dockslim.engine.selection import suggest
from dockslim.knowledge import Kind, normal_release, package_name, releases
from dockslim.knowledge.declared import Declared
from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

__all__ = ["EXAMPLE", "SCHEMA", "declarations", "read"]

ROLES = {"build-tool": Kind.BUILD_TOOL, "dev-header": Kind.DEV_HEADER, "runtime": Kind.RUNTIME}
FIELDS = ("role", "runtime")
EXAMPLE = '{libacme-dev = {role = "dev-header", runtime = ["libacme2"]}, acme-sdk = "build-tool"}'

_NAMES = {"type": "array", "items": {"type": "string", "minLength": 1}}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": {
        "anyOf": [
            {"enum": list(ROLES)},
            {
                "type": "object",
                "properties": {
                    "role": {"enum": list(ROLES)},
                    "runtime": {"anyOf": [_NAMES, {"type": "object", "additionalProperties": _NAMES}]},
                },
                "minProperties": 1,
                "additionalProperties": False,
            },
        ]
    },
}


def read(value: object, folder: object) -> dict[str, dict[str, Any]]:
    """Check a table as the file has it; each package gets a table with ``role``, ``runtime`` or both.

    Raises ValueError.
    """
    if not isinstance(value, dict):
        raise ValueError(f"a table of packages is expected, such as {EXAMPLE}")
    return {package: _package(package, each) for package, each in value.items()}


def declarations(packages: Mapping[str, Mapping[str, Any]]) -> dict[str, Declared]:
    """What ``read`` returned, as the look-ups take it."""
    found: dict[str, Declared] = {}
    for name, said in packages.items():
        kind = ROLES[said["role"]] if "role" in said else None
        runtime = said.get("runtime")
        if isinstance(runtime, Mapping):
            found[name] = Declared(kind, None, {normal_release(each) or each: names for each, names in runtime.items()})
        else:
            found[name] = Declared(kind, runtime)
    return found


def _package(package: str, value: object) -> dict[str, Any]:
    if package_name(package) != package:
        raise ValueError(f"{package!r} is no name of a package")
    if isinstance(value, str):
        value = {"role": value}
    if not isinstance(value, dict) or not value:
        raise ValueError(f"{package}: a role or a table is expected, such as {EXAMPLE}")
    for field in value:
        if field not in FIELDS:
            raise ValueError(f"{package}: unknown key {field!r}{suggest(field, FIELDS) or '; known are role, runtime'}")
    said = dict(value)
    if "role" in said and (not isinstance(said["role"], str) or said["role"] not in ROLES):
        near = suggest(said["role"], ROLES) if isinstance(said["role"], str) else ""
        raise ValueError(f"{package}: role: {said['role']!r} is none of {', '.join(ROLES)}{near}")
    if "runtime" in said:
        if said.get("role") == "runtime":
            raise ValueError(f"{package}: runtime: nothing goes in the place of a runtime package; leave it out")
        said["runtime"] = _runtime(package, said["runtime"])
    return said


def _runtime(package: str, value: object) -> tuple[str, ...] | dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        return _names(package, value)
    for release in value:
        if normal_release(release) is None:
            near = suggest(release, releases()) or f"; known are {', '.join(releases())}"
            raise ValueError(f"{package}: runtime: {release!r} is no release that is known{near}")
    return {release: _names(package, names) for release, names in value.items()}


def _names(package: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValueError(f'{package}: runtime: a list of packages is expected, such as ["libacme2"], or one by release')
    for name in value:
        if package_name(name) != name:
            raise ValueError(f"{package}: runtime: {name!r} is no name of a package")
    return tuple(value)
