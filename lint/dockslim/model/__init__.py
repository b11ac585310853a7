"""What a Dockerfile means: stages, base images, variables, and each RUN command as a typed action."""

from dockslim.model.actions import (
    Action,
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
    TargetKind,
)
from dockslim.model.configuration import Configuration
from dockslim.model.context import Context
from dockslim.model.image import BaseImage, Family, classify, split_reference
from dockslim.model.reach import Reference, needed_stages, references
from dockslim.model.requirements import Requirement, Requirements, read_requirements
from dockslim.model.stage import Facts, Left, Options, Stage, read
from dockslim.model.variables import Variables

__all__ = [
    "Action",
    "BaseImage",
    "Configuration",
    "Context",
    "Facts",
    "Family",
    "Left",
    "Manager",
    "Options",
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
    "Reference",
    "Requirement",
    "Requirements",
    "Stage",
    "TargetKind",
    "Variables",
    "classify",
    "needed_stages",
    "read",
    "read_requirements",
    "references",
    "split_reference",
]
