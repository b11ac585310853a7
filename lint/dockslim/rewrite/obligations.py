"""What must hold for a rewrite to be safe: one named obligation each, proven, open or contradicted."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dockslim import knowledge
from dockslim.model import Family, Manager, PackageInstall, PackageUpdate, Stage, TargetKind
from dockslim.rewrite.bases import base_known
from dockslim.rewrite.calls import tools_unused
from dockslim.rewrite.culprits import Culprit, CulpritKind
from dockslim.rewrite.edits import Obligation, Proof
from dockslim.rewrite.installs import InstallSet
from dockslim.rewrite.kept_tools import where
from dockslim.rewrite.leavings import nothing_left_behind
from dockslim.rewrite.of_the_distribution import built_again
from dockslim.rewrite.packages import Replacements
from dockslim.rewrite.plan import Bases, RefusalError
from dockslim.rewrite.shipped import of_the_image
from dockslim.rewrite.tools import Use, uses_after
from dockslim.syntax import Onbuild, Run

__all__ = ["judge", "refuse_outright"]


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
        *stages_alone(stage, installs),
        *nothing_left_behind(stage, installs, uses),
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
    again = next(filter(None, (built_again(stage, split.install) for split in installs.splits)), "")
    if again:
        return Obligation(name, Proof.OPEN, f"{again} may be what is asked for, and `pip wheel` would build it")
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
        if project in COMPILING or knowledge.python_needs(project, stage.release).jit:
            raise RefusalError(installs.span, f"{project} compiles at run time and needs the compiler")
    if not installs.readable:
        return Obligation(name, Proof.OPEN, "what is installed is not known in full")
    sometimes = SOMETIMES_COMPILING & set(installs.projects())
    if sometimes:
        return Obligation(name, Proof.OPEN, f"{min(sometimes)} compiles at run time where it is asked to")
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


#: Projects whose work is to compile what the application describes, beside those that the knowledge has: models,
#: kernels for accelerators (Triton calls a compiler of C for each), differential equations.
COMPILING = frozenset(
    """
    apache-tvm aphrodite-engine brian2cuda chspy codepy cppimport cvxpygen dace exllamav2 fenics-dolfinx
    fla-core flash-linear-attention jitcdde jitcode jitcsde liger-kernel lmdeploy mamba-ssm pygenn pyccel stan
    tilelang tl2cgen unsloth
    """.split()
)
#: Those of which an application may make use without anything being compiled.
SOMETIMES_COMPILING = frozenset(
    "amici auto-gptq autoawq casadi fenics-ffcx fmpy gt4py ompython pyopencl pyfmi qutip tinygrad treelite".split()
)

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
    if installs.leans:
        why = f"a later install may build with the {installs.leans} of an earlier one, of which there is but a wheel"
        return (Obligation("builds see what they saw", Proof.OPEN, why),)
    name = "later installs keep earlier versions"
    if installs.free:
        return (Obligation(name, Proof.OPEN, "an install in a branch cannot hold the later ones to its versions"),)
    if len(installs.splits) > 1 and not installs.readable:
        return (Obligation(name, Proof.OPEN, "what the installs ask for could not all be read"),)
    if len(installs.splits) > 1:
        return (
            Obligation(name, Proof.PROVEN, "none upgrades or asks for another version of what one before it named"),
        )
    return ()


def stages_alone(stage: Stage, installs: InstallSet) -> tuple[Obligation, ...]:
    """A stage below that is built by itself holds what it held; of no interest where no install moves out of one."""
    if installs.handover is None:
        return ()
    filled = installs.handover.last
    for member in stage.members:
        own = [action for action in installs.handover.installs if action.instruction in member.instructions]
        if own and member.name and filled not in member.instructions:
            why = (
                f"what its installs bring arrives in a later one; stage {member.name} alone (--target) is another image"
            )
            return (Obligation("each stage by itself as it was", Proof.OPEN, why),)
    return ()


#: Names of stages, and folders of files, whose images are made to work in.
WORKSHOPS = frozenset({"dev", "devel", "develop", "development", "devcontainer"})


def refuse_outright(stage: Stage) -> None:
    """Raise a refusal for what no rewrite can keep."""
    folders = stage.facts.file.path.replace("\\", "/").split("/")[:-1]
    if stage.name in WORKSHOPS or ".devcontainer" in folders:
        raise RefusalError(stage.from_.span, "it is a development image, whose tools are its purpose")
    refuse_lists_of_the_full_image(stage)
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


def refuse_lists_of_the_full_image(stage: Stage) -> None:
    """Refuse where apt takes what the full image has for installed, and the slim one has no list to find it in."""
    if stage.base.family is not Family.PYTHON or stage.base.variant != "full":
        return
    for action in stage.actions:
        if isinstance(action, PackageUpdate):
            return
        if isinstance(action, PackageInstall) and action.manager is Manager.APT:
            why = "apt has no package lists here: the full image has it already, on the slim one it could not be found"
            raise RefusalError(action.span, why)
