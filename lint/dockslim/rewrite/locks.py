"""What a project asks for: lock files and pyproject.toml, read for the names of what gets installed."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

from dockslim.later import TYPE_CHECKING, later
from dockslim.model import PipInstall, ProjectInstall, Requirements, Stage, TargetKind
from dockslim.model.recognise_pip import normalise
from dockslim.records import field, record
from dockslim.rewrite.provenance import working_directory
from dockslim.syntax import Span

if TYPE_CHECKING:
    from typing import Any

__all__ = ["Locks", "builds_modules", "read_local", "read_locks"]

Reader = Callable[[str], "str | None"]

#: The lock file of each tool.
FILES = {"uv": "uv.lock", "poetry": "poetry.lock", "pdm": "pdm.lock", "pipenv": "Pipfile.lock"}


@record()
class Locks:
    """Projects named by lock files and pyproject.toml files, and what could not be read.

    ``complete`` says that every file read was a lock, which names all that gets installed.
    """

    projects: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    requirements: list[Requirements] = field(default_factory=list)
    names: dict[Span, str] = field(default_factory=dict)  # target of an install, project name with extras
    scripts: list[str] = field(default_factory=list)  # commands that a project of the build context brings
    complete: bool = True


def read_locks(stage: Stage, action: ProjectInstall, read: Reader, into: Locks) -> None:
    """Read the lock file of a project install."""
    folder = working_directory(stage, action)
    name = FILES.get(action.tool)
    if folder is None or name is None:
        into.unreadable.append(name or f"what {action.tool} installs")
        into.complete = False
        return
    text = read(posixpath.join(folder, name))
    if text is None:
        into.unreadable.append(name)
        into.complete = False
        return
    into.projects += locked_names(name, text)


def locked_names(name: str, text: str) -> list[str]:
    """Return the normalised names that a lock file lists."""
    if name == "Pipfile.lock":
        try:
            import json  # rarely needed

            data = json.loads(text)
        except ValueError:
            return []
        return [normalise(key) for part in ("default", "develop") for key in data.get(part, {})]
    return [normalise(match) for match in re.findall(r'(?m)^\[\[package\]\]\r?\nname = "([^"]+)"', text)]


def read_local(stage: Stage, install: PipInstall, read: Reader, into: Locks) -> None:
    """Read the pyproject.toml of each folder that a pip install names."""
    folder = working_directory(stage, install)
    for target in install.of(TargetKind.LOCAL, TargetKind.EDITABLE):
        path = re.sub(r"\[.*\]$", "", (target.text or "").removeprefix("file:")).removeprefix("//") or "."
        if re.search(r"\.(whl|tar\.gz|zip)$", path) or folder is None:
            into.unreadable.append(path)
            continue
        where = posixpath.normpath(posixpath.join(folder, path, "pyproject.toml"))
        text = read(where)
        into.complete = False
        project = project_table(text) if text is not None else None
        if project is None or "dependencies" in project.get("dynamic", ()):
            into.unreadable.append(where)
        else:
            into.projects += declared(project)
        # by its name, what it needs from a place of its own would be fetched and built once more
        placed = project is not None and any("@" in line for line in dependencies(project))
        if project is not None and isinstance(project.get("name"), str) and not placed:
            extras = re.search(r"\[.*\]$", target.text or "")
            into.names[target.span] = project["name"] + (extras[0] if extras else "")
        if project is not None:
            into.scripts += [*project.get("scripts", {}), *project.get("gui-scripts", {})]


#: What makes a project build modules of its own, in any of its build files.
BUILDS_MODULES = later(
    r"ext_modules|\bExtension\s*\(|cythonize|cffi_modules|build_ext|setuptools[-_]rust|rust_extensions|maturin|"
    r"scikit[-_]build|meson[-_]?python|mesonpy|pybind11|nanobind|hatch-cython|^\s*build\s*=\s*(\"[\w/]+\.py\"|\{\s*script)",
    re.MULTILINE,
)


def builds_modules(folder: str, read: Reader) -> bool | None:
    """Whether the project in a folder (absolute) compiles modules of its own; None where its files are not at hand."""
    texts = [read(posixpath.join(folder, name)) for name in ("pyproject.toml", "setup.py", "setup.cfg")]
    if not any(text is not None for text in texts):
        return None
    return any(BUILDS_MODULES.search(text) for text in texts if text is not None)


def project_table(text: str) -> dict[str, Any] | None:
    """Return the `[project]` table of a pyproject.toml, None where there is none."""
    try:
        import tomllib
    except ModuleNotFoundError:  # Python 3.10
        import tomli as tomllib  # type: ignore[no-redef, import-not-found, unused-ignore]
    try:
        project = tomllib.loads(text).get("project")
    except tomllib.TOMLDecodeError:
        return None
    return project if isinstance(project, dict) else None


def dependencies(project: dict[str, Any]) -> list[str]:
    """Return the lines by which a `[project]` table names what it needs, optional things too."""
    lines = list(project.get("dependencies", []))
    for extra in (project.get("optional-dependencies") or {}).values():
        lines += extra
    return [line for line in lines if isinstance(line, str)]


def declared(project: dict[str, Any]) -> list[str]:
    """Return the projects that a `[project]` table names as dependencies, optional ones too."""
    names = [re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)", line) for line in dependencies(project)]
    return [normalise(match[1]) for match in names if match]
