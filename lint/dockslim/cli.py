"""The command line: click commands, and nothing else."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import click

from dockslim import __version__

if TYPE_CHECKING:
    from dockslim.engine.fixer import FixResult
    from dockslim.engine.rule import Rule
    from dockslim.engine.session import Problem, Session, Work

__all__ = ["cli", "main"]

CHECK_FORMATS = ("text", "concise", "json", "sarif", "github")
CLEAN, FOUND, FAILED = 0, 1, 2


class Mistake(click.ClickException):
    """A call that cannot be answered; one line says why."""

    exit_code = FAILED


class LazyGroup(click.Group):
    """A group that knows some of its commands by address only, and imports them when they are called."""

    #: name: (module, attribute, help line)
    elsewhere: ClassVar = {
        "verify": ("dockslim.verify.command", "command", "Build before and after, weigh, look inside, compare.")
    }

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order in which they are met."""
        return [*self.commands, *self.elsewhere]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now if it lives elsewhere."""
        if cmd_name not in self.elsewhere:
            return super().get_command(ctx, cmd_name)
        if ctx.resilient_parsing:
            return click.Command(cmd_name)
        import importlib

        module, attribute, _ = self.elsewhere[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing any of them."""
        rows = [(name, command.get_short_help_str(90)) for name, command in self.commands.items()]
        rows.extend((name, text) for name, (_, _, text) in self.elsewhere.items())
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _codes(ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word.strip() for each in value for word in each.split(",") if word.strip())


def _pairs(ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> dict[str, str]:
    pairs = (each.partition("=") for each in value)
    # As docker build has it: a name alone takes its value from the environment, and is none where there is none.
    known = ((name, text if equals else os.environ.get(name)) for name, equals, text in pairs)
    return {name: text for name, text in known if text is not None}


def selecting(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that check and fix share."""
    rules: dict[str, Any] = {"multiple": True, "callback": _codes, "metavar": "RULES"}
    folder = click.Path(path_type=Path, exists=True, file_okay=False)
    options = (
        click.argument("paths", nargs=-1, type=click.Path(path_type=Path, allow_dash=True)),
        click.option("--select", **rules, help="Run these rules only: codes, names, prefixes, ALL."),
        click.option("--extend-select", **rules, help="Run these rules too."),
        click.option("--ignore", **rules, help="Leave these rules out."),
        click.option("--target", metavar="STAGE", help="The stage that ships, if it is not the last."),
        click.option("--context", metavar="DIR", type=folder, help="The build context; else each Dockerfile's folder."),
        click.option("--build-arg", "build_args", multiple=True, callback=_pairs, metavar="NAME=VALUE"),
        click.option("--stdin-filename", metavar="PATH", default="Dockerfile", help="What to call standard input."),
        click.option("--isolated", is_flag=True, help="Read no configuration file."),
        click.option("-v", "--verbose", is_flag=True, help="Tell more, tracebacks of crashing rules too."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dockslim")
def cli() -> None:
    """Find what of the build still ships in a Python image, and rewrite the Dockerfile so that it does not."""


@cli.command()
@selecting
@click.option("--output-format", type=click.Choice(CHECK_FORMATS), default="text", show_default=True)
@click.option("--statistics", is_flag=True, help="Count findings by rule.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@click.pass_context
def check(ctx: click.Context, /, output_format: str, statistics: bool, exit_zero: bool, **chosen: Any) -> None:
    """Find and report what ships and need not.

    PATHS are files, folders (searched for Dockerfiles) or - for standard input; the current folder if there are none.
    Exit code: 0 nothing to report, 1 findings, 2 dockslim could not do its job.
    """
    from dockslim.report import check as report

    session = _session(chosen)
    found = report.run(session, output_format, statistics)
    _tell(session.problems, output_format)
    ctx.exit(FAILED if session.problems else FOUND if found and not exit_zero else CLEAN)


@cli.command()
@selecting
@click.option("--diff", is_flag=True, help="Show the diff and why; nothing is written. This is what happens anyway.")
@click.option("--write", is_flag=True, help="Write the files.")
@click.option("--unsafe-fixes", is_flag=True, help="Apply the unsafe fixes too.")
@click.option("--wheel-transfer", type=click.Choice(("mount", "copy")), help="How wheels reach the final stage.")
@click.option("--verify", is_flag=True, help="Build both forms and complete the runtime packages before writing.")
@click.option("--engine", metavar="NAME", help="With --verify: auto, docker, podman or buildah.")
@click.option("--network", metavar="MODE", help="With --verify: the network of the builds.")
@click.option("--smoke", metavar="CMD", help="With --verify: a command of yours that must work in both images.")
@click.option("--output-format", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.pass_context
def fix(ctx: click.Context, /, diff: bool, write: bool, unsafe_fixes: bool, output_format: str, **chosen: Any) -> None:
    """Show how a Dockerfile would be rewritten, and why; or write it.

    PATHS are as for check; of - the new text is printed (with --diff: the diff).
    Exit code: 0 nothing is left, 1 something is unfixed, withheld or not written, 2 dockslim could not do its job.
    """
    from dockslim.report import fix as report

    if write and diff:
        raise Mistake("--write and --diff exclude each other")
    fixer = _verifying(chosen, unsafe_fixes)
    session = _session(chosen)
    left = report.run(session, report.Wanted(write, diff, unsafe_fixes, output_format, chosen["verbose"], fixer))
    _tell(session.problems, output_format)
    ctx.exit(FAILED if session.problems else FOUND if left else CLEAN)


def _verifying(chosen: dict[str, Any], unsafe: bool) -> Callable[[Work], FixResult] | None:
    """The fixer that builds and looks, where --verify asks for it; its options leave ``chosen``."""
    asked = {name: chosen.pop(name) for name in ("engine", "network", "smoke")}
    if not chosen.pop("verify"):
        for name, value in asked.items():
            if value is not None:
                raise Mistake(f"--{name} goes with --verify")
        return None
    from dockslim.report.fix import CannotFixError
    from dockslim.verify import Fault, Options, verified_fix
    from dockslim.verify.engines import choose
    from dockslim.verify.progress import progress_for

    def fixed(work: Work) -> FixResult:
        options = Options(network=asked["network"], smoke=asked["smoke"])
        progress = progress_for()
        try:
            return verified_fix(
                work, unsafe=unsafe, options=options, engine=choose(asked["engine"] or "auto"), progress=progress
            )
        except Fault as fault:
            raise CannotFixError(str(fault)) from fault
        finally:
            progress.close()

    return fixed


@cli.command()
@click.pass_context
def rules(ctx: click.Context) -> None:
    """List all rules, a line each."""
    from dockslim.engine import registry
    from dockslim.report.page import show

    found = registry.load()
    width = max(len(rule.name) for rule in found.rules)
    for rule in found.rules:
        safety = f"fix {rule.safety.value}" if rule.safety else ""
        state = "" if rule.enabled else " (off by default)"
        name = f"{rule.name:{width}}"
        show(
            [
                [
                    ("bold yellow", rule.code),
                    ("bold", f" {name} "),
                    ("dim", f"{safety:10} "),
                    ("", rule.summary() + state),
                ]
            ]
        )
    for error in found.errors:
        click.echo(f"dockslim: error: {error}", err=True)
    ctx.exit(FAILED if found.errors else CLEAN)


@cli.command()
@click.argument("code")
def explain(code: str) -> None:
    """Print a rule's page."""
    from dockslim import documents
    from dockslim.engine import registry
    from dockslim.engine.selection import suggest
    from dockslim.report.page import show_markdown

    found = registry.load()
    rule = found.get(code)
    if rule is None:
        words = [word for each in found.rules for word in (each.code, each.name)]
        raise Mistake(f"no rule is called {code!r}{suggest(code, words)}")
    show_markdown(documents.page(rule))


@cli.command()
@click.argument("packages", nargs=-1, required=True)
@click.option("--release", help="The suite: bookworm, trixie, noble, …; else that of python:slim.")
@click.option("--base", type=click.Choice(("slim", "full", "debian")), default="slim", show_default=True)
@click.option("--no-install-recommends", is_flag=True, help="As apt-get takes it.")
@click.option("--output-format", type=click.Choice(("text", "json")), default="text", show_default=True)
def why(
    packages: tuple[str, ...], release: str | None, base: str, no_install_recommends: bool, output_format: str
) -> None:
    """Say what PACKAGES are, what they stand for at run time, and what installing them pulls in and weighs."""
    from dockslim import knowledge
    from dockslim.knowledge.why import render
    from dockslim.knowledge.why import why as ask

    if release is None:
        image = knowledge.python_image("slim")
        release = (image.release if image else None) or "trixie"
    try:
        facts = ask(packages, release, base, not no_install_recommends)
    except knowledge.KnowledgeError as error:
        raise Mistake(str(error)) from error
    if output_format == "json":
        import json

        click.echo(json.dumps({"schema": 1, **facts}, indent=2, ensure_ascii=False))
    else:
        click.echo(render(facts), nl=False)


def _session(chosen: dict[str, Any]) -> Session:
    from dockslim.engine.selection import SelectorError, Selectors
    from dockslim.engine.session import Choices, Session

    select = chosen["select"] or None
    choices = Choices(
        selectors=Selectors(select, chosen["extend_select"], chosen["ignore"]),
        context=chosen["context"],
        build_args=chosen["build_args"],
        target=chosen["target"],
        wheel_transfer=chosen.get("wheel_transfer"),
        stdin_filename=chosen["stdin_filename"],
        isolated=chosen["isolated"],
    )
    try:
        return Session(chosen["paths"] or [Path()], choices, _crash if chosen["verbose"] else None)
    except SelectorError as error:
        raise Mistake(str(error)) from error


def _crash(rule: type[Rule], error: Exception) -> None:
    import traceback

    click.echo("".join(traceback.format_exception(error)), err=True)


def _tell(problems: list[Problem], output_format: str) -> None:
    if output_format in ("json", "sarif"):  # they stand in the document
        return
    from dockslim.report.page import clean

    for problem in problems:
        click.echo(f"dockslim: error: {clean(' '.join(str(problem).split()))}", err=True)


def main() -> None:
    """The program: no traceback reaches a user."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = cli.main(prog_name="dockslim", standalone_mode=False) or CLEAN
        sys.stdout.flush()
    except click.ClickException as error:
        click.echo(f"dockslim: error: {' '.join(error.format_message().split())}", err=True)
        code = FAILED
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        code = 130
    except BrokenPipeError:
        # The reader of a pipe has gone; the interpreter must not try to flush into it once more.
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115
        code = FAILED
    except Exception as error:
        if "--verbose" in sys.argv or "-v" in sys.argv:
            raise
        click.echo(f"dockslim: internal error: {type(error).__name__}: {error} (--verbose shows where)", err=True)
        code = FAILED
    sys.exit(code)
