"""From an instruction to its script: which text the shell gets, or whether there is a shell at all."""

from __future__ import annotations

import re

from dockslim.later import TYPE_CHECKING, later

from .expand import ExpansionError
from .heredocs import read_marker
from .joined import Joined
from .plain_script import read_plain
from .shell import Command, Script, ShellWord, Statement
from .wrappers import SHELLS, shell_call, unwrap

if TYPE_CHECKING:
    from .instructions import CommandInstruction
    from .words import Heredoc, Word

__all__ = ["script_of"]

SHEBANG = later(r"#![ \t]*(\S+)(?:[ \t]+(?:-S[ \t]+)?(\S+))?(?:[ \t]+(\S+))?")


def script_of(instruction: CommandInstruction) -> Script:
    """Return what an instruction runs, as the shell sees it."""
    if instruction.form == "exec":
        return exec_form(instruction)
    shell = instruction.file.shell_of(instruction)
    if shell is not None and base_name(shell[0]) not in SHELLS:
        return Script(
            instruction.joined(instruction.command_token), base_name(shell[0]), f"{shell[0]} reads it, no shell"
        )
    call = shell_call(shell) if shell is not None else None
    errexit, pipefail = (call.errexit, call.pipefail) if call is not None else (False, False)
    joined = instruction.joined(instruction.command_token)
    if instruction.heredocs:
        sole = sole_heredoc(instruction, joined.text)
        if sole is not None:
            return heredoc_script(sole, errexit, pipefail)
        # As BuildKit puts it together again: the line, then each body and the name that ends it.
        pieces = list(joined.pieces)
        for heredoc in instruction.heredocs:
            pieces.append((heredoc.body_span.start - 1, "\n"))
            pieces.append((heredoc.body_span.start, heredoc.body))
            end = heredoc.end_span.end
            pieces.append((end - len(heredoc.name), heredoc.name))
        joined = Joined(pieces)
    return read(joined, errexit, pipefail)


def read(joined: Joined, errexit: bool, pipefail: bool) -> Script:
    """Read a script: a plain one at once, any other one by the shell's grammar, imported where one is met."""
    script = Script(joined)
    if read_plain(script, errexit):
        return script
    from .script import read_script

    return read_script(joined, errexit, pipefail)


def sole_heredoc(instruction: CommandInstruction, text: str) -> Heredoc | None:
    """Return the here-document that is all of the command, None where a command reads it."""
    try:
        marker = read_marker(text)
    except ExpansionError:
        marker = None
    return instruction.heredocs[0] if marker is not None and len(instruction.heredocs) == 1 else None


def heredoc_script(heredoc: Heredoc, errexit: bool, pipefail: bool) -> Script:
    """Read `RUN <<EOF`: the body is the script, and its first line may name what reads it."""
    start, body = heredoc.body_span.start, heredoc.body
    found = SHEBANG.match(body)
    if found is not None:
        words = [base_name(word) for word in found.groups() if word]
        program = words[1] if words[0] == "env" and len(words) > 1 else words[0]
        if program not in SHELLS:
            return Script(Joined([(start, body)]), program, f"a script for {program}, not for a shell")
        options = [word for word in found.groups()[1:] if word and re.fullmatch(r"-[a-z]+", word)]
        # With a first line of its own the script is run by that, not by SHELL.
        errexit, pipefail = any("e" in option for option in options), False
    pieces = [(start, body)]
    if heredoc.strip_tabs:
        pieces = [
            (start + line.start(1), line[1]) for line in re.finditer(r"\t*([^\n]*\n?)", body) if line[1]
        ] or pieces
    return read(Joined(pieces), errexit, pipefail)


def exec_form(instruction: CommandInstruction) -> Script:
    """Read the exec form: one command without a shell, unless that command is a shell with a script."""
    words = instruction.arguments
    joined = instruction.joined(instruction.command_token)
    at, wrappers, more = unwrap([word.raw for word in words])
    rest = words[at:]
    if rest and base_name(rest[0].raw) in SHELLS:
        call = shell_call([word.raw for word in rest])
        if call is not None and call.inline and call.script is not None:
            return read(literal(rest[call.script]), call.errexit, call.pipefail)
    script_text = Script(joined)
    shell_words = tuple(ShellWord(word.span, quoted(word.raw)) for word in rest)
    command = Command(script_text, 0, instruction.body_span, shell_words, wrappers, more=more)
    statement = Statement(instruction.body_span, "command", "", None)
    if words:
        statement.commands = (command,)
        script_text.statements, script_text.commands = (statement,), (command,)
    return script_text


def literal(word: Word) -> Joined:
    """Return a JSON string's value with its way back to the file; where it has escapes, the word's place serves all."""
    if word.span.end - word.span.start == len(word.raw):
        return Joined([(word.span.start, word.raw)])
    return Joined([(word.span.start, word.raw)], pinned=word.span)


def quoted(text: str) -> str:
    """Return text as a shell word that stands for itself."""
    if text and all(letter in PLAIN for letter in text):
        return text
    return "'" + text.replace("'", "'\\''") + "'"


PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+@%")


def base_name(path: str) -> str:
    return path.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".exe")
