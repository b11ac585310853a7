"""What a verification found, as typed values.

Sizes are bytes, times are seconds, lines count from 1 in the Dockerfile.  Everything here is frozen: made once by the
floor that measured it, read by the comparison and by the outputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = [
    "Complaint",
    "Config",
    "Distribution",
    "Image",
    "ImportFailure",
    "Layer",
    "Library",
    "Look",
    "MissingLibrary",
    "Package",
    "Remedy",
    "Script",
    "SeverityCounts",
    "Smoke",
    "Verification",
    "Vulnerability",
]


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer, oldest first: the instruction that made it, its uncompressed size, and its line where that is known.

    ``line`` is None for what the base image brought.  ``diff_id`` is the digest that scanners name a layer by,
    ``stage`` the name of the stage that the line stands in ("" for one without).
    """

    instruction: str
    size: int
    line: int | None = None
    diff_id: str | None = None
    stage: str | None = None


@dataclass(frozen=True, slots=True)
class Package:
    """A package of the distribution: ``manager`` is dpkg, apk or rpm; ``size`` is what it says it takes installed."""

    name: str
    version: str
    manager: str = "dpkg"
    size: int = 0


@dataclass(frozen=True, slots=True)
class Distribution:
    """An installed Python distribution.  ``system``: it belongs to the distribution's own Python packages."""

    name: str
    version: str
    location: str = ""
    size: int = 0
    modules: tuple[str, ...] = ()
    system: bool = False


@dataclass(frozen=True, slots=True)
class ImportFailure:
    """A top-level module that could not be imported in a process of its own, and the last line of why."""

    module: str
    distribution: str
    error: str


@dataclass(frozen=True, slots=True)
class MissingLibrary:
    """A shared library that a binary asks for and the image has not; ``why`` may name a missing symbol version."""

    library: str
    needed_by: str
    why: str = "not found"


@dataclass(frozen=True, slots=True)
class Library:
    """A shared library of the system that Python's binaries link to (``linked``) or load at import (not ``linked``)."""

    soname: str
    path: str
    package: str | None
    needed_by: tuple[str, ...] = ()
    linked: bool = True


@dataclass(frozen=True, slots=True)
class Script:
    """A console script that an installed distribution declares; ``problem`` says what keeps it from running."""

    name: str
    path: str
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """What the image says about running it."""

    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    user: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    workdir: str = ""
    ports: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    volumes: tuple[str, ...] = ()
    healthcheck: tuple[str, ...] = ()
    stop_signal: str = ""
    shell: tuple[str, ...] = ()
    onbuild: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Smoke:
    """The user's own check, run in one image."""

    exit_code: int
    output: str
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether the command ended with 0."""
        return self.exit_code == 0


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen inside one image.  ``how`` is "python", "sh" or "" when nothing in it could be asked."""

    how: str = ""
    packages: tuple[Package, ...] = ()
    distributions: tuple[Distribution, ...] = ()
    imported: int = 0
    import_failures: tuple[ImportFailure, ...] = ()
    missing_libraries: tuple[MissingLibrary, ...] = ()
    libraries: tuple[Library, ...] = ()
    binaries: int = 0
    scripts: tuple[Script, ...] = ()
    setuid: tuple[str, ...] = ()
    user: str = ""
    uid: int = 0
    writable: tuple[str, ...] = ()
    programs: frozenset[str] = frozenset()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Image:
    """One form, built: its tag, size (sum of the uncompressed layers), layers, configuration and what is inside."""

    image: str
    size: int
    layers: tuple[Layer, ...]
    config: Config
    look: Look
    smoke: Smoke | None = None
    build_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to change: ``text`` is the line to add (or the new line) at ``line`` of the Dockerfile."""

    title: str
    package: str | None = None
    line: int | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Complaint:
    """A regression (only the new form has it) or a problem (the old form has it too)."""

    kind: str
    what: str
    fix: Remedy | None = None


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """One vulnerability of a scanner's report, with the Dockerfile line that brought its package where known."""

    id: str
    package: str
    version: str
    severity: str
    line: int | None = None
    instruction: str | None = None
    removed: bool = False


@dataclass(frozen=True, slots=True)
class SeverityCounts:
    """Vulnerabilities of one image: by severity, all of them, and those in packages that the rewrite removes."""

    counts: Mapping[str, int]
    vulnerabilities: tuple[Vulnerability, ...] = ()
    source: str = ""

    @property
    def total(self) -> int:
        """All, whatever their severity."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Verification:
    """The whole result for one Dockerfile.

    ``before`` is None when only one form was verified (the file needs no rewrite): then problems alone decide.
    """

    path: str
    engine: str
    before: Image | None
    after: Image
    regressions: tuple[Complaint, ...] = ()
    problems: tuple[Complaint, ...] = ()
    notes: tuple[str, ...] = ()
    scan_before: SeverityCounts | None = None
    scan_after: SeverityCounts | None = None
    text: str = ""

    @property
    def exit_code(self) -> int:
        """0 all well, 1 regressions, or problems when only one form was verified."""
        decisive = self.regressions if self.before is not None else self.problems
        return 1 if decisive else 0

    @property
    def packages_gone(self) -> tuple[Package, ...]:
        """Packages that only the old form has."""
        return _only_in(self.before, self.after)

    @property
    def packages_added(self) -> tuple[Package, ...]:
        """Packages that only the new form has."""
        return _only_in(self.after, self.before)

    @property
    def packages_kept(self) -> int:
        """How many packages both forms have."""
        if self.before is None:
            return len(self.after.look.packages)
        return len(self.after.look.packages) - len(self.packages_added)


def _only_in(one: Image | None, other: Image | None) -> tuple[Package, ...]:
    if one is None or other is None:
        return ()
    names = {package.name for package in other.look.packages}
    return tuple(package for package in one.look.packages if package.name not in names)
