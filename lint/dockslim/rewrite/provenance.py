"""Which instruction brings a file into the image, and which file of the build context it is."""

from __future__ import annotations

import fnmatch
import posixpath
import re

from dockslim.model import Action, Other, Stage
from dockslim.records import NamedTuple
from dockslim.rewrite.relevance import opaque
from dockslim.syntax import Add, Copy, Instruction, Mount, Run, Word

__all__ = ["ContextReader", "Origin", "origin", "working_directory"]


class Origin(NamedTuple):
    """Where a path of the image comes from.

    ``instruction`` is the COPY, ADD or RUN that brings it (a RUN by a bind mount or by writing it); ``context_path`` is
    the file of the build context, None where it is no such file (another stage, an inline file, something made).
    ``whole`` says that the COPY brings a folder, ``made`` that a RUN wrote or edited the file.
    """

    instruction: Instruction
    context_path: str | None
    whole: bool = False
    made: bool = False


def working_directory(stage: Stage, action: Action) -> str | None:
    """Return the folder in which a command runs, through `cd` in its own RUN; None where it is not known."""
    folder: str | None = stage.workdir(action.instruction)
    for other in stage.actions_of(action.instruction):
        if other is action:
            break
        if isinstance(other, Other) and other.program in ("cd", "pushd"):
            where = other.texts[1] if len(other.texts) > 1 else None
            if where is None or folder is None or not other.certain:
                return None
            folder = posixpath.normpath(posixpath.join(folder, where))
    return folder


def origin(stage: Stage, run: Run | None, path: str) -> Origin | None:
    """Return what brings the absolute ``path`` of the image before ``run`` (None: at the end of the stage).

    None where nothing in sight does.
    """
    for mount in run.mounts if run is not None else ():
        found = from_mount(stage, run, mount, path)
        if found is not None:
            return found
    before: list[tuple[Stage, Instruction]] = []
    for ancestor in stage.lineage:
        for instruction in ancestor.instructions:
            if instruction is run:
                break
            before.append((ancestor, instruction))
    for holder, instruction in reversed(before):
        if isinstance(instruction, Copy | Add):
            found = from_copy(holder, instruction, path)
            if found is not None:
                return found
        elif isinstance(instruction, Run) and (
            writes(holder, instruction, path) or any(map(may_write, holder.actions_of(instruction)))
        ):
            return Origin(instruction, None, made=True)
    return None


def from_mount(stage: Stage, run: Run | None, mount: Mount, path: str) -> Origin | None:
    """Look into a bind mount of the RUN itself."""
    if run is None or mount.type not in (None, "bind") or mount.target is None:
        return None
    target = posixpath.normpath(posixpath.join(stage.workdir(run), mount.target))
    if path != target and not path.startswith(target.rstrip("/") + "/"):
        return None
    if mount.from_ is not None:
        return Origin(run, None)
    source = (mount.source or ".").lstrip("/") or "."
    return Origin(run, posixpath.normpath(posixpath.join(source, posixpath.relpath(path, target))))


def from_copy(stage: Stage, copy: Copy | Add, path: str) -> Origin | None:
    """Return the origin when ``copy`` brings ``path``."""
    lookup = stage.scope(copy).lookup
    raw = copy.destination.expand(lookup)
    if raw is None:
        return None
    destination = posixpath.normpath(posixpath.join(stage.workdir(copy), raw))
    inside = path.startswith(destination.rstrip("/") + "/")
    if path != destination and not inside:
        return None
    elsewhere = copy.from_ is not None
    folder_like = raw.endswith(("/", "/.")) or raw in (".", "..") or len(copy.sources) > 1
    for source in copy.sources:
        value = source.expand(lookup)
        if value is None:
            return Origin(copy, None)
        found = match_source(stage, source, value, destination, path, folder_like)
        if found is not None:
            context_path, whole = found
            return Origin(copy, None if elsewhere else context_path, whole)
    return None


def match_source(
    stage: Stage, word: Word, value: str, destination: str, path: str, folder_like: bool
) -> tuple[str, bool] | None:
    """Return the context path that ``path`` is, and whether the source is a folder."""
    source = posixpath.normpath(value.lstrip("/") or ".")
    base = posixpath.basename(source)
    relative = posixpath.relpath(path, destination)
    context = stage.facts.context
    known_folder = source == "." or value.endswith("/") or (context is not None and context.is_folder(source))
    if any(letter in base for letter in "*?["):
        if fnmatch.fnmatchcase(posixpath.basename(path), base) and "/" not in relative:
            return posixpath.join(posixpath.dirname(source), posixpath.basename(path)), False
        return (source, True) if "/" in relative or base == "*" else None
    if known_folder:
        return posixpath.normpath(posixpath.join(source, relative)), True
    if path == destination and not folder_like:
        return source, False
    if relative == base:
        return source, False
    if "/" in relative or "." not in base:  # a folder by all looks
        first = posixpath.normpath(posixpath.join(source, relative))
        return (first, True) if "." not in base else None
    return None


def writes(stage: Stage, run: Run, path: str) -> bool:
    """Whether a RUN seems to make or edit ``path``: it names the file in a redirection or on an editing command."""
    name = posixpath.basename(path)
    if name not in run.script.text:
        return False
    for action in stage.actions_of(run):
        mentions = any(text is not None and posixpath.basename(text) == name for text in action.texts[1:])
        into = any(name in redirect.raw and ">" in redirect.raw for redirect in action.command.redirects)
        if into or (mentions and isinstance(action, Other) and not only_reads(action)):
            return True
    return False


#: Programs that name a file without changing what it says.
READERS = frozenset(
    "cat chgrp chmod chown dos2unix echo grep head ls pip pip3 python python3 rm sh bash test wc".split()
)


#: Opaque as they are, these write what their words name and nothing else.
NAMES_WHAT_IT_WRITES = READERS - {"python", "python3", "sh", "bash"} | {"install", "find"}


def may_write(action: Action) -> bool:
    """Whether a command may have changed any file of the application: a program of the user's own."""
    return isinstance(action, Other) and opaque(action) and action.program not in NAMES_WHAT_IT_WRITES


def only_reads(action: Other) -> bool:
    """Whether a command leaves the files that it names as they are, but for their line ends."""
    if action.program == "sed":
        return any(re.search(r"\\r|\r", text or "") for text in action.texts[1:])
    return action.program in READERS


class ContextReader:
    """Reads files of the image by way of the build context, and remembers which instructions brought them."""

    def __init__(self, stage: Stage, run: Run) -> None:
        self.stage = stage
        self.run = run
        self.origins: dict[str, Origin | None] = {}

    def __call__(self, path: str) -> str | None:
        """Return the text of an absolute image path; None where it cannot be told."""
        if path not in self.origins:
            self.origins[path] = origin(self.stage, self.run, path)
        found = self.origins[path]
        context = self.stage.facts.context
        if found is None or found.context_path is None or context is None:
            return None
        return context.read(found.context_path)
