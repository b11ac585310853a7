"""A Dockerfile as written: source text and spans, the grammar, typed nodes, the shell inside RUN."""

from __future__ import annotations

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
from .shell import Argument, Command, Redirect, Runs, Script, ShellWord, Statement
from .source import Position, Source
from .span import Span
from .words import Comment, Directive, Flag, Heredoc, Mount, Pair, SyntaxProblem, Word

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
