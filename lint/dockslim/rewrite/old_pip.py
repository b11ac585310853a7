"""Environments whose pip makes no wheels of older projects, though it installs them.

Without the project `wheel`, pip before 23.1 runs `setup.py install` for a source distribution that has a setup.py
alone; `pip wheel` fails there ("invalid command 'bdist_wheel'").  `python -m venv` puts no `wheel` into an environment,
and the pip that came with Python: 23.1 comes with 3.11.4 and 3.12.
"""

from __future__ import annotations

import re

from dockslim.model import Family, Other, PipInstall, Stage
from dockslim.rewrite.plan import RefusalError
from dockslim.rewrite.surroundings import environment_of

__all__ = ["refuse_old_pip"]

#: The first pip that makes wheels without the project `wheel`.
FIRST = (23, 1)
#: Releases whose own Python puts a newer pip into an environment.
NEWER = frozenset({"trixie", "forky", "noble", "resolute"})


def refuse_old_pip(stage: Stage, install: PipInstall) -> None:
    """Refuse wheels where the pip of an environment may make none; the environment can be handed over."""
    if not in_environment(stage, install) or not comes_with_old_pip(stage):
        return
    made = False
    for action in stage.actions:
        if action is install:
            break
        if isinstance(action, Other) and action.texts[1:3] == ("-m", "venv"):
            made = True
        if made and isinstance(action, PipInstall) and brings_newer(stage, action):
            return
    if made:
        why = "the pip that comes with this Python's environments makes no wheels of older projects"
        raise RefusalError(install.span, why, form=True)


def in_environment(stage: Stage, install: PipInstall) -> bool:
    """Whether an install may go into an environment, not to the interpreter's own packages."""
    program = install.texts[0] or ""
    if "/bin/" in program:
        return not program.startswith(("/usr/bin/", "/usr/local/bin/"))
    environment = environment_of(stage, install)
    first = (environment.get("PATH") or "").partition(":")[0]
    activated = any(
        isinstance(other, Other) and other.program in (".", "source") for other in stage.actions_of(install.instruction)
    )
    return bool(environment.get("VIRTUAL_ENV")) or "/usr/" not in f"{first}/" or activated


def comes_with_old_pip(stage: Stage) -> bool:
    """Whether `python -m venv` may put a pip before 23.1 into an environment."""
    base = stage.base
    if base.family is not Family.PYTHON:
        return base.release not in NEWER
    version = re.match(r"3\.(\d+)", base.python or "")
    if version is None:
        return base.python is None
    patch = re.search(r"3\.11\.(\d+)", base.reference or "")
    return int(version[1]) < 11 or (int(version[1]) == 11 and patch is not None and int(patch[1]) < 4)


def brings_newer(stage: Stage, install: PipInstall) -> bool:
    """Whether an install brings `wheel`, or a pip that does without."""
    last_is_old = (stage.base.python or "") in ("2.7", "3.5", "3.6")
    for target in install.targets:
        if target.project == "wheel":
            return True
        if target.project == "pip":
            text = target.text or ""
            least = re.search(r"(==|>=|~=)\s*(\d+)(?:\.(\d+))?", text)
            most = re.search(r"<=?\s*(\d+)(?:\.(\d+))?", text)
            if least is not None and (int(least[2]), int(least[3] or 0)) >= FIRST:
                return True
            fixed = least is not None and least[1] != ">="
            if fixed or (most is not None and (int(most[1]), int(most[2] or 0)) <= FIRST):
                continue
            # The last pip for Python 3.6 is 21.3.
            if install.option("--upgrade") is not None and not last_is_old:  # without it, whatever is there will do
                return True
    return False
