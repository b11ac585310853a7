"""What an image is configured to do: the effective CMD, USER, ENV and so on at the end of a stage."""

from __future__ import annotations

import posixpath

from dockslim.model.variables import Variables
from dockslim.records import field, record
from dockslim.syntax import (
    Cmd,
    Entrypoint,
    Env,
    Expose,
    Healthcheck,
    Instruction,
    Label,
    Onbuild,
    Shell,
    StopSignal,
    User,
    Volume,
    Word,
    Workdir,
)

__all__ = ["Configuration"]


#: Made once: `Env | Label` would be made anew for each instruction.
PAIRED = (Env, Label)


def text_of(word: Word, variables: Variables) -> str:
    """Return a word's value, or, where a variable in it is unknown, its text as written."""
    value = word.expand(variables.lookup)
    return word.raw if value is None else value


@record()
class Configuration:
    """The effective configuration; two images with equal ones behave alike at ``docker run`` and as a base.

    Fields have the instruction's name; None stands for what the base image says.
    """

    cmd: tuple[str, ...] | None = None
    entrypoint: tuple[str, ...] | None = None
    user: str | None = None
    workdir: str = ""
    healthcheck: tuple[str, ...] | None = None
    shell: tuple[str, ...] | None = None
    stopsignal: str | None = None
    env: dict[str, str] = field(default_factory=dict)
    label: dict[str, str] = field(default_factory=dict)
    expose: frozenset[str] = frozenset()
    volume: frozenset[str] = frozenset()
    onbuild: tuple[str, ...] = ()
    cmd_set_here: bool = field(default=False, compare=False)

    FIELDS = (
        "cmd",
        "entrypoint",
        "user",
        "workdir",
        "healthcheck",
        "shell",
        "stopsignal",
        "env",
        "label",
        "expose",
        "volume",
        "onbuild",
    )

    def child(self) -> Configuration:
        """Return what a stage that starts from this one starts with; its ONBUILD triggers have fired."""
        return Configuration(
            self.cmd,
            self.entrypoint,
            self.user,
            self.workdir,
            self.healthcheck,
            self.shell,
            self.stopsignal,
            dict(self.env),
            dict(self.label),
            self.expose,
            self.volume,
        )

    def apply(self, instruction: Instruction, variables: Variables) -> None:
        """Take in one instruction; ``variables`` is the scope before it."""
        if isinstance(instruction, Cmd):
            self.cmd, self.cmd_set_here = command_words(instruction), True
        elif isinstance(instruction, Entrypoint):
            self.entrypoint = command_words(instruction)
            if not self.cmd_set_here:  # as BuildKit: a new ENTRYPOINT forgets a CMD of the base
                self.cmd = ()
        elif isinstance(instruction, User):
            self.user = text_of(instruction.user, variables)
        elif isinstance(instruction, Workdir):
            self.workdir = posixpath.normpath(posixpath.join(self.workdir or "/", text_of(instruction.path, variables)))
        elif isinstance(instruction, Healthcheck):
            options = tuple(sorted(flag.span_text for flag in instruction.flags))
            self.healthcheck = ("NONE",) if instruction.none else (*options, *command_words(instruction))
        elif isinstance(instruction, Shell):
            self.shell = tuple(word.raw for word in instruction.arguments)
        elif isinstance(instruction, StopSignal):
            self.stopsignal = text_of(instruction.signal, variables)
        elif isinstance(instruction, PAIRED):
            values = self.env if isinstance(instruction, Env) else self.label
            for pair in instruction.pairs:
                value = text_of(pair.value, variables) if pair.value is not None else ""
                values[text_of(pair.name, variables)] = value
        elif isinstance(instruction, Expose):
            self.expose |= {text_of(word, variables) for word in instruction.ports}
        elif isinstance(instruction, Volume):
            self.volume |= {text_of(word, variables) for word in instruction.paths}
        elif isinstance(instruction, Onbuild):
            self.onbuild += (instruction.inner.text,)

    def differences(self, other: Configuration) -> list[str]:
        """Return the names of the fields (upper case) in which two configurations differ."""
        return [name.upper() for name in self.FIELDS if getattr(self, name) != getattr(other, name)]


def command_words(instruction: Cmd | Entrypoint | Healthcheck) -> tuple[str, ...]:
    """Return a command's form and words, or its shell text."""
    if instruction.form == "exec":
        return ("exec", *(word.raw for word in instruction.arguments))
    return ("shell", instruction.script.text.strip())
