"""Open the packages that weigh most in real installs, and note what share of their Installed-Size really lands in an image.

Run by hand now and then (``python -m dockslim.knowledge.build --weigh 300``): it downloads some hundred megabytes a suite.
"""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from dockslim.knowledge.build.control import Package
from dockslim.knowledge.build.indexes import apt_options
from dockslim.knowledge.build.select import seen_names
from dockslim.knowledge.build.sizes import Weight
from dockslim.knowledge.build.universe import Universe
from dockslim.knowledge.resolve import Resolver

__all__ = ["heaviest", "weigh_packages"]

# what the official slim images tell dpkg to leave out
LEFT_OUT = re.compile(r"\./usr/share/(?:(?:man|locale|info|groff|lintian|linda)/.|doc/.+(?<!/copyright)$)")
PYTHON_FILE = re.compile(r"\./usr/lib/python3.*\.py")
BATCH = 10


def heaviest(universe: Universe, count: int) -> list[str]:
    """Return the packages that weigh most over installs of each seen name, with and without recommended packages."""
    weights: Counter[str] = Counter()
    base = universe.bases()["slim"]
    for name in seen_names():
        real = universe.real(name)
        if real is not None:
            for added in Resolver(universe.facts, base, recommends=True).install([real]):
                weights[added] += universe.packages[added].installed_size
    return [name for name, _ in weights.most_common(count)]


def weigh_packages(names: Iterable[str], universe: Universe, root: Path) -> Iterator[tuple[str, Weight]]:
    """Download packages a few at a time, and yield the shares of each."""
    pending = list(names)
    for start in range(0, len(pending), BATCH):
        with tempfile.TemporaryDirectory() as folder:
            command = ["apt-get", *apt_options(root), "-q", "download", *pending[start : start + BATCH]]
            subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=3600)
            for path in sorted(Path(folder).glob("*.deb")):
                package = universe.packages[path.name.partition("_")[0]]
                if package.installed_size:
                    yield package.name, shares(path, package)


def shares(path: Path, package: Package) -> Weight:
    """Return what a .deb file leaves in an image, in thousandths of its Installed-Size.

    Beside its files these are dpkg's own notes on them: their names twice, a checksum each.
    """
    command = ["dpkg-deb", "--fsys-tarfile", str(path)]
    data = subprocess.run(command, capture_output=True, check=True).stdout
    full = slim = beside = python = 0
    for member in tarfile.open(fileobj=io.BytesIO(data)):
        beside += 2 * len(member.name) + 34 if member.isfile() else len(member.name)
        if member.isfile():
            full += member.size
            slim += 0 if LEFT_OUT.match(member.name) else member.size
            if PYTHON_FILE.fullmatch(member.name):
                python += member.size
    whole = package.installed_size * 1024
    return Weight(*(round(1000 * part / whole) for part in (full + beside, slim + beside, python)))
