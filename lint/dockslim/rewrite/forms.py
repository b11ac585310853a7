"""Forms of an install that neither way of moving it can keep: each is refused with its reason."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from dockslim.model import PipInstall, ProjectInstall, Requirements, Stage, TargetKind
from dockslim.rewrite.between import named_by
from dockslim.rewrite.locks import Locks, builds_modules
from dockslim.rewrite.pip_words import shared_words
from dockslim.rewrite.plan import RefusalError
from dockslim.rewrite.provenance import ContextReader, working_directory
from dockslim.rewrite.relevance import as_another
from dockslim.syntax import Span

__all__ = [
    "apart",
    "check",
    "refuse_checkouts",
    "refuse_folders_by_name",
    "refuse_libraries_beside",
    "refuse_modules_in_place",
    "unused",
]


def refuse_modules_in_place(
    stage: Stage, action: PipInstall | ProjectInstall, editable: list[str], reader: ContextReader, locks: Locks
) -> None:
    """Refuse where something is left in the sources' folder, which the final stage takes from the context.

    Compiled modules are, and without a pyproject.toml what the package says of itself.
    """
    folder = working_directory(stage, action)
    if isinstance(action, PipInstall):
        places = [re.sub(r"\[.*\]$", "", word.removeprefix("file:")).removeprefix("//") or "." for word in editable]
    elif action.tool == "setup.py":
        if {"build", "build_ext", "bdist_wheel", "develop"} & set(action.words):
            why = "it builds into the sources' folder, which no copy of site-packages carries"
            raise RefusalError(action.span, why)
        places = []
    else:
        places = [] if apart(action) else ["."]
    for place in places:
        at = posixpath.normpath(posixpath.join(folder, place)) if folder is not None else None
        found = builds_modules(at, reader) if at is not None else None
        if found:
            why = "it is installed from its sources' folder, into which it compiles modules"
            raise RefusalError(action.span, why)
        if found is None:
            locks.unreadable.append(f"whether {place} compiles modules of its own")
        elif isinstance(action, PipInstall) and at is not None and reader(posixpath.join(at, "pyproject.toml")) is None:
            why = "it is installed from its sources' folder, where without a pyproject.toml its metadata lie, too"
            raise RefusalError(action.span, why)


#: Projects whose wheels put shared libraries beside the interpreter's, not into site-packages.
LIBRARIES_BESIDE = frozenset(
    """
    tbb mkl intel-openmp intel-cmplr-lib-rt intel-cmplr-lib-ur intel-opencl-rt intel-sycl-rt dpcpp-cpp-rt tcmlib umf
    daal onemkl-sycl-blas onemkl-sycl-dft onemkl-sycl-lapack onemkl-sycl-rng onemkl-sycl-sparse impi-rt oneccl ipp
    gmsh mpich openmpi mkl-devel oneccl-devel
    """.split()
)


def refuse_libraries_beside(span: Span, asked: Mapping[str, str]) -> None:
    """Refuse where a project, by its name and what asks for it, fills folders that are not handed over."""
    beside = [name for name in asked if name in LIBRARIES_BESIDE]
    beside += [name for name, text in asked.items() if re.match(r"xgboost *==? *0\.", text)]
    if beside:
        why = f"{min(beside)} puts libraries into /usr/local itself, which is not handed over"
        raise RefusalError(span, why)


def apart(action: ProjectInstall) -> bool:
    """Whether an install leaves the project itself out, and only brings what that needs."""
    return bool({"--no-root", "--no-install-project", "--no-self"} & set(action.words)) or action.tool == "pipenv"


def unused(stage: Stage) -> str:
    """Say why nothing is there to be moved."""
    for other in stage.facts.stages:
        installs = any(isinstance(action, PipInstall | ProjectInstall) for action in other.actions)
        if other is not stage and stage in other.lineage and other.ships and installs:
            name = other.name or f"number {other.index}"
            return f"the packages are installed later, in stage {name}, which starts from this one"
    return "no Python package is installed that could need it; it may simply be unused"


def refuse_checkouts(install: PipInstall, requirements: Requirements) -> None:
    """Refuse an editable install from version control: pip keeps its checkout in a folder of its own."""
    for target in named_by(install, requirements):
        if target.kind is TargetKind.EDITABLE and "://" in (target.text or ""):
            raise RefusalError(install.span, f"{target.text} is an editable checkout, which pip keeps elsewhere")


def check(install: PipInstall) -> None:
    """Raise a refusal where an install is of a form that cannot be split."""
    span = install.span
    if install.instruction.form != "shell":
        raise RefusalError(span, "the install is in JSON form")
    if as_another(install):
        raise RefusalError(span, "it runs as another user, who may write to no folder of wheels")
    if install.installer != "pip":
        why = f"{install.installer} has no command that builds wheels of what it would install"
        raise RefusalError(span, why, form=True)
    if install.statement.kind in ("function", "subshell", "other"):
        raise RefusalError(span, "the install runs in a function or a sub-shell")
    if not install.complete:
        raise RefusalError(span, "what is installed comes from a variable whose value is not in the file")
    if shared_words(install):
        raise RefusalError(span, "the command's words come from a variable")
    for name, why in UNSUPPORTED.items():
        option = install.option(name)
        if option is not None:
            raise RefusalError(option.span, why)
    for target in install.of(TargetKind.EDITABLE):
        raise RefusalError(target.span, "an editable install is more than its wheel", form=True)


def refuse_folders_by_name(install: PipInstall, requirements: Requirements) -> None:
    """Refuse `name @ file:///folder`: by its name it would be built from the folder again."""
    for target in named_by(install, requirements):
        if re.search(r"@\s*file:", target.text or ""):
            raise RefusalError(install.span, f"{target.text} names a folder or file of its own")


UNSUPPORTED = {
    "--python": "the install is for another interpreter",
    "--platform": "the install is for another platform",
    "--python-version": "the install is for another interpreter",
    "--implementation": "the install is for another interpreter",
    "--abi": "the install is for another interpreter",
    "--install-option": "`pip wheel` has no --install-option",
    "--dry-run": "the install is a dry run",
    "--group": "the install reads dependency groups",
}
