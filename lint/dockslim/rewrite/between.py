"""What runs between two installs: the builder has wheels of the first one then, not its commands and modules."""

from __future__ import annotations

from collections.abc import Sequence

from dockslim import knowledge
from dockslim.later import TYPE_CHECKING
from dockslim.model import Other, PipInstall, PipTarget, Requirements, Stage, TargetKind
from dockslim.rewrite import programs
from dockslim.rewrite.plan import RefusalError
from dockslim.rewrite.relevance import fetches_data

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet

__all__ = [
    "asked_again",
    "instead",
    "named_by",
    "refuse_calls_between",
    "refuse_changes_of_mind",
    "wanted_while_building",
]

#: Targets that are files, which name what is installed.
FILES = (TargetKind.REQUIREMENTS, TargetKind.CONSTRAINTS)


def refuse_calls_between(stage: Stage, moved: list[PipInstall]) -> None:
    """Refuse where a command between two installs may call what the first one installed: `pip wheel` installs nothing.

    Commands that only fetch data for the application are left out of the builder, and so do no harm.
    """
    within = False
    for action in stage.actions:
        if action is moved[-1]:
            return
        if any(action is install for install in moved):
            within = True
        elif within and isinstance(action, Other) and calls_installed(action):
            what = f"`{action.program}`" if action.program else "a command that comes from a variable"
            raise RefusalError(action.span, f"{what} runs between two installs and may be what the first one installed")


def calls_installed(action: Other) -> bool:
    """Whether a command may be one that a Python package brought, or Python itself with what is installed."""
    if action.program is None:
        return True
    if programs.of_the_system(action.program):
        return False
    return not fetches_data(action) and not programs.installer_only(action.program, action.texts)


def refuse_changes_of_mind(installs: Sequence[tuple[PipInstall, Requirements]]) -> None:
    """Refuse where a later install asks anew for what an earlier one chose.

    What is installed and satisfies stays as it is, in the original as from the wheels.  An install that upgrades, or
    that wants another version of a project, sees in the original what is installed, `pip wheel` does not.
    """
    if len(installs) < 2:
        return
    earlier: dict[str, SpecifierSet] = {}
    for install, requirements in installs:
        named = named_by(install, requirements)
        asked = {target.project: specifiers(target.text) for target in named if target.project is not None}
        option = install.option("--upgrade", "--force-reinstall", "--ignore-installed") if earlier else None
        if option is not None:
            raise RefusalError(option.span, f"with `{option.name}` it may replace what an earlier install chose")
        for project, wanted in asked.items():
            before = earlier.get(project)
            if before is not None and not satisfied(before, wanted):
                raise RefusalError(install.span, f"it may want another {project} than an earlier install chose")
        earlier.update(asked)


def named_by(install: PipInstall, requirements: Requirements) -> list[PipTarget]:
    """Return what an install names, on its command line and in its files."""
    return [*install.targets, *(line.target for line in requirements.requirements)]


def asked_again(named: Sequence[PipTarget], earlier: Sequence[str]) -> list[str]:
    """Return the projects asked for of which an earlier install chose a version, or may have: by name, or an extra.

    `pip wheel` sees nothing installed, and would choose the newest version with the newest dependencies.
    """
    loose = [target for target in named if not target.pinned and target.project is not None]
    return [each.project or "" for each in loose if each.project in earlier or "[" in (each.text or "")]


def instead(install: PipInstall, other: PipInstall) -> bool:
    """Whether an install runs only where the other one, right before it, failed: `pip install a || pip install b`."""
    if install.instruction is not other.instruction or install.statement.operator != "||":
        return False
    return install.command.statement == other.command.statement + 1


#: What the setup.py of an older project imports: pip builds it with what is installed, up to release 25.3.
OF_A_BUILD = frozenset({"cython", "numpy", "pip", "pybind11", "setuptools", "wheel"})
#: Projects that are compiled against torch, and want the one that is installed.
AGAINST_TORCH = frozenset(
    """
    apex causal-conv1d deepspeed detectron2 flash-attn mamba-ssm mmcv mmcv-full natten pytorch3d torch-cluster
    torch-geometric torch-scatter torch-sparse torch-spline-conv torchsparse xformers
    """.split()
)


def wanted_while_building(stage: Stage, earlier: Sequence[str], install: PipInstall, requirements: Requirements) -> str:
    """Return what an earlier install brought, of which the builds of a later one may make use; empty for none."""
    named = named_by(install, requirements)
    unnamed = bool(requirements.missing or requirements.problems) or any(
        target.project is None for target in named if target.kind not in FILES
    )
    names = [target.project for target in named if target.project is not None]
    if "torch" in earlier and (unnamed or AGAINST_TORCH.intersection(names)):
        return "torch"
    brought = sorted(OF_A_BUILD.intersection(earlier))
    needs = [knowledge.python_needs(name, stage.release) for name in names]
    builds = unnamed or any(each.compiled is not False for each in needs)
    return brought[0] if brought and builds else ""


def specifiers(text: str | None) -> SpecifierSet:
    """Return the versions that a requirement admits; all of them where it cannot be told."""
    from packaging.requirements import InvalidRequirement, Requirement  # slow to import, and seldom needed
    from packaging.specifiers import SpecifierSet

    try:
        return Requirement(text or "").specifier
    except InvalidRequirement:
        return SpecifierSet()


def satisfied(before: SpecifierSet, wanted: SpecifierSet) -> bool:
    """Whether what was chosen for ``before`` surely is good for ``wanted``."""
    if before == wanted or not wanted:
        return True
    pins = [each.version for each in before if each.operator in ("==", "===") and "*" not in each.version]
    return bool(pins) and wanted.contains(pins[0], prereleases=True)
