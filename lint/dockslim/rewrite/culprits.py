"""What of the build the image that ships still carries."""

from __future__ import annotations

import enum
from collections.abc import Iterable

from dockslim import knowledge
from dockslim.knowledge import Kind
from dockslim.model import Family, Left, Stage
from dockslim.records import NamedTuple
from dockslim.rewrite.shipped import called_by_sources, of_the_image
from dockslim.rewrite.tools import uses_after, uses_of_run
from dockslim.syntax import Span

__all__ = ["Culprit", "CulpritKind", "culprits", "packages_going"]


class CulpritKind(enum.Enum):
    """Why something should not ship."""

    BUILD_TOOL = "build tool"
    DEV_HEADER = "development headers"
    FULL_BASE = "full base image"


class Culprit(NamedTuple):
    """One thing left that only a build needs: a package word, or the FROM line's image."""

    kind: CulpritKind
    name: str
    span: Span
    stage: Stage
    left: Left | None
    reason: str

    @property
    def key(self) -> tuple[int, str]:
        """What tells it from others: where its word starts, and its name (one variable may name several)."""
        return self.span.start, self.name


KINDS = {Kind.BUILD_TOOL: CulpritKind.BUILD_TOOL, Kind.DEV_HEADER: CulpritKind.DEV_HEADER}


def culprits(stage: Stage) -> tuple[Culprit, ...]:
    """Return what ``stage`` itself adds to the image that only a build needs, in the order of the file.

    Packages named in ``options.keep`` are not among them.
    """
    memory = stage.facts.memory
    key = ("culprits", stage.key)
    if key not in memory:
        keep = stage.facts.options.keep
        memory[key] = tuple(culprit for culprit in find(stage) if culprit.span.start not in keep)
    found: tuple[Culprit, ...] = memory[key]  # type: ignore[assignment]
    return found


def packages_going(guilty: Iterable[Culprit]) -> list[str]:
    """Return the names of the packages that go, in their order; a full image is none."""
    return [culprit.name for culprit in guilty if culprit.left is not None]


def find(stage: Stage) -> list[Culprit]:
    """Look at the base image, then at each package left."""
    found: list[Culprit] = []
    base = stage.base
    if stage.parent is None and base.family is Family.PYTHON and base.variant == "full":
        image = stage.from_.image.word
        reason = "the full image holds a compiler and some forty -dev packages"
        found.append(Culprit(CulpritKind.FULL_BASE, image.raw, image.span, stage, None, reason))
    if stage.parent is None and base.family is Family.ACCELERATOR and base.variant == "devel":
        image = stage.from_.image.word
        reason = "the devel image holds a compiler and the headers of CUDA"
        found.append(Culprit(CulpritKind.FULL_BASE, image.raw, image.span, stage, None, reason))
    for left in stage.left:
        if left.package.name is None:
            continue
        role = knowledge.role(left.package.name, base.release)
        kind = KINDS.get(role.kind)
        if kind is CulpritKind.BUILD_TOOL and left.package.name in called(stage):
            continue
        if kind is not None:
            found.append(Culprit(kind, left.package.name, left.package.span, stage, left, role.reason))
    return found


def called(stage: Stage) -> frozenset[str]:
    """Return the packages whose commands the stage's own RUNs, its CMD or the like call, other than to compile."""
    memory = stage.facts.memory
    key = ("called", stage.key)
    if key not in memory:
        uses = [use for run in stage.runs for use in uses_of_run(stage, run)]
        uses += uses_after(stage, stage.instructions)
        names = {
            knowledge.package_of_command(use.program, stage.release)
            for use in uses
            if not use.refutes and (use.at_run_time or not use.compiles)
        }
        by_sources = called_by_sources(of_the_image(stage.facts))
        names |= {knowledge.package_of_command(program, stage.release) for program in by_sources}
        memory[key] = frozenset(name for name in names if name is not None)
    return memory[key]  # type: ignore[return-value]
