"""Release names, and which package system they belong to."""

from __future__ import annotations

import re

from dockslim.knowledge.store import SUITES

__all__ = ["FOREIGN", "family", "normal_release", "releases"]

UBUNTU = ("jammy", "noble")
FOREIGN = (*UBUNTU, "alpine", "rpm")
RPM = re.compile(r"(fedora|centos|rhel|ubi|rocky|alma|oracle|amazon|amzn|photon|el[0-9]).*")
ALIASES = {
    "11": "bullseye",
    "12": "bookworm",
    "13": "trixie",
    "14": "forky",
    "oldoldstable": "bullseye",
    "oldstable": "bookworm",
    "stable": "trixie",
    "testing": "forky",
    "22.04": "jammy",
    "24.04": "noble",
}


def releases() -> tuple[str, ...]:
    """Return the releases that are known: Debian's suites, oldest first, then the others."""
    return (*SUITES, *FOREIGN)


def normal_release(release: str | None) -> str | None:
    """Return the release's name as the data knows it, None where the data does not.

    ``bookworm-slim``, ``12`` and ``12.5`` are bookworm, ``22.04`` is jammy, ``alpine3.20`` is alpine,
    ``fedora`` and ``ubi9`` are of the family rpm.
    """
    if not release:
        return None
    word = release.lower()
    if word in releases():
        return word
    if word.startswith("alpine"):
        return "alpine"
    if RPM.fullmatch(word):
        return "rpm"
    word = re.split(r"[-_]", word)[0]
    word = ALIASES.get(word) or ALIASES.get(word.split(".")[0], word)
    return word if word in releases() else None


def family(release: str) -> str:
    """Return the package system of a known release: ``deb``, ``apk`` or ``rpm``."""
    return {"alpine": "apk", "rpm": "rpm"}.get(release, "deb")
