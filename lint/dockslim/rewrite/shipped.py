"""The application's sources: the Python files of the build context that a file copies."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache

from dockslim.later import later
from dockslim.model import TESTS, Facts, Sources, left_out, sources
from dockslim.records import NamedTuple
from dockslim.rewrite.carriers import carried, of_text
from dockslim.rewrite.programs import bare, compiles
from dockslim.rewrite.programs import installs as programs_install
from dockslim.syntax import Add, Copy

__all__ = ["COMPILERS", "called_by_sources", "of_the_image", "started"]


#: A Python file that a command names, and what runs tests.
NAMED = later(r"[\w./-]+\.py\b")
#: A module that a command names: `python -m tests.run`, `uvicorn build:app`.
MODULE = later(r"(?:-m[\"', ]+)([\w.]+)|([\w.]+):[A-Za-z_]\w*")
RUNS_TESTS = later(r"\b(py\.?test|unittest|nose2|nosetests|manage\.py[\"', ]+test)\b")


def named_apart(facts: Facts) -> list[str]:
    """Return what is left out otherwise and commands of the file name: `python tests/run.py`, tests where they run."""
    context = facts.context
    found: list[str] = []
    text = facts.file.text
    words = [match[0] for match in NAMED.finditer(text)]
    words += [(match[1] or match[2]).replace(".", "/") + ".py" for match in MODULE.finditer(text)]
    for word in words:
        parts = posixpath.normpath(word.lstrip("/")).split("/")
        if context is None or parts[-1] == "setup.py" or not left_out(parts):
            continue
        ways = ("/".join(parts[at:]) for at in range(len(parts)))
        found += [path for path in ways if context.exists(path)][:1]
    if context is not None and RUNS_TESTS.search(text):
        found.append(TESTS)
    return list(dict.fromkeys(found))


def of_the_image(facts: Facts) -> Sources:
    """Return what the Python files want that the stages copy; nothing where no context is at hand.

    Where only single files that are no sources are copied, the rest may come by a volume: then all of them count.
    """
    context = facts.context
    if context is None:
        return Sources()
    apart = named_apart(facts)
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


#: What sources may call only where a compiler is there.
COMPILERS = frozenset("gcc g++ cc c++ clang clang++ gfortran ld nvcc".split())
#: Folders whose programs are called by their names alone, too.
OF_THE_SYSTEM = ("/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin")
SHELLS = ("sh", "bash", "dash", "zsh")


class Started(NamedTuple):
    """What sources start: pairs of a program and the first file that does, and what is known of it, else empty.

    ``compiler`` is a pair of a compiler and a file that calls it; ``builder`` one of a program that calls a compiler
    when it suits it; ``script`` says which file starts a program of the user's own; ``installs`` is a file.
    """

    programs: tuple[tuple[str, str], ...] = ()
    compiler: tuple[str, str] = ("", "")
    builder: tuple[str, str] = ("", "")
    script: str = ""
    installs: str = ""


@lru_cache(maxsize=64)
def started(commands: tuple[tuple[str, str], ...]) -> Started:
    """Return what the command lines of sources start, `Sources.commands`."""
    named: dict[str, str] = {}
    compiler = builder = ("", "")
    script = installs = ""
    for path, line in commands:
        for words in lines_of(line):
            first = words[0] or ""
            program = posixpath.basename(first)
            if program in SHELLS and len(words) > 1 and not (words[1] or "").startswith("-"):
                first, program = words[1] or "", posixpath.basename(words[1] or "")
            if not program:
                continue
            if ("/" in first and posixpath.dirname(first) not in OF_THE_SYSTEM) or program.endswith(".sh"):
                script = script or (f"{path} starts {first}" if not program.endswith(".py") else "")
            else:
                named.setdefault(program, path)
            if bare(program) in COMPILERS or program in COMPILERS:
                compiler = compiler if compiler[0] else (program, path)
            elif compiles(program, words):
                builder = builder if builder[0] else (" ".join(map(str, words[:2])), path)
            elif programs_install(program, words):
                installs = installs or path
    return Started(tuple(named.items()), compiler, builder, script, installs)


def lines_of(line: str) -> Iterator[tuple[str | None, ...]]:
    """Yield the commands of one command line, and those that they run in their turn."""
    from dockslim.model import UNKNOWN  # few files need it

    todo = list(of_text(line.replace(f"{UNKNOWN}/", "./")))
    while todo:
        words = todo.pop(0)
        yield words
        todo += carried(posixpath.basename(words[0] or ""), words)


def called_by_sources(found: Sources) -> list[str]:
    """Return the programs that sources call or may call by name; one that only builds ask is a mere word."""
    named = dict.fromkeys(program for program, _ in (*started(found.commands).programs, *found.spoken))
    return [name for name in named if name not in COMPILERS and not name.endswith(("-config", "_config"))]
