"""How the wheels reach the final stage: by a bind mount that leaves no bytes, or by COPY."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dockslim.model import Other, PipInstall, Stage
from dockslim.rewrite.edits import Edit
from dockslim.rewrite.plan import RefusalError, SplitInstall
from dockslim.syntax import Run, Span

__all__ = ["mounts_known", "transfer_edits", "wheel_folder"]


def wheel_folder(stage: Stage) -> str:
    """Return the folder for the wheels: the chosen one, or another where the file has one of that name."""
    folder = stage.facts.options.wheel_directory.rstrip("/") or "/wheels"
    text = stage.facts.file.text
    while re.search(rf"{re.escape(folder)}(?![\w.-])", text):
        folder += "-built"
    return folder


def transfer_edits(stage: Stage, run: Run, splits: Sequence[SplitInstall], builder: str) -> tuple[str, list[Edit]]:
    """Return text for in front of ``run``, and edits of it, that bring the wheels of ``splits``."""
    facts = stage.facts
    folder = wheel_folder(stage)
    edits = drop_credentials(stage, run)
    if facts.options.wheel_transfer == "copy" or not mounts_known(facts.file.syntax):
        before = f"COPY --from={builder} {folder} {folder}{facts.file.source.newline}"
        return before if splits[0].folder in (folder, f"{folder}/1") else "", edits
    refuse_walks(stage, run)
    mount = f" --mount=type=bind,from={builder},source={folder},target={folder}"
    at = run.keyword_span.end
    rest = facts.file.text[at : run.span.end]
    body = rest.lstrip(" \t")
    if not (run.heredocs or re.match(re.escape(facts.file.escape) + r"[ \t]*\r?\n", body)):
        indent = " " * max(0, 4 - (len(rest) - len(body)))
        mount += f" {facts.file.escape}{facts.file.source.newline}{indent}"
    return "", [Edit(Span(at, at), mount), *edits]


#: Programs that change what they go over, and the words that make them go over all of it.
WALKERS = {
    "find": frozenset({"-delete", "-exec", "-execdir"}),
    "chown": frozenset({"-R", "--recursive"}),
    "chgrp": frozenset({"-R", "--recursive"}),
    "chmod": frozenset({"-R", "--recursive"}),
}


def refuse_walks(stage: Stage, run: Run) -> None:
    """Refuse where the RUN changes files all over the image: the wheels, mounted read-only, would make it fail."""
    for action in stage.actions_of(run):
        if not isinstance(action, Other) or not {"/", "/*"} & set(action.texts[1:]):
            continue
        if WALKERS.get(action.program or "", frozenset()) & set(action.texts):
            raise RefusalError(action.span, "it goes over the whole file system, in which the wheels are read-only")


def mounts_known(syntax: str | None) -> bool:
    """Whether the frontend that a `# syntax=` line names knows `RUN --mount`, as they do since 1.2."""
    version = re.search(r"docker/dockerfile:(\d+)\.(\d+)", syntax or "")
    return version is None or (int(version[1]), int(version[2])) >= (1, 2)


def drop_credentials(stage: Stage, run: Run) -> list[Edit]:
    """Return edits that take secret and ssh mounts away where only the installs could have used them."""
    others = [
        action for action in stage.actions_of(run) if isinstance(action, Other) and action.program not in ("cd", "set")
    ]
    if others or not any(isinstance(action, PipInstall) for action in stage.actions_of(run)):
        return []
    text = stage.facts.file.text
    edits: list[Edit] = []
    for mount in run.mounts:
        if mount.type in ("secret", "ssh"):
            start = mount.span.start
            while text[start - 1] in " \t":
                start -= 1
            edits.append(Edit(Span(start, mount.span.end), ""))
    return edits
