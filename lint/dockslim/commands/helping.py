"""Help that is never broken inside a word, as click would at the hyphens of `json-lines` or `--unsafe-fixes`."""

from __future__ import annotations

from collections.abc import Iterable

import click

__all__ = ["Context", "unbroken"]

#: What stands for a hyphen while lines are made; nobody writes it.
_HYPHEN = "\ue000"


class _Formatter(click.HelpFormatter):
    def write_text(self, text: str) -> None:
        super().write_text(text.replace("-", _HYPHEN))

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args.replace("-", _HYPHEN), prefix)

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        super().write_dl([(name, text.replace("-", _HYPHEN)) for name, text in rows], col_max, col_spacing)

    def getvalue(self) -> str:
        return super().getvalue().replace(_HYPHEN, "-")


class Context(click.Context):
    """A context whose help is made so."""

    formatter_class = _Formatter


def unbroken(command: click.Command) -> click.Command:
    """The command, its help and that of its own commands made so."""
    command.context_class = Context
    if isinstance(command, click.Group):
        for each in command.commands.values():
            unbroken(each)
    return command
