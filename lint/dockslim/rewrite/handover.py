"""Installs that no wheel folder can carry: the folder they fill is built in the builder and copied whole.

uv, poetry and pdm have no command that builds wheels of what they would install; an editable install is more than its
wheels.  Where such installs fill a virtual environment, or the site-packages of the very same interpreter, that folder
is the same in both stages and can be handed over at its own path.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dockslim.model import Action, Family, Other, PipInstall, ProjectInstall, Stage, installs_projects
from dockslim.records import NamedTuple
from dockslim.rewrite.destinations import SYSTEM, destination
from dockslim.rewrite.plan import RefusalError
from dockslim.rewrite.relevance import as_another
from dockslim.syntax import Run

__all__ = ["Handover", "choose_handover", "copy_lines"]

#: What else may stand in a statement that goes as a whole: it only leads up to the install.
LEADING = frozenset(
    "[ [[ test echo printf true : cd set export grep sleep exit cat ls which command pip uv poetry".split()
)


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
    real = [action for action in installs if installs_projects(action)]
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
    moved = with_removals(stage, moving, made_beside(stage, real[-1], destinations))
    refuse_changes_between(stage, moved, destinations)
    return Handover(tuple(destinations), moved, python)


#: Programs that change the files which their words name.
EDITORS = frozenset("sed patch cp mv rm ln tee find".split())


def refuse_changes_between(stage: Stage, installs: Sequence[Action], destinations: Sequence[str]) -> None:
    """Refuse where a command between two installs changes what they fill: it would be done in both stages."""
    places = re.compile("|".join(["site-packages", *(re.escape(each) for each in destinations if each != SYSTEM)]))
    first, last = (stage.actions.index(installs[at]) for at in (0, -1))
    for action in stage.actions[first:last]:
        if (
            isinstance(action, Other)
            and action.program in EDITORS
            and any(places.search(text or "") for text in action.texts[1:])
        ):
            raise RefusalError(action.span, "it changes what the installs fill, and would be done in both stages")


def with_removals(stage: Stage, moving: Sequence[Action], made: Sequence[Action]) -> tuple[Action, ...]:
    """Return the installs and the removals before the last of them: done again behind it, those would undo it.

    So would what makes an environment, ``made``, where that arrives in front of it.
    """
    last = stage.actions.index(moving[-1])
    chosen = {id(action) for action in (*moving, *made)}
    return tuple(
        action
        for action in stage.actions[: last + 1]
        if id(action) in chosen or (isinstance(action, Other) and removes(action))
    )


def made_beside(stage: Stage, last: Action, destinations: Sequence[str]) -> list[Action]:
    """Return the commands that make an environment in the RUN of the last install: `uv venv`, `python -m venv`."""
    if all(destination == SYSTEM for destination in destinations):
        return []
    return [
        action
        for action in stage.actions_of(last.instruction)
        if isinstance(action, Other)
        and (
            action.program == "virtualenv"
            or (action.program == "uv" and action.texts[1:2] == ("venv",))
            or makes(action)
        )
    ]


def makes(action: Other) -> bool:
    """Whether a command makes an environment."""
    program, words = action.program or "", action.texts[1:3]
    if program == "uv":
        return words[:1] == ("venv",)
    return program == "virtualenv" or (program.startswith("python") and words in (("-m", "venv"), ("-m", "virtualenv")))


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
