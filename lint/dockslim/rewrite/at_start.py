"""What uv does when a container starts: `uv run` brings the environment up to date first, and may compile."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from dockslim.model import ProjectInstall, Stage
from dockslim.rewrite.provenance import origin, working_directory
from dockslim.rewrite.tools import Use

__all__ = ["installs_at_start"]

#: Words that have `uv sync` leave something out which `uv run` without them would install.
NARROWING = frozenset({"--no-dev", "--no-default-groups", "--only-dev", "--only-group", "--no-group"})


def installs_at_start(stage: Stage, uses: Sequence[Use]) -> Use | None:
    """Return a `uv run` of the container that installs more than the build did, or may."""
    for use in uses:
        words = [word or "" for word in use.arguments]
        if not (use.at_run_time and use.program == "uv" and words[1:2] == ["run"]):
            continue
        environment = stage.end.environment
        if "--no-sync" in words or environment.get("UV_NO_SYNC") in ("1", "true"):
            continue
        options = {word.partition("=")[0] for word in words}
        syncs = [action for action in stage.actions if isinstance(action, ProjectInstall) and action.tool == "uv"]
        if not syncs:
            return use
        narrowed = {(word or "").partition("=")[0] for word in syncs[-1].words} & NARROWING
        if narrowed - options and environment.get("UV_NO_DEV") not in ("1", "true") and has_groups(stage, syncs[-1]):
            return use
    return None


def has_groups(stage: Stage, sync: ProjectInstall) -> bool:
    """Whether the project may have groups of dependencies beside those of the program."""
    context = stage.facts.context
    folder = working_directory(stage, sync)
    if context is None or folder is None:
        return True
    found = origin(stage, sync.instruction, posixpath.join(folder, "pyproject.toml"))
    text = context.read(found.context_path) if found is not None and found.context_path is not None else None
    return text is None or re.search(r"(?m)^\[dependency-groups\]|dev-dependencies", text) is not None
