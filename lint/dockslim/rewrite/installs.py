"""Which `pip install` commands move to the builder, how, and what they read."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass, field

from dockslim.model import PipInstall, Requirements, Stage, TargetKind, read_requirements
from dockslim.rewrite.pip_words import shared_words
from dockslim.rewrite.plan import RefusalError, SplitInstall
from dockslim.rewrite.provenance import ContextReader, Origin, working_directory
from dockslim.syntax import Instruction, Run

__all__ = ["InstallSet", "choose_installs"]

CONSTRAIN = " && ls {folder} | sed -nE 's/^([^-]+)-([^-]+)-.*\\.whl$/\\1==\\2/p' > {folder}.txt"


@dataclass(slots=True)
class InstallSet:
    """The installs that are split, and the files of the build context that they read.

    ``origins`` gives for each image path read (absolute) what brings it; None: nothing in sight.
    """

    splits: list[SplitInstall] = field(default_factory=list)
    origins: dict[str, Origin | None] = field(default_factory=dict)
    last: Run | None = None

    @property
    def readable(self) -> bool:
        """Whether every requirements file could be read whole."""
        return all(split.requirements.readable or not split.install.of(*FILES) for split in self.splits)

    @property
    def unreadable(self) -> list[str]:
        """The files that could not be read, and what is wrong with the others."""
        return [
            problem for split in self.splits for problem in (*split.requirements.missing, *split.requirements.problems)
        ]

    def projects(self) -> list[str]:
        """The PyPI projects named, normalised."""
        names: list[str] = []
        for split in self.splits:
            targets = [*split.install.targets, *(line.target for line in split.requirements.requirements)]
            names += [target.project for target in targets if target.project is not None]
        return list(dict.fromkeys(names))


FILES = (TargetKind.REQUIREMENTS, TargetKind.CONSTRAINTS)


def choose_installs(stage: Stage) -> InstallSet:
    """Return how each install of ``stage`` is split.  Raises RefusalError where one cannot be."""
    wanted = [install for install in stage.pip_installs if not install.bootstraps]
    if not wanted:
        raise RefusalError(
            stage.from_.span, "no Python package is installed that could need it; it may simply be unused"
        )
    result = InstallSet()
    folder = stage.facts.options.wheel_directory.rstrip("/")
    for number, install in enumerate(wanted, 1):
        check(install)
        reader = ContextReader(stage, install.instruction)
        requirements = read_files(stage, install, reader)
        result.origins.update(reader.origins)
        own = folder if len(wanted) == 1 else f"{folder}/{number}"
        by_path, why = needs_path(stage, install, requirements)
        if by_path and number > 1 and not all_hashed(requirements):
            constrain_to_earlier(result, folder)
        words = "".join(f" --find-links={split.folder}" for split in result.splits)
        if any(split.builder_tail for split in result.splits):
            words += "".join(f" --constraint={split.folder}.txt" for split in result.splits)
        result.splits.append(SplitInstall(install, own, by_path, why, requirements, words))
        result.last = install.instruction
    return result


def constrain_to_earlier(result: InstallSet, folder: str) -> None:
    """Let every earlier install write down what it chose: an install by path would replace it."""
    result.splits = [
        SplitInstall(
            split.install,
            split.folder,
            split.by_path,
            split.why_by_path,
            split.requirements,
            split.builder_words,
            CONSTRAIN.format(folder=split.folder),
        )
        for split in result.splits
    ]


def check(install: PipInstall) -> None:
    """Raise a refusal where an install is of a form that cannot be split."""
    span = install.span
    if install.instruction.form != "shell":
        raise RefusalError(span, "the install is in JSON form")
    if install.installer != "pip":
        raise RefusalError(span, f"{install.installer} has no command that builds wheels of what it would install")
    if not install.certain or install.statement.kind != "command":
        raise RefusalError(span, "the install runs in a control structure, a pipeline or a sub-shell")
    if not install.complete:
        raise RefusalError(span, "what is installed comes from a variable whose value is not in the file")
    if shared_words(install):
        raise RefusalError(span, "the command's words come from a variable")
    for name, why in UNSUPPORTED.items():
        option = install.option(name)
        if option is not None:
            raise RefusalError(option.span, why)
    for target in install.of(TargetKind.LOCAL, TargetKind.EDITABLE):
        raise RefusalError(target.span, "it installs from a folder of its own")


UNSUPPORTED = {
    "--python": "the install is for another interpreter",
    "--platform": "the install is for another platform",
    "--dry-run": "the install is a dry run",
    "--group": "the install reads dependency groups",
}


def read_files(stage: Stage, install: PipInstall, reader: ContextReader) -> Requirements:
    """Read the requirements and constraints files of one install."""
    result = Requirements()
    folder = working_directory(stage, install)
    for target in install.of(*FILES):
        if target.text is None or folder is None:
            result.missing.append(target.text or "?")
            continue
        if "://" in target.text:
            result.missing.append(target.text)
            continue
        path = posixpath.normpath(posixpath.join(folder, target.text))
        read_requirements(path, reader, result, constraint=target.kind is TargetKind.CONSTRAINTS)
    return result


def needs_path(stage: Stage, install: PipInstall, requirements: Requirements) -> tuple[bool, str]:
    """Return whether the wheels must be installed by path, and why."""
    files = install.of(TargetKind.REQUIREMENTS)
    if files and not requirements.readable:
        return True, "what the requirements file holds is not known"
    if any(line.hashed for line in requirements.requirements) or install.option("--require-hashes"):
        return True, "hashes of source distributions do not fit the wheels built from them"
    if install.option("--no-binary") or requirements.option("--no-binary"):
        return True, "`--no-binary` would reject the wheels"
    if requirements.option("--find-links", "--index-url", "--extra-index-url", "--require-hashes"):
        return True, "the requirements file names an index of its own"
    for target in (*install.targets, *(line.target for line in requirements.requirements)):
        if target.kind in (TargetKind.VCS, TargetKind.URL):
            return True, "`--no-index` would still fetch from a URL"
    for name in ("PIP_NO_BINARY", "PIP_FIND_LINKS"):
        if name in stage.scope(install.instruction).environment:
            return True, f"{name} is set"
    return False, ""


def all_hashed(requirements: Requirements) -> bool:
    """Whether every requirement carries a hash: then it is a full lock."""
    return bool(requirements.requirements) and all(line.hashed for line in requirements.requirements)


def files_to_copy(result: InstallSet) -> dict[Instruction, list[tuple[str, Origin]]]:
    """Return, for each instruction that brings files the installs read, those files."""
    found: dict[Instruction, list[tuple[str, Origin]]] = {}
    for path, origin in result.origins.items():
        if origin is not None:
            found.setdefault(origin.instruction, []).append((path, origin))
    return found


def unaccounted(result: InstallSet, stage: Stage, inside: Sequence[str]) -> list[str]:
    """Return the files read that nothing in sight brings."""
    return [path for path in inside if result.origins.get(path) is None and stage.parent is None]
