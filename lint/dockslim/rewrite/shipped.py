"""The application's sources: the Python files of the build context that a file copies."""

from __future__ import annotations

import posixpath
import re

from dockslim.later import later
from dockslim.model import TESTS, Context, Facts, Sources, left_out, sources
from dockslim.rewrite.started import COMPILERS, started
from dockslim.syntax import Add, Copy

__all__ = ["called_by_sources", "of_the_image"]


#: A Python file that a command names, and what runs tests.
NAMED = later(r"(?<![\w./-])[\w./-]+\.py\b")
#: A module that a command names: `python -m tests.run`, `uvicorn build:app`.
MODULE = later(r"-[mA][\"', ]+([\w.]+)|(?<![\w.])([\w.]+):[A-Za-z_]\w*")
RUNS_TESTS = later(r"\b(py\.?test|unittest|nose2|nosetests|manage\.py[\"', ]+test)\b")


def named_apart(facts: Facts, context: Context) -> list[str]:
    """Return what is left out otherwise and commands of the file name: `python tests/run.py`, tests where they run."""
    found: list[str] = []
    text = facts.file.text
    words = [match[0] for match in NAMED.finditer(text)]
    words += [(match[1] or match[2]).replace(".", "/") + ".py" for match in MODULE.finditer(text)]
    for word in words:
        parts = posixpath.normpath(word.lstrip("/")).split("/")
        if parts[-1] == "setup.py" or not left_out(parts):
            continue
        ways = ("/".join(parts[at:]) for at in range(len(parts)))
        found += [path for path in ways if context.exists(path)][:1]
    if RUNS_TESTS.search(text):
        found.append(TESTS)
    return list(dict.fromkeys(found))


def of_the_image(facts: Facts) -> Sources:
    """Return what the Python files want that the stages copy; nothing where no context is at hand.

    Where only single files that are no sources are copied, the rest may come by a volume: then all of them count.
    """
    if facts.context is None:
        return Sources()
    if "sources" not in facts.memory:
        facts.memory["sources"] = look(facts, facts.context)
    return facts.memory["sources"]  # type: ignore[return-value]


def look(facts: Facts, context: Context) -> Sources:
    """Find out which files are copied, and read them."""
    apart = named_apart(facts, context)
    everything = "\n".join(["", *apart]) if apart else ""
    found = set(apart)
    for stage in facts.stages:
        for instruction in stage.instructions:
            if not isinstance(instruction, Copy | Add) or instruction.from_ is not None:
                continue
            for word in instruction.sources:
                path = word.expand(stage.scope(instruction).lookup)
                if path is None:
                    return sources(context, everything)
                place = posixpath.normpath(re.split(r"[*?\[]", path.lstrip("/"))[0] or ".")
                if re.search(r"[*?\[]", path) and not context.is_folder(place):
                    place = posixpath.dirname(place)
                if place in (".", ""):
                    return sources(context, everything)
                if place.endswith(".py") or context.is_folder(place):
                    found.add(place)
    return sources(context, "\n".join(sorted(found)))


def called_by_sources(found: Sources) -> list[str]:
    """Return the programs that sources call or may call by name; one that only builds ask is a mere word."""
    named = dict.fromkeys(program for program, _ in (*started(found.commands, found.named).programs, *found.spoken))
    return [name for name in named if name not in COMPILERS and not name.endswith(("-config", "_config"))]
