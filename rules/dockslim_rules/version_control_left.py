"""SLIM106."""

from __future__ import annotations

from collections.abc import Iterator

from dockslim.api import (
    Action,
    Example,
    Finding,
    Fix,
    Manager,
    Other,
    PackageInstall,
    PipInstall,
    Rule,
    Safety,
    Severity,
    Stage,
    TargetKind,
    append_command,
    closure,
    compiles,
    releases,
    requested,
)

__all__ = ["VersionControlLeft"]

#: The package, the command it is installed for.
TOOLS = {"git": "git", "git-core": "git", "mercurial": "hg", "subversion": "svn"}
#: Projects that call git when they run.
CALLERS = frozenset("gitpython dvc pre-commit dulwich pygit2 gitdb mlflow wandb aider-chat commitizen semgrep".split())


class VersionControlLeft(Rule):
    """Version control was installed for the install alone.

    git is needed to clone a requirement or a source tree; with Perl and what else it brings it weighs a hundred
    megabytes, and the program in the image never calls it.

    Flagged is a git (or hg, svn) that a RUN of the stage uses to clone or to install from a repository, where nothing
    that is known of the requirements, or of what starts in the container, calls it. Where install and use are in one
    RUN the fix removes it there again; it is unsafe, for the program may call git after all.
    """

    code = "SLIM106"
    name = "version-control-left"
    severity = Severity.INFO
    safety = Safety.UNSAFE
    examples = (
        Example(
            bad=(
                "FROM python:3.12-slim-bookworm\n"
                "RUN apt-get update && apt-get install -y «git» && pip install git+https://github.com/pallets/flask\n"
                'CMD ["flask"]\n'
            ),
            good=(
                "FROM python:3.12-slim-bookworm\n"
                "RUN apt-get update && apt-get install -y git && pip install git+https://github.com/pallets/flask "
                "&& apt-get purge -y --auto-remove git\n"
                'CMD ["flask"]\n'
            ),
        ),
        Example(
            bad=(
                "FROM python:3.12-slim-bookworm\nRUN apt-get update && apt-get install -y «git»\n"
                "RUN git clone https://github.com/a/b /src && make -C /src install\n"
                'CMD ["flask"]\n'
            ),
        ),
        Example(
            allow=(
                "FROM python:3.12-slim-bookworm\n"
                "RUN apt-get update && apt-get install -y git && pip install gitpython git+https://github.com/pallets/flask\n"
                'CMD ["flask"]\n'
            ),
            note="GitPython calls git when it runs.",
        ),
        Example(
            allow=(
                "FROM python:3.12-slim-bookworm\n"
                "RUN apt-get update && apt-get install -y git\nRUN git clone https://github.com/a/app /app\n"
                'CMD ["python", "/app/main.py"]\n'
            ),
            note="The checkout is the program itself, and may update itself.",
        ),
        Example(
            allow=(
                "FROM python:3.12-slim-bookworm\n"
                "RUN apt-get update && apt-get install -y git\nRUN pip install flask\n"
                'CMD ["flask"]\n'
            ),
            note="Nothing here needs it: perhaps the program does.",
        ),
        Example(
            allow=(
                "FROM python:3.12-slim-bookworm\n"
                "RUN apt-get update && apt-get install -y git && git clone https://github.com/pallets/flask /src\n"
                'CMD ["bash"]\n'
            ),
            note="Somebody works in it.",
        ),
        Example(
            allow=(
                "FROM python:3.12-slim-bookworm\n"
                "RUN apt-get update && apt-get install -y git && pip install git+https://github.com/pallets/flask\n"
                'ENTRYPOINT ["/entrypoint.sh"]\n'
            ),
            note="What the script calls is not known.",
        ),
    )

    def check_stage(self, stage: Stage) -> Iterator[Finding]:
        """Look for a tool that a RUN uses and nothing behind it does."""
        configuration = stage.facts.final_stage.configuration
        started = " ".join((*(configuration.entrypoint or ()), *(configuration.cmd or ())))
        if not started or "git" in started or started.split()[-1] in ("bash", "sh", "/bin/bash", "/bin/sh", '"bash"'):
            return
        if ".sh" in started or "entrypoint" in started:
            return  # what a script calls is not known
        names = {left.package.name for left in stage.left}
        if not names.intersection(TOOLS) or "git-lfs" in names:
            return
        asked = requested(stage)
        for left in stage.left:
            command = TOOLS.get(left.package.name or "")
            if command is None or left.removed_by is not None or not asked.complete or asked.names & CALLERS:
                continue
            uses = [action for action in stage.actions if calls(action, command)]
            if not uses or not all(builds(stage, each) for each in uses):
                continue
            yield self.finding(
                left.package,
                f"{left.package.name} serves line {uses[0].instruction.line} alone, yet it ships",
                cost_mb=weight(stage, left.package.name or "", left.action),
                help="clone or build in a stage of its own, or remove it in the same RUN",
                fix=purge(stage, left.action, left.package.name or "", uses),
            )


def calls(action: Action, command: str) -> bool:
    """Whether a command clones, or installs from a repository."""
    if isinstance(action, PipInstall):
        return any(
            (target.text or "").startswith(f"{command}+") or f"@ {command}+" in (target.text or "")
            for target in action.of(TargetKind.VCS)
        )
    return isinstance(action, Other) and action.program == command and action.has("clone", "checkout", "co")


def builds(stage: Stage, action: Action) -> bool:
    """Whether what is cloned is built or installed, and not a checkout that the program may update."""
    if isinstance(action, PipInstall):
        return True
    return any(
        isinstance(each, PipInstall) or (isinstance(each, Other) and compiles(each.program or "", each.texts))
        for each in stage.actions_of(action.instruction)
    )


def weight(stage: Stage, name: str, install: PackageInstall) -> float | None:
    """Return what a package brings along, in decimal megabytes."""
    release = stage.base.release
    if release is None or release not in releases():
        return None
    recommends = "--no-install-recommends" not in install.options
    others = [word.name for word in install.packages if word.name and word.name != name]
    base = stage.base.knowledge_base
    with_it = closure([*others, name], release, base, recommends=recommends)
    without = closure(others, release, base, recommends=recommends)
    return None if with_it.unknown else max(with_it.size_mb - without.size_mb, 0.0)


def purge(stage: Stage, install: PackageInstall, name: str, uses: list[Action]) -> Fix | None:
    """Remove the package at the end of the RUN that installs and uses it."""
    run = install.instruction
    if install.manager is not Manager.APT or any(each.instruction is not run for each in uses):
        return None
    edit = append_command(stage.facts.file, run, f"apt-get purge -y --auto-remove {name}")
    if edit is None:
        return None
    return Fix(f"SLIM106-{run.span.start}", f"remove {name} in the same RUN", (edit,), Safety.UNSAFE, phase=2)
