"""SLIM307."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from dockslim.api import Action, Example, Finding, Fix, Other, Rule, Safety, Severity, Stage, without_statements

__all__ = ["RemovedOnReadOnlyMount"]


class RemovedOnReadOnlyMount(Rule):
    """A RUN removes what it mounted read-only.

    A bind mount is read-only unless it says `rw`, and its target is busy: `rm -rf /wheels` fails, and the build with
    it. Nothing of a mount stays in the image, so there is nothing to remove.

    The fix drops the command. It is safe: with it the build cannot succeed.
    """

    code = "SLIM307"
    name = "removed-on-read-only-mount"
    severity = Severity.ERROR
    safety = Safety.SAFE
    every_stage = True
    examples = (
        Example(
            bad=(
                "FROM python:3.12-slim AS builder\nRUN pip wheel --wheel-dir=/wheels flask\nFROM python:3.12-slim\n"
                "RUN --mount=type=bind,from=builder,source=/wheels,target=/wheels \\\n"
                "    pip install --no-index /wheels/*.whl \\\n"
                "    && «rm -rf /wheels»\n"
            ),
            good=(
                "FROM python:3.12-slim AS builder\nRUN pip wheel --wheel-dir=/wheels flask\nFROM python:3.12-slim\n"
                "RUN --mount=type=bind,from=builder,source=/wheels,target=/wheels \\\n"
                "    pip install --no-index /wheels/*.whl\n"
            ),
        ),
        Example(
            allow=(
                "FROM python:3.12-slim\nRUN --mount=type=bind,source=wheels,target=/wheels,rw "
                "pip install /wheels/*.whl && rm -rf /wheels/*\n"
            ),
            note="It may be written to.",
        ),
        Example(allow="FROM python:3.12-slim\nRUN --mount=type=cache,target=/c pip install flask && rm -rf /c/*\n"),
        Example(
            allow="FROM python:3.12-slim\nRUN --mount=type=bind,target=/src cp -r /src /build && rm -rf /build\n",
            note="What is removed is a copy.",
        ),
        Example(allow="FROM python:3.12-slim\nRUN --mount=type=bind,target=/src rm -rf /src/build || true\n"),
    )

    def check_stage(self, stage: Stage) -> Iterator[Finding]:
        """Look at the `rm` of each RUN with a mount."""
        if not any(run.flags for run in stage.runs):
            return  # the commands of a stage that does not ship need not be read
        for action in stage.actions:
            run = action.instruction
            if not run.flags or not isinstance(action, Other) or action.program not in ("rm", "rmdir"):
                continue
            targets = [
                posixpath.normpath(posixpath.join(stage.workdir(run), mount.target))
                for mount in run.mounts
                if mount.type == "bind"
                and mount.target
                and not {"rw", "readwrite"} & set(mount.options)
                and mount.options.get("readonly") != "false"
            ]
            if action.certain and any(inside(path, target, action) for path in paths(action) for target in targets):
                edits = without_statements(run, [action.statement]) if action.statement.kind == "command" else None
                fix = Fix(f"SLIM307-{action.span.start}", "drop the removal", edits) if edits else None
                yield self.finding(action, "the mount is read-only: this fails, and nothing of it would stay", fix=fix)


def paths(action: Action) -> list[str]:
    """Return the absolute paths that a command names."""
    return [text for text in action.texts[1:] if text is not None and text.startswith("/")]


def inside(path: str, target: str, action: Action) -> bool:
    """Whether removing a path has to fail: it is the mount, or surely in it."""
    path = posixpath.normpath(path)
    if target == "/" or ("*" in path and path.rstrip("*") != target + "/"):
        return False
    if path == target or path == target + "/*":
        return True
    forced = any(text is not None and text.startswith("-") and "f" in text for text in action.texts)
    return path.startswith(target + "/") and not forced
