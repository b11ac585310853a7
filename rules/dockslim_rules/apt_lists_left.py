"""SLIM201."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from dockslim.api import (
    Action,
    Example,
    Finding,
    Fix,
    Manager,
    Other,
    PackageInstall,
    PackageUpdate,
    Refused,
    Rule,
    Run,
    Safety,
    Stage,
    append_command,
    lists_mb,
)
from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypeGuard

__all__ = ["AptListsLeft"]

LISTS = "/var/lib/apt"
CLEANER = "rm -rf /var/lib/apt/lists/*"
#: Programs that may call apt-get without it being seen here.
OPAQUE = frozenset({"bash", "sh", "source", ".", "ansible-playbook", "make"})


class AptListsLeft(Rule):
    """The package lists of apt stay in the image.

    `apt-get update` fetches them, about 20 MB; an install in the same RUN uses them, and then nothing does. They are
    old the next day. Removing them in a later RUN frees nothing: the layer that fetched them stays.

    The fix removes them at the end of the same RUN. It is safe where every later install has an update of its own;
    where one leans on these lists dockslim declines, and where a later command cannot be read the fix is unsafe.
    """

    code = "SLIM201"
    name = "apt-lists-left"
    safety = Safety.SAFE
    aliases = ("DL3009",)
    examples = (
        Example(
            bad="FROM debian:12\nRUN «apt-get update» && apt-get install -y curl\n",
            good="FROM debian:12\nRUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\n",
        ),
        Example(
            bad=(
                "FROM debian:12\n"
                "RUN «apt-get update» \\\n"
                "    && apt-get install -y \\\n"
                "        curl \\\n"
                "        # for the health check\n"
                "        wget\n"
                "CMD curl x\n"
            ),
            good=(
                "FROM debian:12\n"
                "RUN apt-get update \\\n"
                "    && apt-get install -y \\\n"
                "        curl \\\n"
                "        # for the health check\n"
                "        wget \\\n"
                "    && rm -rf /var/lib/apt/lists/*\n"
                "CMD curl x\n"
            ),
        ),
        Example(
            bad="FROM debian:12\nRUN «apt-get update»\nRUN apt-get install -y curl\n",
            refused="line 3 installs from these lists",
            note="Here the lists are used by a later RUN.",
        ),
        Example(
            bad="FROM debian:12\nRUN «apt-get update»\nRUN ./setup.sh\n",
            good="FROM debian:12\nRUN apt-get update && rm -rf /var/lib/apt/lists/*\nRUN ./setup.sh\n",
            unsafe=True,
            note="The script may install something, too.",
        ),
        Example(allow="FROM debian:12\nRUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\n"),
        Example(
            allow=(
                "FROM debian:12\n"
                "RUN --mount=type=cache,target=/var/lib/apt,sharing=locked apt-get update && apt-get install -y curl\n"
            ),
            note="The lists are in a cache, not in the image.",
        ),
        Example(
            allow="FROM debian:12 AS builder\nRUN apt-get update\nFROM scratch\nCOPY --from=builder /etc /etc\n",
            note="A builder stage does not ship.",
        ),
    )

    def check_stage(self, stage: Stage) -> Iterator[Finding]:
        """Look at each update, and at what follows it in its RUN."""
        for at, update in enumerate(stage.actions):
            if not fetches(update):
                continue
            own = stage.actions_of(update.instruction)
            rest = own[next(number for number, action in enumerate(own) if action is update) + 1 :]
            if in_cache(update.instruction) or any(map(cleans, rest)) or any(map(fetches, rest)):
                continue
            fix = mend(stage, update, at)
            yield self.finding(
                update,
                "the package lists that this fetches stay in the image",
                cost_mb=lists_mb(stage.base.release) if stage.base.release else None,
                help="" if isinstance(fix, Fix) else "remove /var/lib/apt/lists/* at the end of the same RUN",
                fix=fix,
            )


def fetches(action: Action) -> TypeGuard[PackageUpdate]:
    """Whether a command fetches the package lists (`upgrade` does not)."""
    return isinstance(action, PackageUpdate) and action.manager is Manager.APT and not action.upgrades


def in_cache(run: Run) -> bool:
    """Whether the lists are written to a mount, so that no layer holds them."""
    return any(
        mount.type in ("cache", "tmpfs") and str(mount.target).rstrip("/").startswith(LISTS) for mount in run.mounts
    )


def cleans(action: Action) -> bool:
    """Whether a command does something to the lists (or cannot be read), so that they may be gone."""
    if action.texts[:1] in ((None,), ()) or "distclean" in action.texts:
        return True
    return isinstance(action, Other) and any(
        text is None or text.startswith((LISTS, "/var/lib/{")) for text in action.texts
    )


def mend(stage: Stage, update: PackageUpdate, at: int) -> Fix | Refused | None:
    """Offer to remove the lists, unless somebody still needs them; ``at`` is the update's number in the stage."""
    run = update.instruction
    others = [other for other in stage.facts.stages if other is not stage and stage in other.lineage]
    actions = stage.actions
    for other in (None, *others):
        # Looked at one by one: mostly the next update is near, and a file may have a thousand of them.
        after = (actions[number] for number in range(at + 1, len(actions)) if actions[number].instruction is not run)
        leaning = leans(chain(after, other.actions if other is not None else ()))
        if leaning is not None:
            return Refused(f"line {leaning.instruction.line} installs from these lists without an update", leaning.span)
    last = last_script(stage)
    scripts = (last > at and actions[last].instruction is not run) or any(last_script(other) >= 0 for other in others)
    safety = Safety.UNSAFE if scripts else Safety.SAFE
    unreadable = [each for other in (stage, *others) for each in other.unreadable_runs]
    if any(each.line > run.line for each in unreadable):
        safety = Safety.UNSAFE
    root = "sudo " if "sudo" in update.command.wrappers else ""
    edit = append_command(stage.facts.file, run, f"{root}{CLEANER}")
    if edit is None:
        return None
    return Fix(f"SLIM201-{update.span.start}", "remove the package lists in the same RUN", (edit,), safety, phase=2)


def last_script(stage: Stage) -> int:
    """Return the number of the last command of a stage that may do anything; -1 where none may."""
    memory, key = stage.facts.memory, ("last script", stage.index)
    if key not in memory:
        numbers = [at for at, each in enumerate(stage.actions) if isinstance(each, Other) and opaque(each)]
        memory[key] = numbers[-1] if numbers else -1
    return memory[key]  # type: ignore[return-value]


def leans(actions: Iterable[Action]) -> Action | None:
    """Return the first install that comes before all lists are fetched anew."""
    for action in actions:
        if isinstance(action, PackageInstall) and action.manager is Manager.APT:
            return action
        part = any(text and ("=" in text or text == "-o") for text in action.texts)  # of the sources alone
        if fetches(action) and action.certain and not part:
            return None
    return None


def opaque(action: Other) -> bool:
    """Whether a command is a script, which may do anything."""
    program = action.texts[0] if action.texts else None
    return program is None or program in OPAQUE or program.endswith(".sh") or program.startswith("./")
