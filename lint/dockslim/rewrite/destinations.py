"""The folder that an install of Python packages fills: the interpreter's own, or an environment's."""

from __future__ import annotations

import posixpath
import re
from itertools import pairwise

from dockslim.model import Action, Other, PipInstall, ProjectInstall, Stage
from dockslim.rewrite.plan import RefusalError
from dockslim.rewrite.provenance import origin, working_directory
from dockslim.rewrite.surroundings import environment_of, environments_made, search_path

__all__ = ["SYSTEM", "destination"]

#: Stands for the folders of the interpreter's own packages.
SYSTEM = "system"


def destination(stage: Stage, action: PipInstall | ProjectInstall) -> str:
    """Return the folder that an install fills."""
    environment = environment_of(stage, action)
    refuse_links(action, environment)
    if isinstance(action, PipInstall):
        return pip_destination(stage, action, environment)
    folder = working_directory(stage, action)
    if action.tool == "setup.py":
        return by_interpreter(stage, action, environment)
    elsewhere = ("--project", "--directory", "-C", "-p", "--script")
    if folder is None or any((word or "").partition("=")[0] in elsewhere for word in action.words):
        raise RefusalError(action.span, "the folder that it fills is not known")
    if action.tool == "uv":
        refuse_other_python(stage, action, environment, folder)
        active = environment.get("VIRTUAL_ENV") if "--active" in action.words else None
        chosen = active or environment.get("UV_PROJECT_ENVIRONMENT", ".venv")
        if chosen is None:
            raise RefusalError(action.span, "the environment that it fills comes from a variable")
        where = posixpath.normpath(posixpath.join(workspace(stage, action, folder), chosen))
        return SYSTEM if where in ("/usr/local", "/usr") else where
    if action.tool == "pdm":
        return pdm_destination(stage, action, environment, folder)
    if action.tool == "pipenv":
        if "--system" in action.words:
            return SYSTEM
        if environment.get("VIRTUAL_ENV") and not truth(environment.get("PIPENV_IGNORE_VIRTUALENVS")):
            return environment["VIRTUAL_ENV"] or ""
        if truth(environment.get("PIPENV_VENV_IN_PROJECT")):
            return posixpath.join(folder, ".venv")
        return at_home(action, environment, {"WORKON_HOME": ""}, ".local/share/virtualenvs")
    if action.tool == "poetry":
        return poetry_destination(stage, action, environment, folder)
    raise RefusalError(action.span, f"the folder that {action.tool} fills is not known")


def refuse_links(action: Action, environment: dict[str, str | None]) -> None:
    """Refuse where uv fills the folder with links to its cache, which is not handed over."""
    texts = [text or "" for text in action.texts]
    wanted = [value for option, value in pairwise(texts) if option == "--link-mode"]
    wanted += [text.partition("=")[2] for text in texts if text.startswith("--link-mode=")]
    if texts[0].rpartition("/")[2] in ("uv", "python", "python3") and "symlink" in (
        wanted or [environment.get("UV_LINK_MODE") or ""]
    ):
        raise RefusalError(action.span, "uv links to its cache, which is not handed over")


def pdm_destination(stage: Stage, action: ProjectInstall, environment: dict[str, str | None], folder: str) -> str:
    """Return the folder that pdm fills: `.venv` in the project, where nothing says otherwise."""
    settings = {name for name in environment if name.startswith("PDM_")} - {"PDM_CHECK_UPDATE", "PDM_VERSION"}
    settings |= {"VIRTUAL_ENV"} & set(environment)
    commands = [other for other in stage.actions if isinstance(other, Other) and other.program == "pdm"]
    said = any({"config", "use", "venv"} & set(other.texts[1:2]) for other in commands)
    context = stage.facts.context
    for name in ("pdm.toml", ".pdm-python", ".pdm.toml"):
        found = origin(stage, action.instruction, posixpath.join(folder, name)) if context is not None else None
        said |= bool(context and found and found.context_path is not None and context.exists(found.context_path))
    if settings or said or {"-g", "--global", "--venv"} & set(action.words):
        raise RefusalError(action.span, "which folder pdm fills depends on its settings")
    return posixpath.join(folder, ".venv")


def refuse_other_python(stage: Stage, action: ProjectInstall, environment: dict[str, str | None], folder: str) -> None:
    """Refuse where uv would fetch a Python of its own: the environment leads to it, and it is not handed over."""
    texts = [text or "" for text in action.texts]
    wanted = [value for option, value in pairwise(texts) if option in ("-p", "--python")]
    wanted += [text.partition("=")[2] for text in texts if text.startswith("--python=")]
    wanted.append(environment.get("UV_PYTHON", "") or "")
    context = stage.facts.context
    for name in (".python-version", ".python-versions"):
        found = origin(stage, action.instruction, posixpath.join(folder, name)) if context is not None else None
        if context is not None and found is not None and found.context_path is not None:
            wanted.append(((context.read(found.context_path) or "").split() or [""])[0])
    own = stage.base.python or ""
    managed = environment.get("UV_PYTHON_PREFERENCE") == "only-managed" or "--managed-python" in texts
    never = environment.get("UV_PYTHON_DOWNLOADS") in ("never", "0", "false", "manual") or (
        environment.get("UV_PYTHON_PREFERENCE") in ("only-system",) or "--no-managed-python" in texts
    )
    if managed or not (own or never):
        raise RefusalError(action.span, "uv may fetch a Python of its own, to which the environment leads")
    project = origin(stage, action.instruction, posixpath.join(folder, "pyproject.toml")) if context else None
    if context is not None and project is not None and project.context_path is not None and own:
        required = re.search(r'(?m)^requires-python\s*=\s*"([^"]*)"', context.read(project.context_path) or "")
        if required is not None and not admits(required[1], own):
            why = f"the project wants Python {required[1]}, which uv would fetch, for the image has {own}"
            raise RefusalError(action.span, why)
    for version in filter(None, wanted):
        number = re.search(r"\d+\.\d+", version)
        if number is not None and own and not f"{own}.".startswith(f"{number[0]}."):
            raise RefusalError(
                action.span, f"it asks for Python {version}, which uv would fetch, for the image has {own}"
            )


def admits(required: str, version: str) -> bool:
    """Whether a `requires-python` admits a version, of which only the first two numbers need be known."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # slow to import, and seldom needed

    whole = version if version.count(".") > 1 else f"{version}.99"
    try:
        return SpecifierSet(required).contains(whole, prereleases=True)
    except InvalidSpecifier:
        return False


def workspace(stage: Stage, action: ProjectInstall, folder: str) -> str:
    """Return the folder of uv's lock file, at the root of a workspace; ``folder`` itself where none is seen."""
    context = stage.facts.context
    root = folder
    while context is not None:
        found = origin(stage, action.instruction, posixpath.join(root, "uv.lock"))
        if found is not None and found.context_path is not None and context.exists(found.context_path):
            return root
        if root == "/":
            break
        root = posixpath.dirname(root)
    return folder


def pip_destination(stage: Stage, action: PipInstall, environment: dict[str, str | None]) -> str:
    """Return the folder that a pip install fills."""
    for option in action.options:
        if option.name in ("--target", "--prefix", "--root", "--user", "--python"):
            raise RefusalError(option.span, f"`{option.name}` sends it to a folder of its own")
    for name in ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_PYTHON") if action.installer == "pip" else ():
        if name in environment and environment[name] not in ("", "0", "false", "no"):
            raise RefusalError(action.span, f"{name} sends it to a folder of its own")
    system = "--system" in action.texts or truth(environment.get("UV_SYSTEM_PYTHON"))
    if action.installer == "uv" and not system:
        chosen = environment.get("VIRTUAL_ENV") or environment.get("UV_PROJECT_ENVIRONMENT") or nearby(stage, action)
        if not chosen:
            raise RefusalError(action.span, "the environment that uv fills is not known")
        return SYSTEM if chosen in ("/usr/local", "/usr") else chosen
    return (
        by_interpreter(stage, action, environment) if action.installer == "pip" else on_path(stage, action, environment)
    )


def by_interpreter(stage: Stage, action: Action, environment: dict[str, str | None]) -> str:
    """Return the environment whose interpreter a command runs: by its path, or as the first on PATH."""
    program = action.texts[0] or ""
    if program.startswith("/") and "/bin/" in program:
        prefix = program.rpartition("/bin/")[0]
        return SYSTEM if prefix in ("/usr/local", "/usr") else prefix
    return on_path(stage, action, environment)


def on_path(stage: Stage, action: Action, environment: dict[str, str | None]) -> str:
    """Return the environment that is the first on PATH, SYSTEM where none comes before the system's own folders."""
    folders = search_path(stage, action)
    if folders is None:
        raise RefusalError(action.span, "which environment it fills is not known, as PATH is not")
    for prefix in (folder.removesuffix("/bin") for folder in folders if folder.endswith("/bin")):
        if prefix in ("/usr/local", "/usr"):
            break
        if "venv" in prefix or prefix == environment.get("VIRTUAL_ENV") or prefix in environments_made(stage, action):
            return prefix
    if any(
        isinstance(other, Other) and other.program in (".", "source") for other in stage.actions_of(action.instruction)
    ):
        raise RefusalError(action.span, "the environment that it fills is switched on by a script")
    return SYSTEM


def nearby(stage: Stage, action: PipInstall) -> str | None:
    """Return the `.venv` of the working folder where an earlier `uv` made one; `uv pip` finds it by itself."""
    folder = working_directory(stage, action)
    made = False
    for other in stage.actions:
        if other is action:
            break
        texts = other.texts[1:3]
        if isinstance(other, Other) and other.program == "uv" and texts == ("python", "install"):
            raise RefusalError(other.span, "uv fetches a Python of its own, to which the environment leads")
        synced = isinstance(other, ProjectInstall) and other.tool == "uv"
        makes = isinstance(other, Other) and other.program == "uv" and texts[:1] == ("venv",)
        plain = synced or all((text or "-").startswith("-") for text in other.texts[2:])
        made |= (synced or makes) and plain and working_directory(stage, other) == folder
        if makes and other.has("--python", "-p"):
            raise RefusalError(other.span, "the environment may be made for another Python")
    return posixpath.join(folder, ".venv") if made and folder is not None else None


def poetry_destination(stage: Stage, action: ProjectInstall, environment: dict[str, str | None], folder: str) -> str:
    """Return the folder that poetry fills: the system's, an active environment, the project's, or one in its cache."""
    if environment.get("VIRTUAL_ENV"):
        return environment["VIRTUAL_ENV"] or ""
    settings: dict[str, str | None] = {}
    for other in stage.actions:
        if other is action:
            break
        texts = [text for text in other.texts if text is not None and not text.startswith("--")]
        if isinstance(other, Other) and "config" in texts:
            for key, value in pairwise(texts):
                if key.startswith("virtualenvs."):
                    settings[key.removeprefix("virtualenvs.")] = value
    settings.update(poetry_toml(stage, action, folder))
    for name, given in environment.items():
        if name.startswith("POETRY_VIRTUALENVS_"):
            settings[name.removeprefix("POETRY_VIRTUALENVS_").lower().replace("_", "-")] = given
    for key in ("create", "in-project", "path"):
        if key in settings and settings[key] is None:
            raise RefusalError(action.span, f"poetry's setting virtualenvs.{key} comes from a variable")
    if "create" in settings and not truth(settings["create"]):
        return on_path(stage, action, environment)
    if truth(settings.get("in-project")):
        return posixpath.join(folder, ".venv")
    path = settings.get("path")
    if path and not path.startswith("/"):
        raise RefusalError(action.span, "poetry's setting virtualenvs.path is no absolute path")
    return path or at_home(action, environment, {"POETRY_CACHE_DIR": "virtualenvs"}, ".cache/pypoetry/virtualenvs")


def poetry_toml(stage: Stage, action: ProjectInstall, folder: str) -> dict[str, str]:
    """Return what the project's own poetry.toml says of environments."""
    context = stage.facts.context
    found = origin(stage, action.instruction, posixpath.join(folder, "poetry.toml")) if context is not None else None
    text = context.read(found.context_path) if context and found and found.context_path is not None else None
    section = re.search(r"(?ms)^\[virtualenvs\]\s*$(.*?)(?=^\[|\Z)", text or "")
    lines = re.findall(r"(?m)^\s*([\w-]+)\s*=\s*[\"']?([^\"'#\n]*)", section[1]) if section is not None else []
    lines += re.findall(r"(?m)^virtualenvs\.([\w-]+)\s*=\s*[\"']?([^\"'#\n]*)", text or "")
    return {key: value.strip() for key, value in lines}


def at_home(action: Action, environment: dict[str, str | None], chosen: dict[str, str], usual: str) -> str:
    """Return the folder in which a tool keeps its environments: the one that a variable names, else one at home.

    Each environment is called after the path of its project, so it is found at the same place in another stage.
    """
    for name, below in chosen.items():
        value = environment.get(name, "")
        if value is None:
            raise RefusalError(action.span, f"the folder of its environments comes from {name}, which is not known")
        if value.startswith("/"):
            return posixpath.join(value, below).rstrip("/")
    if {"XDG_CACHE_HOME", "XDG_DATA_HOME"} & set(environment) or environment.get("HOME", "/root") != "/root":
        raise RefusalError(action.span, "the folder in which it keeps its environments is not known")
    return posixpath.join("/root", usual)


def truth(value: str | None) -> bool:
    """Whether a setting is on."""
    return (value or "").strip().lower() in ("1", "true", "yes", "on")
