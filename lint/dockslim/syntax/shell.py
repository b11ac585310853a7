"""The shell inside an instruction: statements, commands and words, each with its place in the file.

What `Command.runs` says holds for a run of the whole script that succeeds:

- ``ALWAYS``: the command ran, and it succeeded.  Commands joined by `&&`; what follows `||`'s right side by `&&`; the
  last of several joined by `;`, line breaks, in a group or subshell; all of those after `set -e` that stand alone (in
  `a && b; c` the shell goes on with `c` when `a` fails, `set -e` or not); the last member of a pipeline, all members
  after `set -o pipefail`; the left side of `|| exit 1` and its like.
- ``MAY_FAIL``: it ran, but a failure would have gone unnoticed: the left side of `||`, what stands before `;` or a
  line break without `set -e`, the other members of a pipeline, what follows `!` or precedes `&`, the condition of an
  `if` or `while`, commands in `$(...)`.
- ``CONDITIONAL``: it may not have run at all: the right side of `||`, the bodies of `if`, `for`, `while`, `case` and
  functions, and in a list whose failure goes unnoticed all but its first command.
"""

from __future__ import annotations

import enum
from bisect import bisect_left
from collections.abc import Callable

from dockslim.later import TYPE_CHECKING
from dockslim.records import NamedTuple

from . import wrappers
from .expand import UNSET, ExpansionError, Lookup, Machine, Unset, variables_in
from .joined import Joined
from .span import Span

if TYPE_CHECKING:
    from typing import Any

__all__ = ["Argument", "Assignment", "Command", "Redirect", "Runs", "Script", "ShellWord", "Statement"]


class Runs(enum.Enum):
    """How sure it is that a command ran and succeeded."""

    ALWAYS = "always"
    CONDITIONAL = "conditional"
    MAY_FAIL = "may fail"


class Argument(NamedTuple):
    """An argument as the program gets it: its text (None: unknown), the word it comes from, and that one's number."""

    text: str | None
    word: ShellWord | Command
    word_index: int

    @property
    def span(self) -> Span:
        """The place of the word."""
        return self.word.span


class Redirect(NamedTuple):
    """A redirection, as written."""

    span: Span
    raw: str


class Assignment(NamedTuple):
    """A `NAME=value`: where it stands in the script, and whether it is sure to be made."""

    offset: int
    name: str
    word: ShellWord | None
    certain: bool


class ShellWord:
    """A word of a command.

    ``dynamic`` words hold what cannot be told from the text: command substitutions, arithmetic, brace expansions.
    """

    __slots__ = ("_place", "dynamic", "raw", "span")

    span: Span
    #: As written, continuations joined away.
    raw: str

    def __init__(self, place: Span | tuple[Joined, int, int], raw: str | None, dynamic: bool = False) -> None:
        """``place`` may be a text and where the word stands in it, ``raw`` is cut out of that where it is None."""
        self._place, self.dynamic = place, dynamic
        if raw is not None:
            self.raw = raw

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            # Called for a slot that is still empty: most words are never asked where they stand.
            if name == "span":
                place = self._place
                self.span = place if isinstance(place, Span) else place[0].span(place[1], place[2])
                return self.span
            if name == "raw":
                joined, start, end = self._place
                self.raw = joined.text[start:end]
                return self.raw
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the variables in it."""
        return variables_in(self.raw)

    @property
    def value(self) -> str | None:
        """Its value, quotes gone; None where it holds variables or is dynamic."""
        if self.dynamic:
            return None
        if "$" in self.raw and (self.variables or has_parameters(self.raw)):
            return None
        return self.expand(nothing)

    def expand(self, lookup: Lookup) -> str | None:
        """Return its value, fields not split; None where it is not known."""
        if self.dynamic:
            return None
        plain = literal(self.raw)
        if plain is not None:
            return plain
        try:
            return Machine(self.raw, shell_lookup(lookup), "\\").run()
        except ExpansionError:
            return None

    def fields(self, lookup: Lookup) -> list[str] | None:
        """Return the arguments that it makes: blanks in an unquoted variable split it.  None where not known."""
        if self.dynamic:
            return None
        plain = literal(self.raw)
        if plain is not None:
            return [plain]
        machine = Machine(self.raw, shell_lookup(lookup), "\\", words=True)
        try:
            if machine.run() is None:
                return None
        except ExpansionError:
            return None
        found = [piece.text for piece in machine.found]
        return found if found or not ("'" in self.raw or '"' in self.raw) else [""]

    def __repr__(self) -> str:
        return f"ShellWord({self.raw!r})"


#: Makes a named tuple without a call of its own constructor, which is a function of Python: a third of the time.
new_tuple = tuple.__new__


def special(raw: str) -> bool:
    return "$" in raw or '"' in raw or "'" in raw or "\\" in raw


def literal(raw: str) -> str | None:
    """Return the value of a word without quotes, or of one that is a single plain quotation; None for any other."""
    if not special(raw):
        return raw
    quote = raw[0]
    inner = raw[1:-1]
    if (
        quote == raw[-1]
        and len(raw) > 1
        and ((quote == '"' and not special(inner)) or (quote == "'" and "'" not in inner))
    ):
        return inner
    return None


def nothing(name: str) -> None:
    return None


def has_parameters(raw: str) -> bool:
    """Whether a parameter such as `$1` or `$@` is in a word."""
    return any(each.isdigit() or each in "@*#?-$!" for each in parameters(raw))


def parameters(raw: str) -> list[str]:
    machine = Machine(raw, lambda name: UNSET, "\\")
    try:
        machine.run()
    except ExpansionError:
        return ["?"]
    return [name for name in machine.names if name]


#: What a shell sets by itself.
SHELL_OWN = frozenset(
    "HOME PATH PWD OLDPWD IFS UID EUID USER LOGNAME HOSTNAME RANDOM PPID SHLVL SHELL OSTYPE LINENO OPTIND REPLY".split()
)


def shell_lookup(lookup: Lookup) -> Callable[[str], str | Unset | None]:
    """Return a lookup that leaves unknown what only the shell knows."""

    def look(name: str) -> str | Unset | None:
        value = lookup(name)
        if isinstance(value, Unset) and (not name[0].isidentifier() or name in SHELL_OWN or name.startswith("BASH")):
            return None
        return value

    return look


class Command:
    """A simple command, what stands before its program (sudo, env, `sh -c`) taken off into ``wrappers``."""

    __slots__ = (
        "assignments",
        "depth",
        "more",
        "offset",
        "redirects",
        "runs",
        "script",
        "span",
        "statement",
        "words",
        "wrappers",
    )

    def __init__(
        self,
        script: Script,
        offset: int,
        span: Span,
        words: tuple[ShellWord, ...],
        wrappers: tuple[str, ...] = (),
        assignments: tuple[str, ...] = (),
        redirects: tuple[Redirect, ...] = (),
        runs: Runs = Runs.ALWAYS,
        statement: int = 0,
        depth: int = 0,
        more: bool = False,
    ) -> None:
        self.script, self.offset, self.span, self.words, self.wrappers = script, offset, span, words, wrappers
        #: `NAME=value` before the program, as written.
        self.assignments = assignments
        self.redirects = redirects
        self.runs = runs
        #: The number of the top-level statement that it is in.
        self.statement = statement
        #: 0: it is a top-level statement itself.
        self.depth = depth
        #: The program gets further arguments that are not known (xargs).
        self.more = more

    @property
    def name(self) -> str | None:
        """The program, None where it is not a plain word."""
        return self.words[0].value if self.words else None

    def argv(self, lookup: Lookup) -> tuple[Argument, ...] | None:
        """Return program and arguments with variables put in; None where the program is not known.

        ``lookup`` answers for ENV and ARG; what the script itself assigned before comes first.
        """
        found: list[Argument] = []
        look = self.script.scope(self.offset, lookup)
        for number, word in enumerate(self.words):
            if not word.dynamic and not special(word.raw):
                found.append(new_tuple(Argument, (word.raw, word, number)))
                continue
            fields = word.fields(look)
            if fields is None:
                found.append(Argument(None, word, number))
            else:
                found += [Argument(field, word, number) for field in fields]
        if self.more:
            found.append(Argument(None, self.words[-1] if self.words else self, max(len(self.words) - 1, 0)))
        if self.words and "$" in self.words[0].raw:
            # A wrapper that came out of a variable.
            found = found[wrappers.unwrap([each.text for each in found])[0] :]
        if not found:
            return None if self.words else ()
        return tuple(found) if found[0].text is not None else None

    def __repr__(self) -> str:
        return f"Command({' '.join(word.raw for word in self.words)!r}, {self.runs.value})"


class Statement:
    """A member of the script's list: what stands between `&&`, `||`, `;`, `&` and line breaks."""

    __slots__ = ("commands", "kind", "operator", "operator_span", "span")

    def __init__(self, span: Span, kind: str, operator: str, operator_span: Span | None) -> None:
        self.span = span
        #: command, pipeline, subshell, group, if, for, while, case, function, assignment, test or other.
        self.kind = kind
        #: The operator before it, empty for the first one.
        self.operator, self.operator_span = operator, operator_span
        self.commands: tuple[Command, ...] = ()

    def __repr__(self) -> str:
        return f"Statement({self.operator!r}, {self.kind})"


class Script:
    """A script; ``problem`` says why it could not be read, and then nothing of it is known."""

    def __init__(self, joined: Joined, interpreter: str | None = None, problem: str | None = None) -> None:
        self.joined = joined
        #: The script as the shell gets it.
        self.text = joined.text
        #: What reads it, where that is no shell.
        self.interpreter = interpreter
        self.problem = problem
        self.statements: tuple[Statement, ...] = ()
        #: Every simple command, nested ones too, in source order.
        self.commands: tuple[Command, ...] = ()
        self.made: list[Assignment] = []
        #: The script sources or evaluates what is not in it: any variable may be set.
        self.opaque = False
        self.outer: tuple[Script, int] | None = None

    @property
    def ok(self) -> bool:
        """Whether it could be read as shell."""
        return self.problem is None

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.joined.span(0, len(self.text))

    def file_span(self, start: int, end: int) -> Span:
        """Return the place in the file of ``text[start:end]``."""
        return self.joined.span(start, end)

    @property
    def assignments(self) -> dict[str, str | None]:
        """The variables that the script sets and their last values; None for one that is not known."""
        found: dict[str, str | None] = {}
        for each in self.made:
            found[each.name] = each.word.value if each.certain and each.word is not None else None
        return found

    def scope(self, offset: int, lookup: Lookup) -> Lookup:
        """Return what the variables are at ``offset``: those that the script set before, then those of ``lookup``."""
        if self.outer is not None:
            lookup = self.outer[0].scope(self.outer[1], lookup)
        if not self.made:
            return lookup
        return lambda name: self.value(name, offset, lookup, 0)

    def value(self, name: str, offset: int, lookup: Lookup, depth: int) -> str | Unset | None:
        """Return the value of a variable at a place."""
        if depth > 40:
            return None
        for at in range(bisect_left(self.made, offset, key=place_of) - 1, -1, -1):
            assignment = self.made[at]
            if assignment.name != name:
                continue
            if not assignment.certain or assignment.word is None:
                return None
            return assignment.word.expand(self.earlier(assignment.offset, lookup, depth + 1))
        return lookup(name)

    def earlier(self, offset: int, lookup: Lookup, depth: int) -> Lookup:
        """Return the variables as they were at a place, for the value of an assignment there."""
        return lambda name: self.value(name, offset, lookup, depth)

    def __repr__(self) -> str:
        return f"<Script of {len(self.commands)} commands{f', {self.problem}' if self.problem else ''}>"


def place_of(assignment: Assignment) -> int:
    return assignment.offset
