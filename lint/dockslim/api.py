"""The face that rules see: everything a rule may import, ours and a third party's.

What stands here keeps its name and meaning while ``VERSION`` stays the same; all else of dockslim may change any day.
"""

from __future__ import annotations

from dockslim.engine.finding import Annotation, Finding, Severity
from dockslim.engine.rule import Example, Rule
from dockslim.knowledge import (
    Closure,
    Kind,
    Needs,
    Role,
    base_packages,
    closure,
    package_name,
    releases,
    role,
    runtime_packages,
)
from dockslim.later import TYPE_CHECKING
from dockslim.model import (
    Action,
    BaseImage,
    Configuration,
    Facts,
    Family,
    Left,
    Manager,
    Other,
    PackageClean,
    PackageInstall,
    PackageRemove,
    PackageUpdate,
    PackageWord,
    PipInstall,
    PipOption,
    PipTarget,
    ProjectInstall,
    Reference,
    Stage,
    TargetKind,
    needed_stages,
    references,
)
from dockslim.rewrite import Culprit, CulpritKind, culprits, leftovers, rewrite
from dockslim.rewrite.edits import Edit, Fix, FixedEffect, Note, Obligation, Proof, Refused, Safety
from dockslim.rewrite.programs import compiles
from dockslim.rewrite.provenance import working_directory
from dockslim.rewrite.run_edits import append_command, prepend_mount, without_packages, without_statements
from dockslim.syntax import (
    Add,
    Arg,
    Argument,
    Cmd,
    Copy,
    Entrypoint,
    Env,
    From,
    Healthcheck,
    Instruction,
    Label,
    Run,
    Runs,
    Shell,
    Statement,
    User,
    Word,
    Workdir,
)
from dockslim.syntax.span import Span

if TYPE_CHECKING:
    from dockslim.model.luggage import Luggage
    from dockslim.rewrite.requested import Requested

__all__ = [
    "VERSION",
    "Action",
    "Add",
    "Annotation",
    "Arg",
    "Argument",
    "BaseImage",
    "Closure",
    "Cmd",
    "Configuration",
    "Copy",
    "Culprit",
    "CulpritKind",
    "Edit",
    "Entrypoint",
    "Env",
    "Example",
    "Facts",
    "Family",
    "Finding",
    "Fix",
    "FixedEffect",
    "From",
    "Healthcheck",
    "Instruction",
    "Kind",
    "Label",
    "Left",
    "Manager",
    "Needs",
    "Note",
    "Obligation",
    "Other",
    "PackageClean",
    "PackageInstall",
    "PackageRemove",
    "PackageUpdate",
    "PackageWord",
    "PipInstall",
    "PipOption",
    "PipTarget",
    "ProjectInstall",
    "Proof",
    "Reference",
    "Refused",
    "Role",
    "Rule",
    "Run",
    "Runs",
    "Safety",
    "Severity",
    "Shell",
    "Span",
    "Stage",
    "Statement",
    "TargetKind",
    "User",
    "Word",
    "Workdir",
    "append_command",
    "base_packages",
    "closure",
    "compiles",
    "culprits",
    "leftovers",
    "lists_mb",
    "luggage",
    "needed_stages",
    "package_name",
    "prepend_mount",
    "python_needs",
    "references",
    "releases",
    "requested",
    "rewrite",
    "role",
    "runtime_packages",
    "without_packages",
    "without_statements",
    "working_directory",
]

#: Counts incompatible changes of this face.
VERSION = 1


def lists_mb(release: str) -> float | None:
    """What the package lists of a release weigh after `apt-get update`, in decimal megabytes; None where not known."""
    return closure((), release).lists_mb or None if release in releases() else None


def python_needs(project: str, release: str) -> Needs:
    """Return the system packages that a project of the Python package index needs when it runs."""
    from dockslim import knowledge

    return knowledge.python_needs(project, release)


def requested(stage: Stage) -> Requested:
    """Return the projects that the Python installs of a stage ask for, as far as their files can be read."""
    from dockslim.rewrite import requested as requests

    return requests.requested(stage)


def luggage(stage: Stage) -> Luggage | None:
    """Return what a build context without .dockerignore sends along for nothing; None where that is nothing."""
    from dockslim.model.luggage import luggage

    return luggage(stage.facts.context) if stage.facts.context is not None else None
