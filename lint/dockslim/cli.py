"""The command line: the group, and the two commands that start fast; the others are in ``commands``."""

from __future__ import annotations

import sys

import click

from dockslim import __version__
from dockslim.commands.helping import Context, unbroken
from dockslim.commands.mistake import Mistake
from dockslim.commands.options import reporting, selecting, text
from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, ClassVar

__all__ = ["cli", "main"]


class Failed(click.ClickException):
    """A call that cannot be answered, as click ends it."""

    exit_code = 2


class LazyGroup(click.Group):
    """A group that knows some of its commands by address only, and imports them when they are called."""

    context_class = Context
    #: name: (module, attribute, help line)
    elsewhere: ClassVar = {
        "verify": ("verify.command", "command", "Build before and after, weigh, look inside, compare."),
        "explain": ("commands.rules", "explain", "Print a rule's page."),
        "rules": ("commands.rules", "rules", "List all rules, a line each."),
        "why": ("commands.why", "why", "Say what packages are, what they stand for at run time, and what they weigh."),
        "baseline": ("commands.baseline", "baseline", "Write down all findings of today, for check --baseline."),
        "config": ("commands.config", "config", "Show the settings that hold, or their JSON schema."),
        "cache": ("commands.cache", "cache", "Show or clear what is remembered of files that were checked."),
        "lsp": ("commands.lsp", "lsp", "Serve an editor: the language server, on standard input and output."),
        "completion": ("commands.completion", "completion", "Print the completion script of a shell."),
    }

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a mistake in the call ends it as click's own do."""
        try:
            return super().invoke(ctx)
        except Mistake as mistake:
            raise Failed(str(mistake)) from mistake

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order in which they are met."""
        return [*self.commands, *self.elsewhere]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now if it lives elsewhere."""
        if cmd_name not in self.elsewhere:
            known = super().get_command(ctx, cmd_name)
            return known and unbroken(known)
        import importlib

        module, attribute, _ = self.elsewhere[cmd_name]
        command: click.Command = getattr(importlib.import_module(f"dockslim.{module}"), attribute)
        return unbroken(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing any of them."""
        rows = [(name, command.get_short_help_str(90)) for name, command in self.commands.items()]
        rows.extend((name, text) for name, (_, _, text) in self.elsewhere.items())
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _version(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    from dockslim.knowledge import data_date

    click.echo(f"dockslim, version {__version__} (package data of {data_date()})")
    ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_version,
    help="Show the version and the date of the package data.",
)
def cli() -> None:
    """Find what of the build still ships in a Python image, and rewrite the Dockerfile so that it does not."""


@cli.command()
@selecting
@reporting
@click.pass_context
def check(ctx: click.Context, /, **chosen: Any) -> None:
    """Find and report what ships and need not.

    PATHS are files, folders (searched for Dockerfiles) or - for standard input; the current folder if there are none.
    Compose and bake files stand for the Dockerfiles that they build.

    Exit code: 0 nothing to report, 1 findings, 2 dockslim could not do its job.
    """
    from dockslim.commands import calling

    ctx.exit(calling.check(chosen))


@cli.command()
@selecting
@click.option("--diff", is_flag=True, help="Show the diff and why; nothing is written. This is what happens anyway.")
@click.option("--write", is_flag=True, help="Write the files.")
@click.option("--unsafe-fixes", is_flag=True, help="Apply the unsafe fixes too.")
@click.option("--wheel-transfer", type=click.Choice(("mount", "copy")), help="How wheels reach the final stage.")
@click.option("--verify", is_flag=True, help="Build both forms and complete the runtime packages before writing.")
@click.option(
    "--engine", type=click.Choice(("auto", "docker", "podman", "buildah")), help="With --verify: what builds."
)
@click.option("--network", metavar="MODE", callback=text, help="With --verify: the network of the builds.")
@click.option("--smoke", metavar="CMD", callback=text, help="With --verify: a command that must work in both images.")
@click.option("--output-format", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.pass_context
def fix(ctx: click.Context, /, **chosen: Any) -> None:
    """Show how a Dockerfile would be rewritten, and why; or write it.

    PATHS are as for check; of - the new text is printed (with --diff: the diff).
    A template, an empty file and one that does not read as a Dockerfile are left alone, and it is said why.

    Exit code: 0 nothing is left, 1 something is unfixed, withheld, left alone or not written, 2 dockslim could not do
    its job.
    """
    from dockslim.commands import calling

    ctx.exit(calling.fix(chosen))


def main() -> None:
    """The program: no traceback reaches a user."""
    from dockslim.commands.ending import ended, prepare_streams

    prepare_streams()
    try:
        code = cli.main(prog_name="dockslim", standalone_mode=False) or 0
        if not sys.stdout.closed:  # by a language server, at the end of its connection
            sys.stdout.flush()
    except BaseException as error:
        code = ended(error)
    sys.exit(code)
