"""What users declare of packages; it goes before all that the data says, for as long as it is in force."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar

from dockslim.knowledge.kinds import Kind
from dockslim.records import NamedTuple

__all__ = ["Declared", "declared", "in_force"]


class Declared(NamedTuple):
    """One package: its kind, and what goes in its place at run time.  None leaves either to the data.

    ``runtime`` is the answer for every release, ``by_release`` that for some.
    """

    kind: Kind | None = None
    runtime: tuple[str, ...] | None = None
    by_release: Mapping[str, tuple[str, ...]] | None = None

    def runtime_in(self, release: str | None) -> tuple[str, ...] | None:
        """The runtime packages in a release; None where nothing is said of them."""
        return (self.by_release or {}).get(release or "", self.runtime)


_IN_FORCE: ContextVar[Mapping[str, Declared] | None] = ContextVar("declared packages", default=None)


def declared(package: str) -> Declared | None:
    """What was declared of a package."""
    packages = _IN_FORCE.get()
    return packages.get(package) if packages else None


class in_force:  # noqa: N801 - a context manager, used like a function; `contextlib` takes long to import
    """Let the look-ups answer by these declarations."""

    def __init__(self, packages: Mapping[str, Declared]) -> None:
        self._packages = packages

    def __enter__(self) -> None:
        self._before = _IN_FORCE.set(self._packages)

    def __exit__(self, *_: object) -> None:
        _IN_FORCE.reset(self._before)
