"""Projects of the Python package index and the system packages they need, from Debian's own packaging."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from dockslim.knowledge.build.control import Package
from dockslim.knowledge.build.indexes import apt_options
from dockslim.knowledge.build.universe import Universe
from dockslim.knowledge.names import project_name

__all__ = ["Project", "fetch_mapping", "project_rows"]

# What a Python package may depend on without a program of another Python installation needing it: other modules, what
# the browser loads, documentation, and what the image has anyway.
NOT_NEEDED = re.compile(
    r"(python|pypy|libjs-|node-|fonts-|dh-|libpython|javascript-common|sensible-utils|debconf|ucf|adduser|init-system|lsb-base|media-types"
    r"|tzdata|ca-certificates|netbase|dpkg|perl|cython|sphinx|libc6|libgcc-s1|libstdc\+\+6|bash|install-info|emacsen-common|systemd|sysvinit"
    r"|nfs-|default-mta|mail-transport|python3|ipython|jupyter|pybuild|update-|dbconfig|lib\w*-common$).*|.*-(doc|data|common|dev|examples|dbg)"
    r"|.*-python3?(-.*)?"
)
MODULE_DEPENDENCY = re.compile(r"python3-.*")


class Project(NamedTuple):
    """A project, the libraries that its compiled modules link, what it loads or calls, and whether it has such modules."""

    name: str
    linked: tuple[str, ...]
    loaded: tuple[str, ...]
    compiled: bool


def fetch_mapping(root: Path) -> dict[str, str]:
    """Return Debian's package name for each project that dh-python knows, from the suite whose indexes are in ``root``.

    The file is unpacked in a temporary folder; only its facts, name by name, are kept.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = ["apt-get", *apt_options(root), "-q", "download", "dh-python"]
        subprocess.run(command, cwd=folder, capture_output=True, check=True, timeout=300)
        deb = next(Path(folder).glob("dh-python_*.deb"))
        subprocess.run(["dpkg-deb", "-x", str(deb), folder], check=True, capture_output=True)
        text = (Path(folder) / "usr/share/dh-python/dist/cpython3_fallback").read_text(encoding="utf-8")
    return parse_mapping(text)


def parse_mapping(text: str) -> dict[str, str]:
    """Return the lines ``project package`` of dh-python's table, the projects' names in their normal form."""
    mapping: dict[str, str] = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) >= 2 and not line.startswith("#"):
            mapping.setdefault(project_name(words[0]), words[1])
    return mapping


def project_rows(mapping: dict[str, str], universe: Universe) -> list[Project]:
    """Return what the suite's packages say of each project that the suite has."""
    rows = []
    for name, package_name in sorted(mapping.items()):
        package = universe.packages.get(package_name)
        if package is not None:
            rows.append(read_project(name, package, universe))
    return rows


def read_project(name: str, package: Package, universe: Universe) -> Project:
    """Read one project's needs off its package and off the packages of the same source that it is split into."""
    parts = list(same_source(package, universe))
    compiled = any(part.architecture != "all" for part in parts)
    linked: dict[str, None] = {}
    loaded: dict[str, None] = {}
    for part in parts:
        for group in part.depends:
            names = universe.alternatives(group)
            if not names or NOT_NEEDED.fullmatch(names[0]):
                continue
            other = universe.packages[names[0]]
            if part.architecture != "all" and is_library(other):
                linked.setdefault(other.name)
            elif other.section not in ("devel", "libdevel", "python", "doc", "javascript", "fonts"):
                loaded.setdefault(other.name)
    return Project(name, tuple(linked), tuple(loaded), compiled)


def same_source(package: Package, universe: Universe) -> Iterator[Package]:
    """Yield a package and the Python packages of its own source that it depends on, one level after the other."""
    pending, seen = [package], {package.name}
    while pending:
        part = pending.pop()
        yield part
        for group in part.depends:
            for name in universe.alternatives(group)[:1]:
                other = universe.packages[name]
                if other.source == package.source and name not in seen and MODULE_DEPENDENCY.fullmatch(name):
                    seen.add(name)
                    pending.append(other)


def is_library(package: Package) -> bool:
    """Whether a package is a shared library, by its section and its name."""
    return package.section in ("libs", "oldlibs") and package.name.startswith("lib")
