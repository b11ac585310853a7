"""``dockslim why``: what packages are."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from dockslim.commands.mistake import Mistake
from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    from dockslim.knowledge.declared import Declared

__all__ = ["why"]


@click.command()
@click.argument("packages", nargs=-1, required=True)
@click.option("--release", metavar="NAME", help="The suite: bookworm, trixie, noble, …; else that of python:slim.")
@click.option(
    "--base",
    type=click.Choice(("slim", "full", "debian")),
    default="slim",
    show_default=True,
    help="The kind of image they are installed in.",
)
@click.option("--no-install-recommends", is_flag=True, help="As apt-get takes it.")
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Take known-packages from this configuration file, not from the nearest one.",
)
@click.option("--isolated", is_flag=True, help="Read no configuration file.")
@click.option("--output-format", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.pass_context
def why(
    ctx: click.Context,
    packages: tuple[str, ...],
    release: str | None,
    base: str,
    no_install_recommends: bool,
    config: Path | None,
    isolated: bool,
    output_format: str,
) -> None:
    """Say what PACKAGES are, what they stand for at run time, and what installing them pulls in and weighs.

    Exit code: 0 something is known of each, 1 nothing is known of one, 2 a call that cannot be answered.
    """
    from dockslim import knowledge
    from dockslim.commands.telling import say
    from dockslim.knowledge.declared import in_force
    from dockslim.knowledge.release_names import normal_release, releases
    from dockslim.knowledge.why import render
    from dockslim.knowledge.why import why as ask
    from dockslim.report.page import clean, show, width_of
    from dockslim.report.wrapping import wrapped

    if any(not word.strip() for word in packages):
        raise Mistake("'' names no package")
    if release is None:
        image = knowledge.python_image("slim")
        release = (image.release if image else None) or "trixie"
    elif normal_release(release) is None:
        from dockslim.engine.selection import suggest

        hint = suggest(release, releases(), 0.7) or f"; known are {', '.join(releases())}"
        raise Mistake(f"--release: {release!r} is no release that is known{hint}")
    declarations = _declarations(config, isolated)
    try:
        with in_force(declarations):
            facts = ask(packages, release, base, not no_install_recommends)
        strange = [each["name"] for each in facts["packages"] if not (each["known"] or each["exists"])]
        hints = {name: _meant(name, release) for name in strange}
    except knowledge.KnowledgeError as error:
        raise Mistake(str(error)) from error
    if output_format == "json":
        import json

        click.echo(json.dumps({"schema": 1, **facts}, indent=2, ensure_ascii=False))
    else:
        width = width_of(sys.stdout)
        for line in render(facts).splitlines():
            head, colon, told = clean(line).partition(": ")
            show(wrapped([("bold" if colon else "", head), ("", colon + told)], width))
    for name in strange:
        say(f"dockslim: {clean(name)}: nothing is known of it{hints[name]}")
    ctx.exit(1 if strange else 0)


def _declarations(config: Path | None, isolated: bool) -> Mapping[str, Declared]:
    """What the configuration that holds here declares of packages."""
    from dockslim.engine.settings import ConfigurationError, load, nearest

    if isolated:
        if config is not None:
            raise Mistake("--config and --isolated exclude each other")
        return {}
    try:
        settings = load(config) if config is not None else nearest(Path.cwd(), {})
    except ConfigurationError as error:
        raise Mistake(str(error)) from error
    if not settings.known_packages:
        return {}
    from dockslim.engine.known import declarations

    return declarations(settings.known_packages)


def _meant(name: str, release: str) -> str:
    """What may have been meant by the name of a package that the release does not have."""
    from dockslim.engine.selection import suggest
    from dockslim.knowledge.lookups import successor, suite_of
    from dockslim.knowledge.names import package_name

    suite = suite_of(release)
    if suite is None or package_name(name) is None:
        return ""
    after = successor(name, release)
    return f"; {after} took its place" if after else suggest(name, map(suite.name, range(suite.count)), 0.75)
