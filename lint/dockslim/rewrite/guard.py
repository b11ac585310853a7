"""The guard: no text is written unless it reads back as the same image, but for what the fix said it would change."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from dockslim import model
from dockslim.model import Facts, Other, Stage
from dockslim.rewrite.edits import FixedEffect
from dockslim.rewrite.handover import LEADING
from dockslim.rewrite.packages import only_serves_packages
from dockslim.rewrite.runs import prepares
from dockslim.rewrite.second_reader import agrees
from dockslim.syntax import Add, Arg, Copy, Env, Run, ShellWord

__all__ = ["check"]


def check(before: Facts, after: Facts, effects: frozenset[FixedEffect]) -> list[str]:
    """Return what forbids to write ``after`` in the place of ``before``, in words; an empty list lets it pass."""
    return list(objections(before, after, effects))


def objections(before: Facts, after: Facts, effects: frozenset[FixedEffect]) -> Iterator[str]:
    """Yield each objection."""
    if after.file.text == before.file.text:
        return
    if len(after.file.problems) > len(before.file.problems):
        problem = after.file.problems[-1]
        line = after.file.source.position(problem.span.start).line
        yield f"the new text does not parse (line {line}: {problem.message})"
        return
    if [(each.name, each.value) for each in before.file.directives] != [
        (each.name, each.value) for each in after.file.directives
    ]:
        yield "the parser directives changed"
    if agrees(before.file) and not agrees(after.file):
        yield "the second reader sees other instructions in the new text"
    if FixedEffect.COMMENTS not in effects:
        lost = Counter(comments(before)) - Counter(comments(after))
        if lost:
            yield f"a comment would be lost: {next(iter(lost))}"
    if not before.stages or not after.stages:
        if len(before.stages) != len(after.stages):
            yield "the stages are gone"
        return
    yield from configuration(before.final_stage, after.final_stage, effects)
    yield from idle_stages(before, after)
    if len(after.stages) > len(before.stages):
        yield from lost_work(before, after)
    for stage in after.stages:
        yield from references(stage)
    yield from variables(before, after)


def idle_stages(before: Facts, after: Facts) -> Iterator[str]:
    """A stage that came in serves another one: what it builds must arrive somewhere."""
    old = {stage.name for stage in before.stages}
    text = after.file.text
    for stage in after.stages:
        if stage.name is None or stage.name in old or stage is after.final_stage:
            continue
        started = any(other.parent is stage for other in after.stages)
        if not started and not re.search(rf"from={re.escape(stage.name)}(?![\w.-])", text):
            yield f"nothing uses what the new stage {stage.name} makes"


def lost_work(before: Facts, after: Facts) -> Iterator[str]:
    """What the stage that shipped did beside installing it still does; what leads up to an install may move."""
    for words in copies(before.final_stage) - copies(after.final_stage):
        yield f"a COPY would be lost: {' '.join(words)[:80]}"
    lost = commands(before.final_stage) - commands(after.final_stage)
    movable = (
        {words for stage in after.stages for words in commands(stage) if bare(words[0]) in MOVABLE} if lost else set()
    )
    for words in lost:
        if words not in movable:
            yield f"a command would be lost: {' '.join(words)[:80]}"


def bare(program: str) -> str:
    """Return a program's name without folder and version: `/usr/bin/python3.11` is python."""
    return re.sub(r"(?<=[a-z])[0-9.]+$", "", program.rpartition("/")[2])


#: Programs that may leave the final stage with the install or the compiler that they stand beside.
MOVABLE = LEADING | {"update-alternatives", "apt-mark", "pip", "pip3", "python", "python3", "virtualenv", "."}


def copies(stage: Stage) -> Counter[tuple[str, ...]]:
    """Count what each stage of a lineage copies, by the words as they stand."""
    return Counter(
        (*(word.raw for word in instruction.sources), instruction.destination.raw)
        for holder in stage.lineage
        for instruction in holder.instructions
        if isinstance(instruction, Copy | Add)
    )


def commands(stage: Stage) -> Counter[tuple[str, ...]]:
    """Count the commands of a lineage that do something: by their words, and what they are redirected to."""
    return Counter(
        (
            *(plain(action, argument.word) for argument in action.arguments),
            *(redirect.raw for redirect in action.command.redirects),
        )
        for holder in stage.lineage
        for action in holder.actions
        if isinstance(action, Other) and not only_serves_packages(action) and not prepares(action)
    )


def plain(action: Other, word: object) -> str:
    """Return a word as it stands; of an option of rm no `f`, which may come in where a cache may not be there."""
    if not isinstance(word, ShellWord):
        return "$(…)"
    option = action.program == "rm" and re.fullmatch(r"-[a-zA-Z]+|--recursive", word.raw)
    return f"-{''.join(sorted(set(word.raw.lower().strip('-')[:2]) - {'f', 'e'}))}" if option else word.raw


def comments(facts: Facts) -> list[str]:
    """Return the texts of all comments."""
    return [comment.text.strip() for comment in facts.file.comments]


def configuration(before: Stage, after: Stage, effects: frozenset[FixedEffect]) -> Iterator[str]:
    """Hold the stage that ships to its effective configuration."""
    allowed = {effect.value for effect in effects}
    if before.name != after.name:
        yield f"the final stage's name changed from {before.name} to {after.name}"
    for field in before.configuration.differences(after.configuration):
        if field not in allowed:
            yield f"the final stage's {field} changed"
    if before.end.environment != after.end.environment and "ENV" not in allowed:
        yield "the final stage's ENV changed"


def references(stage: Stage) -> Iterator[str]:
    """Every `--from` that meant a stage means one that stands before it."""
    facts = stage.facts
    names = {other.name for other in facts.stages}
    for each in model.references(stage):
        raw, line = each.word.raw, each.instruction.line
        if raw.isdigit() and int(raw) >= stage.index:
            yield f"line {line}: --from={raw} is no stage before this one"
        elif raw.lower() in names and facts.find_stage(raw, stage.index) is None:
            yield f"line {line}: --from={raw} stands after its use"


def variables(before: Facts, after: Facts) -> Iterator[str]:
    """Every ARG or ENV of the old file that the new one uses is defined where it is used, as it was."""
    was_undefined = {name for name, _ in undefined(before)}
    for name, line in undefined(after):
        if name not in was_undefined:
            yield f"line {line}: {name} is not defined there"


def undefined(facts: Facts) -> Iterator[tuple[str, int]]:
    """Yield the variables that the file defines somewhere but uses, on a line, where they are not defined."""
    known = {
        pair.name.raw
        for instruction in facts.file.instructions
        if isinstance(instruction, Arg | Env)
        for pair in instruction.pairs
    }
    for stage in facts.stages:
        for instruction in stage.instructions:
            scope = stage.scope(instruction)
            in_scope = {*scope.arguments, *scope.environment}
            for name in (used(instruction) & known) - in_scope:
                if not assigned(instruction, name):
                    yield name, instruction.line


def used(instruction: object) -> set[str]:
    """Return the variables that an instruction uses by name."""
    names: list[tuple[str, ...]] = []
    if isinstance(instruction, Run) and instruction.script.ok:
        names = [word.variables for command in instruction.script.commands for word in command.words]
    elif isinstance(instruction, Copy):
        names = [word.variables for word in (*instruction.sources, instruction.destination)]
    return {name for group in names for name in group}


def assigned(instruction: object, name: str) -> bool:
    """Whether a RUN sets the variable itself, as a loop or an assignment does."""
    return isinstance(instruction, Run) and (f"{name}=" in instruction.text or f"for {name} " in instruction.text)
