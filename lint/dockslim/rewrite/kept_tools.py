"""What the image that ships still calls, and which packages stay for it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dockslim import knowledge
from dockslim.model import PackageInstall, Stage
from dockslim.rewrite.culprits import Culprit, CulpritKind, packages_going
from dockslim.rewrite.descendants import uses_on_top
from dockslim.rewrite.installs import InstallSet
from dockslim.rewrite.plan import RefusalError
from dockslim.rewrite.shipped import called_by_sources, of_the_image
from dockslim.rewrite.started import started
from dockslim.rewrite.tools import Use, uses_after, uses_of_run

__all__ = ["later_uses", "tools_to_keep", "where"]


def later_uses(stage: Stage, installs: InstallSet) -> list[Use]:
    """Return every program that the final stage calls, at build or at run time, other than the installs that move."""
    moved = installs.handover.installs if installs.handover is not None else ()
    found: list[Use] = []
    for run in stage.runs:
        found += uses_of_run(stage, run, moved)
    for ancestor in stage.lineage:
        found += uses_after(ancestor, ancestor.instructions)
    found += uses_on_top(stage)
    return found


def tools_to_keep(stage: Stage, guilty: Sequence[Culprit], uses: Sequence[Use]) -> list[str]:
    """Return packages that go but whose commands are still called; they stay, by name.

    Raises RefusalError where one of the calls compiles: then the build tools are no leftovers.
    """
    release = stage.release
    going = set(packages_going(guilty))
    full = any(culprit.kind is CulpritKind.FULL_BASE for culprit in guilty)
    brought = set(
        knowledge.commands_of_packages([*going, *(each for name in going for each in METAS.get(name, ()))], release)
    )
    closure = knowledge.closure(sorted(going), release, "slim") if going and release else None
    if closure is not None:
        brought |= knowledge.commands_of_packages(closure.packages, release)
    full_commands = set(knowledge.full_image_commands(release)) if full else set()
    kept: list[str] = []
    explicit = {
        word.name
        for action in stage.actions
        if isinstance(action, PackageInstall)
        for word in action.packages
        if word.name is not None
    }
    for use in uses:
        if use.refutes:
            does = "may compile" if use.program in ("npm", "pnpm", "yarn") else "compiles"
            raise RefusalError(use.span, f"{where(use)} calls `{use.program}`, which {does}")
    found = of_the_image(stage.facts)
    compiler = started(found.commands, found.named).compiler
    if compiler is not None:
        program, path = compiler
        raise RefusalError(guilty[0].span, f"{path} calls `{program}`, which compiles")
    by_sources = called_by_sources(found)
    for program in (*(use.program for use in uses if not plain_perl(use)), *by_sources):
        if program == "perl" and (full or (closure is not None and "perl" in closure.packages)) and "perl" not in kept:
            kept.append("perl")  # the base has the program without its modules
        package = knowledge.package_of_command(program, release)
        if package is None or package in explicit - going or package in kept:
            continue
        if program in brought or program in full_commands or package in going:
            kept.append(package)
    return kept


def plain_perl(use: Use) -> bool:
    """Whether a call of perl needs nothing beside the program: `perl -pi -e 's/a/b/'`."""
    options = [text or "" for text in use.arguments[1:] if (text or "-").startswith("-")]
    return (
        use.program == "perl"
        and any(re.fullmatch(r"-[a-z0-9]*e", text) for text in options)
        and not any(text.startswith("-M") for text in options)
    )


#: What packages without commands of their own bring, where no package index says it.
METAS = {
    "build-base": ("binutils", "gcc", "g++", "make", "patch"),
    "alpine-sdk": ("gcc", "make", "git", "patch"),
    "build-essential": ("gcc", "g++", "make", "patch", "perl", "xz-utils", "bzip2"),
}


def where(use: Use) -> str:
    """Name the place of a call for a message."""
    return use.by if use.by.isupper() else f"the script {use.by}"
