"""SLIM105."""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Iterator

from dockslim.api import (
    Action,
    Annotation,
    Copy,
    Example,
    Finding,
    Instruction,
    Other,
    PackageRemove,
    Rule,
    Stage,
    closure,
    culprits,
    releases,
    working_directory,
)

__all__ = ["RemovedLater"]

PACKED = (".tar", ".gz", ".tgz", ".xz", ".bz2", ".zst", ".zip", ".whl", ".deb", ".rpm", ".run", ".jar", ".iso", ".pkg")


class RemovedLater(Rule):
    """What an earlier layer brought is removed in a later one.

    A layer cannot make an earlier one smaller: the files are hidden, their bytes ship. That goes for packages (build
    tools among them are told by SLIM101), for an archive that was downloaded, and for what COPY brought.

    It has no fix of its own: download, use and remove in one RUN; take what COPY would bring by
    `RUN --mount=type=bind`; or do all of it in a builder stage.
    """

    code = "SLIM105"
    name = "removed-only-in-a-later-layer"
    examples = (
        Example(
            bad=(
                "FROM debian:12\nRUN apt-get update && apt-get install -y curl\nRUN curl -O https://example.org/a.sql\n"
                "RUN «apt-get purge -y curl»\n"
            ),
        ),
        Example(
            bad=(
                "FROM debian:12\nRUN wget https://example.org/tool.tar.gz\nRUN tar xf tool.tar.gz\n"
                "RUN «rm tool.tar.gz»\n"
            ),
        ),
        Example(bad="FROM debian:12\nCOPY tool.deb /tmp/\nRUN dpkg -i /tmp/tool.deb && «rm -f /tmp/tool.deb»\n"),
        Example(bad="FROM debian:12\nCOPY src /build\nRUN cd /build && make install && «rm -rf /build»\n"),
        Example(
            allow="FROM debian:12\nRUN wget https://example.org/a.tar.gz && tar xf a.tar.gz && rm a.tar.gz\n",
            note="In one layer: it is never in the image.",
        ),
        Example(
            allow=(
                "FROM debian:12\nRUN wget -O /tmp/a.tgz https://example.org/a && tar xf /tmp/a.tgz && rm -rf /tmp/*\n"
                "RUN make && rm -rf /tmp/*\n"
            ),
            note="Gone before the second RUN removes what is there by then.",
        ),
        Example(
            allow="FROM debian:12\nCOPY pins.txt /tmp/\nRUN pip install -r /tmp/pins.txt && rm /tmp/pins.txt\n",
            note="A few bytes.",
        ),
        Example(
            allow=(
                "FROM debian:12\nCOPY --from=example.org/app /etc/passwd /tmp/users\n"
                "RUN grep app /tmp/users >> /etc/passwd && rm /tmp/users\n"
            ),
        ),
        Example(
            allow="FROM debian:12\nRUN apt-get update && apt-get install -y gcc\nRUN apt-get purge -y gcc\n",
            note="SLIM101 says it where gcc comes in.",
        ),
        Example(
            allow="FROM debian:12 AS builder\nCOPY src /build\nRUN make && rm -rf /build\nFROM debian:12\nRUN id\n",
            note="A builder stage does not ship.",
        ),
    )

    def check_stage(self, stage: Stage) -> Iterator[Finding]:
        """Look at each removal of packages, then at each removal of files."""
        told = {culprit.key for culprit in culprits(stage)}
        late: dict[int, tuple[PackageRemove, list[str]]] = {}
        for left in stage.left:
            name = left.package.name
            if left.removed_by is not None and name and (left.package.span.start, name) not in told:
                late.setdefault(id(left.removed_by), (left.removed_by, []))[1].append(name)
        for removal, names in late.values():
            yield self.finding(
                removal,
                f"an earlier layer installed {', '.join(dict.fromkeys(names))}: its bytes ship all the same",
                cost_mb=weight(stage, names),
                help="remove a package in the RUN that installs it, or work in a builder stage",
            )
        came: dict[str, tuple[Instruction, bool]] = {}
        for instruction in stage.instructions:
            if isinstance(instruction, Copy):
                came.update(copied(stage, instruction))
            here: set[str] = set()  # what this RUN brought
            for action in stage.actions_of(instruction) if instruction.name == "RUN" else ():
                if isinstance(action, Other) and action.program == "rm":
                    yield from self.about_files(stage, action, came)
                    for path in [each for each in here if hits(stage, action, each)]:
                        here.remove(path)
                        came.pop(path, None)
                for path in downloaded(stage, action):
                    here.add(path)
                    came[path] = (instruction, False)

    def about_files(self, stage: Stage, action: Action, came: dict[str, tuple[Instruction, bool]]) -> Iterator[Finding]:
        """Flag the removal of what an earlier instruction brought."""
        for path in removed(stage, action):
            pattern = any(sign in path for sign in "*?[")
            for known, (instruction, whole) in came.items():
                if instruction is action.instruction or not (
                    (fnmatch.fnmatchcase(known, path) if pattern else known == path)
                    or (not whole and known.startswith(path + "/"))
                ):
                    continue
                if installed_from(stage, known):
                    continue
                yield self.finding(
                    action,
                    f"line {instruction.line} brought {posixpath.basename(known)}, in a layer that ships all the same",
                    annotations=(Annotation(instruction.span, "brought here"),),
                    help="bring, use and remove it in one RUN, or mount it",
                )
                return


def removed(stage: Stage, action: Action) -> Iterator[str]:
    """Yield the paths, or patterns of them, that an `rm` takes away."""
    folder = working_directory(stage, action) or ""
    for text in action.texts[1:]:
        if text is not None and not text.startswith("-") and (folder or text.startswith("/")):
            yield posixpath.normpath(posixpath.join(folder, text))


def hits(stage: Stage, action: Action, known: str) -> bool:
    """Whether an `rm` takes a file away."""
    return any(fnmatch.fnmatchcase(known, path) or known.startswith(path + "/") for path in removed(stage, action))


def weight(stage: Stage, names: list[str]) -> float | None:
    """Return what packages weigh, in decimal megabytes."""
    release = stage.base.release
    if release is None or release not in releases():
        return None
    found = closure(names, release, stage.base.knowledge_base)
    return None if found.unknown else found.size_mb


def copied(stage: Stage, copy: Copy) -> dict[str, tuple[Instruction, bool]]:
    """Return the archives and folders that a COPY brings, by path; whole ones are folders."""
    found: dict[str, tuple[Instruction, bool]] = {}
    lookup = stage.scope(copy).lookup
    where = copy.destination.expand(lookup)
    if where is None:
        return found
    root = posixpath.normpath(posixpath.join(stage.workdir(copy), where))
    into = where.endswith(("/", "/.")) or where in (".", "..") or len(copy.sources) > 1
    for source in copy.sources:
        value = source.expand(lookup)
        if value is None or "*" in value:
            continue
        name = posixpath.basename(value.rstrip("/"))
        if name.endswith(PACKED):
            if not (copy.name == "ADD" and "tar" in name):  # which unpacks it
                found[posixpath.join(root, name) if into else root] = (copy, False)
        elif "." not in name and name and not into and root != "/" and name not in FILES:
            found[root] = (copy, True)
    return found


#: Files whose name has no dot.
FILES = frozenset(
    "Dockerfile Gemfile LICENSE Makefile Pipfile Procfile VERSION group hosts passwd requirements shadow".split()
)


def downloaded(stage: Stage, action: Action) -> Iterator[str]:
    """Yield the archives that a wget or curl writes."""
    if not isinstance(action, Other) or action.program not in ("wget", "curl"):
        return
    folder = working_directory(stage, action)
    texts = [text or "" for text in action.texts]
    name = ""
    for at, text in enumerate(texts[1:], 1):
        after = texts[at + 1] if at + 1 < len(texts) else ""
        if (action.program == "wget" and text in ("-O", "--output-document", "-qO", "-nv -O")) or (
            action.program == "curl"
            and (text in ("-o", "--output") or (text.startswith("-") and text[1:2] != "-" and text.endswith("o")))
        ):
            name = after
        elif text.startswith("--output-document="):
            name = text.partition("=")[2]
    if not name:
        if action.program == "curl" and not any(text[:1] == "-" and text[1:2] != "-" and "O" in text for text in texts):
            return
        if action.has("-P", "--directory-prefix"):
            return
        name = next((posixpath.basename(text.partition("?")[0]) for text in texts[1:] if "://" in text), "")
    if name.endswith(PACKED) and (folder or name.startswith("/")):
        yield posixpath.normpath(posixpath.join(folder or "/", name))


def installed_from(stage: Stage, path: str) -> bool:
    """Whether pip installs from it: SLIM104 speaks of that."""
    return any(text and path in text for action in stage.pip_installs for text in action.texts)
