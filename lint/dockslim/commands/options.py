"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dockslim.commands.mistake import Mistake

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = ["complete_rules", "configuring", "reporting", "rules_option", "selecting", "text"]


def _codes(ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    codes: list[str] = []
    for each in value:
        words = [word.strip() for word in each.split(",") if word.strip()]
        if not words:
            # An empty variable of a script, most likely: to take it for "all rules" would be a guess.
            raise Mistake(f"{parameter.opts[0]}: {each!r} names no rule; leave the option out, or `dockslim rules`")
        codes += words
    return tuple(codes)


def _pairs(ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for each in value:
        name, equals, text = each.partition("=")
        if not name:
            raise Mistake(f"--build-arg: {each!r} names no argument; write NAME=VALUE")
        # As docker build has it: a name alone takes its value from the environment, and is none where there is none.
        known = text if equals else os.environ.get(name)
        if known is not None:
            pairs[name] = known
    return pairs


def _file_name(ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    try:
        folder = Path(value).is_dir()
    except OSError as error:
        raise Mistake(f"--stdin-filename: {value}: {(error.strerror or str(error)).lower()}") from error
    if not value or folder:
        raise Mistake(f"--stdin-filename: {value!r} names no file; write the path that the text has, or would have")
    return value


def complete_rules(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Codes and names of rules, also behind a comma."""
    from click.shell_completion import CompletionItem

    from dockslim.engine import registry

    before, comma, word = incomplete.rpartition(",")
    rules = registry.load().rules
    words = [(rule.code, rule.summary()) for rule in rules] + [(rule.name, rule.summary()) for rule in rules]
    return [CompletionItem(f"{before}{comma}{each}", help=text) for each, text in words if each.startswith(word)]


def _complete_formats(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    from dockslim.report.formats import FORMATS

    return [CompletionItem(name) for name in FORMATS if name.startswith(incomplete)]


class Named(click.Path):
    """A path that names something: an empty text (a variable of a script, most likely) is not the current folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """As click.Path does."""
        if value == "":
            raise Mistake(f"{_shown(param)}'' names no file")
        return super().convert(value, param, ctx)


def _shown(parameter: click.Parameter | None) -> str:
    return f"{parameter.opts[0]}: " if isinstance(parameter, click.Option) else ""


def text(ctx: click.Context, parameter: click.Parameter, value: Any) -> Any:
    """Refuse an empty text where it would count for nothing."""
    if value == "" or (isinstance(value, tuple) and "" in value):
        raise Mistake(f"{_shown(parameter)}'' is empty; leave the option out, or name what you mean")
    return value


_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def rules_option(name: str, text: str) -> Decorator:
    """An option that takes rules: codes, names, prefixes, separated by commas."""
    return click.option(name, multiple=True, callback=_codes, metavar="RULES", help=text, shell_complete=complete_rules)


def configuring(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say which settings hold."""
    options = (
        rules_option("--select", "Run these rules only: codes, names, prefixes, ALL."),
        rules_option("--extend-select", "Run these rules too."),
        rules_option("--ignore", "Leave these rules out."),
        click.option("--target", metavar="STAGE", callback=text, help="The stage that ships, if it is not the last."),
        click.option(
            "--context", metavar="DIR", type=_FOLDER, help="The build context; else each Dockerfile's folder."
        ),
        click.option(
            "--build-arg",
            "build_args",
            multiple=True,
            callback=_pairs,
            metavar="NAME=VALUE",
            help="As docker build takes it.",
        ),
        click.option("--config", metavar="FILE", type=_FILE, help="Take this configuration file, not the nearest one."),
        click.option("--isolated", is_flag=True, help="Read no configuration file."),
    )
    return _decorated(command, options)


def selecting(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say which files are read, and how."""
    options = (
        click.argument("paths", nargs=-1, type=Named(path_type=Path, allow_dash=True, readable=False)),
        configuring,
        click.option(
            "--exclude",
            multiple=True,
            callback=text,
            metavar="PATTERN",
            help="Leave files alone, as .gitignore would.",
        ),
        click.option("--force-exclude", is_flag=True, help="Leave excluded files alone even where PATHS name them."),
        click.option(
            "--stdin-filename",
            metavar="PATH",
            default="Dockerfile",
            callback=_file_name,
            help="What to call standard input.",
        ),
        click.option(
            "--jobs", type=click.IntRange(1), metavar="N", help="Check with N processes; else one a core, at most four."
        ),
        click.option("--no-cache", is_flag=True, help="Work everything out anew, and remember nothing."),
        click.option("-v", "--verbose", is_flag=True, help="Tell more, tracebacks of crashing rules too."),
    )
    return _decorated(command, options)


def reporting(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say what is told, where, and what it means for the exit code."""
    options = (
        click.option(
            "--output-format",
            multiple=True,
            metavar="FORMAT[=FILE]",
            shell_complete=_complete_formats,
            help="text (the default), concise, json, json-lines, sarif, github, gitlab, junit, checkstyle, sonarqube "
            "or markdown; with =FILE into a file. May be given more than once.",
        ),
        click.option(
            "--output-file",
            metavar="FILE",
            type=Named(path_type=Path),
            help="Write the report there; - is standard output.",
        ),
        click.option("--statistics", is_flag=True, help="Count findings by rule."),
        click.option(
            "--diff-only", metavar="REV", callback=text, help="Tell only of lines changed since this git revision."
        ),
        click.option("--baseline", metavar="FILE", type=_FILE, help="Leave out what `dockslim baseline` wrote there."),
        click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings."),
        click.option(
            "--fail-on",
            type=click.Choice(("info", "warning", "error")),
            default="info",
            show_default=True,
            help="Exit with 1 only for findings of this severity or above.",
        ),
    )
    return _decorated(command, options)


def _decorated(command: Callable[..., Any], options: tuple[Decorator, ...]) -> Callable[..., Any]:
    for option in reversed(options):
        command = option(command)
    return command
