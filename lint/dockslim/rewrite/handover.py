"""Installs that no wheel folder can carry: the folder they fill is built in the builder and copied whole.

uv, poetry and pdm have no command that builds wheels of what they would install; an editable install is more than its
wheels.  Where such installs fill a virtual environment, or the site-packages of the very same interpreter, that folder
is the same in both stages and can be handed over at its own path.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from dockslim.model import Action, Family, Other, PipInstall, ProjectInstall, Stage
from dockslim.rewrite.plan import RefusalError
from dockslim.rewrite.provenance import origin, working_directory
from dockslim.rewrite.relevance import as_another
from dockslim.syntax import Run

__all__ = ["Handover", "choose_handover", "copy_lines"]

#: What else may stand in a statement that goes as a whole: it only leads up to the install.
LEADING = frozenset(
    "[ [[ test echo printf true : cd set export grep sleep exit cat ls which command pip uv poetry".split()
)
SYSTEM = "system"


class Handover(NamedTuple):
    """The folders to copy (absolute; `system` stands for the interpreter's own), and the installs that fill them."""

    destinations: tuple[str, ...]
    installs: tuple[Action, ...]
    python: str | None

    @property
    def last(self) -> Run:
        """The RUN of the last install."""
        return self.installs[-1].instruction

    @property
    def folders(self) -> tuple[str, ...]:
        """Every folder to copy."""
        system = [f"/usr/local/lib/python{self.python}/site-packages"]
        system += ["/usr/local/bin", "/usr/local/share", "/usr/local/etc"]
        others = [destination for destination in self.destinations if destination != SYSTEM]
        return tuple((system if SYSTEM in self.destinations else []) + others)

    def folders_at(self, run: Run) -> tuple[str, ...]:
        """The folders that arrive in front of ``run``.

        The interpreter's own arrive where the first install was, for what stands between may call a program that it
        brought (`poetry config`); an environment where the last was, for a COPY of the tree may lie between.
        """
        system = [folder for folder in self.folders if folder not in self.destinations]
        others = [folder for folder in self.folders if folder in self.destinations]
        first = self.installs[0].instruction
        return tuple((system if run is first else []) + (others if run is self.last else []))


def choose_handover(stage: Stage) -> Handover:
    """Return what is handed over.  Raises RefusalError where the folder that an install fills is not known."""
    installs = [action for action in stage.actions if isinstance(action, PipInstall | ProjectInstall)]
    real = [action for action in installs if not (isinstance(action, PipInstall) and action.bootstraps)]
    if not real:
        raise RefusalError(
            stage.from_.span, "no Python package is installed that could need it; it may simply be unused"
        )
    destinations: list[str] = []
    for action in real:
        if action.statement.kind in ("function", "subshell"):
            raise RefusalError(action.span, "the install runs in a function or a sub-shell")
        if action.instruction.form != "shell":
            raise RefusalError(action.span, "the install is in JSON form")
        if as_another(action):
            raise RefusalError(action.span, "it runs as another user, whose folders would change hands")
        user = stage.user(action.instruction)
        if user not in (None, "root", "0", "root:root", "0:0"):
            raise RefusalError(action.span, f"it runs as the user {user}, whose folders would change hands")
        where = destination(stage, action)
        if where not in destinations:
            destinations.append(where)
    # What brings the installers up to date arrives with the packages of the interpreter, else it stays as it is.
    moving = installs if SYSTEM in destinations else real
    python = minor(stage)
    if SYSTEM in destinations and (stage.base.family is not Family.PYTHON or python is None):
        raise RefusalError(real[0].span, "the folder of the interpreter's packages is not known on this base")
    moved = with_removals(stage, moving)
    refuse_changes_between(stage, moved, destinations)
    return Handover(tuple(destinations), moved, python)


def refuse_changes_between(stage: Stage, installs: Sequence[Action], destinations: Sequence[str]) -> None:
    """Refuse where a command between two installs changes what they fill: it would be done in both stages."""
    places = re.compile("|".join(["site-packages", *(re.escape(each) for each in destinations if each != SYSTEM)]))
    first, last = (stage.actions.index(installs[at]) for at in (0, -1))
    for action in stage.actions[first:last]:
        changes = isinstance(action, Other) and action.program in (
            "sed",
            "patch",
            "cp",
            "mv",
            "rm",
            "ln",
            "tee",
            "find",
        )
        if changes and any(places.search(text or "") for text in action.texts[1:]):
            raise RefusalError(action.span, "it changes what the installs fill, and would be done in both stages")


def with_removals(stage: Stage, moving: Sequence[Action]) -> tuple[Action, ...]:
    """Return the installs and the removals before the last of them: done again behind it, those would undo it."""
    last = stage.actions.index(moving[-1])
    return tuple(
        action
        for action in stage.actions[: last + 1]
        if any(action is install for install in moving) or (isinstance(action, Other) and removes(action))
    )


def removes(action: Other) -> bool:
    """Whether a command takes Python packages away: `pip uninstall`, `python -m pip uninstall`, `uv pip uninstall`."""
    program = re.sub(r"[0-9.]+$", "", action.program or "")
    if program == "python":
        return action.texts[1:4] == ("-m", "pip", "uninstall")
    return program in ("pip", "uv") and action.has("uninstall")


def minor(stage: Stage) -> str | None:
    """Return the interpreter's version as its folder is called: `3.11`."""
    match = re.match(r"(\d+\.\d+)", stage.base.python or "")
    return match[1] if match else None


def destination(stage: Stage, action: PipInstall | ProjectInstall) -> str:
    """Return the folder that an install fills."""
    environment = stage.scope(action.instruction).environment
    if isinstance(action, PipInstall):
        return pip_destination(stage, action, environment)
    folder = working_directory(stage, action)
    if action.tool == "setup.py":
        return SYSTEM
    if folder is None or any(word in ("--project", "--directory", "-C", "-p") for word in action.words):
        raise RefusalError(action.span, "the folder that it fills is not known")
    if action.tool == "uv":
        refuse_other_python(stage, action, environment, folder)
        chosen = environment.get("UV_PROJECT_ENVIRONMENT", ".venv")
        if chosen is None:
            raise RefusalError(action.span, "the environment that it fills comes from a variable")
        where = posixpath.normpath(posixpath.join(workspace(stage, action, folder), chosen))
        return SYSTEM if where in ("/usr/local", "/usr") else where
    if action.tool == "pdm":
        return posixpath.join(folder, ".venv")
    if action.tool == "pipenv":
        if "--system" in action.words:
            return SYSTEM
        if truth(environment.get("PIPENV_VENV_IN_PROJECT")):
            return posixpath.join(folder, ".venv")
        return at_home(action, environment, {"WORKON_HOME": ""}, ".local/share/virtualenvs")
    if action.tool == "poetry":
        return poetry_destination(stage, action, environment, folder)
    raise RefusalError(action.span, f"the folder that {action.tool} fills is not known")


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
    for version in filter(None, wanted):
        number = re.search(r"\d+\.\d+", version)
        if number is not None and own and not f"{own}.".startswith(f"{number[0]}."):
            raise RefusalError(
                action.span, f"it asks for Python {version}, which uv would fetch, for the image has {own}"
            )
    if environment.get("UV_PYTHON_PREFERENCE") == "only-managed" or "--managed-python" in texts:
        raise RefusalError(action.span, "uv fetches a Python of its own, to which the environment leads")


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
    program = action.texts[0] or ""
    if program.startswith("/") and "/bin/" in program:
        prefix = program.rpartition("/bin/")[0]
        return SYSTEM if prefix in ("/usr/local", "/usr") else prefix
    if (
        action.installer == "uv"
        and "--system" not in (action.texts or ())
        and not truth(environment.get("UV_SYSTEM_PYTHON"))
    ):
        chosen = environment.get("VIRTUAL_ENV") or environment.get("UV_PROJECT_ENVIRONMENT") or nearby(stage, action)
        if not chosen:
            raise RefusalError(action.span, "the environment that uv fills is not known")
        return SYSTEM if chosen in ("/usr/local", "/usr") else chosen
    first = (environment.get("PATH") or "").partition(":")[0]
    if first.endswith("/bin") and ("venv" in first or environment.get("VIRTUAL_ENV") == first.removesuffix("/bin")):
        return first.removesuffix("/bin")
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
    """Return the folder that poetry fills: the system's, the project's, or one in its cache (refused)."""
    settings: dict[str, str] = {}
    for name, value in environment.items():
        if name.startswith("POETRY_VIRTUALENVS_") and value is not None:
            settings[name.removeprefix("POETRY_VIRTUALENVS_").lower().replace("_", "-")] = value
    for other in stage.actions:
        if other is action:
            break
        texts = [text for text in other.texts if text is not None and not text.startswith("--")]
        if isinstance(other, Other) and "config" in texts:
            for key, value in pairwise(texts):
                if key.startswith("virtualenvs."):
                    settings[key.removeprefix("virtualenvs.")] = value
    if "create" in settings and not truth(settings["create"]):
        first = (environment.get("PATH") or "").partition(":")[0]
        return first.removesuffix("/bin") if first.endswith("venv/bin") else SYSTEM
    if truth(settings.get("in-project")):
        return posixpath.join(folder, ".venv")
    if settings.get("path", "").startswith("/"):
        return settings["path"]
    return at_home(action, environment, {"POETRY_CACHE_DIR": "virtualenvs"}, ".cache/pypoetry/virtualenvs")


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


def statement_goes(actions: list[Action], handover: Handover) -> bool:
    """Whether a top-level statement leaves the final stage.  Raises RefusalError where it does more than install."""
    if not any(any(action is install for install in handover.installs) for action in actions):
        return False
    for action in actions:
        leading = isinstance(action, Other) and action.program in LEADING
        if not leading and not any(action is install for install in handover.installs):
            raise RefusalError(action.span, "the install shares a control structure with other work")
    return True


def copy_lines(folders: Sequence[str], builder: str, newline: str, *, lower: bool) -> str:
    """Return the instructions by which folders arrive in the final stage.

    COPY adds to a folder: what the builder replaced or removed of the base's own packages (an older pip, say) would
    stay beside what came.  So site-packages is emptied first, which costs no bytes.
    """
    lines: list[str] = []
    for folder in folders:
        if folder.endswith("/site-packages"):
            lines.append(f"RUN rm -rf {folder}")
        lines.append(f"COPY --from={builder} {folder} {folder}")
    if lower:
        lines = [line.replace("RUN", "run", 1).replace("COPY", "copy", 1) for line in lines]
    return "".join(line + newline for line in lines)
