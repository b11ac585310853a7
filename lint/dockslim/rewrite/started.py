"""What the command lines of the application's sources start, and those that they only hold."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache

from dockslim.later import later
from dockslim.records import NamedTuple
from dockslim.rewrite import programs
from dockslim.rewrite.carriers import SHELLS, carried, of_text, runs_unseen

__all__ = ["COMPILERS", "Started", "started"]

#: What sources may call only where a compiler is there.
COMPILERS = frozenset("gcc g++ cc c++ clang clang++ gfortran ld nvcc tcc".split())
#: A compiler for another machine, or one of which a part of the name is not known.
OTHER_COMPILERS = later(r"(?:[\w-]+-)?(?:gcc|g\+\+|clang|gfortran)(?:-[\w.]+)?$")
#: A compiler by the variable that names it.
BY_VARIABLE = later(r"(?:^|[;&|]\s*)['\"]?\$\{?(?:CC|CXX|FC|LD|MAKE)\b")
#: What only compilers are handed.
SOURCE = later(r"\.(?:c|cc|cpp|cxx|cu|f90|pyx|o)$")
#: Folders whose programs are called by their names alone, too.
OF_THE_SYSTEM = ("/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin")
#: Options with which a compiler only says what it is.
ASKING = frozenset({"--version", "-v", "-V", "--help", "-dumpversion", "-dumpmachine"})


class Started(NamedTuple):
    """Pairs of a program and the first file that starts it, a compiler among them with its file, and a doubt.

    ``doubt`` says what else may compile, install, or do what nobody sees; empty where nothing may.
    """

    programs: tuple[tuple[str, str], ...] = ()
    compiler: tuple[str, str] | None = None
    doubt: str = ""


@lru_cache(maxsize=64)
def started(commands: tuple[tuple[str, str], ...], named: tuple[tuple[str, str], ...]) -> Started:
    """Return what the command lines of sources start, `Sources.commands`, and what those in `Sources.named` may."""
    found: dict[str, str] = {}
    compiler: tuple[str, str] | None = None
    doubt = ""
    for path, line in commands:
        if BY_VARIABLE.search(line) is not None:
            doubt = doubt or f"{path} calls a compiler by a variable"
        for words in lines_of(line):
            first = words[0] or ""
            program = posixpath.basename(first)
            if not program:
                doubt = doubt or behind_unknown(path, words)
                continue
            if "/" not in first or posixpath.dirname(first) in OF_THE_SYSTEM:
                found.setdefault(program, path)
            for each in programs.implied(program, words):
                found.setdefault(each, path)
            if is_compiler(program) and not ASKING & set(words):
                compiler = compiler or (program, path)
            said = doubtful(words)
            doubt = doubt or (f"{path} {said}" if said else "")
    return Started(tuple(found.items()), compiler, doubt or held(named))


def held(named: tuple[tuple[str, str], ...]) -> str:
    """Return the first of the command lines that are only held and may need more; empty where none does."""
    for path, line in named:
        for words in lines_of(line):
            if doubtful(words) if words[0] else behind_unknown(path, words):
                return f"{path} names {beginning(words)}, and programs are started"
    return ""


def beginning(words: tuple[str | None, ...]) -> str:
    """Return the first words of a command line for a message."""
    return f"`{' '.join(word or '…' for word in words[:2])}`"


def is_compiler(program: str) -> bool:
    """Whether a program is a compiler or a linker."""
    return programs.bare(program) in COMPILERS or OTHER_COMPILERS.match(program) is not None


def doubtful(words: tuple[str | None, ...]) -> str:
    """Return what a command line may do that the image needs more for; empty where it needs nothing."""
    first = words[0] or ""
    program = posixpath.basename(first)
    name = beginning(words)
    if is_compiler(program):
        return f"calls `{program}`, which compiles"
    if programs.compiles(program, words) and not (len(words) == 1 and program in ("npm", "pnpm", "yarn")):
        return f"calls {name}, which may compile"
    if programs.installs(program, words) or asks_to_install(program, words):
        return "installs packages while it runs"
    if program in programs.BUILDING or runs_unseen(program, words):
        return f"calls {name}, and what that needs is not known"
    script = script_of(first, words)
    if script and not script.endswith(".py"):
        return f"starts {script}, and what that needs is not known"
    return ""


def asks_to_install(program: str, words: tuple[str | None, ...]) -> bool:
    """Whether pip is called with a word that is not known, or another installer with one that installs."""
    rest = words[1:]
    if programs.is_python(program) and rest[:2] == ("-m", "pip"):
        program, rest = "pip", rest[2:]
    if programs.bare(program) == "pip" and rest[:1] == (None,):
        return True
    return program == "easy_install" or (
        program in ("conda", "mamba", "micromamba") and bool({"install", "create"} & set(rest))
    )


def script_of(first: str, words: tuple[str | None, ...]) -> str:
    """Return the script or program of the user's own that a command line starts; empty where it starts none."""
    program = posixpath.basename(first)
    if program in SHELLS or program in (".", "source"):
        scripts = (word for word in words[1:] if word and not word.startswith(("-", "+")))
        return "" if "-c" in words else next(scripts, "")
    own = "/" in first and posixpath.dirname(first) not in OF_THE_SYSTEM
    return first if own or program.endswith((".sh", ".bash")) else ""


def behind_unknown(path: str, words: tuple[str | None, ...]) -> str:
    """Return what stands behind a program that is not known: `$_ make all`, `$_ -m pip install x`."""
    for at, word in enumerate(words[1:], 1):
        program = posixpath.basename(word or "")
        if is_compiler(program) or program in ("make", "cmake", "setup.py") or SOURCE.search(program):
            return f"{path} calls `… {program}`, which may compile"
        if word == "-m" and programs.installs("python", ("python", *words[at:])):
            return f"{path} installs packages while it runs"
    return ""


def lines_of(line: str) -> Iterator[tuple[str | None, ...]]:
    """Yield the commands of one command line, and those that they run in their turn."""
    todo = list(of_text(re.sub(r"\$_/", "./", line)))
    if todo == [(None,)] and line.strip("$_ "):  # no shell reads it
        todo = [(None, *line.split())]
    while todo:
        words = todo.pop(0)
        yield words
        todo += carried(posixpath.basename(words[0] or ""), words)
