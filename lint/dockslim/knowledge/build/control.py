"""Packages indexes: stanzas, relations, and the newest version of each package."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dockslim.knowledge.build.versions import compare

__all__ = ["Group", "Package", "Relation", "newest", "parse_relations", "read_packages"]

RELATION = re.compile(r"\s*([^\s(:\[]+)(:[a-z0-9-]+)?\s*(?:\(\s*([<>=]+)\s*([^\s)]+)\s*\))?[^|,]*")


NAME = re.compile(r"(?:^|[,|])\s*([^\s(:\[,|]+)")
# in the order in which apt reads them
RELATION_FIELDS = (
    "Depends",
    "Pre-Depends",
    "Suggests",
    "Recommends",
    "Conflicts",
    "Breaks",
    "Replaces",
    "Enhances",
    "Provides",
)


@dataclass(frozen=True, slots=True)
class Relation:
    """One alternative of a dependency: a name, and a bound on its version (both empty where there is none).

    ``any_architecture`` is the mark ``:any``; apt then no longer prefers the package of that name to one that provides it.
    """

    name: str
    operator: str = ""
    version: str = ""
    any_architecture: bool = False


Group = tuple[Relation, ...]


@dataclass(frozen=True, slots=True)
class Package:
    """What an index says of one package.

    ``installed_size`` counts KiB; ``mentions`` are all names in its relations, in their order; ``same`` says that copies of
    several architectures may be installed together.
    """

    name: str
    version: str
    source: str
    section: str
    priority: str
    essential: bool
    architecture: str
    installed_size: int
    depends: tuple[Group, ...]
    recommends: tuple[Group, ...]
    provides: tuple[Group, ...]
    conflicts: tuple[Group, ...]
    same: bool
    mentions: tuple[str, ...]
    filename: str


def parse_relations(text: str) -> tuple[Group, ...]:
    """Parse ``a (>= 1) | b:any, c`` into groups of alternatives; those of a foreign architecture (``:i386``) are dropped."""
    groups = (
        tuple(
            Relation(match[1], match[3] or "", match[4] or "", match[2] is not None)
            for match in map(RELATION.match, group.split("|"))
            if match is not None and match[2] in (None, ":any", ":native", ":amd64")
        )
        for group in text.split(",")
        if group.strip()
    )
    return tuple(group for group in groups if group)


def stanzas(text: str) -> Iterator[dict[str, str]]:
    """Yield the fields of each stanza; only the first line of a field that goes on is kept."""
    for stanza in text.split("\n\n"):
        fields: dict[str, str] = {}
        for line in stanza.split("\n"):
            if line and line[0] not in " \t#":
                name, _, value = line.partition(":")
                fields[name] = value.strip()
        if "Package" in fields:
            yield fields


def read_packages(text: str) -> Iterator[Package]:
    """Yield the packages of one Packages index."""
    for fields in stanzas(text):
        before = parse_relations(fields.get("Pre-Depends", ""))
        yield Package(
            name=fields["Package"],
            version=fields.get("Version", "0"),
            source=fields.get("Source", fields["Package"]).partition(" ")[0],
            section=fields.get("Section", "").rpartition("/")[2],
            priority=fields.get("Priority", "optional"),
            essential=fields.get("Essential") == "yes",
            architecture=fields.get("Architecture", ""),
            installed_size=int(fields.get("Installed-Size", "0")),
            depends=before + parse_relations(fields.get("Depends", "")),
            recommends=parse_relations(fields.get("Recommends", "")),
            provides=parse_relations(fields.get("Provides", "")),
            conflicts=parse_relations(fields.get("Conflicts", "")) + parse_relations(fields.get("Breaks", "")),
            same=fields.get("Multi-Arch") == "same",
            mentions=tuple(
                sys.intern(name) for field in RELATION_FIELDS if field in fields for name in NAME.findall(fields[field])
            ),
            filename=fields.get("Filename", ""),
        )


def newest(packages: Iterable[Package]) -> dict[str, Package]:
    """Return the newest version of each package, by name.

    The names come in the order in which apt meets them, be it in a stanza of their own or in another's relations: it
    decides between providers that are otherwise alike.
    """
    order: dict[str, None] = {}
    chosen: dict[str, Package] = {}
    for package in packages:
        order.setdefault(package.name)
        order.update(dict.fromkeys(name for name in package.mentions if name not in order))
        known = chosen.get(package.name)
        if known is None or compare(package.version, known.version) > 0:
            chosen[package.name] = package
    return {name: chosen[name] for name in order if name in chosen}
