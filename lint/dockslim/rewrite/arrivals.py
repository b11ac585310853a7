"""Python packages that another stage of the file built: what arrives is compiled already."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockslim import knowledge
from dockslim.later import later
from dockslim.model import PipInstall, ProjectInstall, Stage, TargetKind, references
from dockslim.rewrite.culprits import CulpritKind, culprits
from dockslim.rewrite.destinations import destination
from dockslim.rewrite.locks import Locks
from dockslim.rewrite.plan import RefusalError
from dockslim.rewrite.relevance import opaque
from dockslim.rewrite.requested import requested, targets_of
from dockslim.syntax import Copy, Run

__all__ = ["FILES", "arrivals", "arrived", "is_of_wheels"]

#: Targets that are files which name what is installed.
FILES = (TargetKind.REQUIREMENTS, TargetKind.CONSTRAINTS)


def is_of_wheels(stage: Stage, install: PipInstall) -> bool:
    """Whether an install only takes wheels that another stage built: nothing is compiled."""
    places = install.of(TargetKind.LOCAL)
    wheels = bool(places) and all(re.search(r"(\.whl|/\*)$", target.text or "") for target in places)
    others = [target for target in install.targets if target not in places and target.kind not in FILES]
    return (wheels and not others and bool(arrivals(stage))) or install.option("--no-index") is not None


#: Folders in which Python packages arrive from another stage.
ARRIVAL = later(r"wheel|whl|venv|virtualenv|site-packages|\.local|/usr/local|/install|/deps|dist")


def arrivals(stage: Stage) -> list[str]:
    """Return the names of the stages from which Python packages are copied, be it in a stage on top that ships."""
    return [name_of(source) for source in sources_of(stage)]


def name_of(stage: Stage) -> str:
    """Return what a COPY may call a stage."""
    return stage.name or str(stage.index)


def sources_of(stage: Stage) -> list[Stage]:
    """Return the stages from which Python packages are copied, each once."""
    found: dict[int, Stage] = {}
    for holder in stage.facts.final_stage.lineage:
        if any(member in holder.lineage for member in stage.members):
            found.update((source.index, source) for source in copied_from(holder))
    return list(found.values())


def copied_from(stage: Stage) -> Iterator[Stage]:
    """Yield the stages whose Python packages one stage copies, or mounts for a RUN."""
    for reference in references(stage):
        instruction, source = reference.instruction, reference.stage
        if source is None or not source.actions:
            continue
        if isinstance(instruction, Copy):
            if brings_packages(instruction, source):
                yield source
        elif isinstance(instruction, Run):
            mounts = [mount for mount in instruction.mounts if mount.from_ is reference.word]
            if any(ARRIVAL.search(mount.source or "") for mount in mounts):
                yield source


def arrived(stage: Stage) -> Locks:
    """Return the projects whose packages arrive from other stages, and the stages of which that is not known in full.

    They are no full lock: what they need of each other is not told by their names.
    """
    found = Locks(complete=False)
    for source in sources_of(stage):
        names = made_in(source)
        if names is None:
            found.unreadable.append(f"what stage {name_of(source)} made")
        else:
            found.projects += sorted(names - set(found.projects))
            if without_dependencies(source) and fetches_dependencies(stage):
                found.unreadable.append(f"what the wheels of stage {name_of(source)}, made with --no-deps, need")
    return found


def without_dependencies(source: Stage) -> bool:
    """Whether a stage builds wheels of what it is told alone."""
    return any(targets_of(action) and action.has("--no-deps") for member in source.lineage for action in member.actions)


def fetches_dependencies(stage: Stage) -> bool:
    """Whether an install of wheels may fetch, and compile, what they need: where a compiler is there, and it may."""
    installs = [install for install in stage.pip_installs if not install.bootstraps]
    if all(install.option("--no-index", "--no-deps") is not None for install in installs):
        return False
    going = [culprit for culprit in culprits(stage) if culprit.kind is not CulpritKind.DEV_HEADER]
    pulled = knowledge.closure(sorted(each.name for each in culprits(stage)), stage.release or "", "slim")
    return (
        bool(going)
        or pulled is None
        or any(re.match(r"(gcc|g\+\+|clang|gfortran)\b", each) for each in pulled.packages)
    )


def made_in(stage: Stage) -> frozenset[str] | None:
    """Return the projects that a stage installs or builds wheels of, or those that arrive there; None if not known."""
    names: set[str] = set()
    installs = False
    for member in stage.lineage:
        asked = requested(member)
        installs = installs or asked.installs
        unknown = any(opaque(action) and not targets_of(action) for action in member.actions)
        if unknown or not asked.complete or not all(run.script.ok for run in member.runs):
            return None
        names |= asked.names
        for source in copied_from(member):
            more = made_in(source)
            if more is None:
                return None
            installs, names = True, names | more
    return frozenset(names) if installs else None


def brings_packages(copy: Copy, source: Stage) -> bool:
    """Whether a COPY brings Python packages: by the look of its paths, or since it brings a project's environment."""
    words = [word.raw for word in (*copy.sources, copy.destination)]
    if any(map(ARRIVAL.search, words)):
        return True
    paths = [word.expand(source.end.lookup) for word in copy.sources]
    for action in source.actions:
        if isinstance(action, ProjectInstall):
            try:
                filled = destination(source, action)
            except RefusalError:
                continue
            if any(path and f"{filled}/".startswith(path.rstrip("/") + "/") for path in paths):
                return True
    return False
