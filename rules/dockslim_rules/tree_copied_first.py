"""SLIM401."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from dockslim.api import (
    Action,
    Add,
    Copy,
    Edit,
    Example,
    Finding,
    Fix,
    PipInstall,
    ProjectInstall,
    Refused,
    Rule,
    Run,
    Safety,
    Span,
    Stage,
    TargetKind,
    requested,
    working_directory,
)

__all__ = ["TreeCopiedFirst"]


class TreeCopiedFirst(Rule):
    """The whole tree is copied before the install.

    Each layer is built anew when something before it changed. With `COPY . .` in front of `pip install -r
    requirements.txt`, changing a comment in the code downloads and installs all packages again, at every build.

    The fix copies the requirements file alone, installs, and then copies the tree. It is made where the install follows
    the COPY directly and reads nothing else, and is unsafe where that file, or one that it includes, could not be read:
    it might name a folder of the tree.
    """

    code = "SLIM401"
    name = "tree-copied-before-install"
    safety = Safety.SAFE
    examples = (
        Example(
            bad="FROM python:3.12-slim\nWORKDIR /app\n«COPY . .»\nRUN pip install -r requirements.txt\n",
            good=(
                "FROM python:3.12-slim\nWORKDIR /app\nCOPY requirements.txt ./\n"
                "RUN pip install -r requirements.txt\nCOPY . .\n"
            ),
            files={"requirements.txt": "flask==3.0.3\n"},
        ),
        Example(
            bad="FROM python:3.12-slim\n«COPY . /app»\nRUN pip install -r /app/requirements.txt\n",
            good=(
                "FROM python:3.12-slim\nCOPY requirements.txt /app/\n"
                "RUN pip install -r /app/requirements.txt\nCOPY . /app\n"
            ),
            unsafe=True,
        ),
        Example(
            bad=(
                "FROM python:3.12-slim\nWORKDIR /app\n«COPY . .»\nRUN ./configure.py\n"
                "RUN pip install -r requirements.txt\n"
            ),
            refused="something stands between",
        ),
        Example(
            allow=(
                "FROM python:3.12-slim\nWORKDIR /app\nCOPY requirements.txt .\n"
                "RUN pip install -r requirements.txt\nCOPY . .\nRUN pip install --no-deps .\n"
            ),
        ),
        Example(allow="FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nRUN pip install .\n", note="It needs the tree."),
        Example(
            allow=(
                "FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\n"
                "RUN pip install -r requirements.txt && pip install -e .\n"
            ),
            files={"requirements.txt": "flask==3.0.3\n"},
            note="One command for both: the tree is needed.",
        ),
        Example(
            allow="FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n",
            files={"requirements.txt": "flask==3.0.3\n-e .\n"},
            note="The requirements file names the tree itself.",
        ),
    )

    def check_stage(self, stage: Stage) -> Iterator[Finding]:
        """Look for a COPY of everything, then for the first install behind it."""
        copied: Copy | None = None
        brought: set[str] = set()
        for instruction in stage.instructions:
            if isinstance(instruction, Copy) and instruction.from_ is None:
                if tree(instruction):
                    copied = copied or instruction
                elif copied is None:
                    brought.update(posixpath.basename(word.raw) for word in instruction.sources)
            elif isinstance(instruction, Run) and copied is not None:
                installs = [each for each in stage.actions_of(instruction) if is_install(each)]
                if not installs:
                    continue
                first = installs[0]
                if len(installs) == 1 and isinstance(first, PipInstall):
                    name = only_file(stage, copied, first)
                    if name is not None and posixpath.basename(name) not in brought:
                        yield self.finding(
                            copied,
                            f"any change in the tree installs everything on line {instruction.line} again",
                            help=f"copy {name} alone, install, and copy the tree afterwards",
                            fix=move(stage, copied, first, name),
                        )
                return


def tree(copy: Copy) -> bool:
    """Whether the whole build context is copied."""
    return [word.raw for word in copy.sources] in (["."], ["./"]) and not copy.heredocs


def is_install(action: Action) -> bool:
    """Whether a command installs Python packages, the installers themselves aside."""
    return isinstance(action, ProjectInstall) or (isinstance(action, PipInstall) and not action.bootstraps)


def only_file(stage: Stage, copy: Copy, install: PipInstall) -> str | None:
    """Return the file of the build context that an install reads, where that is one requirements file alone."""
    files = install.of(TargetKind.REQUIREMENTS)
    others = [each for each in install.targets if each.kind not in (TargetKind.REQUIREMENTS, TargetKind.NAME)]
    folder = working_directory(stage, install)
    destination = copy.destination.expand(stage.scope(copy).lookup)
    if len(files) != 1 or others or folder is None or destination is None:
        return None
    text = files[0].text
    if text is None or "://" in text or text.startswith("/dev/"):
        return None
    path = posixpath.normpath(posixpath.join(folder, text))
    root = posixpath.normpath(posixpath.join(stage.workdir(copy), destination))
    name = posixpath.relpath(path, root)
    if name.startswith("..") or name.startswith("/"):
        return None
    context = stage.facts.context
    text = context.read(name) if context is not None else None
    return None if says(text, "-e", "--editable", ".", "file:") else name


def says(text: str | None, *starts: str) -> bool:
    """Whether a requirements file that could be read has a line that starts so."""
    return text is not None and any(line.lstrip().startswith(starts) for line in text.splitlines())


def move(stage: Stage, copy: Copy, install: PipInstall, name: str) -> Fix | Refused:
    """Put the file's COPY and the install's RUN in front of the COPY of the tree."""
    run, file = install.instruction, stage.facts.file
    at = stage.instructions.index(copy)
    if stage.instructions[at + 1] is not run or file.text[copy.span.end : run.span.start].strip():
        return Refused("something stands between the COPY and the install")
    only = [each for each in stage.actions_of(run) if not isinstance(each, PipInstall)]
    if only or run.mounts or run.heredocs or not run.script.ok or isinstance(copy, Add) or " " in name:
        return Refused("the install's RUN does more than to install")
    context = stage.facts.context
    if context is not None and says(context.read(name), "-r", "-c", "--requirement", "--constraint"):
        return Refused(f"{name} includes other files")
    destination = copy.destination.raw
    folder = posixpath.dirname(name)
    where = "/".join(part for part in (destination.rstrip("/"), folder) if part) or "/"
    if destination == "/":
        where = f"/{folder}".rstrip("/")
    flags = "".join(f"{flag.text} " for flag in copy.flags)
    newline = file.source.newline
    lines = f"{copy.keyword} {flags}{name} {where}/{newline}{file.text[run.span.start : run.span.end]}{newline}"
    known = requested(stage).complete
    edits = (
        Edit(Span(copy.span.start, copy.span.start), lines),
        Edit(Span(copy.span.end, run.span.end), ""),
    )
    return Fix(
        f"SLIM401-{copy.span.start}",
        f"install before the tree is copied, from {name} alone",
        edits,
        Safety.SAFE if known else Safety.UNSAFE,
        phase=2,
    )
