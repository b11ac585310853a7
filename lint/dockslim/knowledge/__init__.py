"""What packages are: build tool, development headers, runtime library; what they need and what they weigh.

Facts come from the distributions' own package indexes, compiled by `dockslim.knowledge.build` into one SQLite file a
suite, and from curated tables (``curated/*.toml``).  Nothing is read before it is asked for.
"""

from __future__ import annotations

from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    from dockslim.knowledge.commands import (
        commands_of_packages,
        full_image_commands,
        full_image_runtime_libraries,
        package_of_command,
    )
    from dockslim.knowledge.images import python_image, runtime_tag
    from dockslim.knowledge.kinds import Closure, Kind, KnowledgeError, Needs, PythonImage, Role
    from dockslim.knowledge.lookups import (
        base_packages,
        closure,
        data_date,
        exists,
        hidden_tools,
        role,
        runtime_packages,
        successor,
    )
    from dockslim.knowledge.names import package_name, project_name
    from dockslim.knowledge.projects import jit_tools, python_needs
    from dockslim.knowledge.release_names import normal_release, releases

__all__ = [
    "Closure",
    "Kind",
    "KnowledgeError",
    "Needs",
    "PythonImage",
    "Role",
    "base_packages",
    "closure",
    "commands_of_packages",
    "data_date",
    "exists",
    "full_image_commands",
    "full_image_runtime_libraries",
    "hidden_tools",
    "jit_tools",
    "normal_release",
    "package_name",
    "package_of_command",
    "project_name",
    "python_image",
    "python_needs",
    "releases",
    "role",
    "runtime_packages",
    "runtime_tag",
    "successor",
]

# Where each name lives: a module is imported when the first of its names is asked for.
MODULES = {
    "commands": "commands_of_packages full_image_commands full_image_runtime_libraries package_of_command",
    "images": "python_image runtime_tag",
    "kinds": "Closure Kind KnowledgeError Needs PythonImage Role",
    "lookups": "base_packages closure data_date exists hidden_tools role runtime_packages successor",
    "names": "package_name project_name",
    "projects": "jit_tools python_needs",
    "release_names": "normal_release releases",
}


def __getattr__(name: str) -> object:
    """Import the module that a name lives in, and keep the name here."""
    for module, names in MODULES.items():
        if name in names.split():
            import importlib

            value: object = getattr(importlib.import_module(f"{__name__}.{module}"), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
