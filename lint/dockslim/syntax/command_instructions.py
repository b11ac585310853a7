"""RUN, CMD, ENTRYPOINT and HEALTHCHECK: the instructions that hold a command."""

from __future__ import annotations

from dockslim.later import TYPE_CHECKING

from . import kinds
from .instruction import Instruction
from .words import Mount, Word

if TYPE_CHECKING:
    from .shell import Script

__all__ = ["Cmd", "CommandInstruction", "Entrypoint", "Healthcheck", "Run"]


class CommandInstruction(Instruction):
    """What RUN, CMD, ENTRYPOINT and HEALTHCHECK have in common: a command in shell or exec form."""

    __slots__ = ("arguments", "command_token", "form")

    #: "shell" or "exec".
    form: str
    #: The strings of the exec form.
    arguments: tuple[Word, ...]
    command_token: int

    def _read_arguments(self) -> None:
        self.read_command(self.body_token)

    def read_command(self, token: int) -> None:
        """Read the form of the command that begins at ``token``."""
        tokens = self.file.tree.kinds
        self.command_token = token
        if token < self.last and tokens[token] == kinds.LSQB:
            self.form = "exec"
            parts = self.parts(token)
            self.arguments = tuple(self.string(part, verbatim=True) for part in parts if part.kind == kinds.STRING)
        else:
            self.form = "shell"
            self.arguments = ()

    @property
    def script(self) -> Script:
        """The command as the shell sees it."""
        if self._script is None:
            from .commands import script_of

            self._script = script_of(self)
        return self._script


class Run(CommandInstruction):
    """RUN: a command that makes a layer."""

    __slots__ = ()

    @property
    def mounts(self) -> tuple[Mount, ...]:
        """The values of its `--mount` flags."""
        return tuple(Mount(flag) for flag in self.flags if flag.name == "mount" and flag.value is not None)


class Cmd(CommandInstruction):
    """CMD: what a container runs, or the arguments of its entry point."""

    __slots__ = ()


class Entrypoint(CommandInstruction):
    """ENTRYPOINT: what a container runs."""

    __slots__ = ()


class Healthcheck(CommandInstruction):
    """HEALTHCHECK: NONE, or a command that tells whether the container is well."""

    __slots__ = ("none",)

    none: bool

    def _read_arguments(self) -> None:
        tokens, at = self.file.tree.kinds, self.body_token
        self.none = at < self.last and tokens[at] == kinds.HEALTH_NONE
        at += 1
        while at < self.last and tokens[at] not in STARTS:
            at += 1
        self.read_command(at)


STARTS = frozenset({kinds.TEXT, kinds.LSQB, kinds.NEWLINE})
