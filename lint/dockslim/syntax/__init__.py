r"""A Dockerfile as written: source text and spans, the grammar, typed nodes, the shell inside RUN.

`parse` takes text or bytes and raises nothing.  What it gives is the source again, and everything in it has a place:

>>> from dockslim.syntax import From, Run, parse
>>> file = parse(
...     "FROM python:3.12 AS build\n"
...     "RUN apt-get update && \\\n"
...     "    # the compiler\n"
...     "    apt-get install -y gcc || exit 1\n"
... )
>>> [(instruction.name, instruction.line, instruction.end_line) for instruction in file.instructions]
[('FROM', 1, 1), ('RUN', 2, 4)]
>>> stage = file.find(From)[0]
>>> stage.image.repository, stage.image.tag, stage.stage_name, stage.line
('python', '3.12', Word('build'), 1)

Each RUN has its commands as the shell sees them, words with their place in the file:

>>> update, install, leave = file.find(Run)[0].script.commands
>>> install.name, [word.raw for word in install.words], install.runs
('apt-get', ['apt-get', 'install', '-y', 'gcc'], <Runs.ALWAYS: 'always'>)
>>> gcc = install.words[3]
>>> file.source.position(gcc.span.start)
Position(line=4, column=24)

Changes are made by place, and nothing else moves:

>>> print(file.replace((stage.image.tag_span, "3.13"), (gcc, "gcc g++")))
FROM python:3.13 AS build
RUN apt-get update && \
    # the compiler
    apt-get install -y gcc g++ || exit 1
<BLANKLINE>

What BuildKit would refuse is told, with what it would have wanted:

>>> parse("FROM python:3.12 build\n").problems[0].message
"FROM cannot take 'build' here: expected `AS`"
"""

from __future__ import annotations

from dockslim.later import TYPE_CHECKING

from .expand import UNSET, Lookup, Unset, expand
from .file import File
from .image import ImageReference
from .instruction import Instruction
from .instructions import (
    Add,
    Arg,
    Cmd,
    CommandInstruction,
    Copy,
    Entrypoint,
    Env,
    Expose,
    From,
    Healthcheck,
    Label,
    Maintainer,
    Onbuild,
    Run,
    Shell,
    StopSignal,
    Unknown,
    User,
    Volume,
    Workdir,
)
from .parser import parse
from .source import Position, Source
from .span import Span
from .words import Comment, Directive, Flag, Heredoc, Mount, Pair, SyntaxProblem, Word

if TYPE_CHECKING:
    from .shell import Argument, Command, Redirect, Runs, Script, ShellWord, Statement

__all__ = [
    "UNSET",
    "Add",
    "Arg",
    "Argument",
    "Cmd",
    "Command",
    "CommandInstruction",
    "Comment",
    "Copy",
    "Directive",
    "Entrypoint",
    "Env",
    "Expose",
    "File",
    "Flag",
    "From",
    "Healthcheck",
    "Heredoc",
    "ImageReference",
    "Instruction",
    "Label",
    "Lookup",
    "Maintainer",
    "Mount",
    "Onbuild",
    "Pair",
    "Position",
    "Redirect",
    "Run",
    "Runs",
    "Script",
    "Shell",
    "ShellWord",
    "Source",
    "Span",
    "Statement",
    "StopSignal",
    "SyntaxProblem",
    "Unknown",
    "Unset",
    "User",
    "Volume",
    "Word",
    "Workdir",
    "expand",
    "parse",
]

SHELL = frozenset({"Argument", "Command", "Redirect", "Runs", "Script", "ShellWord", "Statement"})


def __getattr__(name: str) -> object:
    # The shell is only needed where a script is asked for.
    if name in SHELL:
        from . import shell

        value: object = getattr(shell, name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
