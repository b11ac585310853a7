"""SLIM109."""

from __future__ import annotations

from collections.abc import Iterator

from dockslim.api import (
    CulpritKind,
    Example,
    Family,
    Finding,
    Fix,
    Other,
    Refused,
    Rule,
    Safety,
    Severity,
    Stage,
    compiles,
    culprits,
    rewrite,
    without_packages,
)

__all__ = ["IdleBuildTools"]

#: How the rewrite says that nothing is there to be built.
NOTHING = "no Python package is installed"


class IdleBuildTools(Rule):
    """Build tools are installed, and nothing in the image's making uses them.

    SLIM101 names each of them; this says why no builder stage is offered: no install is left that could compile.
    Perhaps it moved elsewhere long ago, perhaps the program calls them.

    The fix leaves them out of the install. It is unsafe: whether nothing needs them cannot be seen here.
    """

    code = "SLIM109"
    name = "idle-build-tools"
    severity = Severity.INFO
    safety = Safety.UNSAFE
    examples = (
        Example(
            bad='FROM python:3.12-slim-bookworm\nRUN apt-get update && apt-get «install» -y curl gcc\nCMD ["python"]\n',
            good='FROM python:3.12-slim-bookworm\nRUN apt-get update && apt-get install -y curl\nCMD ["python"]\n',
        ),
        Example(
            allow="FROM python:3.12-slim\nRUN apt-get update && apt-get install -y gcc\nRUN pip install cffi\n",
            note="An install may compile.",
        ),
        Example(
            allow='FROM python:3.12-slim-bookworm\nRUN apt-get update && apt-get install -y gcc\nCMD ["gcc", "a.c"]\n',
            note="The container compiles.",
        ),
        Example(
            allow="FROM python:3.12-slim-bookworm\nRUN apt-get update && apt-get install -y gcc\n",
            note="It starts nothing: a base for images that compile.",
        ),
        Example(
            allow=(
                "FROM pypy:3.11-slim\nRUN apt-get update && apt-get install -y gcc && pypy3 _ssl_build.py\n"
                'CMD ["pypy3"]\n'
            ),
            note="The script may compile.",
        ),
    )

    def check_stage(self, stage: Stage) -> Iterator[Finding]:
        """Ask the rewrite why it has nothing to do."""
        configuration = stage.facts.final_stage.configuration
        found = [culprit for culprit in culprits(stage) if culprit.kind is not CulpritKind.FULL_BASE and culprit.left]
        if not found or stage.base.family is not Family.PYTHON:
            return
        if not (configuration.cmd or configuration.entrypoint) or any(
            each.parent is stage for each in stage.facts.stages
        ):
            return
        answer = rewrite(stage)
        if not isinstance(answer, Refused) or not answer.reason.startswith(NOTHING) or stage.unreadable_runs:
            return
        installs = {id(culprit.left.action): culprit.left.action for culprit in found if culprit.left}
        if any(isinstance(action, Other) and busy(action) for each in stage.facts.stages for action in each.actions):
            return
        started = (*(configuration.entrypoint or ()), *(configuration.cmd or ()))
        if any(script(word) or compiles(word.rpartition("/")[2], started) for text in started for word in text.split()):
            return
        for action in installs.values():
            if not action.certain:
                continue
            names = [culprit.name for culprit in found if culprit.left and culprit.left.action is action]
            edits = without_packages(stage.facts.file, action, names)
            fix = None
            if edits is not None:
                fix = Fix(f"SLIM109-{action.verb.start}", "leave them out", edits, Safety.UNSAFE)
            yield self.finding(action.verb, f"nothing here compiles: {', '.join(names)} may simply be unused", fix=fix)


def busy(action: Other) -> bool:
    """Whether a command compiles, or may."""
    program = action.program
    if program is not None and program.startswith(("python", "pypy")) and not action.has("-m", "-c", "--version"):
        return True
    return program is None or compiles(program, action.texts) or script(action.texts[0] or "")


def script(word: str) -> bool:
    """Whether a word is the path of a script, or a shell."""
    return word.endswith((".sh", ".bash")) or word.startswith("./") or word in ("sh", "bash", "/bin/sh", "/bin/bash")
