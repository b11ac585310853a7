"""What a package weighs in an image, from its Installed-Size and from what was weighed."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import NamedTuple

from dockslim.knowledge.build.control import Package

__all__ = ["BYTECODE_SHARE", "WEIGHED", "Weight", "weigh"]

WEIGHED = Path(__file__).with_name("weighed.json")
# bytes of bytecode that Debian's set-up compiles for each byte of Python source: measured on installs of python3-pip
BYTECODE_SHARE = {"bullseye": 0.70, "bookworm": 1.19, "trixie": 1.10, "forky": 1.10}
# KiB that dpkg notes beside the files of a usual package
NOTES = 3


class Weight(NamedTuple):
    """What a package leaves in an image, what it leaves in a slim one, and how much of that is Python source.

    In KiB, or in thousandths of Installed-Size; without the bytecode that is compiled from the source.
    """

    full: int
    slim: int
    python: int = 0


@functools.cache
def weighed() -> dict[str, dict[str, Weight]]:
    """Return the shares of the packages that were opened and weighed, by suite."""
    table = json.loads(WEIGHED.read_text(encoding="utf-8"))["suites"]
    return {suite: {name: Weight(*shares) for name, shares in packages.items()} for suite, packages in table.items()}


@functools.cache
def relatives() -> dict[str, Weight]:
    """Return the shares of weighed packages by their name without numbers: gcc-12 tells what gcc-13 is like."""
    found: dict[str, Weight] = {}
    for packages in weighed().values():
        for name, shares in packages.items():
            found.setdefault(kin(name), shares)
    return found


def kin(name: str) -> str:
    """Return a package's name without what changes from release to release."""
    return re.sub(r"t64$|[0-9.]+", "", name)


def weigh(package: Package, suite: str) -> tuple[int, int]:
    """Return the KiB that a package leaves in an image and in a slim one, the bytecode of its Python source included.

    As weighed, else as its relative in another suite, else as its like.
    """
    shares = weighed().get(suite, {}).get(package.name) or relatives().get(kin(package.name))
    weight = estimate(package)
    if shares is not None:
        weight = Weight(*(round(package.installed_size * share / 1000) for share in shares))
    bytecode = round(weight.python * BYTECODE_SHARE[suite])
    return weight.full + bytecode, weight.slim + bytecode


# How much of a package is documentation, manual pages and translations, by section: (KiB, share of the size, most KiB).
# Fitted to the 900 packages of Debian 12 that were opened.
LEFT_OUT = {
    "libs": (25, 0.05, 150),
    "libdevel": (40, 0.06, 250),
    "devel": (35, 0.15, 600),
    "python": (28, 0.06, 400),
    "perl": (15, 0.3, 700),
    "fonts": (15, 0.03, 150),
    "doc": (0, 0.985, 10**9),
    "localization": (20, 0.05, 500),
    "java": (20, 0.02, 200),
    "javascript": (25, 0.12, 10**9),
    "tex": (20, 0.25, 10**9),
}
USUAL = (30, 0.22, 1200)


def estimate(package: Package) -> Weight:
    """Return what packages of this section and size usually leave in an image, in KiB."""
    size = package.installed_size
    # Installed-Size rounds each file up
    full = max(0.0, size - min(18 + 0.03 * size, 0.25 * size))
    fixed, share, most = LEFT_OUT.get(package.section, USUAL)
    slim = max(0.0, min(full, size - min(fixed + share * size, most)))
    beside = NOTES + 0.004 * size
    source = 0.0
    if package.section == "python" and not package.name.endswith("-whl"):
        source = slim * (0.92 if package.architecture == "all" else 0.35)
    return Weight(round(full + beside), round(slim + beside), round(source))
