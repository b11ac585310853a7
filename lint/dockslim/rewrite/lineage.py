"""Stages that start from each other: which are planned as one, and what speaks against it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dockslim.model import Stage, installs_projects, join, references
from dockslim.rewrite.culprits import culprits
from dockslim.rewrite.plan import RefusalError, Treatment
from dockslim.syntax import Arg

__all__ = ["refuse_arguments_of_below", "refuse_later_sources", "refuse_tools_below", "whole_of"]


def whole_of(stage: Stage) -> Stage | None:
    """Return the stages from the lowest that holds build tools to the last that installs, as one; None: it is one.

    A base stage holds the tools, say, and the stage that ships starts from it and installs.
    """
    if len(stage.members) > 1 or not stage.ships:
        return None
    lineage = stage.facts.final_stage.lineage
    tools = [at for at, member in enumerate(lineage) if culprits(member)]
    installs = [at for at, member in enumerate(lineage) if any(map(installs_projects, member.actions))]
    if not tools or not installs or tools[0] >= installs[-1] or tools[-1] > installs[-1]:
        return None
    key = ("joined", lineage[tools[0]].index, lineage[installs[-1]].index)
    memory = stage.facts.memory
    if key not in memory:
        memory[key] = join(lineage[tools[0] : installs[-1] + 1])
    return memory[key]  # type: ignore[return-value]


def refuse_later_sources(stage: Stage, treatments: Sequence[Treatment]) -> None:
    """Refuse where the builder would read from a stage that stands behind it (between stages that are joined)."""
    taken = {treatment.instruction for treatment in treatments if treatment.builder is not None}
    for member in stage.members[1:]:
        for each in references(member):
            if each.instruction in taken and each.stage is not None and each.stage.index >= stage.index:
                why = f"the builder would stand in front of stage {each.word.raw}, from which it reads"
                raise RefusalError(each.instruction.span, why)


def refuse_arguments_of_below(stage: Stage) -> None:
    """Refuse where an ARG of a lower stage, which ends with it, would reach a joined one's commands in the builder."""
    for at, member in enumerate(stage.members[1:], 1):
        below = [each for lower in stage.members[:at] for each in lower.instructions if isinstance(each, Arg)]
        own = {pair.name.raw for each in member.instructions if isinstance(each, Arg) for pair in each.pairs}
        text = "\n".join(each.text for each in member.instructions)
        for argument in below:
            for name in {pair.name.raw for pair in argument.pairs} - own:
                if name.startswith(("PIP_", "UV_", "POETRY_")) or re.search(rf"\b{re.escape(name)}\b", text):
                    raise RefusalError(argument.span, f"ARG {name} ends with its stage, and would not in a builder")


def refuse_tools_below(stage: Stage) -> None:
    """Refuse where a stage that this one starts from holds build tools too: they would ship all the same."""
    for ancestor in stage.lineage[:-1]:
        below = culprits(ancestor)
        if below:
            name = ancestor.name or f"number {ancestor.index}"
            raise RefusalError(below[0].span, f"stage {name}, which it starts from, ships {below[0].name} all the same")
