"""Scripts of plain commands, as most are: words without quotes, joined by `&&` and `;`.

The shell's grammar would find the same in them with five times the work; whatever it might see in another way (a
keyword, an assignment, a program that runs a program) is left to it.  A test holds the two to each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .shell import Command, Runs, Script, ShellWord, Statement
from .wrappers import NOTABLE

__all__ = ["read_plain"]

PLAIN = re.compile(r"[\w./:=+,@%*${} \t&;-]+", re.ASCII)
VARIABLE = re.compile(r"\$[A-Za-z_]\w*|\$\{[A-Za-z_]\w*\}", re.ASCII)
PROGRAM = re.compile(r"[A-Za-z_./][\w./+-]*", re.ASCII)
PARTS = re.compile(r"[^ \t&;]+|&&|;|&")
#: Words that begin something else than a command, and those that change how what follows is read.
OTHERS = NOTABLE | frozenset(
    "if then elif else fi for while until do done case esac in function select time coproc set export declare typeset "
    "local readonly unset unsetenv test let alias".split()
)


def read_plain(script: Script, errexit: bool) -> bool:
    """Read a script of plain commands; False, and nothing read, where it may be more than that."""
    text = script.text
    if PLAIN.fullmatch(text) is None:
        return False
    rest = VARIABLE.sub("", text) if "$" in text else text
    if "$" in rest or "{" in rest or "}" in rest:
        return False
    #: The words of each command, with the operator before it and its place.
    commands: list[tuple[str, int, list[tuple[int, int]]]] = [("", 0, [])]
    for part in PARTS.finditer(text):
        what, place = part[0], part.span()
        words = commands[-1][2]
        if what in ("&&", ";"):
            commands.append((what, place[0], []))
        elif what == "&" or what[0] in "=+@%,:" or what.count("$") > 1 or (not words and not is_program(what)):
            return False
        else:
            words.append(place)
    if commands[-1][0] == ";" and not commands[-1][2]:
        commands.pop()
    if not all(words for _, _, words in commands):
        return False
    script.statements = tuple(statements(script, errexit, commands))
    script.commands = tuple([statement.commands[0] for statement in script.statements])
    return True


def is_program(word: str) -> bool:
    """Whether the first word of a command surely is a program, and one that runs no other program."""
    return PROGRAM.fullmatch(word) is not None and word.rsplit("/", 1)[-1] not in OTHERS


def statements(
    script: Script, errexit: bool, commands: list[tuple[str, int, list[tuple[int, int]]]]
) -> Iterator[Statement]:
    """Yield each command as a statement of its own, as sure to run as `lists` says of such lists."""
    text, joined = script.text, script.joined
    last = max((number for number, (operator, _, _) in enumerate(commands) if operator == ";"), default=0)
    for number, (operator, at, words) in enumerate(commands):
        alone = operator != "&&" and (number + 1 == len(commands) or commands[number + 1][0] != "&&")
        runs = Runs.ALWAYS if number >= last or (errexit and alone) else Runs.CONDITIONAL
        if runs is Runs.CONDITIONAL and operator != "&&":
            runs = Runs.MAY_FAIL
        start, end = words[0][0], words[-1][1]
        span = joined.span(start, end)
        shell_words = tuple([ShellWord((joined, left, right), text[left:right]) for left, right in words])
        operator_span = joined.span(at, at + len(operator)) if operator else None
        statement = Statement(span, "command", operator, operator_span)
        statement.commands = (Command(script, start, span, shell_words, (), (), (), runs, number),)
        yield statement
