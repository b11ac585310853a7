"""The environment in which a command of a RUN runs: ENV, ARG, and what the RUN itself sets before or for it."""

from __future__ import annotations

import posixpath

from dockslim.model import Action, Other, Stage
from dockslim.rewrite.provenance import working_directory
from dockslim.syntax import Env
from dockslim.syntax.expand import Unset

__all__ = ["environment_of", "environments_made", "search_path"]


def environment_of(stage: Stage, action: Action) -> dict[str, str | None]:
    """Return the variables that a command sees; None for a value that is not known."""
    scope = stage.scope(action.instruction)
    found: dict[str, str | None] = {**scope.arguments, **scope.environment}
    command = action.command
    script = command.script
    look = script.scope(command.offset, scope.lookup)
    for name in {each.name for each in script.made if each.offset <= command.offset}:
        value = look(name)
        found[name] = None if isinstance(value, Unset) else value
    for written in command.assignments:
        name, _, text = written.partition("=")
        plain = text.strip("\"'")
        found[name] = None if "$" in text or "`" in text else plain
    return found


def search_path(stage: Stage, action: Action) -> list[str] | None:
    """Return the folders that the file puts on PATH in front of those of the image; None where they are not known.

    What the image's own PATH holds is seldom known, so that `ENV PATH=/opt/venv/bin:$PATH` as a whole is not, either.
    """
    script = action.command.script
    own = {each.name for each in script.made if each.offset <= action.command.offset}
    own |= {written.partition("=")[0] for written in action.command.assignments}
    if "PATH" in own:
        value = environment_of(stage, action)["PATH"]
        return value.split(":") if value is not None else None
    path: str | None = IMAGE
    for each in stage.lineage:
        for instruction in each.instructions:
            if each is stage and instruction.span.start >= action.instruction.span.start:
                break
            if not isinstance(instruction, Env):
                continue
            look = each.scope(instruction).lookup
            for pair in instruction.pairs:
                if pair.name.literal == "PATH" and pair.value is not None:
                    before = path
                    path = pair.value.expand(lambda name: before if name == "PATH" else look(name))  # noqa: B023
    if path is None:
        return None
    folders = path.split(":")
    return folders[: folders.index(IMAGE)] if IMAGE in folders else folders


#: Stands for the PATH of the image that the first stage starts from.
IMAGE = "@image"


def environments_made(stage: Stage, action: Action) -> set[str]:
    """Return the folders that earlier commands made environments in: `python -m venv DIR`, `virtualenv DIR`."""
    found: set[str] = set()
    for each in stage.lineage:
        for other in each.actions:
            if other is action:
                break
            if not isinstance(other, Other) or not ("venv" in other.texts[1:3] or other.program == "virtualenv"):
                continue
            folder = working_directory(each, other)
            if folder is not None:
                found |= {posixpath.normpath(posixpath.join(folder, text)) for text in other.texts[1:] if text}
    return found
