"""SLIM308."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from dockslim.api import Copy, Example, Finding, Other, ProjectInstall, Rule, Stage, references, working_directory

__all__ = ["MovedVirtualEnvironment"]


class MovedVirtualEnvironment(Rule):
    """A virtual environment is copied to another path.

    The scripts in its `bin` begin with the path of the Python beside them: `#!/build/.venv/bin/python`. Elsewhere they
    say *no such file or directory*, and `activate` sets a PATH that is not there.

    It has no fix: make the environment where it will be used, or start programs as `python -m NAME`.
    """

    code = "SLIM308"
    name = "moved-virtual-environment"
    examples = (
        Example(
            bad=(
                "FROM python:3.12-slim AS builder\nRUN python -m venv /build/venv\n"
                "RUN /build/venv/bin/pip install gunicorn\n"
                "FROM python:3.12-slim\nCOPY --from=builder /build/venv «/venv»\nENV PATH=/venv/bin:$PATH\n"
            ),
        ),
        Example(
            bad=(
                "FROM python:3.12-slim AS builder\nWORKDIR /build\nRUN uv sync --frozen\n"
                "FROM python:3.12-slim\nWORKDIR /app\nCOPY --from=builder /build/.venv «.venv»\n"
            ),
        ),
        Example(
            allow=(
                "FROM python:3.12-slim AS builder\nRUN python -m venv /venv && /venv/bin/pip install gunicorn\n"
                "FROM python:3.12-slim\nCOPY --from=builder /venv /venv\n"
            ),
        ),
        Example(
            allow=(
                "FROM python:3.12-slim AS builder\nWORKDIR /app\nRUN uv sync --frozen\n"
                "FROM python:3.12-slim\nWORKDIR /app\nCOPY --from=builder /app/.venv .venv\n"
            ),
        ),
        Example(
            allow=(
                "FROM python:3.12-slim AS builder\nRUN uv venv --relocatable /build/venv\n"
                "FROM python:3.12-slim\nCOPY --from=builder /build/venv /venv\n"
            ),
            note="Made to be moved.",
        ),
        Example(
            allow=(
                "FROM python:3.12-slim AS builder\nRUN python -m venv /build/venv\nFROM python:3.12-slim\n"
                "COPY --from=builder /build/venv /venv\nRUN ln -s /venv /build/venv\n"
            ),
            note="The old path is there, too.",
        ),
    )

    def check_stage(self, stage: Stage) -> Iterator[Finding]:
        """Look at each COPY of a virtual environment."""
        for reference in references(stage):
            source, copy = reference.stage, reference.instruction
            if source is None or not isinstance(copy, Copy) or len(copy.sources) != 1:
                continue
            came = copy.sources[0].expand(
                source.scope(copy).lookup if copy in source.instructions else stage.scope(copy).lookup
            )
            goes = copy.destination.expand(stage.scope(copy).lookup)
            if came is None or goes is None:
                continue
            came = posixpath.normpath("/" + came.lstrip("/"))
            goes = posixpath.normpath(posixpath.join(stage.workdir(copy), goes))
            if came == goes or came not in environments(source) or mended(stage, came):
                continue
            yield self.finding(
                copy.destination,
                f"made at {came}: its scripts start with that path, which is not here",
                help=f"make it at {goes} in the builder, too",
            )


def environments(stage: Stage) -> set[str]:
    """Return the paths of the virtual environments that a stage (or one it starts from) makes."""
    found: set[str] = set()
    for each in stage.lineage:
        for action in each.actions:
            texts = action.texts
            if action.has("--relocatable", "--script") or "sed" in texts[:1]:
                return set()
            folder = working_directory(each, action)
            if folder is None:
                continue
            environment = each.scope(action.instruction).environment
            if (
                isinstance(action, ProjectInstall)
                and action.tool == "uv"
                and "UV_PROJECT_ENVIRONMENT" not in environment
            ):
                if not action.has("--active", "--system", "--project", "--directory"):
                    found.add(posixpath.join(folder, ".venv"))
            elif isinstance(action, Other) and made(action):
                words = [text for text in texts[1:] if text is not None and not text.startswith("-")]
                last = (
                    words[-1]
                    if (words and words[-1] not in ("venv", "virtualenv")) or texts[-2:-1] == ("venv",)
                    else ""
                )
                if last:
                    found.add(posixpath.normpath(posixpath.join(folder, last)))
    return found


def made(action: Other) -> bool:
    """Whether a command makes a virtual environment: `python -m venv`, `virtualenv`, `uv venv`."""
    program, texts = action.program or "", action.texts
    if program.startswith("python"):
        return texts[1:3] in (("-m", "venv"), ("-m", "virtualenv"))
    return program == "virtualenv" or (program == "uv" and texts[1:2] == ("venv",))


def mended(stage: Stage, path: str) -> bool:
    """Whether the old path seems to be there as well, or the scripts to be rewritten."""
    name = path.rstrip("/")
    for run in stage.runs:
        if name in run.text or "sed" in run.text:
            return True
    return any(
        isinstance(each, Copy) and posixpath.normpath(each.destination.raw) in (name, posixpath.dirname(name))
        for each in stage.instructions
        if posixpath.dirname(name) != "/"
    )
