"""Stages that start from the one that is rewritten: what they still compile, they would compile without its tools."""

from __future__ import annotations

from collections.abc import Iterator

from dockslim import knowledge
from dockslim.later import later
from dockslim.model import PackageRemove, PipInstall, ProjectInstall, Stage, TargetKind, needed_stages, references
from dockslim.rewrite.culprits import culprits
from dockslim.rewrite.plan import RefusalError
from dockslim.rewrite.tools import Use, uses_after, uses_of_run
from dockslim.syntax import Copy, Run

__all__ = ["read_by_others", "still_compiles", "uses_on_top"]


def on_top(stage: Stage) -> Iterator[Stage]:
    """Yield the stages that start from ``stage``, near or far."""
    for other in stage.facts.stages:
        if other not in stage.members and any(member in other.lineage for member in stage.members):
            yield other


def uses_on_top(stage: Stage) -> Iterator[Use]:
    """Yield what the stages on top call, at build and at run time; what compiles there is `still_compiles`' affair."""
    for other in on_top(stage):
        uses = [use for run in other.runs for use in uses_of_run(other, run)]
        uses += uses_after(other, other.instructions)
        yield from (use for use in uses if use.program and not use.refutes)


#: Places of an image where files of system packages lie.
OF_PACKAGES = later(r"/?(usr(/(?!local\b)|$)|s?bin\b|lib|etc\b|opt/?$|var\b|$)")


def read_by_others(stage: Stage) -> str:
    """Return a path that another stage takes from the rewritten image and that may come with what goes."""
    holders = {*stage.members, *on_top(stage)}
    for other in stage.facts.stages:
        for each in references(other):
            if each.stage not in holders:
                continue
            instruction = each.instruction
            paths: list[str | None] = []
            if isinstance(instruction, Copy):
                paths = [word.expand(other.scope(instruction).lookup) for word in instruction.sources]
            elif isinstance(instruction, Run):
                paths = [mount.source or "/" for mount in instruction.mounts if mount.from_ is each.word]
            for path in paths:
                if path is None or OF_PACKAGES.match(path):
                    return path or "a path from a variable"
    return ""


def still_compiles(stage: Stage) -> str | None:
    """Return the name of a stage that starts from ``stage`` and may compile; None where there is none.

    Raises RefusalError where that stage ships.
    """
    for other in on_top(stage):
        removal = removes(other, {culprit.name for culprit in culprits(stage)})
        if removal is not None:
            raise RefusalError(
                removal.span, "a stage that starts from this one removes packages that it would not have"
            )
        if not compiles(other):
            continue
        name = other.name or f"number {other.index}"
        needed = needed_stages(stage.facts)
        if other.ships or (needed is not None and other.index in needed):
            raise RefusalError(other.from_.span, f"stage {name}, which starts from this one, installs packages too")
        return name
    return None


def removes(stage: Stage, names: set[str]) -> PackageRemove | None:
    """Return a removal of one of the packages that go: apt fails on a package that it does not know of."""
    for action in stage.actions:
        if isinstance(action, PackageRemove) and any(word.name in names for word in action.packages):
            return action
    return None


def compiles(stage: Stage) -> bool:
    """Whether a stage's own RUNs may compile something."""
    if any(isinstance(action, ProjectInstall) for action in stage.actions):
        return True
    if any(use.compiles for run in stage.runs for use in uses_of_run(stage, run)):
        return True
    if any(use.refutes for use in uses_after(stage, stage.instructions)):
        return True
    return any(not pure(stage, install) for install in stage.pip_installs if not install.bootstraps)


def pure(stage: Stage, install: PipInstall) -> bool:
    """Whether everything that an install names is known to be pure Python."""
    if install.option("--no-index") is not None:
        return True
    return bool(install.targets) and all(
        target.kind is TargetKind.NAME
        and target.project is not None
        and knowledge.python_needs(target.project, stage.release).compiled is False
        for target in install.targets
    )
