"""Stages that start from the one that is rewritten: what they still compile, they would compile without its tools."""

from __future__ import annotations

from dockslim import knowledge
from dockslim.model import PackageRemove, PipInstall, ProjectInstall, Stage, TargetKind, needed_stages
from dockslim.rewrite.culprits import culprits
from dockslim.rewrite.plan import RefusalError
from dockslim.rewrite.tools import uses_of_run

__all__ = ["still_compiles"]


def still_compiles(stage: Stage) -> str | None:
    """Return the name of a stage that starts from ``stage`` and may compile; None where there is none.

    Raises RefusalError where that stage ships.
    """
    for other in stage.facts.stages:
        if other in stage.members or not any(member in other.lineage for member in stage.members):
            continue
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
