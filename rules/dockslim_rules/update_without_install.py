"""SLIM203."""

from __future__ import annotations

from collections.abc import Iterator

from dockslim.api import (
    Edit,
    Example,
    Finding,
    Fix,
    Manager,
    PackageInstall,
    PackageUpdate,
    Refused,
    Rule,
    Run,
    Safety,
    Span,
    Stage,
)

__all__ = ["UpdateWithoutInstall"]


class UpdateWithoutInstall(Rule):
    """apt-get update stands in a RUN of its own.

    The layer with the package lists is cached. When the next line changes weeks later, the install still reads the old
    lists: it gets old versions, or fails because they are no longer there. And the lists can then not be removed in the
    layer that fetched them.

    The fix moves the update in front of the install. It is made where the install is the very next instruction, and
    safe: the same commands run in the same order.
    """

    code = "SLIM203"
    name = "update-without-install"
    safety = Safety.SAFE
    examples = (
        Example(
            bad="FROM debian:12\nRUN «apt-get update»\nRUN apt-get install -y curl\n",
            good="FROM debian:12\nRUN apt-get update && apt-get install -y curl\n",
        ),
        Example(
            bad="FROM debian:12\nRUN «apt-get update»\nCOPY a /a\nRUN apt-get install -y curl\n",
            refused="something stands between",
        ),
        Example(allow="FROM debian:12\nRUN apt-get update && apt-get install -y curl\n"),
        Example(
            allow="FROM debian:12\nRUN apt-get update\nRUN apt-get update && apt-get install -y curl\n",
            note="The install has an update of its own; that the first one is idle is told by SLIM201.",
        ),
        Example(
            allow=(
                "FROM debian:12\n"
                "RUN --mount=type=cache,target=/var/lib/apt/lists apt-get update\n"
                "RUN --mount=type=cache,target=/var/lib/apt/lists apt-get install -y curl\n"
            ),
            note="The lists are in a cache that both share.",
        ),
    )

    def check_stage(self, stage: Stage) -> Iterator[Finding]:
        """Look for an install that has to lean on the lists of an earlier RUN."""
        fresh: Run | None = None
        idle: PackageUpdate | None = None
        for action in stage.actions:
            if not isinstance(action, (PackageUpdate, PackageInstall)) or action.manager is not Manager.APT:
                continue
            run = action.instruction
            if isinstance(action, PackageUpdate):
                if not action.upgrades:
                    fresh, idle = run, action
                continue
            if fresh is run or idle is None:
                continue
            lonely = not any(
                isinstance(each, PackageInstall) or (isinstance(each, PackageUpdate) and each.upgrades)
                for each in stage.actions_of(idle.instruction)
            )
            if lonely and not idle.instruction.mounts and local(action):
                yield self.finding(
                    idle,
                    f"the lists are fetched here and used on line {run.line}: a cached layer keeps them while they age",
                    help="update and install in one RUN",
                    fix=join(stage, idle, action),
                )
            idle = None


def local(action: PackageInstall) -> bool:
    """Whether a package is named that comes out of the lists."""
    return any(package.text is None or "/" not in package.text for package in action.packages)


def join(stage: Stage, update: PackageUpdate, install: PackageInstall) -> Fix | Refused:
    """Move the update into the RUN of the install."""
    first, second = update.instruction, install.instruction
    file = stage.facts.file
    between = file.text[first.span.end : second.span.start]
    neighbours = stage.instructions[stage.instructions.index(first) + 1] is second
    if not neighbours or between.strip():
        return Refused("something stands between the two RUNs")
    plain = (
        first.form == second.form == "shell"
        and not (first.flags or second.flags or first.heredocs or second.heredocs)
        and len(first.script.statements) == 1
        and update.statement.kind == "command"
        and install.certain
        and install.statement.operator in ("", "&&", ";", "\n")
        and "\n" not in file.text[first.span.start : first.span.end]
    )
    if not plain:
        return Refused("the two RUNs are not simple enough to be joined")
    command = file.text[update.statement.span.start : update.statement.span.end]
    at = install.statement.span.start
    edits = (Edit(Span(first.span.start, second.span.start), ""), Edit(Span(at, at), f"{command} && "))
    return Fix(f"SLIM203-{update.span.start}", "update and install in one RUN", edits, phase=1)
