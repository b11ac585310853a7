"""SLIM401."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from dockslim.api import (
    Action,
    Add,
    Copy,
    Edit,
    Example,
    Finding,
    Fix,
    Instruction,
    Other,
    PackageClean,
    PackageInstall,
    PackageUpdate,
    PipInstall,
    ProjectInstall,
    Refused,
    Rule,
    Run,
    Safety,
    Span,
    Stage,
    TargetKind,
    Workdir,
    requested,
    working_directory,
)

__all__ = ["TreeCopiedFirst"]


class TreeCopiedFirst(Rule):
    """The whole tree is copied before the install.

    Each layer is built anew when something before it changed. With `COPY . .` in front of `pip install -r
    requirements.txt`, changing a comment in the code downloads and installs all packages again, at every build.

    The fix copies the requirements file alone, installs, and then copies the tree. It is made where nothing
    between the two reads the tree, and is unsafe where that file, or one that it includes, could not be read:
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
                "FROM python:3.12-slim\n«COPY . /app»\nWORKDIR /app\nRUN pip install --upgrade pip\n"
                "RUN pip install -r requirements.txt\n"
            ),
            good=(
                "FROM python:3.12-slim\nCOPY requirements.txt /app/\nWORKDIR /app\nRUN pip install --upgrade pip\n"
                "RUN pip install -r requirements.txt\nCOPY . /app\n"
            ),
            files={"requirements.txt": "flask==3.0.3\n"},
        ),
        Example(
            bad=(
                "FROM python:3.12-slim\nWORKDIR /app\n«COPY . .»\nRUN ./configure.py\n"
                "RUN pip install -r requirements.txt\n"
            ),
            refused="something stands between",
        ),
        Example(
            bad="FROM python:3.12-slim\n«COPY . /app»\nRUN pip install -r '/app/r[prod].txt'\n",
            refused="for a pattern",
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
    links = install.option("--find-links")
    if links is not None and not (links.value or "").startswith(("/", "http")):
        return None
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
    """Copy the file alone in the place of the tree, and the tree behind the install."""
    run, file = install.instruction, stage.facts.file
    destination, folder = copy.destination.raw, posixpath.dirname(name)
    between = stage.instructions[stage.instructions.index(copy) + 1 : stage.instructions.index(run)]
    if not all(idle(stage, each, destination) for each in between):
        return Refused("something stands between the COPY and the install")
    others = [each for each in stage.actions_of(run) if not isinstance(each, PipInstall)]
    if isinstance(copy, Add):
        return Refused("ADD brings the tree, and may unpack what it brings: write COPY first")
    if others or run.heredocs or not run.script.ok:
        return Refused("the install's RUN does more than to install")
    if re.search(r"[\s*?\[$\\\"]", name):
        return Refused("COPY would take the file's name for a pattern")
    context = stage.facts.context
    if context is not None and says(context.read(name), "-r", "-c", "--requirement", "--constraint"):
        return Refused(f"{name} includes other files")
    if "\n" in file.text[copy.span.start : copy.span.end]:
        return Refused("the COPY stands on several lines")
    root = destination.rstrip("/") if destination != "/" else ""
    flags = "".join(f"{flag.text} " for flag in copy.flags)
    alone = f"{copy.keyword} {flags}{name} {root}/{folder}{'/' if folder else ''}"
    whole = file.text[copy.span.start : copy.span.end]
    edits = (Edit(copy.span, alone), Edit(Span(run.span.end, run.span.end), f"\n{whole}"))
    safety = Safety.SAFE if requested(stage).complete else Safety.UNSAFE
    title = f"install before the tree is copied, from {name} alone"
    return Fix(f"SLIM401-{copy.span.start}", title, edits, safety, phase=2)


def idle(stage: Stage, instruction: Instruction, destination: str) -> bool:
    """Whether an instruction surely reads nothing of the tree, nor says where it goes."""
    if isinstance(instruction, Workdir):
        return destination.startswith("/")
    if isinstance(instruction, Run):
        return instruction.script.ok and all(
            isinstance(each, (PackageUpdate, PackageClean))
            or (isinstance(each, PipInstall) and each.bootstraps)
            or (isinstance(each, PackageInstall) and all("/" not in (word.text or "/") for word in each.packages))
            or (isinstance(each, Other) and each.program == "rm" and "/var/lib/apt/lists/*" in each.texts)
            for each in stage.actions_of(instruction)
        )
    return instruction.name in ("ENV", "ARG", "LABEL", "EXPOSE", "CMD", "ENTRYPOINT") and "$" not in destination
