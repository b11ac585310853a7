"""Which projects of the Python package index the installs of a stage ask for, as far as they can be read."""

from __future__ import annotations

import posixpath

from dockslim.model import (
    Action,
    Other,
    PipInstall,
    PipOption,
    PipTarget,
    ProjectInstall,
    Requirements,
    Stage,
    TargetKind,
    read_requirements,
)
from dockslim.model.recognise_pip import normalise, read_words
from dockslim.records import NamedTuple
from dockslim.rewrite.locks import Locks, read_locks
from dockslim.rewrite.provenance import ContextReader, working_directory

__all__ = ["Requested", "requested"]


class Requested(NamedTuple):
    """Normalised project names; ``complete`` says that everything asked for could be read, ``installs`` that any is."""

    names: frozenset[str]
    complete: bool
    installs: bool


def requested(stage: Stage) -> Requested:
    """Read what `pip install`, `pip wheel`, `uv sync` and their like ask for in one stage; computed once."""
    key = ("requested", stage.key)
    memory = stage.facts.memory
    if key not in memory:
        memory[key] = read(stage)
    return memory[key]  # type: ignore[return-value]


def read(stage: Stage) -> Requested:
    """Read it afresh."""
    names: set[str] = set()
    complete, installs = True, False
    for action in stage.actions:
        reader = ContextReader(stage, action.instruction)
        if isinstance(action, ProjectInstall):
            installs = True
            locks = Locks()
            read_locks(stage, action, reader, locks)
            names.update(locks.projects)
            complete = complete and not locks.unreadable
            continue
        for target in targets_of(action):
            installs = True
            if target.kind is TargetKind.REQUIREMENTS and target.text is not None and "://" not in target.text:
                folder = working_directory(stage, action)
                found = Requirements()
                if folder is not None:
                    read_requirements(posixpath.normpath(posixpath.join(folder, target.text)), reader, found)
                names.update(name for line in found.requirements if (name := name_of(line.target)))
                places = any(line.target.kind in PLACES for line in found.requirements)
                complete = complete and found.readable and not places
            elif (name := name_of(target)) is not None:
                names.add(name)
            elif target.kind is not TargetKind.CONSTRAINTS:
                complete = False
    return Requested(frozenset(names), complete, installs)


#: What is installed from a path, whose requirements nobody reads here.
PLACES = (TargetKind.LOCAL, TargetKind.EDITABLE)


def name_of(target: PipTarget) -> str | None:
    """Return the project that a requirement names; for a repository without a name, that of the repository."""
    if target.kind is TargetKind.VCS and target.project is None and target.text is not None:
        place = target.text.partition("#")[0]
        return normalise(posixpath.basename(place.rpartition("@")[0] or place).removesuffix(".git"))
    # Up to 2.7 psycopg2 had the binary wheels that have a name of their own since.
    if target.project == "psycopg2" and "==2.7" in (target.text or ""):
        return "psycopg2-binary"
    return target.project


def targets_of(action: Action) -> tuple[PipTarget, ...]:
    """Return what `pip install` or `pip wheel` names."""
    if isinstance(action, PipInstall):
        return action.targets
    if not isinstance(action, Other) or "wheel" not in action.texts:
        return ()
    program = action.program or ""
    if not (program.startswith("pip") or (program.startswith("python") and "pip" in action.texts)):
        return ()
    words = action.arguments[action.texts.index("wheel") + 1 :]
    folders = {at + 1 for at, word in enumerate(words) if word.text in ("-w", "--wheel-dir")}
    options: list[PipOption] = []
    targets: list[PipTarget] = []
    read_words([word for at, word in enumerate(words) if at not in folders and at + 1 not in folders], options, targets)
    return tuple(targets)
