"""The obligation that nothing which stays needs a build tool, or what comes with one."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from dockslim import knowledge
from dockslim.later import later
from dockslim.model import Family, Manager, PackageInstall, Stage
from dockslim.rewrite import programs
from dockslim.rewrite.at_start import installs_at_start
from dockslim.rewrite.cost import packages_staying
from dockslim.rewrite.culprits import Culprit, CulpritKind, packages_going
from dockslim.rewrite.descendants import read_by_others, still_compiles
from dockslim.rewrite.edits import Obligation, Proof
from dockslim.rewrite.installs import InstallSet
from dockslim.rewrite.kept_tools import where
from dockslim.rewrite.packages import PYTHON_HEADERS
from dockslim.rewrite.provenance import origin
from dockslim.rewrite.python_line import is_python, python_line
from dockslim.rewrite.shipped import of_the_image
from dockslim.rewrite.started import COMPILERS, started
from dockslim.rewrite.tools import Use, read_script
from dockslim.rewrite.unversioned import called_by_settings, named_without_version
from dockslim.syntax import Add, Copy

__all__ = ["tools_unused"]

#: Arguments with which a program says what it is, and does nothing; what it is linked with may be the full image's.
ASKING = (("--version",), ("-V",))

#: Build tools that the application's framework calls by itself, so that no call in the file needs to say so.
BY_THE_APPLICATION = frozenset({"gettext", "swig", "flex", "bison", "gdb", "gdbserver"})


def tools_unused(uses: Sequence[Use], stage: Stage, installs: InstallSet, guilty: Sequence[Culprit]) -> Obligation:
    """Nothing that stays calls a build tool."""
    name = "no build tool used after the install"
    later = still_compiles(stage)
    if later is not None:
        return Obligation(name, Proof.OPEN, f"stage {later}, which starts from this one, may compile")
    # a program that a package of that name brings, or a Python project: a command of its own, no build tool
    named = {word.name for action in stage.actions if isinstance(action, PackageInstall) for word in action.packages}
    known = named | set(installs.projects()) | set(installs.locks.scripts)
    full = any(culprit.kind is CulpritKind.FULL_BASE for culprit in guilty)
    for use in uses:
        path = (use.arguments[0] or "/") if use.arguments else "/"
        own = "/" not in path and use.program in known
        own = own and not programs.starts_others(use.program, use.arguments)
        own = own and not programs.delegates(use.program, use.arguments)
        asks = not full and path == use.program and use.arguments[1:] in ASKING
        if use.opaque and not own and not asks:
            called = f"`{use.program}`, called by {where(use)}," if use.program else f"a command of {where(use)}"
            why = f"what {called} needs is not known"
            return Obligation(name, Proof.OPEN, why)
    library = of_the_image(stage.facts).library if any(each.name.endswith("-dev") for each in guilty) else ""
    paths = [*build_files(stage), *build_files_of_settings(stage), *filter(None, [library, read_by_others(stage)])]
    paths = paths or list(filter(None, [named_without_version(stage, guilty, uses)]))
    if paths:
        return Obligation(name, Proof.OPEN, f"{paths[0]} may come with what goes")
    said = of_the_sources(stage, guilty, uses) or of_the_stage(stage, guilty, uses)
    found = of_the_image(stage.facts)
    starts = bool(found.commands or found.spoken)
    said = said or called_by_settings(stage, installs_uwsgi="uwsgi" in installs.projects(), starts=starts)
    if said:
        return Obligation(name, Proof.OPEN, said)
    for culprit in guilty:
        soften = knowledge.role(culprit.name, stage.release).soften if culprit.left is not None else None
        if soften and culprit.name in BY_THE_APPLICATION:
            return Obligation(name, Proof.OPEN, f"{culprit.name} may be needed: {soften}")
    unread = next(iter(stage.unreadable_runs), None)
    if unread is not None:
        return Obligation(name, Proof.OPEN, f"the shell of the RUN on line {unread.line} could not be read")
    return Obligation(name, Proof.PROVEN, "no later command, nor CMD, ENTRYPOINT or HEALTHCHECK, calls one")


def of_the_stage(stage: Stage, guilty: Sequence[Culprit], uses: Sequence[Use]) -> str:
    """Return what the stage's own commands leave open; empty where they do not."""
    starts = installs_at_start(stage, uses)
    if starts is not None:
        return f"`uv run`, called by {where(starts)}, may install more than the build did"
    full = any(culprit.kind is CulpritKind.FULL_BASE for culprit in guilty)
    going = {culprit.name for culprit in guilty}
    for use in uses:
        words = {(word or "").partition("=")[0] for word in use.arguments}
        numbered = words & {"--uid", "--gid", "-u", "-g"}
        if use.program in ("adduser", "addgroup") and words & {"--system", "-r", "-S"} and not numbered:
            by = "that the full image has" if full else makes_accounts(stage, guilty)
            if by:
                return f"which number {use.program} gives depends on the accounts {by}"
        if use.program in ("dpkg", "dpkg-query") and going & set(use.arguments):
            return f"{use.program}, called by {where(use)}, asks for packages that go"
        if use.at_run_time and use.program in ("make", "gmake") and may_build(stage, use):
            return f"what `make`, called by {where(use)}, builds is not known"
        unseen = made_elsewhere(stage, use)
        if unseen:
            return f"what {unseen}, which {where(use)} runs, needs is not known"
        if use.program == "git" and "clone" in use.arguments:
            return f"what `git clone`, called by {where(use)}, brings is not read"
    for instruction in stage.instructions:
        if isinstance(instruction, Add) and any(re.search(r"\.git(#.*)?$", word.raw) for word in instruction.sources):
            return "what ADD brings from a repository is not read"
    return of_another_archive(guilty)


def made_elsewhere(stage: Stage, use: Use) -> str:
    """Return the Python file that the container runs and that the context has not: made by a RUN, or inline."""
    context = stage.facts.context
    if context is None or not use.at_run_time or not is_python(use.program):
        return ""
    line = python_line(use.arguments)
    script = line.what or ""
    if line.kind != "script" or not script.endswith(".py") or "$" in script:
        return ""
    path = posixpath.normpath(posixpath.join(stage.configuration.workdir or "/", script))
    parts = path.strip("/").split("/")
    found = origin(stage, None, path)
    inline = any(
        isinstance(each, Copy | Add) and each.heredocs and path.startswith(each.destination.raw.rstrip("/"))
        for each in stage.instructions
    )
    made = inline if found is None else found.context_path is None
    return script if made and not any(context.exists("/".join(parts[at:])) for at in range(len(parts))) else ""


#: Words of a Makefile that compile, install, or bring another one.
BUILDING = later(
    r"\b(g?cc|ld|clang|gfortran|nvcc|pip3?|setup\.py|cmake|ninja|meson|npm|cargo|include)\b|\b[gc]\+\+|"
    r"\$[({](CC|CXX|CPP|FC|LD|MAKE|COMPILE|LINK)\b"
)
#: Options of `make` by which it reads another Makefile.
ANOTHER = later(r"-[a-zA-Z]*[CfI]|--(directory|file|makefile|include-dir)\b")


def may_build(stage: Stage, use: Use) -> bool:
    """Whether a Makefile may compile or install something; it may where it cannot be read, or is another one."""
    span = use.instruction.span
    caller = stage.facts.file.text[span.start : span.end] if use.by.isupper() else None
    caller = caller or read_script(stage, use.instruction, use.by) or "cd "
    if any(word is None or ANOTHER.match(word) for word in use.arguments[1:]) or re.search(r"\b(cd|pushd)\s", caller):
        return True
    texts = [read_script(stage, use.instruction, name) for name in ("./GNUmakefile", "./makefile", "./Makefile")]
    text = next((text for text in texts if text is not None), None)
    return text is None or BUILDING.search(text) is not None


#: Options by which packages come from another release or repository.
ELSEWHERE = {
    Manager.APT: later(r"(-t|--target-release|--default-release)\b"),
    Manager.APK: later(r"(-X|--repository)\b"),
    Manager.RPM: later(r"--(enablerepo|releasever)\b"),
}


def of_another_archive(guilty: Sequence[Culprit]) -> str:
    """Return what says that packages come from another release or architecture, whose libraries may be others."""
    for culprit in guilty:
        if culprit.left is None or knowledge.role(culprit.name, None).kind is not knowledge.Kind.DEV_HEADER:
            continue
        text, action = culprit.left.package.text or "", culprit.left.action
        if re.search(r"[@:]|/\w", text.partition("=")[0]):
            return f"{text} comes from an archive of its own, whose libraries may be others"
        pattern = ELSEWHERE.get(action.manager)
        if pattern is not None and any(pattern.match(option) for option in action.options):
            return f"{text} comes from another release or repository, whose libraries may be others"
    return ""


#: Python as the distribution has it.
SYSTEM_PYTHON = later(r"/usr/bin/python")
CALLS_SYSTEM_PYTHON = later(r"(^|[\s'\"])/usr/bin/python")


def of_the_sources(stage: Stage, guilty: Sequence[Culprit], uses: Sequence[Use]) -> str:
    """Return what the application's sources leave open; empty where they do not."""
    found = of_the_image(stage.facts)
    if found.installs:
        return f"{found.installs} installs packages while it runs"
    doubt = started(found.commands, found.named).doubt
    if doubt:
        return doubt
    if found.unread:
        return f"{found.unread} may start programs, and Python cannot read it"
    compiler = next(((program, path) for program, path in found.spoken if program in COMPILERS), None)
    if compiler is not None:
        return f"{compiler[1]} names `{compiler[0]}`, and programs are started"
    full = any(culprit.kind is CulpritKind.FULL_BASE for culprit in guilty)
    headers = brings_python(stage, guilty)
    if full and found.loads:
        return f"{found.loads} loads libraries by name, which the full image may have"
    if stage.base.family is Family.PYTHON and (full or headers):
        by = next((where(use) for use in uses if use.arguments and SYSTEM_PYTHON.match(use.arguments[0] or "")), "")
        called = next((path for path, line in found.commands if CALLS_SYSTEM_PYTHON.search(line)), "")
        by = found.system_python or called or by
        if by:
            return f"{by} runs in /usr/bin/python3, which may come with what goes"
    return "" if found.complete else "the sources are too many to be read"


#: Packages that make an account or a group for themselves, and that others bring along.
MAKE_ACCOUNTS = frozenset(
    "avahi-daemon colord dbus dbus-system-bus-common geoclue-2.0 openssh-client polkitd pulseaudio rtkit sane-utils "
    "systemd tpm-udev udev usbmuxd uuid-runtime".split()
)


def makes_accounts(stage: Stage, guilty: Sequence[Culprit]) -> str:
    """Return what says that packages which go bring along one that makes accounts; empty where none does."""
    found = MAKE_ACCOUNTS & brought(stage, guilty)
    if not found:
        return ""
    staying, recommends = packages_staying(stage, guilty)
    for culprit in guilty:
        staying += knowledge.runtime_packages(culprit.name, stage.release) or ()
    base = stage.base.knowledge_base
    lost = sorted(found.difference(knowledge.closure(staying, stage.release, base, recommends=recommends).packages))
    return f"that {lost[0]} makes, which comes with what goes" if lost else ""


def brings_python(stage: Stage, guilty: Sequence[Culprit]) -> bool:
    """Whether what goes brings the distribution's Python, as its headers do, and those of GLib with their tools."""
    return any(map(PYTHON_HEADERS.fullmatch, packages_going(guilty))) or "python3-minimal" in brought(stage, guilty)


def brought(stage: Stage, guilty: Sequence[Culprit]) -> frozenset[str]:
    """Return the packages that those which go bring, with what they recommend where the file's installs do so."""
    names = packages_going(guilty)
    if not names:
        return frozenset()
    _, recommends = packages_staying(stage, guilty)
    return frozenset(knowledge.closure(names, stage.release, stage.base.knowledge_base, recommends=recommends).packages)


#: Files that come with development packages, or with the full image alone.
BUILD_FILES = later(
    r"^/(usr/(local/)?include(/|$)|usr/lib/([\w-]+-linux-gnu/|llvm|gcc)|etc/ImageMagick|usr/share/(perl|doc|man)|"
    r"usr/bin/(g?cc|[gc]\+\+|cpp|ld|ar|make|cmake)\b)"
)


def build_files(stage: Stage) -> list[str]:
    """Return the paths that the stage's own commands name and that may come with packages that go."""
    return [
        text
        for run in stage.runs
        for action in stage.actions_of(run)
        if not isinstance(action, PackageInstall)
        for text in action.texts[1:]
        if text is not None and BUILD_FILES.match(text)
    ]


def build_files_of_settings(stage: Stage) -> list[str]:
    """Return the paths that ENV names and that come with development packages: `LD_PRELOAD=…/libjemalloc.so`."""
    values = [value or "" for value in stage.end.environment.values()]
    words = [word for value in values for word in re.split(r"[:\s]+", value)]
    preloaded = [word for word in re.split(r"[:\s]+", stage.end.environment.get("LD_PRELOAD") or "") if "/" not in word]
    words = [word for word in words if BUILD_FILES.match(word) or word in preloaded]
    return [word for word in words if re.search(r"\.(so|a|h|pc)$", word)]
