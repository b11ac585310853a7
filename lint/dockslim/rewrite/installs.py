"""Which `pip install` commands move to the builder, how, and what they read."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from dockslim.model import PipInstall, ProjectInstall, Requirements, Stage, TargetKind, read_requirements
from dockslim.records import field, record
from dockslim.rewrite.arrivals import FILES, arrivals, arrived, is_of_wheels
from dockslim.rewrite.bases import base_known
from dockslim.rewrite.between import (
    asked_again,
    instead,
    named_by,
    refuse_calls_between,
    refuse_changes_of_mind,
    wanted_while_building,
)
from dockslim.rewrite.destinations import SYSTEM
from dockslim.rewrite.forms import (
    check,
    refuse_checkouts,
    refuse_folders_by_name,
    refuse_libraries_beside,
    refuse_modules_in_place,
    unused,
)
from dockslim.rewrite.handover import Handover, choose_handover
from dockslim.rewrite.locks import Locks, read_local, read_locks
from dockslim.rewrite.manner import UNREAD, all_hashed, needs_path, without_own
from dockslim.rewrite.old_pip import refuse_old_pip
from dockslim.rewrite.pip_settings import check_settings
from dockslim.rewrite.plan import RefusalError, SplitInstall
from dockslim.rewrite.provenance import ContextReader, Origin, working_directory
from dockslim.rewrite.surroundings import environment_of
from dockslim.rewrite.transfer import wheel_folder
from dockslim.syntax import Instruction, Run, Span

__all__ = ["InstallSet", "choose_installs"]

#: Writes down the chosen versions of some projects, by the names of their wheels.
CHOICES = "ls {folder} | sed -nE 's/^({names})-([^-]+)-.*\\.whl$/\\1==\\2/Ip' > {folder}.txt"


@record()
class InstallSet:
    """The installs that move, how, and the files of the build context that they read.

    ``splits`` are those that go by wheels; ``handover`` stands instead of them where a folder is handed over.
    ``origins`` gives for each image path read (absolute) what brings it; None: nothing in sight.  ``whole_context``
    says that files are read which nobody names, so every COPY before the last install is needed as it is.
    """

    splits: list[SplitInstall] = field(default_factory=list)
    handover: Handover | None = None
    origins: dict[str, Origin | None] = field(default_factory=dict)
    whole_context: bool = False
    last: Run | None = None
    free: bool = False  # a later install may choose other versions than an earlier one did
    leans: str = ""  # what a later install may want of an earlier one while it builds
    locks: Locks = field(default_factory=Locks)

    @property
    def requirements(self) -> list[Requirements]:
        """What each requirements file says."""
        return [split.requirements for split in self.splits] + self.locks.requirements

    @property
    def readable(self) -> bool:
        """Whether all that is asked for could be read."""
        return not self.unreadable

    @property
    def unreadable(self) -> list[str]:
        """The files that could not be read, and what is wrong with the others."""
        found = list(self.locks.unreadable)
        for requirements in self.requirements:
            found += [self.as_the_user_knows(text) for text in (*requirements.missing, *requirements.problems)]
        return list(dict.fromkeys(found))

    def as_the_user_knows(self, text: str) -> str:
        """Name the file at the start of a message as it is called in the build context, where it comes from there."""
        path, colon, rest = text.partition(":")
        found = self.origins.get(path)
        return f"{found.context_path}{colon}{rest}" if found is not None and found.context_path is not None else text

    @property
    def installs(self) -> list[PipInstall]:
        """The pip installs that move."""
        if self.handover is not None:
            return [action for action in self.handover.installs if isinstance(action, PipInstall)]
        return [split.install for split in self.splits]

    def asked(self) -> dict[str, str]:
        """The PyPI projects named, normalised, each with what says so (empty: a lock file)."""
        targets = [target for install in self.installs for target in install.targets]
        targets += [line.target for requirements in self.requirements for line in requirements.requirements]
        named = {target.project: target.text or "" for target in targets if target.project is not None}
        return named | {name: "" for name in self.locks.projects if name not in named}

    def projects(self) -> list[str]:
        """The PyPI projects named, normalised."""
        return list(self.asked())

    @property
    def nameless(self) -> bool:
        """Whether something is installed whose project name is not known."""
        targets = [target for install in self.installs for target in install.targets]
        named_elsewhere = (*FILES, TargetKind.LOCAL, TargetKind.EDITABLE)  # in their own files
        return any(target.project is None and target.kind not in named_elsewhere for target in targets)

    @property
    def span(self) -> Span:
        """Where to point for all of them."""
        if self.handover is not None:
            return self.handover.installs[-1].span
        return self.splits[-1].install.span if self.splits else Span(0, 0)


def choose_installs(stage: Stage) -> InstallSet:
    """Return how the installs of ``stage`` move: by wheels where that can be, else by their folder.

    Raises RefusalError where neither can be, with the reason that speaks of the file as it is written.
    """
    try:
        found = by_wheels(stage)
        return rather_by_folder(stage, found) if found.leans else found
    except RefusalError as reason:
        try:
            return by_folder(stage)
        except RefusalError as other:
            raise (other if reason.form else reason) from None


def rather_by_folder(stage: Stage, found: InstallSet) -> InstallSet:
    """Hand over the folder where that can be, for what the wheels of ``found`` may want while they are built."""
    try:
        return by_folder(stage)
    except RefusalError:
        return found


def by_folder(stage: Stage) -> InstallSet:
    """Hand over the folder that the installs fill."""
    handover = choose_handover(stage)
    result = InstallSet(handover=handover, whole_context=True, last=handover.last)
    for action in handover.installs:
        reader = ContextReader(stage, action.instruction)
        editable: list[str] = []
        if isinstance(action, PipInstall):
            if action.bootstraps:
                continue
            requirements = read_files(stage, action, reader)
            named = named_by(action, requirements)
            editable = [target.text or "" for target in named if target.kind is TargetKind.EDITABLE]
            result.locks.requirements.append(requirements)
            refuse_checkouts(action, requirements)
            if not action.complete:
                result.locks.unreadable.append("what comes from a variable")
            read_local(stage, action, reader, result.locks)
        elif isinstance(action, ProjectInstall):
            read_locks(stage, action, reader, result.locks)
        if isinstance(action, PipInstall | ProjectInstall):
            refuse_modules_in_place(stage, action, editable, reader, result.locks)
        result.origins.update({path: found for path, found in reader.origins.items() if found is not None})
    if SYSTEM in handover.destinations:
        refuse_libraries_beside(result.span, result.asked())
    return result


def by_wheels(stage: Stage) -> InstallSet:
    """Split each install in two."""
    wanted = [install for install in stage.pip_installs if not install.bootstraps and not is_of_wheels(stage, install)]
    project = next((action for action in stage.actions if isinstance(action, ProjectInstall)), None)
    if project is not None:
        why = f"{project.tool} has no command that builds wheels of what it would install"
        raise RefusalError(project.span, why, form=True)
    if not wanted and arrivals(stage):
        # a builder is there already: what it made arrives, and nothing is left here that could compile
        return InstallSet(locks=arrived(stage))
    if not wanted:
        raise RefusalError(stage.from_.span, unused(stage))
    refuse_calls_between(stage, wanted)
    # Where an image that is not known works, and so what a relative path means, is not known either.
    result = InstallSet(whole_context=not base_known(stage))
    folder = wheel_folder(stage)
    names = folder_names(wanted, folder)
    held: list[str] = []  # what later installs ask for again
    holding: set[str] = set()  # the folders of which they must know what was chosen
    for install in wanted:
        check(install)
        reader = ContextReader(stage, install.instruction)
        requirements = read_files(stage, install, reader)
        editable = [line for line in requirements.requirements if line.target.kind is TargetKind.EDITABLE]
        if editable:
            place = f"{posixpath.basename(editable[0].path)}:{editable[0].line}"
            raise RefusalError(install.span, f"{place} is an editable install, which is more than its wheel", form=True)
        check_settings(stage, install)
        refuse_folders_by_name(install, requirements)
        refuse_old_pip(stage, install)
        environment = environment_of(stage, install)
        isolated = not (install.option("--no-build-isolation") or requirements.option("--no-build-isolation"))
        if result.splits and (not isolated or "PIP_NO_BUILD_ISOLATION" in environment):
            raise RefusalError(install.span, "it builds without isolation, with what was installed before it")
        if result.splits:
            result.leans = result.leans or wanted_while_building(stage, result.projects(), install, requirements)
        result.whole_context |= "PIP_CONFIG_FILE" in environment
        read_local(stage, install, reader, result.locks)
        result.origins.update(reader.origins)
        made = any(found is not None and found.made for found in reader.origins.values())
        local = [line for line in requirements.requirements if line.target.kind is TargetKind.LOCAL]
        result.whole_context |= made or not install.certain or bool(install.of(TargetKind.LOCAL) or local)
        own = names[id(install)]
        earlier = [split for split in result.splits if split.folder != own and not instead(install, split.install)]
        by_path, why = needs_path(stage, install, requirements, result.locks.names)
        if by_path and earlier and not all_hashed(requirements) and why != UNREAD:
            # pip would keep what is installed and satisfies; wheels by their path replace it
            what = f"{why}, and by path it might replace what an earlier install chose"
            raise RefusalError(install.span, what, form=True)
        again = asked_again(named_by(install, requirements), result.projects()) if earlier else []
        constrained = bool(again) and all(each.install.certain for each in result.splits)
        result.free |= bool(again) and not constrained
        held += again if constrained else []
        places = tuple(
            (target.span, result.locks.names.get(target.span, "")) for target in install.of(TargetKind.LOCAL)
        )
        folders = dict.fromkeys(split.folder for split in earlier)
        # a full lock is all there is; what it leaves out, setuptools mostly, the image has and `pip wheel` does not see
        words = " --no-deps" if all_hashed(requirements) and not install.option("--no-deps") else ""
        words += "".join(f" --find-links={name}" for name in folders)
        if constrained:
            words += "".join(f" --constraint={name}.txt" for name in folders)
            holding.update(folders)
        split = SplitInstall(install, own, by_path, why, requirements, places, words)
        hashed = all_hashed(requirements) or why == UNREAD
        result.splits.append(split)
        if by_path and not hashed:
            result.splits[-1] = split._replace(builder_tail=without_own(stage, install, result.projects(), own))
        result.last = install.instruction
    refuse_changes_of_mind([(split.install, split.requirements) for split in result.splits])
    result.splits = [with_choices(split, held) if split.folder in holding else split for split in result.splits]
    return result


def folder_names(installs: Sequence[PipInstall], folder: str) -> dict[int, str]:
    """Return the wheel folder of each install: one for all there is, else numbered.

    The same install in two branches of one control structure has one folder: only one of them runs.
    """
    groups: dict[object, str] = {}
    found: dict[int, str] = {}
    for install in installs:
        texts = tuple(target.text for target in install.targets)
        key: object = id(install) if install.certain else (id(install.statement), texts)
        number = groups.setdefault(key, str(len(groups) + 1))
        found[id(install)] = f"{folder}/{number}"
    return found if len(groups) > 1 else dict.fromkeys(found, folder)


def with_choices(split: SplitInstall, names: Sequence[str]) -> SplitInstall:
    """Let an install write down which version of ``names`` it chose: a later one that asks for them keeps those."""
    pattern = "|".join(re.sub(r"[-_.]+", "[-_.]", name) for name in dict.fromkeys(names))
    tail = CHOICES.format(folder=split.folder, names=pattern)
    return split._replace(builder_tail=f"{split.builder_tail} && {tail}" if split.builder_tail else tail)


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
    scope = stage.scope(install.instruction)
    for name in ("PIP_CONSTRAINT", "PIP_REQUIREMENT"):  # pip reads them as if they stood on the command line
        if name in scope.environment or name in scope.arguments:
            value = scope.lookup(name)
            if not isinstance(value, str) or folder is None:
                result.missing.append(f"the file that {name} names")
                continue
            for word in value.split():
                path = posixpath.normpath(posixpath.join(folder, word))
                read_requirements(path, reader, result, constraint=name == "PIP_CONSTRAINT")
    return result


def files_to_copy(result: InstallSet) -> dict[Instruction, list[tuple[str, Origin]]]:
    """Return, for each instruction that brings files the installs read, those files."""
    found: dict[Instruction, list[tuple[str, Origin]]] = {}
    for path, origin in result.origins.items():
        if origin is not None:
            found.setdefault(origin.instruction, []).append((path, origin))
    return found
