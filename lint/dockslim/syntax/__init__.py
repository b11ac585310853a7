"""A Dockerfile as written."""
from .expand import UNSET, Lookup, Unset, expand
from .nodes import (Add, Arg, Cmd, Comment, Copy, Directive, Entrypoint, Env, Expose, File, Flag, From, Healthcheck, Heredoc, ImageReference, Instruction, Label, Maintainer, Mount, Onbuild, Pair, Run, Shell, StopSignal, SyntaxProblem, Unknown, User, Volume, Word, Workdir)
from .parser import parse
from .shell import Argument, Command, Redirect, Runs, Script, ShellWord, Statement
from .source import Position, Source
from .span import Span
__all__ = ["UNSET","Lookup","Unset","expand","Add","Arg","Cmd","Comment","Copy","Directive","Entrypoint","Env","Expose","File","Flag","From","Healthcheck","Heredoc","ImageReference","Instruction","Label","Maintainer","Mount","Onbuild","Pair","Run","Shell","StopSignal","SyntaxProblem","Unknown","User","Volume","Word","Workdir","parse","Argument","Command","Redirect","Runs","Script","ShellWord","Statement","Position","Source","Span"]
