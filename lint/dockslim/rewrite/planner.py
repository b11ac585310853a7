"""Deciding on a rewrite: facts of one stage in, a Plan or a Refusal out."""

from __future__ import annotations

import re

from dockslim import knowledge
from dockslim.model import (
    Facts,
    Manager,
    PackageInstall,
    PackageRemove,
    PackageUpdate,
    Stage,
    references,
)
from dockslim.rewrite.bases import choose_bases, supported
from dockslim.rewrite.companions import keep_what_came_along, needs_gomp, new_packages
from dockslim.rewrite.copies import copy_text, with_files_of_runs, without_owner
from dockslim.rewrite.cost import cost, packages_staying
from dockslim.rewrite.culprits import Culprit, CulpritKind, culprits
from dockslim.rewrite.edits import Edit
from dockslim.rewrite.explain import notes_of
from dockslim.rewrite.handover import copy_lines
from dockslim.rewrite.installs import InstallSet, choose_installs, files_to_copy
from dockslim.rewrite.kept_tools import later_uses, tools_to_keep
from dockslim.rewrite.lineage import refuse_arguments_of_below, refuse_later_sources, refuse_tools_below, whole_of
from dockslim.rewrite.obligations import judge, refuse_outright
from dockslim.rewrite.packages import (
    choose_replacements,
    only_serves_packages,
)
from dockslim.rewrite.plan import Plan, Refusal, RefusalError, Treatment
from dockslim.rewrite.runs import RunSplitter
from dockslim.rewrite.transfer import transfer_edits, wheel_folder
from dockslim.syntax import Add, Arg, Copy, Env, Label, Maintainer, Run, Runs, Shell, Workdir

__all__ = ["plan"]


def plan(stage: Stage) -> Plan | Refusal | None:
    """Return how ``stage`` is rewritten, why it is not, or None where it carries nothing that only a build needs."""
    memory = stage.facts.memory
    key = ("plan", stage.key)
    if key not in memory:
        memory[key] = decide(stage)
    return memory[key]  # type: ignore[return-value]


def decide(stage: Stage) -> Plan | Refusal | None:
    """Decide afresh."""
    guilty = culprits(stage)
    if not guilty:
        return None
    try:
        return make_plan(stage, guilty)
    except RefusalError as refusal:
        joined = whole_of(stage)
        if joined is None:
            return refusal.refusal
        answer = plan(joined)
        return answer if answer is not None else refusal.refusal


def make_plan(stage: Stage, guilty: tuple[Culprit, ...]) -> Plan:
    """Make the plan, step by step; any step may refuse."""
    supported(stage)
    refuse_outright(stage)
    refuse_nameless(stage)
    if not stage.pip_installs and stage.unreadable_runs:
        refuse_unreadable(stage, stage.unreadable_runs[-1])
    installs = choose_installs(stage)
    if installs.last is not None:
        refuse_unreadable(stage, installs.last)
    splits = {id(split.install): split for split in installs.splits}
    refuse_trifles(stage, guilty)
    refuse_tools_below(stage)
    uses = later_uses(stage, installs)
    kept = tools_to_keep(stage, guilty, uses)
    full = any(culprit.kind is CulpritKind.FULL_BASE for culprit in guilty)
    replacements = choose_replacements(stage, guilty, kept, needs_gomp=needs_gomp(stage, guilty, installs))
    keep_what_came_along(stage, guilty, installs, replacements)
    new_install = new_packages(stage, guilty, installs, replacements, kept) if full or kept else ()
    bases = choose_bases(stage, guilty, names_differ=replacements.names_differ)
    gone = {culprit.key for culprit in guilty if culprit.left is not None}
    splitter = RunSplitter(stage, gone, replacements, splits, installs.handover, installs.whole_context)
    name = free_name(stage, "builder") if installs.last is not None else ""
    treatments = treat_all(stage, installs, splitter, name, install_stays=bool(new_install))
    refuse_later_sources(stage, treatments)
    refuse_arguments_of_below(stage)
    prefix = shared_prefix(stage) if bases.shared and name else 0
    obligations = judge(stage, guilty, installs, replacements, bases, uses)
    base_name = free_name(stage, "base") if prefix else ""
    draft = Plan(stage, guilty, bases, name, treatments, prefix, base_name, new_install, obligations, ())
    return draft._replace(notes=notes_of(draft, installs, replacements))


#: What a second stage must save at least to be worth its lines (decimal MB).
WORTH = 5.0


def refuse_trifles(stage: Stage, guilty: tuple[Culprit, ...]) -> None:
    """Refuse where hardly anything would be saved."""
    whole = cost(stage)
    if whole.megabytes is None:
        refuse_what_comes_back(stage, guilty)
    if whole.megabytes is not None and whole.megabytes < WORTH:
        saved = f"about {whole.megabytes:.1f} MB"
        raise RefusalError(guilty[0].span, f"what that would save, {saved}, is not worth a second stage")


#: What comes with the compiler that python3-pip, npm and others recommend.
OF_THE_COMPILER = frozenset("build-essential dpkg-dev g++ gcc libc6-dev libc-dev make patch python3-dev".split())


def refuse_what_comes_back(stage: Stage, guilty: tuple[Culprit, ...]) -> None:
    """Refuse where a package that stays recommends the tools that go: on Ubuntu, python3-pip brings a compiler."""
    managers = {culprit.left.action.manager for culprit in guilty if culprit.left is not None}
    if managers != {Manager.APT} or not all(culprit.name in OF_THE_COMPILER for culprit in guilty):
        return
    staying, recommends = packages_staying(stage, guilty)
    for name in staying if recommends else ():
        if "build-essential" in knowledge.hidden_tools(name):
            why = f"{name} recommends a compiler, which would come all the same; --no-install-recommends leaves it out"
            raise RefusalError(guilty[0].span, why)


def refuse_nameless(stage: Stage) -> None:
    """Refuse where a package of development, whose name is partly a variable's, would go on shipping."""
    for action in stage.actions:
        for word in action.packages if isinstance(action, PackageInstall) else ():
            raw = stage.facts.file.text[word.span.start : word.span.end]
            if word.name is None and "$" in raw and re.search(r"-dev(el)?\b|nvcc|gcc|g\+\+", raw):
                raise RefusalError(word.span, f"which package {raw} is comes from a variable")


def refuse_unreadable(stage: Stage, last: Run) -> None:
    """Refuse where the shell of a RUN up to the last install could not be read."""
    for run in stage.unreadable_runs:
        if run.span.start <= last.span.start:
            raise RefusalError(run.span, f"its shell could not be read ({run.script.problem or 'not a shell script'})")


def free_name(stage: Stage, wanted: str) -> str:
    """Return a stage name that the file does not use yet."""
    taken = {other.name for other in stage.facts.stages} | images_read(stage.facts)
    number = 1
    name = wanted
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name


def images_read(facts: Facts) -> set[str]:
    """Return what the file's instructions read from: another image's name must not become a stage's."""
    words = [stage.from_.image.word for stage in facts.stages]
    words += [each.word for stage in facts.stages for each in references(stage)]
    return {word.raw.lower() for word in words}


def shared_prefix(stage: Stage) -> int:
    """Return how many leading instructions both stages need as they are; 0 where sharing them gains nothing."""
    count = 0
    gain = False
    for instruction in stage.members[0].instructions:
        if isinstance(instruction, Env | Workdir | Shell):
            gain = True
        elif not isinstance(instruction, Label | Maintainer):
            break
        count += 1
    return count if gain else 0


def treat_all(
    stage: Stage, installs: InstallSet, splitter: RunSplitter, builder: str, *, install_stays: bool
) -> tuple[Treatment, ...]:
    """Return the treatment of every instruction of the stage."""
    wanted = files_to_copy(installs)
    last = installs.last
    end = last.span.start if last is not None else 0
    leading = [run for run in stage.runs if last is not None and run.span.start <= end]
    makers = {run for run in leading if run in wanted and run is not last}
    spare = splitter.spare(leading, last, makers) if last is not None else {}
    treatments: list[Treatment] = []
    for instruction in stage.instructions:
        before_last = instruction.span.start < end
        if isinstance(instruction, Run):
            text = splitter.builder_text(instruction, spare.get(instruction))
            if text is not None and instruction is first_wheels_in_a_branch(installs):
                keyword, newline = instruction.keyword, stage.facts.file.source.newline
                text = f"{keyword} mkdir -p {wheel_folder(stage)}{newline}{text}"
            edits, dropped = splitter.final(instruction)
            before, more = arrival(stage, instruction, installs, builder)
            treatments.append(Treatment(instruction, text, dropped, (*edits, *more), before))
        elif before_last and isinstance(instruction, Arg | Env | Workdir | Shell):
            treatments.append(Treatment(instruction, instruction.text))
        elif before_last and isinstance(instruction, Copy | Add) and (installs.whole_context or instruction in wanted):
            if installs.whole_context:
                treatments.append(Treatment(instruction, without_owner(instruction)))
            else:
                text = copy_text(stage, instruction, wanted[instruction], installs)
                treatments.append(Treatment(instruction, text))
        else:
            treatments.append(Treatment(instruction))
    treatments = with_files_of_runs(stage, treatments, set(installs.origins))
    return drop_idle_updates(stage, treatments, install_stays=install_stays)


#: Statements whose commands may not run.
BRANCHING = frozenset({"if", "for", "while", "case"})


def first_wheels_in_a_branch(installs: InstallSet) -> Run | None:
    """Return the RUN of the first install by wheels where it may not run: the folder must be there all the same."""
    first = installs.splits[0].install if installs.splits else None
    if first is None or (first.command.runs is not Runs.CONDITIONAL and first.statement.kind not in BRANCHING):
        return None
    text = first.instruction.script.text
    branches = len(re.findall(r"\bthen\b", text)) + len(re.findall(r"\belse\b", text))
    here = [split for split in installs.splits if split.install.statement is first.statement]
    return None if "else" in text and len(here) == branches else first.instruction


def arrival(stage: Stage, run: Run, installs: InstallSet, builder: str) -> tuple[str, list[Edit]]:
    """Return text for in front of a RUN, and edits of it, that bring what the builder made."""
    handover = installs.handover
    if handover is not None:
        newline = stage.facts.file.source.newline
        return copy_lines(handover.folders_at(run), builder, newline, lower=run.keyword.islower()), []
    splits = [split for split in installs.splits if split.install.instruction is run]
    return transfer_edits(stage, run, splits, builder) if splits else ("", [])


def drop_idle_updates(stage: Stage, treatments: list[Treatment], *, install_stays: bool) -> tuple[Treatment, ...]:
    """Drop RUNs that only fetch or clear package lists when no package install is left that could use them."""
    if install_stays or any(keeps_install(stage, treatment) for treatment in treatments):
        return tuple(treatments)
    result: list[Treatment] = []
    for treatment in treatments:
        run = treatment.instruction
        if isinstance(run, Run) and not treatment.dropped and run.script.ok:
            actions = stage.actions_of(run)
            idle = [action for action in actions if only_serves_packages(action) or isinstance(action, PackageRemove)]
            if actions and len(idle) == len(actions):
                treatment = Treatment(run, treatment.builder, True, (), treatment.before)
        result.append(treatment)
    return tuple(result)


def keeps_install(stage: Stage, treatment: Treatment) -> bool:
    """Whether a RUN still installs or upgrades packages in the final stage."""
    run = treatment.instruction
    if not isinstance(run, Run) or treatment.dropped:
        return False
    cut = [edit.span for edit in treatment.edits if not edit.text]
    return any(
        (isinstance(action, PackageInstall) or (isinstance(action, PackageUpdate) and action.upgrades))
        and not any(span.contains(action.span) for span in cut)
        for action in stage.actions_of(run)
    )
