"""Libraries by the name that only a development package has, in what is no Python: commands, scripts, settings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dockslim.later import later
from dockslim.model import Context, Other, Stage
from dockslim.rewrite.culprits import Culprit
from dockslim.rewrite.tools import Use, read_script
from dockslim.syntax import Cmd, Entrypoint, Healthcheck

__all__ = ["named_without_version"]

#: `libjemalloc.so`, and not `libjemalloc.so.2` or `libjemalloc.so*`; a driver of ODBC has no other name.
UNVERSIONED = later(r"(?<!/odbc/)(?<![\w.-])(lib[\w+-]+\.so)(?![\w.*?-])")
#: Settings of programs and of the application, by the ends of their names, one a line.
SETTINGS = (
    ".env\n.env.docker\n.env.local\n.env.prod\n.env.production\n.ini\n.conf\n.cfg\n.yml\n.yaml\n.toml\n.properties\n"
    ".service"
)
#: Files of which nothing is read while a program runs.
APART = frozenset(
    {"docker-compose.yml", "docker-compose.yaml", "pyproject.toml", "setup.cfg", "tox.ini", "odbcinst.ini"}
)


def named_without_version(stage: Stage, guilty: Sequence[Culprit], uses: Sequence[Use]) -> str:
    """Return the library that something names as only a development package has it, and what does; else empty."""
    if not any(culprit.name.endswith(("-dev", "-devel")) for culprit in guilty):
        return ""
    for by, text in texts(stage, uses):
        found = UNVERSIONED.search(text) if ".so" in text else None
        if found is not None:
            return f"{by}: {found[1]}"
    return ""


def texts(stage: Stage, uses: Sequence[Use]) -> Iterator[tuple[str, str]]:
    """Yield what may name a library, each with what to call it."""
    source = stage.facts.file.text
    for holder in stage.lineage:
        for instruction in holder.instructions:
            if isinstance(instruction, Cmd | Entrypoint | Healthcheck):
                yield instruction.name, source[instruction.span.start : instruction.span.end]
    for run in stage.runs:
        for action in stage.actions_of(run):
            if isinstance(action, Other):
                yield "RUN", " ".join(text or "" for text in action.texts[1:])
    for use in {use.by: use for use in uses if not use.by.isupper()}.values():
        yield use.by, read_script(stage, use.instruction, use.by) or ""
    context = stage.facts.context
    if context is not None:
        yield from settings(context)


def settings(context: Context) -> Iterator[tuple[str, str]]:
    """Yield the files of settings in the build context, two folders deep."""
    for path in context.ending(SETTINGS):
        if path.rpartition("/")[2] not in APART:
            yield path, context.read(path) or ""
