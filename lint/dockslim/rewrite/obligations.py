"""What must hold for a rewrite to be safe: one named obligation each, proven, open or contradicted."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dockslim import knowledge
from dockslim.model import Family, Manager, PackageInstall, Stage, TargetKind
from dockslim.rewrite import programs
from dockslim.rewrite.at_start import installs_at_start
from dockslim.rewrite.bases import base_known
from dockslim.rewrite.culprits import Culprit, CulpritKind
from dockslim.rewrite.descendants import read_by_others, still_compiles, uses_on_top
from dockslim.rewrite.edits import Obligation, Proof
from dockslim.rewrite.installs import InstallSet
from dockslim.rewrite.packages import PYTHON_HEADERS, Replacements
from dockslim.rewrite.plan import Bases, RefusalError
from dockslim.rewrite.shipped import COMPILERS, called_by_sources, of_the_image
from dockslim.rewrite.tools import Use, read_script, uses_after, uses_of_run
from dockslim.syntax import Add, Onbuild, Run
from dockslim.syntax.later import later

__all__ = ["judge", "later_uses", "tools_to_keep"]


def later_uses(stage: Stage, installs: InstallSet) -> list[Use]:
    """Return every program that the final stage calls, at build or at run time, other than the installs that move."""
    moved = installs.handover.installs if installs.handover is not None else ()
    found: list[Use] = []
    for run in stage.runs:
        found += uses_of_run(stage, run, moved)
    for ancestor in stage.lineage:
        found += uses_after(ancestor, ancestor.instructions)
    found += uses_on_top(stage)
    return found


def tools_to_keep(stage: Stage, guilty: Sequence[Culprit], uses: Sequence[Use]) -> list[str]:
    """Return packages that go but whose commands are still called; they stay, by name.

    Raises RefusalError where one of the calls compiles: then the build tools are no leftovers.
    """
    release = stage.release
    going = {culprit.name for culprit in guilty if culprit.left is not None}
    full = any(culprit.kind is CulpritKind.FULL_BASE for culprit in guilty)
    brought = set(
        knowledge.commands_of_packages([*going, *(each for name in going for each in METAS.get(name, ()))], release)
    )
    closure = knowledge.closure(sorted(going), release, "slim") if going and release else None
    if closure is not None:
        brought |= knowledge.commands_of_packages(closure.packages, release)
    full_commands = set(knowledge.full_image_commands(release)) if full else set()
    kept: list[str] = []
    explicit = {
        word.name
        for action in stage.actions
        if isinstance(action, PackageInstall)
        for word in action.packages
        if word.name is not None
    }
    for use in uses:
        if use.refutes:
            raise RefusalError(use.span, f"{where(use)} calls `{use.program}`, which compiles")
    found = of_the_image(stage.facts)
    for program, path in found.programs:
        if program in COMPILERS:
            raise RefusalError(guilty[0].span, f"{path} calls `{program}`, which compiles")
    by_sources = called_by_sources(found)
    for program in (*(use.program for use in uses if not plain_perl(use)), *by_sources):
        if program == "perl" and (full or (closure is not None and "perl" in closure.packages)) and "perl" not in kept:
            kept.append("perl")  # the base has the program without its modules
        package = knowledge.package_of_command(program, release)
        if package is None or package in explicit - going or package in kept:
            continue
        if program in brought or program in full_commands or package in going:
            kept.append(package)
    return kept


def plain_perl(use: Use) -> bool:
    """Whether a call of perl needs nothing beside the program: `perl -pi -e 's/a/b/'`."""
    options = [text or "" for text in use.arguments[1:] if (text or "-").startswith("-")]
    return (
        use.program == "perl"
        and any(re.fullmatch(r"-[a-z0-9]*e", text) for text in options)
        and not any(text.startswith("-M") for text in options)
    )


#: What packages without commands of their own bring, where no package index says it.
METAS = {
    "build-base": ("binutils", "gcc", "g++", "make", "patch"),
    "alpine-sdk": ("gcc", "make", "git", "patch"),
    "build-essential": ("gcc", "g++", "make", "patch", "perl", "xz-utils", "bzip2"),
}


def where(use: Use) -> str:
    """Name the place of a call for a message."""
    return use.by if use.by.isupper() else f"the script {use.by}"


def judge(
    stage: Stage,
    guilty: Sequence[Culprit],
    installs: InstallSet,
    replacements: Replacements,
    bases: Bases,
    uses: Sequence[Use],
) -> tuple[Obligation, ...]:
    """Return the obligations of a plan with what is known of each."""
    return (
        libraries(stage, guilty, installs, replacements),
        tools_unused(uses, stage, installs, guilty),
        readable(stage, installs),
        same_base(stage, bases, installs),
        nothing_jit(stage, installs),
        files_copied(installs),
        *one_choice(installs),
    )


def libraries(stage: Stage, guilty: Sequence[Culprit], installs: InstallSet, replacements: Replacements) -> Obligation:
    """Every runtime library that the packages which go stood for comes in."""
    name = "runtime libraries all known"
    if replacements.unknown:
        which = ", ".join(replacements.unknown)
        return Obligation(
            name, Proof.OPEN, f"which libraries go with {which} is not known; `dockslim verify` finds out"
        )
    if stage.release == "alpine":
        opened = [each for each in installs.projects() if knowledge.python_needs(each, "bookworm").loaded]
        context = stage.facts.context
        if context is not None and of_the_image(stage.facts).find_library:
            opened.append(of_the_image(stage.facts).find_library)
        if opened:
            why = f"{opened[0]} opens a library by name, which on Alpine asks the compiler; `dockslim verify` finds out"
            return Obligation(name, Proof.OPEN, why)
    if any(culprit.kind is CulpritKind.FULL_BASE for culprit in guilty):
        if stage.base.family is Family.ACCELERATOR:
            why = "which libraries of the devel image are loaded at run time is not known; `dockslim verify` finds out"
            return Obligation(name, Proof.OPEN, why)
        unknown = [
            project for project in installs.projects() if not knowledge.python_needs(project, stage.release).known
        ]
        if unknown:
            which = ", ".join(unknown[:4]) + (", …" if len(unknown) > 4 else "")
            why = f"which libraries of the full image {which} needs is not known; `dockslim verify` finds out"
            return Obligation(name, Proof.OPEN, why)
        if not full_lock(installs):
            why = "the requirements are no full lock, so what they pull in may need more; `dockslim verify` finds out"
            return Obligation(name, Proof.OPEN, why)
    return Obligation(name, Proof.PROVEN, "each package that goes is replaced by the libraries it stood for")


def full_lock(installs: InstallSet) -> bool:
    """Whether what is named is everything that gets installed: hashed, or made by a tool that locks."""
    if not installs.locks.complete or installs.nameless:
        return False
    for install in installs.installs:
        if not install.bootstraps and any(target.kind is TargetKind.NAME for target in install.targets):
            return False
    for requirements in installs.requirements:
        lines = requirements.requirements
        if not all(line.target.pinned for line in lines):
            return False
        if not all(line.hashed for line in lines) and not requirements.locked:
            return False
    return bool(installs.projects())


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
    if paths:
        return Obligation(name, Proof.OPEN, f"{paths[0]} may come with what goes")
    said = of_the_sources(stage, guilty, uses) or of_the_stage(stage, guilty, uses)
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
        if full and use.program in ("adduser", "addgroup") and words & {"--system", "-r", "-S"} and not numbered:
            return f"which number {use.program} gives depends on the accounts that the full image has"
        if use.program in ("dpkg", "dpkg-query") and going & set(use.arguments):
            return f"{use.program}, called by {where(use)}, asks for packages that go"
        if use.at_run_time and use.program in ("make", "gmake") and may_build(stage, use):
            return f"what `make`, called by {where(use)}, builds is not known"
        if use.program == "git" and "clone" in use.arguments:
            return f"what `git clone`, called by {where(use)}, brings is not read"
    for instruction in stage.instructions:
        if isinstance(instruction, Add) and any(re.search(r"\.git(#.*)?$", word.raw) for word in instruction.sources):
            return "what ADD brings from a repository is not read"
    return of_another_archive(guilty)


#: Words of a Makefile that compile, install, or bring another one.
BUILDING = later(r"(?<![\w-])(g?cc|[gc]\+\+|clang|\$[({](CC|CXX)|pip3?|setup\.py|cmake|npm|include)(?![\w-])")


def may_build(stage: Stage, use: Use) -> bool:
    """Whether a Makefile may compile or install something; it may where it cannot be read."""
    texts = [read_script(stage, use.instruction, name) for name in ("./GNUmakefile", "./makefile", "./Makefile")]
    text = next((text for text in texts if text is not None), None)
    return (
        text is None
        or re.search(r"\b(g?cc|g\+\+|clang|\$\(CC\)|pip3?|setup\.py|cmake|npm|include)\b", text) is not None
    )


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


def of_the_sources(stage: Stage, guilty: Sequence[Culprit], uses: Sequence[Use]) -> str:
    """Return what the application's sources leave open; empty where they do not."""
    found = of_the_image(stage.facts)
    if found.installs:
        return f"{found.installs} installs packages while it runs"
    if found.script:
        return f"{found.script}, and what that needs is not known"
    compiler = next(((program, path) for program, path in found.spoken if program in COMPILERS), None)
    if compiler is not None:
        return f"{compiler[1]} names `{compiler[0]}`, and programs are started"
    full = any(culprit.kind is CulpritKind.FULL_BASE for culprit in guilty)
    headers = any(PYTHON_HEADERS.fullmatch(culprit.name) for culprit in guilty)
    if full and found.loads:
        return f"{found.loads} loads libraries by name, which the full image may have"
    if stage.base.family is Family.PYTHON and (full or headers):
        by = next((where(use) for use in uses if use.arguments and SYSTEM_PYTHON.match(use.arguments[0] or "")), "")
        if found.system_python or by:
            return f"{found.system_python or by} runs in /usr/bin/python3, which may come with what goes"
    return "" if found.complete else "the sources are too many to be read"


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


def readable(stage: Stage, installs: InstallSet) -> Obligation:
    """What is installed is known."""
    name = "requirements readable"
    given = next(iter(given_by_the_build(stage, installs)), None)
    if given is not None:
        return Obligation(
            name, Proof.OPEN, f"another value of ARG {given} may be words or a file that the builder lacks"
        )
    if installs.readable:
        return Obligation(name, Proof.PROVEN, "every requirement was read")
    return Obligation(name, Proof.OPEN, f"not read: {', '.join(installs.unreadable[:3])}")


def given_by_the_build(stage: Stage, installs: InstallSet) -> list[str]:
    """Return the ARGs that are whole words of an install, or part of a file's name: a build may give any value.

    An option may be none of `pip wheel`, a file one that is not copied.
    """
    found: list[str] = []
    for install in installs.installs if installs.handover is None else ():
        scope = stage.scope(install.instruction)
        own = set(scope.arguments) - set(scope.environment)
        files = [target.span for target in install.of(TargetKind.REQUIREMENTS, TargetKind.CONSTRAINTS)]
        for word in install.command.words:
            raw = word.raw
            whole = re.fullmatch(r"\$\{?(\w+)([:?+-][^}]*)?\}?", raw)
            names = set(re.findall(r"\$\{?(\w+)", raw)) & own
            if names and (whole is not None or any(span.contains(word.span) for span in files)):
                found += sorted(names)
    return found


def same_base(stage: Stage, bases: Bases, installs: InstallSet) -> Obligation:
    """Wheels fit the image that they are installed in: same Python, same libc, same release."""
    name = "same base in both stages"
    if not base_known(stage):
        if stage.base.release is not None and stage.base.family is not Family.UNKNOWN:
            return Obligation(name, Proof.OPEN, f"the packages of {stage.base.release} are not known")
        image = f"the image {stage.base.reference}" if stage.base.reference else "the base image, a variable,"
        return Obligation(name, Proof.OPEN, f"what {image} holds is not known; `dockslim verify` finds out")
    if bases.release is None:
        return Obligation(name, Proof.OPEN, "the release of the base image is not known")
    if bases.floating:
        why = f"the runtime packages are named for {bases.release}, and the tag may move on to another release"
        return Obligation(name, Proof.OPEN, why)
    if installs.splits and stage.base.family is Family.RPM and not re.search(r"\bwheel\b", stage.facts.file.text):
        why = "without python3-wheel the release's own pip makes no wheels of projects with a setup.py alone"
        return Obligation(name, Proof.OPEN, why)
    floating = not stage.base.release_in_tag and bases.pinned is None and not bases.shared
    what = "both stages start from one image" if bases.shared else "the slim image is the full one's twin"
    if floating:
        what += ", by the same floating tag"
    return Obligation(name, Proof.PROVEN, what)


def nothing_jit(stage: Stage, installs: InstallSet) -> Obligation:
    """Nothing compiles at run time.  Raises RefusalError where something does: then the compiler must stay."""
    name = "nothing compiled at run time"
    for project in installs.projects():
        if knowledge.python_needs(project, stage.release).jit:
            raise RefusalError(installs.span, f"{project} compiles at run time and needs the compiler")
    if not installs.readable:
        return Obligation(name, Proof.OPEN, "what is installed is not known in full")
    able = MAY_COMPILE & set(installs.projects())
    context = stage.facts.context
    if able and context is None:
        return Obligation(name, Proof.OPEN, f"{min(able)} can compile at run time, and the sources are not at hand")
    if context is not None:
        found = of_the_image(stage.facts)
        if found.compiles:
            raise RefusalError(installs.span, f"{found.compiles} compiles at run time and needs the compiler")
        if able and not found.complete:
            return Obligation(name, Proof.OPEN, f"{min(able)} can compile at run time, and the sources are too many")
    return Obligation(name, Proof.PROVEN, "no requirement is known to compile at run time")


#: Projects that compile at run time when the application asks them to (`torch.compile`, `pyximport`).
MAY_COMPILE = frozenset({"torch", "cppyy", "pythran", "triton"})


def files_copied(installs: InstallSet) -> Obligation:
    """Every file that an install reads is in the builder before it."""
    name = "files of the install copied"
    lost = [path for path, origin in installs.origins.items() if origin is None]
    if lost:
        return Obligation(name, Proof.OPEN, f"no COPY in sight brings {', '.join(lost[:3])}")
    return Obligation(name, Proof.PROVEN, "each file that an install reads is copied before it")


def one_choice(installs: InstallSet) -> tuple[Obligation, ...]:
    """Later installs keep the versions that earlier ones chose; of no interest where there is but one."""
    name = "later installs keep earlier versions"
    if installs.free:
        return (Obligation(name, Proof.OPEN, "an install in a branch cannot hold the later ones to its versions"),)
    if len(installs.splits) > 1:
        return (
            Obligation(name, Proof.PROVEN, "none upgrades or asks for another version of what one before it named"),
        )
    return ()


#: Names of stages, and folders of files, whose images are made to work in.
WORKSHOPS = frozenset({"dev", "devel", "develop", "development", "devcontainer"})


def refuse_outright(stage: Stage) -> None:
    """Raise a refusal for what no rewrite can keep."""
    folders = stage.facts.file.path.replace("\\", "/").split("/")[:-1]
    if stage.name in WORKSHOPS or ".devcontainer" in folders:
        raise RefusalError(stage.from_.span, "it is a development image, whose tools are its purpose")
    for instruction in stage.instructions:
        if isinstance(instruction, Onbuild):
            raise RefusalError(instruction.span, "ONBUILD makes it a base on which others build")
        if isinstance(instruction, Run) and instruction.form == "exec" and not instruction.script.ok:
            raise RefusalError(instruction.span, "a RUN in JSON form could not be read")
    for use in uses_after(stage, stage.instructions):
        module = "-m" in use.arguments and any(
            (word or "").startswith(("jupyter", "notebook")) for word in use.arguments
        )
        if use.program.startswith("jupyter") or use.program in ("start-notebook.sh", "rstudio-server") or module:
            raise RefusalError(use.span, f"{where(use)} starts a notebook, in which people install and compile")
