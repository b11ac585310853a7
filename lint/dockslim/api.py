"""The face that rules see: everything a rule may import, ours and a third party's.

What stands here keeps its name and meaning while ``VERSION`` stays the same; all else of dockslim may change any day.
"""

from __future__ import annotations

from dockslim.engine.finding import Annotation, Finding, Severity
from dockslim.engine.rule import Example, Rule
from dockslim.knowledge import Closure, Kind, Role, closure, releases, role
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
    Stage,
    TargetKind,
)
from dockslim.rewrite import Culprit, CulpritKind, culprits, leftovers, rewrite
from dockslim.rewrite.edits import Edit, Fix, FixedEffect, Note, Obligation, Proof, Refused, Safety
from dockslim.syntax import Instruction, Run
from dockslim.syntax.span import Span

__all__ = [
    "VERSION",
    "Action",
    "Annotation",
    "BaseImage",
    "Closure",
    "Configuration",
    "Culprit",
    "CulpritKind",
    "Edit",
    "Example",
    "Facts",
    "Family",
    "Finding",
    "Fix",
    "FixedEffect",
    "Instruction",
    "Kind",
    "Left",
    "Manager",
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
    "Proof",
    "Refused",
    "Role",
    "Rule",
    "Run",
    "Safety",
    "Severity",
    "Span",
    "Stage",
    "TargetKind",
    "closure",
    "culprits",
    "leftovers",
    "lists_mb",
    "releases",
    "rewrite",
    "role",
]

#: Counts incompatible changes of this face.
VERSION = 1


def lists_mb(release: str) -> float | None:
    """What the package lists of a release weigh after `apt-get update`, in decimal megabytes; None where not known."""
    return closure((), release).lists_mb or None if release in releases() else None
