"""What a Dockerfile means: stages, base images, variables, and each RUN command as a typed action.

The names are imported when they are asked for: who wants the build context alone need not pay for all.
"""

from __future__ import annotations

from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
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
        installs_projects,
    )
    from dockslim.model.configuration import Configuration
    from dockslim.model.context import Context
    from dockslim.model.gleaning import glean
    from dockslim.model.image import BaseImage, Family, classify, split_reference
    from dockslim.model.python_sources import TESTS, Sources, left_out, sources
    from dockslim.model.reach import Reference, needed_stages, references
    from dockslim.model.requirements import Requirement, Requirements, read_requirements
    from dockslim.model.stage import Facts, Left, Options, Stage, join, read
    from dockslim.model.variables import Variables

__all__ = [
    "TESTS",
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
    "Sources",
    "Stage",
    "TargetKind",
    "Variables",
    "classify",
    "glean",
    "installs_projects",
    "join",
    "left_out",
    "needed_stages",
    "read",
    "read_requirements",
    "references",
    "sources",
    "split_reference",
]

_PLACES = {
    "actions": "Action Manager Other PackageClean PackageInstall PackageRemove PackageUpdate PackageWord PipInstall "
    "PipOption PipTarget ProjectInstall TargetKind installs_projects",
    "configuration": "Configuration",
    "context": "Context",
    "image": "BaseImage Family classify split_reference",
    "reach": "Reference needed_stages references",
    "requirements": "Requirement Requirements read_requirements",
    "gleaning": "glean",
    "python_sources": "TESTS Sources left_out sources",
    "stage": "Facts Left Options Stage join read",
    "variables": "Variables",
}
_PLACE_OF = {name: place for place, names in _PLACES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    place = _PLACE_OF.get(name)
    if place is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    value: object = getattr(importlib.import_module(f"{__name__}.{place}"), name)
    globals()[name] = value
    return value
