"""A command line of Python, read as Python reads it: a module, code, a script, or what comes from its input."""

from __future__ import annotations

from dockslim.records import NamedTuple

__all__ = ["AROUND", "PythonLine", "is_python", "python_line"]

#: Options with a letter that take a word.
VALUED = frozenset("WX")
#: Modules that run the script or module that follows.
AROUND = frozenset(
    "cProfile coverage ddtrace debugpy kernprof memory_profiler pdb profile scalene trace viztracer".split()
)


class PythonLine(NamedTuple):
    """``kind`` is "-m", "-c" or "script", with its word (None: not known); "-" for its input, "" for none of these.

    ``rest`` are the words behind.
    """

    kind: str
    what: str | None
    rest: tuple[str | None, ...]


def is_python(program: str) -> bool:
    """Whether a program is an interpreter of Python: `python3.11`, `pypy`."""
    return program.rstrip("0123456789.-") in ("python", "pypy")


def python_line(words: tuple[str | None, ...]) -> PythonLine:
    """Read a command line whose first word is an interpreter; what merely runs another one around it is passed over."""
    at = 1
    while at < len(words):
        word = words[at]
        if word is None or word == "-" or not word.startswith("-"):
            return PythonLine("-" if word == "-" else "script", word, words[at + 1 :])
        at += 1
        if word.startswith("--"):
            at += word == "--check-hash-based-pycs"
            continue
        for place, letter in enumerate(word[1:], 2):
            if letter in "cm":
                glued = word[place:]
                what = glued or (words[at] if at < len(words) else "")
                rest = words[at:] if glued else words[at + 1 :]
                return around(rest) if letter == "m" and what in AROUND else PythonLine(f"-{letter}", what, rest)
            if letter in VALUED:
                at += not word[place:]
                break
    return PythonLine("", None, ())


def around(rest: tuple[str | None, ...]) -> PythonLine:
    """Read what a profiler or a debugger runs: `coverage run -m app`, `cProfile -o x app.py`."""
    for at, word in enumerate(rest):
        if word == "-m" or (word is not None and word.endswith(".py")):
            return python_line(("python", *rest[at:]))
    return PythonLine("script", None, rest)
