"""Which stages a stage reads from, and which of them all the one that ships needs."""

from __future__ import annotations

from collections.abc import Iterator

from dockslim.model.stage import Facts, Stage
from dockslim.records import NamedTuple
from dockslim.syntax import Copy, Instruction, Run, Word

__all__ = ["Reference", "needed_stages", "references"]


class Reference(NamedTuple):
    """A `--from` of COPY or of a mount: ``name`` with its variables put in (None: not known), the stage that it means.

    ``stage`` is None where it means an image, or nothing at all.
    """

    instruction: Instruction
    word: Word
    name: str | None
    stage: Stage | None


def references(stage: Stage) -> Iterator[Reference]:
    """Yield each `--from` of a stage."""
    for instruction in stage.instructions:
        words: list[Word] = []
        if isinstance(instruction, Copy) and instruction.from_ is not None:
            words.append(instruction.from_)
        elif isinstance(instruction, Run) and instruction.flags:
            words += [mount.from_ for mount in instruction.mounts if mount.from_ is not None]
        for word in words:
            name = word.expand(stage.facts.global_variables.lookup)
            if name is None:
                name = word.expand(stage.scope(instruction).lookup)
            found = None
            if name is not None and name.isdigit():
                found = stage.facts.stages[int(name)] if int(name) < stage.index else None
            elif name is not None:
                found = stage.facts.find_stage(name, stage.index)
            yield Reference(instruction, word, name or None, found)


def needed_stages(facts: Facts) -> frozenset[int] | None:
    """Return the numbers of the stages that the one that ships needs, itself among them.

    None where a variable hides which stage is meant.
    """
    key = "needed stages"
    if key not in facts.memory:
        facts.memory[key] = find_needed(facts)
    return facts.memory[key]  # type: ignore[return-value]


def find_needed(facts: Facts) -> frozenset[int] | None:
    """Walk from the stage that ships to all that it reads."""
    seen: set[int] = set()
    todo = [facts.final_stage]
    while todo:
        stage = todo.pop()
        if stage.index in seen:
            continue
        seen.add(stage.index)
        if stage.parent is not None:
            todo.append(stage.parent)
        elif stage.base.reference is None:
            return None
        for reference in references(stage):
            if reference.name is None:
                return None
            if reference.stage is not None:
                todo.append(reference.stage)
    return frozenset(seen)
