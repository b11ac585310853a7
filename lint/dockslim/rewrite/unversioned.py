"""What is no Python and may want what goes: commands, scripts, settings that name a library or call a compiler."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dockslim.later import later
from dockslim.model import Context, Other, Stage
from dockslim.rewrite.culprits import Culprit
from dockslim.rewrite.tools import Use, read_script
from dockslim.syntax import Cmd, Entrypoint, Healthcheck

__all__ = ["called_by_settings", "named_without_version"]

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


#: A call of a compiler in a line of settings, and what has uwsgi start programs.
CALL = later(r"(?<![\w./-])(gcc|g\+\+|clang(?:\+\+)?|gfortran|nvcc|cmake|make)(?:-\d+)?(?= +[-/]| +\S+\.c)")
STARTS = later(r"(?m)^\s*(attach-daemon\d?|smart-attach-daemon\d?|exec-[\w-]+|hook-[\w-]+\s*=\s*exec\b|cron\d?)\s*[=:]")


def called_by_settings(stage: Stage, *, installs_uwsgi: bool, starts: bool) -> str:
    """Return what says that settings call what may go, where uwsgi reads them or sources start programs."""
    context = stage.facts.context
    if context is None or not (installs_uwsgi or starts):
        return ""
    values = [(f"the variable {name}", value or "") for name, value in stage.end.environment.items()] if starts else []
    for by, text in (*values, *settings(context)):
        call = CALL.search(text) if starts else None
        if call is not None:
            return f"{by} calls `{call[1]}`"
        if installs_uwsgi and by.endswith((".ini", ".yml", ".yaml")) and STARTS.search(text):
            return f"what {by} has uwsgi start is not known"
    return ""
