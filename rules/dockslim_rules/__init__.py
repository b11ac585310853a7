"""dockslim's own rules, one file each; what several of them ask stands here."""

from __future__ import annotations

import re

from dockslim.api import Action, Edit, Family, Other, PipInstall, ProjectInstall, Span, Stage, compiles, culprits

__all__ = ["option_behind", "to_build_in"]

#: Images that are made to build in, by their names.
BUILDERS = r"builder|buildpack|build-?env|devcontainer|manylinux|musllinux|toolchain|dotnet/sdk"
#: Those of which others are made to build in, whatever these start: source to image, machines of a CI, fuzzers.
WORKSHOPS = r"(^|/)(s2i-|cimg/|oss-fuzz-base/)"
#: Programs whose container is there to compile.
TOOLCHAINS = frozenset("bazel cargo cc clang cmake g++ gcc go gradle javac jshell mvn rustc sbt".split())


def to_build_in(stage: Stage) -> bool:
    """Whether the image is there to build in: it starts nothing, and nothing in its making can have used the tools."""
    final = stage.facts.final_stage
    image, started = final.lineage[0].from_.image.word.raw, final.configuration
    if stage.base.family is Family.PYTHON:
        return False
    if re.search(WORKSHOPS, image):
        return True
    if started.cmd or started.entrypoint:
        return bool(TOOLCHAINS & {program(started.entrypoint), program(started.cmd)})
    if "python" in image or re.search(BUILDERS, image):
        return "python" not in image
    left = [culprit.left for culprit in culprits(stage) if culprit.left is not None]
    first = min((each.action.span.start for each in left), default=0)
    return not any(each.removed_by for each in left) and not any(
        any(run.span.end > first for run in each.unreadable_runs)
        or any(may_compile(action) for action in each.actions if action.span.start > first)
        for each in final.lineage
    )


def program(command: tuple[str, ...] | None) -> str:
    """Return the program that a CMD or ENTRYPOINT calls, without its folder."""
    words = command[1].split() if command and command[1:] else []
    return words[0].rpartition("/")[2] if words else ""


def may_compile(action: Action) -> bool:
    """Whether a command compiles, or runs what cannot be read."""
    if isinstance(action, PipInstall):
        return not action.bootstraps
    if not isinstance(action, Other):
        return isinstance(action, ProjectInstall)
    name = action.texts[0] if action.texts else None
    if action.has("--version", "-version", "version"):
        return False
    if action.program is None or name is None or action.program.startswith(("python", "pypy")):
        return True
    if name.startswith(("./", "docker-php-ext-")) or name.endswith((".sh", ".bash")):
        return True
    return compiles(action.program, action.texts)


def option_behind(action: Action, word: Span, option: str) -> Edit:
    """Return the edit that puts an option behind a word of a command; in JSON it is a string of its own."""
    whole = action.instruction.text[word.end - action.instruction.span.start :]
    alone = whole.startswith('"') and getattr(action.instruction, "form", "") == "exec"
    return Edit(Span(word.end, word.end), f'", "{option}' if alone else f" {option}")
