"""From a suite's indexes to its data file."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from dockslim.knowledge import bloom
from dockslim.knowledge.build.control import Package, newest, read_packages
from dockslim.knowledge.build.indexes import Index
from dockslim.knowledge.build.projects import Project, project_rows
from dockslim.knowledge.build.runtime import is_header_package, runtime_of
from dockslim.knowledge.build.select import seen_names, selection, wanted_name
from dockslim.knowledge.build.sizes import weigh
from dockslim.knowledge.build.universe import Universe
from dockslim.knowledge.build.write import write_suite
from dockslim.knowledge.curated import read_tables
from dockslim.knowledge.names import is_development_name
from dockslim.knowledge.packing import (
    LIMIT,
    NAMES_IN_BLOCK,
    RELATIONS_IN_BLOCK,
    pack,
    pack_block,
    pack_groups,
    pack_sizes,
)
from dockslim.knowledge.resolve import Facts

__all__ = ["compile_suite", "read_universe"]

Item = TypeVar("Item")
SECTIONS = {"devel": b"d", "libdevel": b"l"}


def read_universe(suite: str, indexes: Iterable[Index]) -> Universe:
    """Return the packages of a suite's component main, the newest of each."""
    texts = (index.text for index in indexes if index.name.endswith("/main"))
    return Universe(suite, newest(package for text in texts for package in read_packages(text)))


def compile_suite(suite: str, indexes: Sequence[Index], mapping: dict[str, str], path: Path) -> int:
    """Write the data file of a suite; return how many packages it holds.

    ``mapping`` gives Debian's package for projects of the Python package index.
    """
    universe = read_universe(suite, indexes)
    projects = project_rows(mapping, universe)
    bases = universe.bases()
    more = {name for project in projects for name in (*project.linked, *project.loaded)} | set(curated_names())
    names = sorted({*selection(universe, more), *bases["full"]})
    if len(names) >= LIMIT:
        raise ValueError(f"{suite}: {len(names)} packages do not fit into {LIMIT} numbers")
    numbers = {name: number for number, name in enumerate(names)}
    write_suite(
        path,
        {
            **{f"base.{base}": pack(numbers[name] for name in sorted(held)) for base, held in bases.items()},
            "date": max(day(index.date) for index in indexes),
            "lists": lists_weight(indexes),
            "names": bloom.build(all_names(indexes, universe)),
            "sources": json.dumps([[index.name, index.date, index.digest] for index in indexes]),
            # projects of pure Python that need nothing of the system: three of four
            "plain": "\n".join(["", *(project.name for project in projects if not has_row(project)), ""]),
            "suite": suite,
            **columns(universe, names),
        },
        {
            "names": [(block, "\n".join(part)) for block, part in enumerate(blocks(names, NAMES_IN_BLOCK))],
            "relations": [
                (block, pack_block(part))
                for block, part in enumerate(blocks(relations(universe, numbers, bases["debian"]), RELATIONS_IN_BLOCK))
            ],
            "virtual": virtual_rows(universe, numbers),
            "project": [row(project) for project in projects if has_row(project)],
        },
    )
    return len(names)


def curated_names() -> Iterator[str]:
    """Yield the packages that the curated tables name: a look-up may have to tell whether a suite has them."""
    tables = read_tables()
    for row in tables["commands.package"]:
        yield row["name"]
    for table in ("projects.project", "runtime.override", "runtime.successor"):
        for row in tables[table]:
            for column in ("linked", "loaded", "add", "replace"):
                for choice in row.get(column, ()):
                    yield from choice.split("|")
            yield from row.get("to", "").split("|")


def columns(universe: Universe, names: Sequence[str]) -> dict[str, bytes]:
    """Return what each package has exactly one of, in the order of the numbers."""
    packages = [universe.packages[name] for name in names]
    weights = [weigh(package, universe.suite) for package in packages]
    return {
        "sections": b"".join(section_mark(package) for package in packages),
        "sizes": pack_sizes(full for full, _ in weights),
        # the share of it that a slim image keeps, in 250 steps
        "slim": bytes(min(250, round(250 * slim / max(full, 1))) for full, slim in weights),
    }


def section_mark(package: Package) -> bytes:
    """Return one letter: the section, as a capital where the package asks questions (whose texts debconf then stores)."""
    mark = SECTIONS.get(package.section, b"o")
    asks = any(relation.name == "debconf" for group in package.depends for relation in group)
    return mark.upper() if asks else mark


def relations(universe: Universe, numbers: dict[str, int], base: frozenset[str]) -> list[tuple[bytes, ...]]:
    """Return the relations of the packages as numbers; what every base image meets is left out."""

    def groups(relations: Iterable[tuple[str, ...]]) -> bytes:
        kept = [
            [numbers[name] for name in group if name in numbers] for group in relations if not base.intersection(group)
        ]
        return pack_groups(group for group in kept if group)

    def known(names: Iterable[str]) -> bytes:
        return pack(numbers[name] for name in names if name in numbers)

    result: list[tuple[bytes, ...]] = []
    for name in numbers:
        facts = universe.facts(name) or Facts((), ())
        runtime = runtime_of(name, universe) if is_header_package(universe.packages[name]) else ()
        result.append((groups(facts.depends), groups(facts.recommends), known(facts.conflicts), known(runtime)))
    return result


def blocks(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Yield the items in blocks."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def virtual_rows(universe: Universe, numbers: dict[str, int]) -> list[tuple[str, int]]:
    """Return the names that are no packages but that asking for installs exactly one: those people ask for."""
    asked = set(seen_names())
    rows = []
    for name in universe.providers:
        if name in asked or (is_development_name(name) and wanted_name(name)):
            real = None if name in universe.packages else universe.real(name)
            if real is not None and real in numbers:
                rows.append((name, numbers[real]))
    return rows


def has_row(project: Project) -> bool:
    """Whether there is more to say of a project than that it needs nothing."""
    return project.compiled or bool(project.linked or project.loaded)


def row(project: Project) -> tuple[Any, ...]:
    """Return the row of a project; empty lists are nothing."""
    return (project.name, " ".join(project.linked) or None, " ".join(project.loaded) or None, project.compiled)


def all_names(indexes: Iterable[Index], universe: Universe) -> set[str]:
    """Return every package name of every component, and the virtual ones."""
    names = set(universe.packages)
    names.update(name for name in universe.providers if universe.real(name) is None)
    for index in indexes:
        if not index.name.endswith("/main"):
            names.update(line[9:] for line in index.text.split("\n") if line.startswith("Package: "))
    return names


def lists_weight(indexes: Iterable[Index]) -> int:
    """Return the bytes of the package lists that apt-get update leaves in an image."""
    return sum(index.weight for index in indexes if index.name.endswith("/main"))


def day(date: str) -> str:
    """Return the day of a release file's date, as ``2026-11-23``."""
    if not date:
        return ""
    return datetime.datetime.strptime(date.replace("UTC", "+0000"), "%a, %d %b %Y %H:%M:%S %z").strftime("%Y-%m-%d")
