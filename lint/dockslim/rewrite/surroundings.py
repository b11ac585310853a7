"""The environment in which a command of a RUN runs: ENV, ARG, and what the RUN itself sets before or for it."""

from __future__ import annotations

from dockslim.model import Action, Stage
from dockslim.syntax.expand import Unset

__all__ = ["environment_of"]


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
