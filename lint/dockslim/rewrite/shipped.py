"""The application's sources: the Python files of the build context that a file copies."""

from __future__ import annotations

import posixpath
import re

from dockslim.model import Facts, Sources, sources
from dockslim.syntax import Add, Copy

__all__ = ["COMPILERS", "called_by_sources", "of_the_image"]


def of_the_image(facts: Facts) -> Sources:
    """Return what the Python files want that the stages copy; nothing where no context is at hand.

    Where only single files that are no sources are copied, the rest may come by a volume: then all of them count.
    """
    context = facts.context
    if context is None:
        return Sources()
    found: set[str] = set()
    for stage in facts.stages:
        for instruction in stage.instructions:
            if not isinstance(instruction, Copy | Add) or instruction.from_ is not None:
                continue
            for word in instruction.sources:
                path = word.expand(stage.scope(instruction).lookup)
                if path is None:
                    return sources(context)
                place = posixpath.normpath(re.split(r"[*?\[]", path.lstrip("/"))[0] or ".")
                if re.search(r"[*?\[]", path) and not context.is_folder(place):
                    place = posixpath.dirname(place)
                if place in (".", ""):
                    return sources(context)
                if place.endswith(".py") or context.is_folder(place):
                    found.add(place)
    return sources(context, "\n".join(sorted(found)))


#: What sources may call only where a compiler is there.
COMPILERS = frozenset("gcc g++ cc c++ clang clang++ gfortran ld nvcc".split())


def called_by_sources(found: Sources) -> list[str]:
    """Return the programs that sources call or may call by name; one that only builds ask is a mere word."""
    named = dict.fromkeys(program for program, _ in (*found.programs, *found.spoken))
    return [name for name in named if name not in COMPILERS and not name.endswith(("-config", "_config"))]
