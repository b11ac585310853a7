"""Installs that are not `pip install`: uv sync, poetry, pipenv, pdm, setup.py."""

from __future__ import annotations

import posixpath
import re

from dockslim.model.actions import ProjectInstall
from dockslim.syntax import Argument, Command, Run, Statement

__all__ = ["recognise_project"]

#: The words behind each tool that make it install.
VERBS = {
    "poetry": {"install", "add", "sync"},
    "pipenv": {"install", "sync", "update"},
    "pdm": {"install", "sync", "add"},
    "uv": {"sync", "add"},
    "rye": {"sync"},
    "flit": {"install"},
}


def recognise_project(
    run: Run, command: Command, statement: Statement, arguments: tuple[Argument, ...]
) -> ProjectInstall | None:
    """Return the install of a project (and what it needs) that a command is, None when it is none."""
    texts = [argument.text for argument in arguments]
    program = posixpath.basename(texts[0] or "")
    rest = texts[1:]
    if re.fullmatch(r"python[0-9.]*", program):
        if rest[:1] == ["-m"] and len(rest) > 1 and rest[1] in VERBS:
            program, rest = rest[1] or "", rest[2:]
        else:
            script = posixpath.basename(rest[0] or "") if rest else ""
            if script == "setup.py" and {"install", "develop", "build", "build_ext", "bdist_wheel"} & set(rest[1:]):
                return ProjectInstall(run, command, statement, arguments, "setup.py", tuple(rest))
            return None
    if program not in VERBS:
        return None
    verb = next((text for text in rest if text is not None and not text.startswith("-")), None)
    if verb not in VERBS[program]:
        return None
    return ProjectInstall(run, command, statement, arguments, program, tuple(rest))
